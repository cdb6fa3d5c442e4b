"""Starts the embedded CARLA server as a process of its own, and ends that process and no other."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from drivegen.core.errors import ServerError
from drivegen.runtime.process import usage_of


class EmbeddedServer:
    """A running `drivegen serve`; a context manager that leaves no process behind."""

    def __init__(
        self,
        map_file: Path,
        *,
        scenery_seed: int,
        renderer: str,
        log: Path,
        start_timeout_s: float,
        render_threads: int,
        gpu: int | None = None,
    ) -> None:
        """Starts the server and waits until it is ready. Raises ServerError with its own words otherwise."""
        self.host = "127.0.0.1"
        self.port = 0
        self.account: dict[str, float] = {}
        """What the server said of itself at its end: cpu_s, rendering_cpu_s; empty if it had to be ended."""
        self._log = log
        environment = dict(os.environ, LP_NUM_THREADS=str(render_threads))
        command = [
            *(sys.executable, "-m", "drivegen.cli.main", "serve"),
            *("--host", self.host, "--port", "0", "--map", str(map_file)),
            *(
                "--scenery-seed",
                str(scenery_seed),
                "--renderer",
                renderer,
                "--exit-with-parent",
                "--families",
            ),
        ]
        if gpu is not None:
            command += ["--gpu", str(gpu)]
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment,
                start_new_session=True,
            )
        try:
            self.port = self._wait_until_ready(start_timeout_s)
        except BaseException:
            self.close()
            raise

    @property
    def peak_memory_mb(self) -> float:
        """Greatest resident size so far."""
        return usage_of(self._process.pid).peak_memory_mb

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid

    def _wait_until_ready(self, timeout_s: float) -> int:
        deadline = time.monotonic() + timeout_s
        assert self._process.stdout is not None
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise ServerError(
                        f"the embedded server was not ready within {timeout_s:g} s "
                        f"(server.start_timeout_s); see {self._log}"
                    )
                if not selector.select(min(left, 0.5)):
                    continue
                piece = os.read(self._process.stdout.fileno(), 4096)
                if not piece:
                    raise ServerError(f"the embedded server ended at its start: {self._last_words()}")
                line += piece
        try:
            return int(json.loads(line)["port"])
        except (ValueError, KeyError, TypeError):
            raise ServerError(f"the embedded server said {line!r} instead of its port") from None

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            if lines:
                return lines[-1]
        return f"it said nothing; see {self._log}"

    def close(self) -> None:
        """Asks the server to end, and after 5 s makes it."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5.0)
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._process.stdout is not None:
            self._read_account(self._process.stdout.read())
            self._process.stdout.close()

    def _read_account(self, text: bytes) -> None:
        with contextlib.suppress(ValueError, KeyError, IndexError, TypeError):
            facts = json.loads(text.splitlines()[-1])
            self.account = {key: float(facts[key]) for key in ("cpu_s", "rendering_cpu_s")}

    def __enter__(self) -> EmbeddedServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
