"""Servers for tests: real processes on free ports, ended by their process ids."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivegen.core.rng import derive_rng
from drivegen.opendrive.writer import write_network
from drivegen_generators.roads.beijing_junction import BeijingJunction

START = """
import json, sys
from pathlib import Path
from drivegen.embedded.server import ServeOptions, serve
options = json.loads(sys.argv[1])
options["map_path"] = Path(options["map_path"])
sys.exit(serve(ServeOptions(**options)))
"""


def start_server(map_path: Path, **options: object) -> subprocess.Popen[str]:
    """A server process; its standard input ends it. `ready` reads its first line."""
    values = {"map_path": str(map_path), "port": 0, "exit_with_parent": True, **options}
    return subprocess.Popen(
        [sys.executable, "-c", START, json.dumps(values)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ, LP_NUM_THREADS="1"),
    )


def ready(process: subprocess.Popen[str]) -> dict[str, object]:
    """What a server says when clients can connect."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.stderr.read() if process.stderr else ""
    return dict(json.loads(line))


def end_server(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Ends a server; its exit code and what it said on stderr."""
    _, errors = process.communicate(timeout=20)
    return process.returncode, errors


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    stream_port: int
    pid: int


@pytest.fixture(scope="session")
def maps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two generated junctions."""
    folder = tmp_path_factory.mktemp("maps")
    for name in ("Yizhuang01", "Yizhuang02"):
        network = BeijingJunction().generate(derive_rng(0, "map", name), name)
        (folder / f"{name}.xodr").write_text(write_network(network))
    return folder


@pytest.fixture(scope="session")
def server(maps: Path) -> Iterator[Server]:
    """One server for the whole session, with drivegen's own blueprints beside CARLA's."""
    process = start_server(maps, map_name="Yizhuang01", seed=7, families=True)
    facts = ready(process)
    yield Server(
        port=int(str(facts["port"])), stream_port=int(str(facts["stream_port"])), pid=int(str(facts["pid"]))
    )
    code, errors = end_server(process)
    assert code == 0
    assert "Traceback" not in errors, errors
