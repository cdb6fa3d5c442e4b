"""A small street with all kinds of surfaces; run as a program it prints the hash of its pictures."""

from __future__ import annotations

import hashlib
import sys

import numpy as np

from drivegen.core.tags import Tag
from drivegen.core.weather import Weather
from drivegen.embedded import drawables as bits
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Material, MeshLibrary, merge_meshes
from drivegen.embedded.renderer.renderer import Renderer
from drivegen.embedded.renderer.views import EVERYTHING, CameraView
from tests.unit.embedded.renderer.stage import box_mesh, placed, plane_mesh, pose

NOON = Weather(sun_altitude_deg=55.0, sun_azimuth_deg=200.0, cloudiness=20.0)
RAIN = Weather(
    sun_altitude_deg=40.0, cloudiness=90.0, precipitation=60.0, precipitation_deposits=60.0, wetness=80.0
)
NIGHT = Weather(sun_altitude_deg=-40.0)


def street(library: MeshLibrary) -> tuple[Drawables, Drawables]:
    """(what stands still, what moves)."""
    road = library.add(plane_mesh(150.0, tag=Tag.ROAD, material=Material.ASPHALT, color=(82, 82, 84)))
    house = library.add(box_mesh((20, 12, 18), (0, 0, 9), tag=Tag.BUILDING, material=Material.FACADE))
    crown = library.add(box_mesh((3, 3, 3), (0, 0, 4), tag=Tag.VEGETATION, material=Material.FOLIAGE))
    lamp = library.add(
        merge_meshes(
            [
                box_mesh((0.2, 0.2, 8), (0, 0, 4), tag=Tag.POLE, material=Material.METAL),
                box_mesh((0.8, 0.4, 0.1), (0, 0, 8), tag=Tag.POLE, material=Material.STREET_LAMP),
            ],
            "lamp",
        )
    )
    car = library.add(
        merge_meshes(
            [
                box_mesh(
                    (4.4, 1.8, 1.2), (0, 0, 0.8), tag=Tag.CAR, material=Material.PAINT, color=(255, 255, 255)
                ),
                box_mesh((0.1, 1.6, 0.2), (2.2, 0, 0.8), tag=Tag.CAR, material=Material.HEAD_LAMP),
                box_mesh((0.1, 1.6, 0.2), (-2.2, 0, 0.8), tag=Tag.CAR, material=Material.TAIL_LAMP),
            ],
            "car",
        )
    )
    still = [(road, np.eye(4), 0)]
    still += [(house, pose(x=x, y=s * 20), 0) for x in range(-90, 91, 30) for s in (-1, 1)]
    still += [(crown, pose(x=x, y=s * 9), 0) for x in range(-60, 61, 12) for s in (-1, 1)]
    lamps = placed([(lamp, pose(x=x, y=8.0), 0) for x in range(-60, 61, 20)], bits.LIGHT_STREET_LAMP)
    cars = placed(
        [(car, pose(x=x, y=-2), 10 + x) for x in range(8, 80, 9)], bits.LIGHT_LOW_BEAM, (180, 30, 30)
    )
    return Drawables.concatenate([placed(still), lamps]), cars


def views(width_px: int = 320, height_px: int = 180) -> list[CameraView]:
    """A rig that looks ahead, left and back."""
    poses = [pose(z=1.6), pose(x=0.5, z=1.6, yaw=1.2), pose(x=-1.0, z=1.6, yaw=np.pi)]
    return [CameraView(width_px=width_px, height_px=height_px, fov_deg=80.0, world_camera=p) for p in poses]


def digest(backend: str) -> str:
    """SHA-256 over all buffers of the street in three weathers."""
    library = MeshLibrary()
    still, cars = street(library)
    renderer = Renderer(library, backend)
    renderer.set_static(still)
    out = hashlib.sha256()
    for weather in (NOON, RAIN, NIGHT):
        for image in renderer.render(views(), cars, weather, EVERYTHING):
            for buffer in (image.bgra, image.depth_m, image.labels, image.normal):
                out.update(buffer.tobytes())
    return out.hexdigest()


if __name__ == "__main__":
    print(digest(sys.argv[1]))
