"""`server=carla`: real servers launched, kept, renewed and ended; a stand-in is CarlaUE4.sh."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivegen.core.errors import ServerError
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.ledger import Ledger
from drivegen.runtime.servers.carla import CarlaServer, JoinedServer, command_line
from drivegen.runtime.servers.ports import PortBlock
from drivegen.runtime.servers.server import ServerOptions
from tests.integration.test_job import drivegen, processes_that_name

STAND_IN = Path(__file__).parents[1] / "stand_in_carla.py"
COMMAND = (sys.executable, str(STAND_IN), "-RenderOffScreen", "-carla-rpc-port={port}", "-adapter={gpu}")


def options(**changes: object) -> ServerOptions:
    values: dict[str, object] = {
        "kind": "carla",
        "renderer": "auto",
        "gpu": None,
        "command": COMMAND,
        "join": "",
        "start_timeout_s": 60.0,
        "stop_timeout_s": 5.0,
        "call_timeout_s": 30.0,
        "restart_after_scenes": 0,
        "memory_limit_mb": 0.0,
    }
    return ServerOptions(**{**values, **changes})  # type: ignore[arg-type]


def gone(text: str, within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while processes_that_name(text) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not processes_that_name(text)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CarlaServer]:
    server = CarlaServer(options(), tmp_path_factory.mktemp("server") / "log")
    yield server
    port = server.port
    server.close()
    assert gone(f"-carla-rpc-port={port}")


def test_a_launched_server_answers_and_is_not_tired(server: CarlaServer) -> None:
    assert server.tired() == ""
    assert server.memory_mb > 50.0  # the stand-in and the server that it started


def test_a_running_server_is_joined_and_left(server: CarlaServer) -> None:
    joined = JoinedServer(f"{server.host}:{server.port}")
    joined.close()
    assert server.tired() == ""


def test_a_server_is_tired_after_its_scenes_or_of_its_memory(server: CarlaServer, tmp_path: Path) -> None:
    server._options, before = options(restart_after_scenes=2, memory_limit_mb=10.0), server._options
    try:
        assert "memory_limit_mb" in server.tired()
        server.scenes = 2
        assert "restart_after_scenes" in server.tired()
    finally:
        server._options, server.scenes = before, 0


def test_what_does_not_start_is_told_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="give -RenderOffScreen"):
        CarlaServer(options(command=(*COMMAND[:2], COMMAND[3])), tmp_path / "a")
    with pytest.raises(ServerError, match=r"/nowhere/CarlaUE4\.sh: No such file"):
        CarlaServer(options(command=("/nowhere/CarlaUE4.sh", "{port}")), tmp_path / "b")


def test_a_deaf_server_is_ended_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN_DEAF", "1")
    with pytest.raises(ServerError, match=r"did not answer .* within 2 s"):
        CarlaServer(options(start_timeout_s=2.0), tmp_path / "log")
    assert gone(str(STAND_IN) + " -RenderOffScreen -carla-rpc-port=", 3.0) or _others()


def _others() -> bool:
    """The module's own server is the only one left."""
    return len(processes_that_name(str(STAND_IN))) <= 2


def test_nothing_to_join_is_one_error() -> None:
    ports = PortBlock(1)
    with pytest.raises(ServerError, match="no CARLA server answers"):
        JoinedServer(f"127.0.0.1:{ports.first}")
    with pytest.raises(ServerError, match="host:port"):
        JoinedServer("localhost")
    ports.close()


def test_a_killed_parent_takes_the_whole_group_along(tmp_path: Path) -> None:
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from drivegen.runtime.servers.carla import CarlaServer\n"
        "from tests.integration.test_carla_servers import options\n"
        f"server = CarlaServer(options(), Path({str(tmp_path / 'log')!r}))\n"
        "print(server.port, flush=True)\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=STAND_IN.parents[1]
    )
    assert parent.stdout is not None
    port = parent.stdout.readline().strip()
    assert processes_that_name(f"-carla-rpc-port={port}")
    parent.kill()
    parent.wait()
    assert gone(f"-carla-rpc-port={port}")
    assert gone(f"serve --port {port}")


def test_ports_are_nobodys_and_locked(tmp_path: Path) -> None:
    first, second = PortBlock(4, folder=tmp_path), PortBlock(4, folder=tmp_path)
    assert not set(range(first.first, first.first + 4)) & set(range(second.first, second.first + 4))
    first.close()
    again = PortBlock(4, folder=tmp_path)
    assert again.first == first.first
    again.close()
    second.close()


def test_words_with_gpu_need_one() -> None:
    assert command_line(COMMAND, 2000, None)[-1] == "-carla-rpc-port=2000"
    assert command_line(COMMAND, 2000, 3)[-1] == "-adapter=3"


@pytest.mark.stress
def test_a_job_runs_on_launched_servers_that_crash(tmp_path: Path) -> None:
    command = "[" + ",".join(f"'{word}'" for word in COMMAND) + "]"
    words = [
        *("generate", "experiment=tiny", "server=carla", f"server.command={command}"),
        *("server.restart_after_scenes=1", "server.memory_limit_mb=0", "job.scenes=2"),
        *("export=none", "report=false"),
    ]
    result = drivegen(*words, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "2 recorded" in result.stderr
    log = (tmp_path / "runs" / "tiny" / "logs" / "scene-0002.log").read_text()
    assert "started anew: it has had 1 scenes" in log
    mark = Ledger(RunFolder(tmp_path / "runs" / "tiny")).read(0)
    assert mark is not None
    assert mark.frames == 20
    assert not processes_that_name(str(tmp_path))


def test_a_job_without_any_server_sets_its_scenes_aside_and_says_why(tmp_path: Path) -> None:
    words = ("generate", "experiment=tiny", "server=carla", "server.command=['/nowhere/Carla.sh','{port}']")
    result = drivegen(*words, "job.pool=inline", cwd=tmp_path)
    assert result.returncode == 1
    assert "1 set aside" in result.stderr
    assert "/nowhere/Carla.sh" in result.stderr
    assert "configuration" not in result.stderr
