"""Rays a second on one core over a street with traffic; embreex's own interface and Open3D in the same run.

Times are CPU times of the calling thread, the best of several runs.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from embreex import rtcore_scene
from embreex.mesh_construction import TriangleMesh

from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag
from drivegen.core.weather import Weather
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Mesh, MeshLibrary
from drivegen.embedded.raycast.scene import RayScene
from drivegen.embedded.sensors.geolocation import GeoReference
from drivegen.embedded.sensors.moment import BodyState, Moment
from drivegen.embedded.sensors.request import Request
from drivegen.embedded.sensors.suite import SensorSuite, make_sensor

CARS = 60
PEOPLE = 40
LIMBS = 10
TREES = 200
BUILDINGS = 150
RANGE_M = 100.0
WANTED_MRAYS = 5.0
WANTED_SWEEP_MS = 10.0
WANTED_COMPILE_S = 8.0
REPEATS = 15


def rows() -> list[dict[str, Any]]:
    """Casting, updating, a whole sweep, and the first cast of a fresh machine."""
    library, static, moving = _street()
    scene = RayScene(library)
    scene.set_static(static)
    scene.update(moving(0))
    triangles = sum(
        len(library.meshes[i].triangles) for d in (static, moving(0)) for i in d.mesh_index.tolist()
    )
    origin, directions = np.array([[0.0, 0.0, 1.8]], np.float32), _directions(128, 1024)
    cast_s = _best(lambda _: scene.cast(origin, directions, RANGE_M))
    rate = len(directions) / cast_s / 1e6
    moments = [moving(k) for k in range(REPEATS + 1)]

    def update(k: int) -> None:
        scene.update(moments[k])
        scene.cast(origin, directions[:1], RANGE_M)

    update_s = _best(update)
    out = [
        _row(f"LiDAR, {len(directions)} rays, {triangles // 1000}k triangles", rate, "Mray/s a core")
        | {"against": f"{WANTED_MRAYS} Mray/s", "ratio": rate / WANTED_MRAYS},
        _row(f"rays: {len(moments[0])} instances moved", update_s * 1e3, "ms"),
    ]
    for name, other in (("embreex's own interface", _embreex_s), ("Open3D", _open3d_s)):
        other_s = other(library, Drawables.concatenate([static, moments[0]]), origin, directions)
        if other_s is not None:
            other_rate = len(directions) / other_s / 1e6
            out.append(
                _row(f"rays by {name}", other_rate, "Mray/s a core")
                | {"against": f"ours over {name}", "ratio": rate / other_rate}
            )
    scene.close()
    sweep_s = _sweep_s(library, static, moments)
    compile_s = _first_cast_s()
    out.append(
        _row("LiDAR sensor, 32 x 1085, street moving", sweep_s * 1e3, "ms a sweep")
        | {"against": f"{WANTED_SWEEP_MS} ms", "ratio": sweep_s * 1e3 / WANTED_SWEEP_MS}
    )
    out.append(
        _row("rays: first cast of a fresh machine", compile_s, "s (compiling)")
        | {"against": f"{WANTED_COMPILE_S} s", "ratio": compile_s / WANTED_COMPILE_S}
    )
    return out


def _row(name: str, value: float, unit: str) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "against": None, "ratio": None}


def _best(action: Callable[[int], object]) -> float:
    """The least of several CPU times; action(REPEATS) goes before them."""
    action(REPEATS)
    times = []
    for k in range(REPEATS):
        start = time.thread_time()
        action(k)
        times.append(time.thread_time() - start)
    return min(times)


def _sweep_s(library: MeshLibrary, static: Drawables, moments: list[Drawables]) -> float:
    def no_renderer() -> Any:
        raise AssertionError("no camera was asked for")

    suite = SensorSuite(no_renderer, lambda: RayScene(library))
    attributes = {
        "channels": "32",
        "range": str(RANGE_M),
        "points_per_second": str(32 * 1085 * 10),
        "rotation_frequency": "10",
        "dropoff_general_rate": "0",
    }
    pose = np.eye(4)
    pose[2, 3] = 1.8
    request = Request(
        sensor=make_sensor("sensor.lidar.ray_cast", attributes, 1),
        world_sensor=pose,
        body=BodyState.at_rest(pose[:3, 3]),
    )

    def measure(k: int) -> None:
        moment = Moment(
            static=static,
            moving=moments[k],
            weather=Weather(),
            time_s=0.1 * k,
            dt_s=0.1,
            geo_reference=GeoReference(),
        )
        suite.measure([request], moment)

    best = _best(measure)
    suite.close()
    return best


def _first_cast_s() -> float:
    """In a process of its own with an empty cache of compiled code."""
    program = (
        "import time, numpy as np\n"
        "from drivegen.embedded.mesh import MeshLibrary\n"
        "from drivegen.embedded.raycast.scene import RayScene\n"
        "scene = RayScene(MeshLibrary())\n"
        "start = time.perf_counter()\n"
        "scene.cast(np.zeros((1, 3), np.float32), np.ones((16, 3), np.float32))\n"
        "print(time.perf_counter() - start)\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"NUMBA_CACHE_DIR": folder},
            check=True,
            capture_output=True,
            text=True,
        )
    return float(done.stdout)


def _world_triangles(library: MeshLibrary, drawables: Drawables) -> np.ndarray:
    parts = []
    for index, matrix in zip(drawables.mesh_index.tolist(), drawables.world_mesh, strict=True):
        mesh = library.meshes[index]
        parts.append((mesh.positions_m @ matrix[:3, :3].T + matrix[:3, 3])[mesh.triangles])
    return np.concatenate(parts).astype(np.float32)


def _embreex_s(
    library: MeshLibrary, drawables: Drawables, origin: np.ndarray, directions: np.ndarray
) -> float | None:
    scene = rtcore_scene.EmbreeScene()
    TriangleMesh(scene, _world_triangles(library, drawables))
    origins = np.repeat(origin, len(directions), axis=0)
    return _best(lambda _: scene.run(origins, directions, query="INTERSECT", output=True))


def _open3d_s(
    library: MeshLibrary, drawables: Drawables, origin: np.ndarray, directions: np.ndarray
) -> float | None:
    if importlib.util.find_spec("open3d") is None:
        return None
    try:
        open3d = importlib.import_module("open3d")
    except ImportError as error:  # it wants system libraries that a bare machine lacks
        print(f"Open3D is left out: {error}", file=sys.stderr)
        return None

    triangles = _world_triangles(library, drawables)
    scene = open3d.t.geometry.RaycastingScene(nthreads=1)
    scene.add_triangles(
        open3d.core.Tensor(triangles.reshape(-1, 3)),
        open3d.core.Tensor(np.arange(3 * len(triangles), dtype=np.uint32).reshape(-1, 3)),
    )
    rays = open3d.core.Tensor(np.hstack([np.repeat(origin, len(directions), axis=0), directions]))
    return _best(lambda _: scene.cast_rays(rays, nthreads=1))


def _directions(channels: int, columns: int) -> np.ndarray:
    elevation = np.radians(np.linspace(10.0, -30.0, channels))[:, None]
    azimuth = -np.arange(columns)[None, :] / columns * 2.0 * np.pi
    level = np.cos(elevation)
    parts = np.broadcast_arrays(level * np.cos(azimuth), level * np.sin(azimuth), np.sin(elevation))
    return np.stack(parts, axis=-1).reshape(-1, 3).astype(np.float32)


def _surface(name: str, tag: Tag, grid: np.ndarray) -> Mesh:
    """Two triangles for each cell of an (n, m, 3) grid of points."""
    n, m, _ = grid.shape
    a = (np.arange(n - 1)[:, None] * m + np.arange(m - 1)).ravel()
    b, c, d = a + m, a + m + 1, a + 1
    count = n * m
    return Mesh(
        name=name,
        positions_m=grid.reshape(-1, 3).astype(np.float32),
        normals=np.tile(np.array([0.0, 0.0, 1.0], np.float32), (count, 1)),
        uvs=np.zeros((count, 2), np.float32),
        colors=np.zeros((count, 3), np.uint8),
        materials=np.zeros(count, np.uint8),
        tags=np.full(count, tag, np.uint8),
        triangles=np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]).astype(np.int32),
    )


def _ellipsoid(
    name: str, tag: Tag, size_m: tuple[float, float, float], centre_z_m: float, around: int, up: int
) -> Mesh:
    longitude, latitude = np.meshgrid(
        np.linspace(0.0, 2.0 * np.pi, around + 1), np.linspace(-np.pi / 2, np.pi / 2, up + 1), indexing="ij"
    )
    points = np.stack(
        [np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)], -1
    )
    return _surface(name, tag, points * (np.array(size_m) / 2.0) + np.array([0.0, 0.0, centre_z_m]))


def _place(rows: list[tuple[int, int, float, float, float]]) -> Drawables:
    """From (mesh, object id, x, y, z) rows."""
    count = len(rows)
    world_mesh = np.tile(np.eye(4, dtype=np.float32), (count, 1, 1))
    world_mesh[:, :3, 3] = [r[2:] for r in rows]
    return Drawables(
        mesh_index=np.array([r[0] for r in rows], np.int32),
        world_mesh=world_mesh,
        object_id=np.array([r[1] for r in rows], np.uint32),
        tint=np.zeros((count, 3), np.uint8),
        lights=np.zeros(count, np.uint32),
    )


def _street() -> tuple[MeshLibrary, Drawables, Callable[[int], Drawables]]:
    """Uneven ground, trees, houses; and cars with wheels and people with limbs, elsewhere each time."""
    rng = derive_rng(1, "bench", "street")
    library = MeshLibrary()
    x, y = np.meshgrid(np.linspace(-200.0, 200.0, 251), np.linspace(-200.0, 200.0, 251), indexing="ij")
    ground = library.add(
        _surface("ground", Tag.ROAD, np.stack([x, y, 0.02 * np.sin(x) * np.cos(y)], axis=-1))
    )
    tree = library.add(_ellipsoid("tree", Tag.VEGETATION, (3.0, 3.0, 4.0), 4.0, 14, 24))
    house = library.add(_ellipsoid("house", Tag.BUILDING, (14.0, 12.0, 24.0), 8.0, 4, 2))
    car = library.add(_ellipsoid("car", Tag.CAR, (4.4, 1.8, 1.5), 0.95, 40, 30))
    wheel = library.add(_ellipsoid("wheel", Tag.CAR, (0.66, 0.2, 0.66), 0.33, 12, 8))
    limb = library.add(_ellipsoid("limb", Tag.PEDESTRIAN, (0.16, 0.16, 0.45), 0.0, 10, 10))
    along = rng.uniform(-190.0, 190.0, TREES + BUILDINGS)
    side = rng.choice([-1.0, 1.0], TREES + BUILDINGS)
    off = np.concatenate([rng.uniform(8.0, 12.0, TREES), rng.uniform(22.0, 80.0, BUILDINGS)])
    kinds = [tree] * TREES + [house] * BUILDINGS
    static = _place(
        [(ground, 0, 0.0, 0.0, 0.0)]
        + [(k, 0, a, o * s, 0.0) for k, a, o, s in zip(kinds, along, off, side, strict=True)]
    )
    car_x, car_y = rng.uniform(-100.0, 100.0, CARS), rng.choice([-5.2, -1.7, 1.7, 5.2], CARS)
    walk_x = rng.uniform(-80.0, 80.0, PEOPLE)
    walk_y = rng.uniform(6.5, 8.0, PEOPLE) * rng.choice([-1.0, 1.0], PEOPLE)

    def moving(step: int) -> Drawables:
        rows: list[tuple[int, int, float, float, float]] = []
        for i in range(CARS):
            cx, cy = car_x[i] + 0.8 * step, car_y[i]
            rows.append((car, 100 + i, cx, cy, 0.0))
            rows += [(wheel, 100 + i, cx + dx, cy + dy, 0.0) for dx in (-1.4, 1.4) for dy in (-0.8, 0.8)]
        for i in range(PEOPLE):
            wx, wy = walk_x[i] + 0.1 * step, walk_y[i]
            rows += [
                (limb, 200 + i, wx + 0.1 * (k % 2), wy + 0.15 * (k % 3), 0.2 + 0.16 * k) for k in range(LIMBS)
            ]
        return _place(rows)

    return library, static, moving
