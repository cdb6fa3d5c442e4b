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
