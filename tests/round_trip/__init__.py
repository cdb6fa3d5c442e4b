"""Round trips: every format, read by readers that share no code with its exporter, against the capture.

`python -m tests.round_trip` prints the table; `tests/property/test_round_trip.py` holds it to the precisions.
"""
