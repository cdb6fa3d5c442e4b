"""Runs a command that must not outlive its parent: `python -m ...servers.keeper STOP_S COMMAND...`

Real CARLA servers go on when whoever started them is killed. This process starts the command in a session of
its own, prints the id of its process group as a line of JSON, and ends the whole group when its own standard
input closes: politely first, by SIGKILL after STOP_S seconds.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that a process gets when its parent dies."""


def main(arguments: list[str]) -> int:
    """Runs the command to its end and returns its exit code; 127 when it cannot be started."""
    stop_s, command = float(arguments[0]), arguments[1:]
    libc = ctypes.CDLL(None, use_errno=True)

    def die_with_keeper() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=2,
            start_new_session=True,
            preexec_fn=die_with_keeper,  # noqa: PLW1509  (no thread runs yet)
        )
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        return 127
    sys.stdout.write(json.dumps({"group": process.pid}) + "\n")
    sys.stdout.flush()

    def end_when_told() -> None:
        while os.read(0, 4096):
            pass
        end_group(process.pid, stop_s)

    threading.Thread(target=end_when_told, daemon=True).start()
    code = process.wait()
    end_group(process.pid, 0.0)  # whatever the command has left behind
    return code if code >= 0 else 128 - code


def end_group(group: int, stop_s: float) -> None:
    """Ends a process group: by SIGTERM, and by SIGKILL when one of it is there after `stop_s`."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if stop_s > 0.0:
            os.killpg(group, signal.SIGTERM)
            deadline = time.monotonic() + stop_s
            while time.monotonic() < deadline:
                time.sleep(0.05)
                os.killpg(group, 0)
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
