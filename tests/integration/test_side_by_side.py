"""Two servers at once, for one plan: equal bytes."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from threading import BrokenBarrierError

from tests.scenes import make_scene, record, start_server

_MEETING = None


def _meet(barrier) -> None:
    global _MEETING  # noqa: PLW0603 - what a spawned worker is given at its start
    _MEETING = barrier


def recorded(folder: Path, seed: int) -> str:
    """The content hash of a scene, recorded while the other worker records its own."""
    folder.mkdir()
    plan, road = make_scene(folder, seed=seed, vehicles=5, walkers=3, warmup_s=0.2, duration_s=0.4)
    with start_server(plan, road, folder) as server:
        assert _MEETING is not None
        try:
            _MEETING.wait(90.0)
        except BrokenBarrierError:
            raise AssertionError("the other server did not start") from None
        digest = record(plan, road, server, folder / "scene.mcap").capture.content_sha256
    assert len(digest) == 64
    return digest


def test_servers_side_by_side_give_equal_bytes(tmp_path: Path) -> None:
    spawn = get_context("spawn")
    with ProcessPoolExecutor(2, spawn, _meet, (spawn.Barrier(2),)) as pool:
        first, second = pool.map(recorded, [tmp_path / "a", tmp_path / "b"], [11, 11])
    assert first == second
