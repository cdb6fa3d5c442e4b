"""Real CARLA servers: launched by a command with a port of their own, or joined where they run."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from drivegen.core.errors import ServerError
from drivegen.runtime.process import group_memory_mb
from drivegen.runtime.servers.keeper import end_group
from drivegen.runtime.servers.ports import PortBlock
from drivegen.runtime.servers.server import ServerOptions

PORTS = 4
"""A CARLA server listens on its RPC port and the two after it; one is spare."""
PROBE_TIMEOUT_S = 10.0
PROBE_START_S = 20.0
"""A Python process with the client may take so long to start on a busy machine."""
POLL_S = 0.5


class JoinedServer:
    """A server that somebody else runs; it is left as it was found."""

    def __init__(self, address: str) -> None:
        """Raises ServerError when the address cannot be read or nothing answers there."""
        self.host, _, port = address.rpartition(":")
        if not self.host or not port.isdigit():
            raise ServerError(f"server.join={address!r}: host:port is wanted, for example 127.0.0.1:2000")
        self.port = int(port)
        answer = ask(self.host, self.port, PROBE_TIMEOUT_S)
        if "error" in answer:
            raise ServerError(f"no CARLA server answers at {address} (server.join): {answer['error']}")

    account: dict[str, float] = {}  # noqa: RUF012  (it says nothing)
    peak_memory_mb = 0.0

    def close(self) -> None:
        """Not ours to end."""


class CarlaServer:
    """A server that was launched here; its process group ends with this object and with this process."""

    def __init__(self, options: ServerOptions, log: Path) -> None:
        """Launches it and waits until it answers. Raises ServerError with what it said otherwise."""
        self.host = "127.0.0.1"
        self.account: dict[str, float] = {}
        self.scenes = 0
        """That it was lent for."""
        self._options = options
        self._log = log
        self._peak_mb = 0.0
        self._ports = PortBlock(PORTS)
        self.port = self._ports.first
        self._group = 0
        environment = dict(os.environ)
        if options.gpu is not None:
            environment |= {
                "CUDA_VISIBLE_DEVICES": str(options.gpu),
                "NVIDIA_VISIBLE_DEVICES": str(options.gpu),
            }
        with log.open("ab") as output:
            self._keeper = subprocess.Popen(
                [
                    *(sys.executable, "-m", "drivegen.runtime.servers.keeper", str(options.stop_timeout_s)),
                    *command_line(options.command, self.port, options.gpu),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                env=environment,
                start_new_session=True,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.close()
            raise

    def _wait_until_ready(self) -> None:
        options = self._options
        deadline = time.monotonic() + options.start_timeout_s
        self._group = self._read_group(deadline)
        while not _listens(self.host, self.port):
            self._check_start(deadline)
            time.sleep(POLL_S)
        while True:
            answer = ask(self.host, self.port, PROBE_TIMEOUT_S)
            if "error" not in answer:
                return
            self._check_start(deadline)
            time.sleep(POLL_S)

    def _check_start(self, deadline: float) -> None:
        code = self._keeper.poll()
        if code is not None:
            raise ServerError(
                f"the CARLA server ended with exit code {code} before it answered: {self._last_words()}"
            )
        if time.monotonic() > deadline:
            raise ServerError(
                f"the CARLA server did not answer at port {self.port} within "
                f"{self._options.start_timeout_s:g} s (server.start_timeout_s); see {self._log}"
            )

    def _read_group(self, deadline: float) -> int:
        assert self._keeper.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._keeper.stdout, selectors.EVENT_READ)
            while not selector.select(POLL_S):
                self._check_start(deadline)
        line = self._keeper.stdout.readline()
        try:
            return int(json.loads(line)["group"])
        except (ValueError, KeyError, TypeError):
            self._keeper.wait(PROBE_START_S)
            raise ServerError(f"the CARLA server was not started: {self._last_words()}") from None

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            if lines:
                return lines[-1]
        return f"it said nothing; see {self._log}"

    @property
    def memory_mb(self) -> float:
        """Resident size of all its processes now."""
        return group_memory_mb(self._group) if self._group else 0.0

    @property
    def peak_memory_mb(self) -> float:
        """The greatest `memory_mb` that was looked at."""
        self._peak_mb = max(self._peak_mb, self.memory_mb)
        return self._peak_mb

    def tired(self) -> str:
        """Why it should not be lent again; empty when it may."""
        options = self._options
        if self._keeper.poll() is not None:
            return f"it ended with exit code {self._keeper.returncode}"
        if options.restart_after_scenes and self.scenes >= options.restart_after_scenes:
            return f"it has had {self.scenes} scenes (server.restart_after_scenes)"
        memory_mb = self.peak_memory_mb
        if options.memory_limit_mb and memory_mb > options.memory_limit_mb:
            return f"it holds {memory_mb:.0f} MB (server.memory_limit_mb)"
        answer = ask(self.host, self.port, PROBE_TIMEOUT_S)
        return f"it does not answer: {answer['error']}" if "error" in answer else ""

    def close(self) -> None:
        """Ends the process group, politely first."""
        if self._keeper.stdin is not None:
            with contextlib.suppress(OSError):
                self._keeper.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._keeper.wait(self._options.stop_timeout_s + 2.0)
        if self._group:
            end_group(self._group, 0.0)  # also when the keeper was killed
        if self._keeper.poll() is None:
            self._keeper.kill()
            self._keeper.wait()
        if self._keeper.stdout is not None:
            self._keeper.stdout.close()
        self._ports.close()


def command_line(command: tuple[str, ...], port: int, gpu: int | None) -> list[str]:
    """The command with {port} and {gpu} put in; words with {gpu} are left out where no GPU is chosen."""
    words = [word for word in command if gpu is not None or "{gpu}" not in word]
    return [word.replace("{port}", str(port)).replace("{gpu}", str(gpu)) for word in words]


def ask(host: str, port: int, timeout_s: float) -> dict[str, Any]:
    """What a server says of itself: version and map; or error."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "drivegen.runtime.servers.probe", host, str(port), str(timeout_s)],
            capture_output=True,
            check=False,
            timeout=timeout_s + PROBE_START_S,
            stdin=subprocess.DEVNULL,
        )
        return dict(json.loads(done.stdout.splitlines()[-1]))
    except subprocess.TimeoutExpired:
        return {"error": f"no answer within {timeout_s:g} s"}
    except (ValueError, IndexError, TypeError):
        return {"error": "the client ended without a word"}


def _listens(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), POLL_S):
        return True
    return False
