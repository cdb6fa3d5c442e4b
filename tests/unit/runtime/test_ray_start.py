"""The token of Rays that start at the same moment in a new home."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys, time
from pathlib import Path
from drivegen.runtime.ray_start import prepare_environment
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(sys.argv[1])):
    prepare_environment(own=True)
    print((Path.home() / ".ray" / "auth_token").read_text(), flush=True)
"""


def test_rays_that_start_at_once_have_one_token(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RAY_")}
    environment["HOME"] = str(tmp_path)
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, "3"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for start in starts:
        assert start.stdout is not None
        assert start.stdout.readline() == "ready\n"
    for start in starts:
        assert start.stdin is not None
        start.stdin.write("\n")
        start.stdin.flush()
    read = {line for start in starts for line in start.communicate(timeout=30)[0].split()}
    assert len(read) == 1
    assert re.fullmatch("[0-9a-f]{64}", read.pop())
    assert [p.name for p in (tmp_path / ".ray").iterdir()] == ["auth_token"]
