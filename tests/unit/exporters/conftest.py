from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "capture"))


@pytest.fixture(scope="session")
def captures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two scenes of the synthetic world."""
    from synthetic_capture import make_plan, make_rig, write_capture

    folder = tmp_path_factory.mktemp("captures")
    rig = make_rig(columns=360)
    return [
        write_capture(folder / f"{s}.mcap", make_plan(s, d, rig)).path
        for s, d in (("scene-0001", 1.5), ("scene-0002", 0.8))
    ]


@pytest.fixture(scope="session")
def cooperative_captures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two scenes of several agents that see the synthetic world, of 0.4 and 0.2 s."""
    from tests.cooperative_capture import make_cooperative_plan, write_cooperative_capture

    folder = tmp_path_factory.mktemp("cooperative")
    return [
        write_cooperative_capture(folder / f"{s}.mcap", make_cooperative_plan(s, d)).path
        for s, d in (("scene-0001", 0.4), ("scene-0002", 0.2))
    ]
