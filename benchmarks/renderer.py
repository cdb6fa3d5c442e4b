"""CPU time of a camera frame over the floor that this machine's OpenGL sets, both measured in one run.

The floor of a labelled, shadowed, textured frame on llvmpipe: filling five targets, one shadow lookup and one
texture lookup a pixel, and 100,000 triangles (a quarter of a street of 400,000 lies in a view of 90 degrees).
Each term is measured alone, at its best; a frame cannot do with less, and nobody's does with as little.
Times are CPU times of all threads of the process; rounds of ours and of the floor's alternate, best counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import moderngl
import numpy as np

from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag
from drivegen.core.weather import Weather
from drivegen.embedded import drawables as bits
from drivegen.embedded.assets.vehicles.factory import make_vehicle
from drivegen.embedded.assets.walkers.asset import make_walker
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Material, Mesh, MeshLibrary
from drivegen.embedded.renderer.context import open_context
from drivegen.embedded.renderer.renderer import Renderer
from drivegen.embedded.renderer.views import ALL_LABELS, CameraView, Output

WIDTH, HEIGHT = 1280, 720
FLOOR_TRIANGLES = 100_000
CARS, PEOPLE, TREES, BUILDINGS = 60, 40, 200, 150
WANTED_RATIO = 1.4
ROUNDS, REPEATS = 3, 6
NOON = Weather(sun_altitude_deg=55.0, sun_azimuth_deg=215.0, cloudiness=20.0)
NIGHT = Weather(sun_altitude_deg=-40.0)
MODELS = (
    ("vehicle.tesla.model3", (4.79, 2.16, 1.49)),
    ("vehicle.audi.tt", (4.18, 1.99, 1.39)),
    ("vehicle.carlamotors.carlacola", (5.2, 2.61, 2.47)),
    ("vehicle.mini.cooper_s", (3.81, 1.97, 1.48)),
)

QUAD = """#version 450 core
out vec2 uv;
void main() {
    vec2 p = vec2((gl_VertexID & 1) * 4 - 1, (gl_VertexID & 2) * 2 - 1);
    uv = p * 0.5 + 0.5;
    gl_Position = vec4(p, 0.5, 1.0);
}
"""


def rows() -> list[dict[str, Any]]:
    """Frames of one camera and of a rig, with all labels and with labels alone."""
    library, still, moving, triangles = _street()
    renderer = Renderer(library)
    renderer.set_static(still)
    floor = _Floor()
    one = [_view(0.0)]
    rig = [_view(k * np.pi / 3, 800, 450) for k in range(6)]
    everything = ALL_LABELS | {Output.COLOR}

    def frame(views: list[CameraView], weather: Weather, wanted: Any) -> Callable[[], None]:
        def run() -> None:
            renderer.render(views, moving, weather, wanted)

        return run

    cases = {
        "fill": floor.fill,
        "shadow": floor.shadow,
        "texture": floor.texture,
        "triangles": floor.triangles,
        "frame": frame(one, NOON, everything),
        "labels": frame(one, NOON, ALL_LABELS),
        "night": frame(one, NIGHT, everything),
        "rig": frame(rig, NOON, everything),
    }
    best = _best(cases)
    empty = best["fill"] * 2 / 5
    floor_ms = (
        best["fill"]
        + (best["shadow"] - empty)
        + (best["texture"] - empty)
        + (best["triangles"] - empty) * FLOOR_TRIANGLES / floor.triangle_count
    )
    small = 800 * 450 / (WIDTH * HEIGHT)
    rig_floor = 6 * (floor_ms - _triangles_ms(best, empty, floor)) * small + 6 * _triangles_ms(
        best, empty, floor
    )
    name = renderer.info.renderer.split("(")[0].strip()
    out = [
        _row(f"floor of a camera frame, {name}", floor_ms, "CPU-ms", None, None),
        _row(
            f"camera frame, {triangles // 1000}k triangles",
            best["frame"],
            "CPU-ms",
            "the floor",
            best["frame"] / floor_ms,
        ),
        _row(
            "camera frame, labels alone",
            best["labels"],
            "CPU-ms",
            "the whole frame",
            best["labels"] / best["frame"],
        ),
        _row(
            "camera frame at night",
            best["night"],
            "CPU-ms",
            "the frame at noon",
            best["night"] / best["frame"],
        ),
        _row(
            "rig of six at 800x450", best["rig"], "CPU-ms", "six floors of that size", best["rig"] / rig_floor
        ),
    ]
    renderer.close()
    return out


def _row(name: str, value: float, unit: str, against: str | None, ratio: float | None) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "against": against, "ratio": ratio}


def _triangles_ms(best: dict[str, float], empty: float, floor: _Floor) -> float:
    return (best["triangles"] - empty) * FLOOR_TRIANGLES / floor.triangle_count


def _best(cases: dict[str, Callable[[], None]]) -> dict[str, float]:
    """CPU milliseconds of each case: runs in a row, as a server draws, in several rounds."""
    best = dict.fromkeys(cases, float("inf"))
    for _ in range(ROUNDS):
        for name, run in cases.items():
            run()
            for _ in range(REPEATS):
                start = time.process_time()
                run()
                best[name] = min(best[name], (time.process_time() - start) * 1e3)
    return best


class _Floor:
    """The terms of the floor, each as a program of its own."""

    def __init__(self) -> None:
        self._context = open_context()
        gl = self._gl = self._context.gl
        size = (WIDTH, HEIGHT)
        self._color = gl.texture(size, 4)
        self._two = gl.framebuffer([self._color], gl.depth_texture(size))
        layers = [self._color, gl.texture(size, 1, dtype="f4"), gl.texture(size, 1, dtype="u4")]
        layers += [gl.texture(size, 4, dtype="f2"), gl.texture(size, 2, dtype="f2")]
        self._five = gl.framebuffer(layers, gl.depth_texture(size))
        rng = np.random.default_rng(0)
        self._picture = gl.texture(
            (512, 512), 4, rng.integers(0, 255, (512, 512, 4), dtype=np.uint8).tobytes()
        )
        self._picture.filter = (gl.LINEAR, gl.LINEAR)
        self._map = gl.depth_texture((2048, 2048))
        self._map.compare_func = "<="
        self._map.filter = (gl.LINEAR, gl.LINEAR)
        self._fill_array = self._quad(
            "layout(location = 0) out vec4 a; layout(location = 1) out float b;"
            "layout(location = 2) out uint c; layout(location = 3) out vec4 d;"
            "layout(location = 4) out vec2 e;"
            "void main() { a = vec4(uv, 0, 1); b = uv.x; c = 3u; d = vec4(uv, uv); e = uv; }"
        )
        self._texture_array = self._quad(
            "uniform sampler2D t; layout(location = 0) out vec4 a; void main() { a = texture(t, uv * 3.0); }"
        )
        self._shadow_array = self._quad(
            "uniform sampler2DShadow t; layout(location = 0) out vec4 a;"
            "void main() { a = vec4(texture(t, vec3(uv, 0.5))); }"
        )
        self.triangle_count, self._grid_array = self._grid()

    def _quad(self, fragment: str) -> moderngl.VertexArray:
        program = self._gl.program(
            vertex_shader=QUAD, fragment_shader="#version 450 core\nin vec2 uv;\n" + fragment
        )
        if "t" in program:
            program["t"] = 0
        return self._gl.vertex_array(program, [])

    def _grid(self) -> tuple[int, moderngl.VertexArray]:
        """Triangles that fill the image, as many as the floor counts, with what a frame's vertices carry."""
        n, m = 298, 168
        x, y = np.meshgrid(np.linspace(-1, 1, n + 1), np.linspace(-1, 1, m + 1))
        points = np.stack([x.ravel(), y.ravel(), np.full(x.size, 0.5)], 1).astype(np.float32)
        cell = np.arange(n * m)
        a = cell // n * (n + 1) + cell % n
        corners = np.stack([a, a + 1, a + n + 2, a, a + n + 2, a + n + 1], 1).astype(np.int32)
        program = self._gl.program(
            vertex_shader="#version 450 core\nin vec3 p; out vec4 c; out vec4 d; flat out uint k;"
            "void main() { c = vec4(p, 1); d = c * 0.5; k = uint(gl_VertexID); gl_Position = vec4(p, 1); }",
            fragment_shader="#version 450 core\nin vec4 c; in vec4 d; flat in uint k;"
            "layout(location = 0) out vec4 a; void main() { a = c + d * float(k & 1u); }",
        )
        array = self._gl.vertex_array(
            program, [(self._gl.buffer(points), "3f", "p")], self._gl.buffer(corners)
        )
        return 2 * n * m, array

    def _run(self, target: moderngl.Framebuffer, array: moderngl.VertexArray, depth: bool = False) -> None:
        gl = self._gl
        self._context.make_current()
        target.use()
        gl.enable_only(gl.DEPTH_TEST if depth else 0)
        if depth:
            target.clear()
        array.render(gl.TRIANGLES, vertices=-1 if depth else 3)
        gl.finish()

    def fill(self) -> None:
        self._run(self._five, self._fill_array)

    def shadow(self) -> None:
        self._map.use(0)
        self._run(self._two, self._shadow_array)

    def texture(self) -> None:
        self._picture.use(0)
        self._run(self._two, self._texture_array)

    def triangles(self) -> None:
        self._run(self._two, self._grid_array, depth=True)


def _view(yaw_rad: float, width_px: int = WIDTH, height_px: int = HEIGHT) -> CameraView:
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    pose = np.eye(4)
    pose[:2, :2] = [[c, -s], [s, c]]
    pose[:3, 3] = (-60.0, -1.8, 1.6)
    return CameraView(width_px=width_px, height_px=height_px, fov_deg=90.0, world_camera=pose)


def _street() -> tuple[MeshLibrary, Drawables, Drawables, int]:
    """(library, what stands still, what moves, triangles of both)."""
    library = MeshLibrary()
    rng = derive_rng("benchmark", "street")
    still = [
        (library.add(_plane(400.0, 400.0, -0.02, Material.GRASS, Tag.TERRAIN, 8)), np.eye(4), 0),
        (library.add(_plane(250.0, 9.0, 0.0, Material.ASPHALT, Tag.ROAD, 60)), np.eye(4), 0),
    ]
    walk = library.add(_plane(250.0, 3.0, 0.12, Material.CONCRETE, Tag.SIDEWALK, 60))
    still += [(walk, _pose(0.0, side * 12.5), 0) for side in (-1, 1)]
    line = library.add(_plane(1.5, 0.07, 0.01, Material.MARKING, Tag.ROAD_LINE, 1))
    still += [(line, _pose(6.0 * k, y), 0) for k in range(-40, 41) for y in (-3.5, 0.0, 3.5)]
    crown = library.add(_ball(1.9, 4.6, (66, 98, 40)))
    trunk = library.add(_box((0.3, 0.3, 3.5), (92, 72, 52), Material.MATTE, Tag.VEGETATION))
    for k in range(TREES):
        pose = _pose(4.8 * (k // 2 - TREES // 4), (1 if k % 2 else -1) * 13.5)
        still += [(crown, pose, 0), (trunk, pose, 0)]
    for k in range(BUILDINGS):
        size = (rng.uniform(14, 26), rng.uniform(12, 18), rng.uniform(9, 50))
        house = library.add(_box(size, (186, 170, 150), Material.FACADE, Tag.BUILDING))
        along, row = 13.0 * (k // 4 - BUILDINGS // 8), 30.0 + 26.0 * (k % 4 // 2)
        still.append((house, _pose(along, (1 if k % 2 else -1) * row), 0))
    static = _placed(still)
    moving = []
    lights = bits.LIGHT_LOW_BEAM | bits.LIGHT_POSITION
    for k in range(CARS):
        model, size = MODELS[k % len(MODELS)]
        car = make_vehicle(library, model, size, k)
        lane = (-5.2, -1.8, 1.8, 5.2)[k % 4]
        pose = _pose(8.0 * (k // 4) - 50.0 + rng.uniform(0, 2), lane, 0.0 if lane < 0 else np.pi)
        moving.append(car.place(pose, 0.3 * k, 0.0, lights, 100 + k, (190, 40, 36)))
    for k in range(PEOPLE):
        person = make_walker(library, f"walker.pedestrian.{1 + k:04d}", 1.86, k)
        pose = _pose(3.0 * k - 55.0, (1 if k % 2 else -1) * rng.uniform(10.5, 14.5), rng.uniform(0, 6.28))
        moving.append(person.place(pose, 0.5 * k, 1.3, 1000 + k))
    everyone = Drawables.concatenate(moving)
    triangles = sum(
        len(library.meshes[i].triangles) for d in (static, everyone) for i in d.mesh_index.tolist()
    )
    return library, static, everyone, triangles


def _pose(x_m: float, y_m: float, yaw_rad: float = 0.0) -> np.ndarray:
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    return np.array([[c, -s, 0, x_m], [s, c, 0, y_m], [0, 0, 1, 0], [0, 0, 0, 1.0]])


def _placed(rows_: list[tuple[int, np.ndarray, int]]) -> Drawables:
    n = len(rows_)
    return Drawables(
        mesh_index=np.array([r[0] for r in rows_], np.int32),
        world_mesh=np.array([r[1] for r in rows_], np.float32),
        object_id=np.array([r[2] for r in rows_], np.uint32),
        tint=np.full((n, 3), 255, np.uint8),
        lights=np.zeros(n, np.uint32),
    )


def _mesh(
    points: np.ndarray,
    normals: np.ndarray,
    uvs: np.ndarray,
    triangles: np.ndarray,
    color: tuple[int, int, int],
    material: Material,
    tag: Tag,
) -> Mesh:
    n = len(points)
    return Mesh(
        name=tag.name.lower(),
        positions_m=points.astype(np.float32),
        normals=normals.astype(np.float32),
        uvs=uvs.astype(np.float32),
        colors=np.tile(np.array(color, np.uint8), (n, 1)),
        materials=np.full(n, material, np.uint8),
        tags=np.full(n, tag, np.uint8),
        triangles=triangles.astype(np.int32),
    )


def _grid_triangles(rows_: int, columns: int) -> np.ndarray:
    cell = np.arange(rows_ * columns)
    a = cell // columns * (columns + 1) + cell % columns
    b = a + columns + 1
    return np.concatenate([np.stack([a, a + 1, b + 1], 1), np.stack([a, b + 1, b], 1)])


def _plane(half_x_m: float, half_y_m: float, z_m: float, material: Material, tag: Tag, cells: int) -> Mesh:
    x, y = np.meshgrid(np.linspace(-half_x_m, half_x_m, cells + 1), np.linspace(-half_y_m, half_y_m, 5))
    points = np.stack([x.ravel(), y.ravel(), np.full(x.size, z_m)], 1)
    color = {
        Material.GRASS: (86, 104, 60),
        Material.CONCRETE: (158, 152, 144),
        Material.MARKING: (230, 230, 226),
    }
    up = np.tile([0.0, 0.0, 1.0], (len(points), 1))
    return _mesh(
        points, up, points[:, :2], _grid_triangles(4, cells), color.get(material, (78, 78, 80)), material, tag
    )


def _ball(radius_m: float, z_m: float, color: tuple[int, int, int]) -> Mesh:
    polar, turn = np.meshgrid(np.linspace(0, np.pi, 15), np.linspace(0, 2 * np.pi, 21), indexing="ij")
    normals = np.stack(
        [np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn), np.cos(polar)], -1
    ).reshape(-1, 3)
    points = normals * radius_m + (0.0, 0.0, z_m)
    turned = _grid_triangles(14, 20)[:, ::-1]
    return _mesh(points, normals, points[:, :2], turned, color, Material.FOLIAGE, Tag.VEGETATION)


def _box(
    size_m: tuple[float, float, float], color: tuple[int, int, int], material: Material, tag: Tag
) -> Mesh:
    points, normals, uvs, triangles = [], [], [], []
    half = np.array(size_m) / 2
    for axis in range(3):
        for sign in (1.0, -1.0):
            normal = np.eye(3)[axis] * sign
            up = np.eye(3)[2] if axis < 2 else np.eye(3)[1] * sign
            right = np.cross(up, normal)
            k = len(points)
            for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
                points.append((normal + a * right + b * up) * half + (0, 0, half[2]))
                normals.append(normal)
                uvs.append(((a + 1) * abs(right @ half), (b + 1) * abs(up @ half)))
            triangles += [(k, k + 1, k + 2), (k, k + 2, k + 3)]
    return _mesh(
        np.array(points), np.array(normals), np.array(uvs), np.array(triangles), color, material, tag
    )
