"""The same inputs give the same bytes; culling and levels of detail leave the picture as it is."""

import os
import subprocess
import sys

import numpy as np
import pytest

from drivegen.core.errors import RenderError
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.renderer.context import open_context
from drivegen.embedded.renderer.views import EVERYTHING
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


def test_an_unknown_backend_is_refused():
    with pytest.raises(RenderError, match="choose auto, egl or osmesa"):
        open_context("vulkan")


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
