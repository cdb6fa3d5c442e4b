"""A generated junction, meshed once, and real towns where a folder has them."""

import gzip
import os
from pathlib import Path

import pytest

from drivegen.core.rng import derive_rng
from drivegen.opendrive.ground import Ground
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.surfaces import Surface, mesh_network
from drivegen.opendrive.writer import write_network
from drivegen_generators.roads.beijing_junction import BeijingJunction

TOWNS_VARIABLE = "DRIVEGEN_TOWNS"
"""Environment variable: a folder with CARLA's Town03.xodr(.gz), Town10HD.xodr(.gz), ..."""


@pytest.fixture(scope="session")
def junction() -> RoadNetwork:
    return BeijingJunction().generate(derive_rng(7, "map"), "yizhuang")


@pytest.fixture(scope="session")
def junction_text(junction: RoadNetwork) -> str:
    return write_network(junction)


@pytest.fixture(scope="session")
def surfaces(junction: RoadNetwork) -> tuple[Surface, ...]:
    return mesh_network(junction)


@pytest.fixture(scope="session")
def ground(junction: RoadNetwork, surfaces: tuple[Surface, ...]) -> Ground:
    return Ground(junction, surfaces)


@pytest.fixture(params=["Town01", "Town03", "Town10HD"])
def town(request: pytest.FixtureRequest) -> tuple[str, str]:
    """(name, OpenDRIVE text)."""
    folder = os.environ.get(TOWNS_VARIABLE)
    if not folder:
        pytest.skip(f"set {TOWNS_VARIABLE} to a folder with CARLA's towns")
    plain, packed = Path(folder) / f"{request.param}.xodr", Path(folder) / f"{request.param}.xodr.gz"
    if packed.exists():
        return request.param, gzip.decompress(packed.read_bytes()).decode()
    if plain.exists():
        return request.param, plain.read_text()
    pytest.skip(f"{folder} has no {request.param}.xodr")
