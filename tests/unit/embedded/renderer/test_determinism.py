"""The same inputs give the same bytes; culling and levels of detail leave the picture as it is."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from drivegen.core.errors import RenderError
from drivegen.core.tags import Tag
from drivegen.core.weather import Weather
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Material, MeshLibrary
from drivegen.embedded.renderer import context
from drivegen.embedded.renderer.context import open_context
from drivegen.embedded.renderer.parts import cut_mesh
from drivegen.embedded.renderer.views import EVERYTHING
from tests.unit.embedded.renderer.stage import (
    ball_mesh,
    box_mesh,
    leaves_mesh,
    placed,
    plane_mesh,
    pose,
)
from tests.unit.embedded.renderer.street import NIGHT, NOON, RAIN, street, views


def digest_elsewhere(backend: str, threads: int) -> str:
    """The street's hash from a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.embedded.renderer.street", backend],
        env={**os.environ, "LP_NUM_THREADS": str(threads)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if "RenderError" in done.stderr:
        pytest.skip(f"{backend}: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("backend", ["egl", "osmesa"])
def test_bytes_are_the_same_for_any_number_of_threads(backend):
    one, two = digest_elsewhere(backend, 1), digest_elsewhere(backend, 2)
    assert len(one) == 64
    assert one == two


def test_rendering_twice_gives_the_same_bytes(library, make_renderer):
    still, cars = street(library)
    renderer = make_renderer(library)
    renderer.set_static(still)
    first = [renderer.render(views(), cars, w, EVERYTHING) for w in (NOON, NIGHT)]
    second = [renderer.render(views(), cars, w, EVERYTHING) for w in (NOON, NIGHT)]
    for a, b in zip([*first[0], *first[1]], [*second[0], *second[1]], strict=True):
        assert a.bgra.tobytes() == b.bgra.tobytes()
        assert a.labels.tobytes() == b.labels.tobytes()
        assert a.depth_m.tobytes() == b.depth_m.tobytes()
        assert a.normal.tobytes() == b.normal.tobytes()


@pytest.mark.parametrize("weather", [NOON, RAIN, NIGHT], ids=["noon", "rain", "night"])
def test_culling_never_changes_an_image(library, make_renderer, weather):
    still, cars = street(library)
    renderer = make_renderer(library)
    renderer.set_static(still)
    culled = renderer.render(views(), cars, weather, EVERYTHING)
    renderer.culling = False
    everything = renderer.render(views(), cars, weather, EVERYTHING)
    for a, b in zip(culled, everything, strict=True):
        assert np.array_equal(a.bgra, b.bgra)
        assert np.array_equal(a.labels, b.labels)
        assert np.array_equal(a.depth_m, b.depth_m)


@pytest.mark.parametrize("azimuth_deg", [40.0, 130.0, 220.0, 310.0])
def test_what_is_out_of_sight_shades_what_is_seen(library, make_renderer, azimuth_deg):
    """A low sun: walls that no view sees throw their shadows into the picture."""
    ground = library.add(plane_mesh(150.0, tag=Tag.ROAD, material=Material.ASPHALT, color=(120, 120, 120)))
    wall = library.add(box_mesh((1.0, 3.0, 4.0), (0, 0, 2)))
    renderer = make_renderer(library)
    renderer.set_static(placed([(ground, np.eye(4), 0)]))
    ring = [
        pose(x=r * np.cos(a), y=r * np.sin(a), yaw=a) for r in (8, 16, 30) for a in np.arange(0, 6.2, 0.3)
    ]
    walls = placed([(wall, at, 1 + k) for k, at in enumerate(ring)])
    low = Weather(sun_altitude_deg=20.0, sun_azimuth_deg=azimuth_deg)
    view = views(320, 180)[:1]
    culled = renderer.render(view, walls, low, EVERYTHING)[0]
    renderer.culling = False
    full = renderer.render(view, walls, low, EVERYTHING)[0]
    assert np.array_equal(culled.bgra, full.bgra)
    seen = set(np.unique(full.object_id).tolist())
    hidden = placed([(wall, at, 1 + k) for k, at in enumerate(ring) if 1 + k not in seen])
    shaded = renderer.render(view, hidden, low, EVERYTHING)[0].bgra
    open_ = renderer.render(view, Drawables.empty(), low, EVERYTHING)[0].bgra
    assert (shaded != open_).any(axis=2).mean() > 0.02, "no shadow of the hidden falls here: nothing is shown"


def test_what_has_moved_leaves_no_shadow_behind(library, make_renderer):
    """Only what moving things were drawn over is made good in the shadow maps: nothing may be forgotten."""
    still, cars = street(library)
    used, fresh = make_renderer(library), make_renderer(library)
    shown = []
    for renderer in (used, fresh):
        renderer.set_static(still)
    for k in range(4):
        away = pose(x=7.0 * k, y=-2.5 * k)
        moved = replace(cars, world_mesh=(away @ cars.world_mesh).astype(np.float32))
        shown.append(used.render(views(), moved, NOON, EVERYTHING))
    for a, b in zip(shown[-1], fresh.render(views(), moved, NOON, EVERYTHING), strict=True):
        assert a.bgra.tobytes() == b.bgra.tobytes()
    assert shown[0][0].bgra.tobytes() != shown[-1][0].bgra.tobytes()


def test_an_unknown_backend_is_refused():
    with pytest.raises(RenderError, match="choose auto, egl or osmesa"):
        open_context("vulkan")


@pytest.mark.parametrize(
    ("backend", "gpu", "words"),
    [
        ("auto", 900, "GPU 900 cannot draw: EGL offers"),
        ("egl", 900, "leave gpu out"),
        ("osmesa", 0, "OSMesa has no GPU"),
        ("auto", -1, "a number from 0"),
    ],
)
def test_a_gpu_that_is_not_there_is_refused(backend, gpu, words):
    """And nothing draws in its place: a server that was to sit on a GPU must not end on the processor."""
    with pytest.raises(RenderError, match=words):
        open_context(backend, gpu)


def test_gpus_are_numbered_among_the_hardware_devices(monkeypatch):
    """Three EGL devices, of which the first and the last are GPUs."""
    opened, closed = [], []

    class Device:
        def __init__(self, index):
            self.index, self.info = index, {"GL_RENDERER": names[index], "GL_VERSION": "4.5"}
            opened.append(index)

        def __enter__(self):
            return self

        def release(self):
            closed.append(self.index)

    names = ["Maker A/PCIe", "llvmpipe (LLVM 15, 256 bits)", "Maker B/PCIe"]
    monkeypatch.setattr(context, "_egl_device_count", lambda tried: 3)
    monkeypatch.setattr(context, "_egl_device", lambda index: (Device(index), lambda name: 0))
    assert open_context("egl", 0).info.renderer == names[0]
    assert open_context("auto", 1).info.renderer == names[2]
    assert (opened, closed) == ([0, 0, 1, 2], [0, 1])
    with pytest.raises(RenderError, match=r"GPU 2 cannot draw: EGL offers 2 here.*llvmpipe"):
        open_context("auto", 2)
    assert context.gpu_names() == [names[0], names[2]]
    assert closed[2:] == [0, 1, 2, 0, 1, 2]


def test_without_any_way_to_draw_the_error_says_how_to_mend():
    program = (
        "import ctypes, importlib.metadata\n"
        "from drivegen.embedded.renderer import context\n"
        "def absent(name, *a, **k): raise OSError(f'{name}: cannot open shared object file')\n"
        "ctypes.CDLL = absent\n"
        "def no(name): raise importlib.metadata.PackageNotFoundError(name)\n"
        "importlib.metadata.distribution = no\n"
        "try: context.open_context()\n"
        "except context.RenderError as e: print(e)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert "libEGL.so.1" in done.stdout
    assert "pip install --no-deps lavavu-osmesa" in done.stdout


@pytest.mark.parametrize("backend", ["egl", "osmesa"])
def test_each_backend_says_what_it_is(backend):
    program = (
        "import sys\n"
        "from drivegen.embedded.renderer.context import RenderError, open_context\n"
        "try: info = open_context(sys.argv[1]).info\n"
        "except RenderError as e: print('absent:', e)\n"
        "else: print(info.backend, info.version)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, backend], capture_output=True, text=True, timeout=60, check=True
    )
    if done.stdout.startswith("absent"):
        pytest.skip(done.stdout.strip())
    name, version = done.stdout.split()[:2]
    assert name == backend
    assert float(version) >= 4.5


def test_library_is_not_changed(make_renderer):
    library = MeshLibrary()
    still, cars = street(library)
    before = [m.positions_m.tobytes() for m in library.meshes]
    renderer = make_renderer(library)
    renderer.set_static(still)
    renderer.render(views(), cars, NOON, EVERYTHING)
    assert [m.positions_m.tobytes() for m in library.meshes] == before


def test_levels_of_detail_hardly_show(library, make_renderer):
    """Coarser levels differ from the full meshes by less than a pixel: next to no label changes."""
    ball = library.add(ball_mesh(1.0, 40))
    leaves = library.add(leaves_mesh(400))
    renderer = make_renderer(library)
    rng = np.random.default_rng(3)
    things = [(ball, pose(*rng.uniform((8, -40, -6), (90, 40, 12))), 1 + k) for k in range(60)]
    things += [(leaves, pose(*rng.uniform((20, -40, -6), (90, 40, 12))), 100 + k) for k in range(20)]
    fast = renderer.render(views(640, 360)[:1], placed(things), NOON, EVERYTHING)[0]
    renderer.level_error_px = 0.0
    full = renderer.render(views(640, 360)[:1], placed(things), NOON, EVERYTHING)[0]
    balls = full.object_id < 100
    differs = (fast.object_id != full.object_id) & balls & (fast.object_id < 100)
    assert differs[balls].mean() < 0.015
    padded = np.pad(full.object_id, 1, mode="edge")
    height, width = full.object_id.shape
    beside = np.zeros_like(differs)
    for row in range(3):
        for column in range(3):
            beside |= padded[row : row + height, column : column + width] == fast.object_id
    assert beside[differs].mean() > 0.98, "edges moved by more than a pixel"
    both = (fast.object_id == full.object_id) & (full.object_id > 0) & balls
    assert np.quantile(np.abs(fast.depth_m - full.depth_m)[both], 0.9) < 0.1
    for k in range(100, 120):
        whole = (full.object_id == k).sum()
        if whole > 100:
            assert 0.75 < (fast.object_id == k).sum() / whole < 1.3
    assert not np.array_equal(fast.bgra, full.bgra), "no level was used: the test shows nothing"


def test_levels_keep_form_and_size(library):
    mesh = ball_mesh(1.0, 40)
    parts = cut_mesh(mesh)
    counts = parts.count[0] // 3
    assert counts[0] == len(mesh.triangles)
    assert counts[-1] < 0.25 * counts[0]
    assert (np.diff(counts) <= 0).all()
    for level in range(len(counts)):
        first, count = parts.first[0, level], parts.count[0, level]
        corners = parts.vertices["position"][parts.indices[first : first + count]].reshape(-1, 3, 3)
        volume = np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6
        assert volume == pytest.approx(4 / 3 * np.pi, rel=0.25)
        assert np.linalg.norm(corners, axis=2).max() <= 1.0 + 1e-6
