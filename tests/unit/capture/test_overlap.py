"""Threads beside other work: order, bounds, errors, and an end."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator

import pytest

from drivegen.capture.overlap import Ahead, Behind


def threads() -> set[str]:
    return {t.name for t in threading.enumerate()}


def test_ahead_reads_so_far_and_no_farther() -> None:
    taken = []

    def items() -> Iterator[int]:
        for i in itertools.count():
            taken.append(i)
            yield i

    with Ahead(items(), depth=3, name="endless") as ahead:
        stream = iter(ahead)
        assert [next(stream) for _ in range(5)] == [0, 1, 2, 3, 4]
        time.sleep(0.3)
        assert 8 <= len(taken) <= 9
    assert "endless" not in threads()


def test_ahead_ends_and_raises_where_the_items_do() -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("the third")

    with Ahead(iter([1, 2]), 5) as whole:
        assert list(whole) == [1, 2]
    got = []
    with pytest.raises(ValueError, match="the third"), Ahead(items(), 5) as broken:
        for item in broken:
            got.append(item)
    assert got == [1, 2]


def test_behind_keeps_order_and_waits_when_full() -> None:
    done: list[int] = []

    def work(item: int) -> None:
        time.sleep(0.02)
        done.append(item)

    with Behind(work, depth=2) as behind:
        for i in range(6):
            behind.put(i)
            assert len(done) >= i - 2
        behind.finish()
    assert done == list(range(6))


def test_behind_tells_what_went_wrong_and_ends() -> None:
    def work(item: int) -> None:
        if item == 1:
            raise ValueError("of the second")

    with pytest.raises(ValueError, match="of the second"), Behind(work, 2, "broken") as behind:
        for i in range(50):
            behind.put(i)
        behind.finish()
    assert not any(name.startswith("broken") for name in threads())
