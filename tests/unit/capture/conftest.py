from __future__ import annotations

from pathlib import Path

import pytest
from synthetic_capture import write_capture

from drivegen.capture.writer import CaptureSummary


@pytest.fixture(scope="session")
def summary(tmp_path_factory: pytest.TempPathFactory) -> CaptureSummary:
    """A whole capture of the synthetic world: 1.5 s, 30 frames, 3 keyframes."""
    return write_capture(tmp_path_factory.mktemp("captures") / "scene-0001.mcap")


@pytest.fixture(scope="session")
def capture(summary: CaptureSummary) -> Path:
    return summary.path
