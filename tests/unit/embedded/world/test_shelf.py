from pathlib import Path

import numpy as np
import pytest

from drivegen.core.rng import derive_rng
from drivegen.embedded.assets.scenery import build_scenery
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.world import shelf
from drivegen.embedded.world.kept_meshes import (
    scenery_of,
    scenery_to_arrays,
    surfaces_of,
    surfaces_to_arrays,
)
from drivegen.embedded.world.shelf import from_shelf, shelf_folder
from drivegen.opendrive.surfaces import mesh_network
from drivegen_generators.roads.beijing_junction import BeijingJunction


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


class Maker:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> dict[str, np.ndarray]:
        self.times += 1
        return {"a": np.arange(5, dtype=np.float32), "names": np.array(["x", "路口"])}


def test_what_was_made_once_is_read_again() -> None:
    make = Maker()
    first = from_shelf("thing", ("text", 1), make)
    again = from_shelf("thing", ("text", 1), make)
    assert make.times == 1
    assert again["a"].dtype == np.float32
    assert first["a"].tolist() == again["a"].tolist() and again["names"].tolist() == ["x", "路口"]


def test_all_that_it_was_made_from_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    make = Maker()
    for made_from in (("text", 1), ("text", 2), ("text", "1"), ("other", 1)):
        from_shelf("thing", made_from, make)
    from_shelf("another thing", ("text", 1), make)
    monkeypatch.setattr(shelf, "_sources_hash", lambda: "other sources")
    from_shelf("thing", ("text", 1), make)
    assert make.times == 6


@pytest.mark.parametrize("keep", [0, 1, 0.5, 0.95])
def test_a_broken_file_is_made_anew(keep: float) -> None:
    make = Maker()
    from_shelf("thing", ("text",), make)
    (path,) = shelf_folder().glob("*.npz")
    whole = path.read_bytes()
    path.write_bytes(b"?" * len(whole) if keep == 1 else whole[: int(len(whole) * keep)])
    assert from_shelf("thing", ("text",), make)["a"].tolist() == [0, 1, 2, 3, 4]
    assert make.times == 2
    from_shelf("thing", ("text",), make)
    assert make.times == 2


def test_a_home_that_cannot_be_written_does_no_harm(home: Path) -> None:
    (home / "drivegen").write_text("a file where a folder is wanted")
    make = Maker()
    assert from_shelf("thing", ("text",), make)["a"].tolist() == [0, 1, 2, 3, 4]


def test_the_shelf_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "KEPT", 3)
    for number in range(6):
        from_shelf("thing", (number,), Maker())
    assert len(list(shelf_folder().iterdir())) == 3


def test_surfaces_and_scenery_come_back_as_they_were() -> None:
    network = BeijingJunction().generate(derive_rng(3), "junction")
    surfaces = mesh_network(network)
    kept = surfaces_of(surfaces_to_arrays(surfaces))
    assert [s.kind for s in kept] == [s.kind for s in surfaces]
    for a, b in zip(surfaces, kept, strict=True):
        for name in ("positions_m", "normals", "uvs", "triangles", "colors"):
            one, other = getattr(a, name), getattr(b, name)
            assert one.dtype == other.dtype and np.array_equal(one, other)
    library, other_library = MeshLibrary(), MeshLibrary()
    made = build_scenery(network, surfaces, library, 5)
    other_library.add(library.meshes[0])
    back = scenery_of(scenery_to_arrays(made, library.meshes), other_library)
    assert [m.name for m in other_library.meshes[1:]] == [m.name for m in library.meshes]
    for a, b in zip(library.meshes, other_library.meshes[1:], strict=True):
        for name in ("positions_m", "normals", "uvs", "colors", "materials", "tags", "triangles"):
            one, other = getattr(a, name), getattr(b, name)
            assert one.dtype == other.dtype and np.array_equal(one, other)
    for name in Drawables.__dataclass_fields__:
        one, other = getattr(made.drawables, name), getattr(back.drawables, name)
        assert one.dtype == other.dtype
        assert np.array_equal(one + (1 if name == "mesh_index" else 0), other)
    assert [(o.id, o.name, o.tag) for o in back.objects] == [(o.id, o.name, o.tag) for o in made.objects]
    for a, b in zip(made.objects, back.objects, strict=True):
        assert np.array_equal(a.pose.matrix, b.pose.matrix)
        assert np.array_equal(a.box.corners_m(), b.box.corners_m())
