"""The server's process: ready line, errors before it starts, and its end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from drivegen.embedded.server import ServeOptions, serve
from drivegen.embedded.server.serve import COMPILING
from drivegen.opendrive.model import Cubic, Geometry, Lane, LaneSection, LaneType, Line, Road, RoadNetwork
from drivegen.opendrive.writer import write_network
from tests.integration.conftest import end_server, ready, start_server


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one short road, which loads at once."""
    lanes = tuple(
        Lane(
            id=i, type=LaneType.DRIVING if i else LaneType.NONE, widths=(Cubic(s_m=0.0, a=3.5),) if i else ()
        )
        for i in (1, 0, -1)
    )
    road = Road(
        id=1,
        name="street",
        length_m=80.0,
        junction=None,
        geometries=(Geometry(s_m=0.0, x_m=0.0, y_m=0.0, heading_rad=0.0, length_m=80.0, shape=Line()),),
        lane_sections=(LaneSection(s_m=0.0, lanes=lanes),),
    )
    folder = tmp_path_factory.mktemp("street")
    text = write_network(RoadNetwork(name="Street", geo_reference="", roads=(road,)))
    (folder / "Street.xodr").write_text(text)
    return folder


def _fails(capsys: pytest.CaptureFixture[str], **options: object) -> str:
    """The one line with which a server that cannot start ends; nothing of it is left in this process."""
    threads = threading.active_count()
    assert serve(ServeOptions(**{"port": 0, **options})) == 2  # type: ignore[arg-type]
    assert threading.active_count() == threads
    out, errors = capsys.readouterr()
    assert out == ""
    (line,) = errors.strip().splitlines()
    assert line.startswith("drivegen serve: ")
    return line


def test_a_missing_map_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "no.xodr"
    assert f"{missing}: no such file or folder" in _fails(capsys, map_path=missing)


def test_a_folder_without_maps_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = f"{tmp_path}: no OpenDRIVE file (.xodr) in this folder"
    assert wanted in _fails(capsys, map_path=tmp_path)


def test_a_broken_map_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.xodr"
    path.write_text("<OpenDRIVE><road")
    assert "broken.xodr" in _fails(capsys, map_path=path)


def test_an_unknown_map_of_a_folder_is_named(street: Path, capsys: pytest.CaptureFixture[str]) -> None:
    message = _fails(capsys, map_path=street, map_name="Town99")
    assert "map 'Town99' not found; this server has Street" in message


def test_a_port_in_use_is_named(street: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        message = _fails(capsys, map_path=street, port=port)
    assert f"cannot listen on 127.0.0.1:{port}" in message
    assert "choose another --host or --port" in message


def test_bad_options_are_named(street: Path, capsys: pytest.CaptureFixture[str]) -> None:
    message = _fails(capsys, map_path=street, renderer="metal")
    assert "--renderer metal: choose one of auto, egl, osmesa" in message
    assert "--port 65536" in _fails(capsys, map_path=street, port=65536)
    assert "cannot listen on no.such.host.invalid" in _fails(
        capsys, map_path=street, host="no.such.host.invalid"
    )


def _loopback_only(facts: dict[str, object]) -> bool:
    listening = [
        line.split()[1]
        for line in Path(f"/proc/{facts['pid']}/net/tcp").read_text().splitlines()[1:]
        if line.split()[3] == "0A"
    ]
    ports = {f"{int(str(facts[name])):04X}" for name in ("port", "stream_port")}
    ours = sorted(address.split(":")[0] for address in listening if address.split(":")[1] in ports)
    return ours == ["0100007F", "0100007F"]


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_it_listens_on_loopback_and_ends_cleanly_by_a_signal(street: Path, signum: signal.Signals) -> None:
    process = start_server(street, exit_with_parent=False)
    facts = ready(process)
    assert facts["pid"] == process.pid
    assert facts["map"] == "Street"
    assert _loopback_only(facts)
    process.send_signal(signum)
    code, errors = end_server(process)
    assert code == 0
    assert errors in ("", f"drivegen serve: {COMPILING}\n")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(str(facts["port"]))), timeout=2)


def test_it_never_outlives_a_starter_that_is_killed(street: Path) -> None:
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from tests.integration.conftest import ready, start_server\n"
        "process = start_server(Path(sys.argv[1]))\n"
        "print(ready(process)['pid'], flush=True)\n"
        "time.sleep(60)\n"
    )
    root = Path(__file__).parents[3]
    starter = subprocess.Popen(
        [sys.executable, "-c", script, str(street)], stdout=subprocess.PIPE, text=True, cwd=root
    )
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        state = Path(f"/proc/{pid}/stat")
        try:
            if state.read_text().rsplit(")", 1)[1].split()[0] in ("Z", "X"):
                return
        except FileNotFoundError:
            return
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    pytest.fail("the server outlived the process that started it")
