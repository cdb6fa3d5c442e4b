"""Errors planted in exporters, to see whether the project's own tests find them.

`python -m tests.mutations` works on a copy of the tree; `planted.yaml` lists the errors.
"""
