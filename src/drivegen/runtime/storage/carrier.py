"""The uploader processes of a job: started, started again when they were killed, ended with the job."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from typing import Any

from drivegen.core.errors import StorageError
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.storage.access import Access

AGAIN_S = 0.5
"""Before an uploader that ended is started anew."""
_STARTS_IN_A_ROW = 20
"""Of uploaders that end without having told anything, before the job gives up."""


class Carrier:
    """One uploader process over the spool of a run."""

    def __init__(self, folder: RunFolder, access: Access) -> None:
        """Starts it."""
        self._folder = folder
        self._access = access
        self._events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._in_vain = 0
        self._ended_s: float | None = None
        self._process = self._start()

    @property
    def pid(self) -> int:
        """Of the uploader."""
        return self._process.pid

    def events(self) -> list[dict[str, Any]]:
        """What was told since: `stored` and `damaged`, with the scene. Starts an uploader anew that is gone.

        Raises:
            StorageError: The storage failed for good or for too long.
        """
        found: list[dict[str, Any]] = []
        with contextlib.suppress(queue.Empty):
            while True:
                found.append(self._events.get_nowait())
        for event in found:
            if event["event"] == "failed":
                raise StorageError(event["message"])
        if found:
            self._in_vain = 0
        self._look_after()
        return found

    def _look_after(self) -> None:
        code = self._process.poll()
        if code is None:
            return
        now = time.monotonic()
        if self._ended_s is None:
            # What it told at its end may still be in the pipe.
            self._ended_s = now
            self._in_vain += 1
            if self._in_vain > _STARTS_IN_A_ROW:
                raise StorageError(
                    f"the uploader ended {self._in_vain} times, at last with code {code}; "
                    f"its words are in {self._log}"
                )
        elif now - self._ended_s > AGAIN_S:
            self._ended_s = None
            self._process = self._start()

    @property
    def _log(self) -> str:
        return str(self._folder.root / "logs" / "uploader.log")

    def _start(self) -> subprocess.Popen[bytes]:
        with open(self._log, "ab") as errors:  # noqa: PTH123
            process = subprocess.Popen(
                [sys.executable, "-m", "drivegen.runtime.storage.uploader", str(self._folder.root)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # one that died at once is seen by its end
            process.stdin.write(json.dumps(asdict(self._access)).encode() + b"\n")
            process.stdin.flush()
        threading.Thread(target=self._listen, args=(process,), name="uploader", daemon=True).start()
        return process

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                with contextlib.suppress(ValueError):
                    self._events.put(json.loads(line))

    def close(self) -> None:
        """Ends it now; what it had not done stays in the spool."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, 9)
            self._process.wait()
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
