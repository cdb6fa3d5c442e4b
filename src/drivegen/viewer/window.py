"""Opening a recording with Rerun's own viewer, on this machine alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LOOPBACK = "127.0.0.1"


def show(recording: Path, *, web: bool) -> int:
    """Runs the viewer until it is closed (Ctrl-C for the browser's), and returns how it ended.

    Args:
        recording: An .rrd file.
        web: In the browser instead of a window.
    """
    words = [sys.executable, "-m", "rerun", str(recording), "--bind", LOOPBACK, "--port", "auto"]
    if web:
        words += ["--web-viewer", "--web-viewer-port", "0"]
    return subprocess.run(words, check=False).returncode
