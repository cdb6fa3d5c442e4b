"""The server's process: ready line, errors before it starts, and its end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.conftest import end_server, ready, start_server


def _fails(map_path: Path, **options: object) -> str:
    process = start_server(map_path, **options)
    code, errors = end_server(process)
    assert code == 2
    lines = errors.strip().splitlines()
    assert len(lines) == 1, errors
    return lines[0]


def test_a_missing_map_is_named(tmp_path: Path) -> None:
    assert f"{tmp_path / 'no.xodr'}: no such file or folder" in _fails(tmp_path / "no.xodr")


def test_a_folder_without_maps_is_named(tmp_path: Path) -> None:
    assert f"{tmp_path}: no OpenDRIVE file (.xodr) in this folder" in _fails(tmp_path)


def test_a_broken_map_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.xodr"
    path.write_text("<OpenDRIVE><road")
    assert "broken.xodr" in _fails(path)


def test_an_unknown_map_of_a_folder_is_named(maps: Path) -> None:
    message = _fails(maps, map_name="Town99")
    assert "map 'Town99' not found; this server has Yizhuang01, Yizhuang02" in message


def test_a_port_in_use_is_named(maps: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        message = _fails(maps, port=port)
    assert f"cannot listen on 127.0.0.1:{port}" in message
    assert "choose another --port" in message


def test_a_bad_option_is_named(maps: Path) -> None:
    assert "--renderer metal: choose one of auto, egl, osmesa" in _fails(maps, renderer="metal")


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_cleanly(maps: Path, signum: signal.Signals) -> None:
    process = start_server(maps, exit_with_parent=False)
    facts = ready(process)
    assert facts["pid"] == process.pid
    assert facts["map"] == "Yizhuang01"
    process.send_signal(signum)
    code, errors = end_server(process)
    assert code == 0
    assert errors == ""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(str(facts["port"]))), timeout=2)


def test_it_binds_to_loopback_only(maps: Path) -> None:
    process = start_server(maps)
    facts = ready(process)
    listening = [
        line.split()[1]
        for line in Path(f"/proc/{process.pid}/net/tcp").read_text().splitlines()[1:]
        if line.split()[3] == "0A"
    ]
    ports = {f"{int(str(facts[name])):04X}" for name in ("port", "stream_port")}
    ours = [address for address in listening if address.split(":")[1] in ports]
    assert sorted(address.split(":")[0] for address in ours) == ["0100007F", "0100007F"]
    end_server(process)


def test_it_never_outlives_a_starter_that_is_killed(maps: Path) -> None:
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
        [sys.executable, "-c", script, str(maps)], stdout=subprocess.PIPE, text=True, cwd=root
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
