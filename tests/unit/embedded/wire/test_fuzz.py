"""20,000 hostile inputs of the wire decoder; `python -m benchmarks fuzz` takes a million."""

from __future__ import annotations

import random
import time
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from drivegen.embedded.rpc.table import call_table
from tests.hostile import byte_inputs, taken_in

TABLE = call_table()
EXAMPLES = 200
INPUTS = 100
SECONDS = 5.0
"""For one input: thousands of times what the slowest takes, as machines are shared."""
fates: Counter[str] = Counter()


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 2**32 - 1))
def _fuzz(seed: int) -> None:
    make = byte_inputs(random.Random(seed))
    for _ in range(INPUTS):
        data = make()
        start = time.perf_counter()
        fates[taken_in(TABLE, data)] += 1
        assert time.perf_counter() - start < SECONDS


def test_whatever_comes_is_read_refused_or_cut_off() -> None:
    fates.clear()
    _fuzz()
    assert fates.total() >= EXAMPLES * INPUTS
    # The inputs are worth something only while all three happen often.
    assert min(fates[fate] for fate in ("read", "refused", "cut off")) > 1000
