"""Families of light and unmanned vehicles through the real client: they spawn, report and drive."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

carla = pytest.importorskip("carla")

from drivegen.core.actors import TAG_OF_CLASS  # noqa: E402
from drivegen.embedded.assets.vehicles.light.families import FAMILIES as LIGHT  # noqa: E402
from drivegen.embedded.assets.vehicles.unmanned.families import FAMILIES as UNMANNED  # noqa: E402
from tests.integration.conftest import Server  # noqa: E402

FAMILIES = {family.name: family for family in LIGHT + UNMANNED}
VARIANTS = (9,)

pytestmark = pytest.mark.timeout(180)  # a client that hangs is given a second chance


def _drive(server: Server) -> dict[str, Any]:
    command = [sys.executable, str(Path(__file__).parent / "drive_families.py"), str(server.port)]
    words = [",".join(str(v) for v in VARIANTS), ",".join(FAMILIES)]
    for attempt in range(2):
        with socket.create_server(("127.0.0.1", 0)) as sock:
            port = str(sock.getsockname()[1])
        try:
            done = subprocess.run(
                [*command, port, *words], capture_output=True, text=True, timeout=80, check=False
            )
        except subprocess.TimeoutExpired:
            if attempt:
                raise
        else:
            assert done.returncode == 0, done.stderr
            return dict(json.loads(done.stdout.strip().splitlines()[-1]))
    raise AssertionError


def test_every_family_spawns_reports_and_drives(server: Server, world: Any) -> None:
    found = _drive(server)
    assert len(found) == len(FAMILIES) * len(VARIANTS)
    for key, facts in found.items():
        name, variant = key.split("/")
        family = FAMILIES[name]
        assert facts["wheels"] == family.wheels
        assert facts["physics_wheels"] == 4, "CARLA's vehicles report four whatever they stand on"
        assert facts["size_m"] == pytest.approx(family.size_m(int(variant)), abs=1e-3)
        assert int(TAG_OF_CLASS[family.object_class]) in facts["tags"]
        assert 15.0 < facts["mass_kg"] < 6000.0
        assert facts["alive"]
        assert abs(facts["above_road_m"]) < 0.1
        assert facts["off_lane_m"] < 1.0
    driven = [facts["metres"] for facts in found.values()]
    assert sum(metres > 5.0 for metres in driven) > 0.6 * len(driven), "most are not held up by a red light"
    assert any(facts["turned_deg"] > 0.5 for facts in found.values())
