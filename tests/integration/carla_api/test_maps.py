"""The cases of `cases_of_maps`, in a process of their own.

The 0.9.16 client may crash when it loads worlds in quick succession: its threads still read the old episode
while it lets go of it. A crash of the client is tried again; a failed check is not.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("carla")

CASES = Path(__file__).with_name("cases_of_maps.py")
CRASHES = (-signal.SIGSEGV, -signal.SIGABRT)
CRASHES_AT_MOST = 2


@pytest.mark.timeout(400)
def test_maps_are_chosen_loaded_given_and_refused(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        f"--basetemp={tmp_path / 'tests'}",
    ]
    for _ in range(1 + CRASHES_AT_MOST):
        result = subprocess.run(
            [*command, str(CASES)], capture_output=True, text=True, timeout=180, check=False
        )
        if result.returncode not in CRASHES:
            break
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
    assert " passed" in result.stdout
