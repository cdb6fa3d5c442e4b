from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from drivegen.capture.index import build_index
from tests.cooperative_capture import make_cooperative_plan, write_cooperative_capture


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder: two scenes of an ego, a connected vehicle and two poles, with their index."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "captures").mkdir()
    paths = [folder / "captures" / f"{scene}.mcap" for scene in ("scene-0001", "scene-0002")]
    for path, duration_s in zip(paths, (0.6, 0.4), strict=True):
        write_cooperative_capture(path, make_cooperative_plan(path.stem, duration_s))
    build_index(paths, folder / "index")
    return folder


@pytest.fixture
def copied(run: Path, tmp_path: Path) -> Path:
    """The run, to be changed."""
    return shutil.copytree(run, tmp_path / "copied")
