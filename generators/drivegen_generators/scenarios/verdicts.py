"""Verdicts with the reference ego and default parameters, as they were measured."""

from __future__ import annotations

from collections.abc import Mapping

EXPECTED: Mapping[str, str] = {}
"""Scenario to `pass` or `fail`; none that was not run."""
