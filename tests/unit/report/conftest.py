from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "capture"))


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder: two finished scenes, one set aside, index, manifest; see `ledger` for the rest."""
    from synthetic_capture import make_plan, make_rig, write_capture

    from drivegen.capture.index import build_index

    root = tmp_path_factory.mktemp("run")
    (root / "captures").mkdir()
    rig = make_rig(240, 135, 180)
    for scene in ("scene-0001", "scene-0002"):
        write_capture(root / f"captures/{scene}.mcap", make_plan(scene, 0.6, rig))
    manifest = {
        "job": "night & <day>",
        "version": "0.1.0",
        "carla": "0.9.16",
        "seed": 5,
        "scenes": {"planned": 3, "finished": 2, "set_aside": ["scene-0003"]},
        "requested": {"vehicles": 60.0, "pedestrians": 40.0},
        "achieved": {"vehicles": 56.0, "pedestrians": 40.0, "bus": 4.0},
        "seconds": {"record": 4000.0, "index": 0.25},
    }
    (root / "manifest.json").write_text(json.dumps(manifest))
    build_index(sorted((root / "captures").iterdir()), root / "index")
    return root


@pytest.fixture(scope="session")
def page(run: Path, ledger: list[dict[str, object]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run's report; one for all tests, as it takes seconds."""
    from drivegen.report.html import write_report

    out = tmp_path_factory.mktemp("report") / "report.html"
    write_report(run, out, ledger)
    return out


@pytest.fixture(scope="session")
def ledger() -> list[dict[str, object]]:
    """What the run's ledger says of its scenes."""
    finished = [
        {
            "scene": scene,
            "status": "finished",
            "attempts": attempts,
            "seconds": 83.0,
            "stages": {"sensors": 60.0, "tick": 20.0, "close": 0.0},
            "causes": [],
        }
        for scene, attempts in (("scene-0001", 1), ("scene-0002", 2))
    ]
    return [
        *finished,
        {"scene": "scene-0003", "status": "set_aside", "causes": ["first", "it <b>hung</b>"]},
    ]
