"""Parts of captures, and data sets that are joined from them, with the exporter of docs/exporters.md."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.description import EVERYWHERE
from drivegen.capture.export.exporter import Exporter, Joined
from drivegen.capture.export.part import PartShelf, PartWriter
from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import CaptureError, ExportError


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    channel: str = "CAM_FRONT"
    every: int = 1


class Pictures(Exporter[Options]):
    """One camera's keyframes as files, and a list of them all."""

    format = "pictures"
    Options = Options
    made: list[str] = []  # noqa: RUF012  (of the tests)

    def part(self, capture: CaptureReader, part: PartWriter) -> None:
        self.made.append(capture.scene)
        rows = part.keep("rows")
        for frame in list(capture.frames(keyframes=True))[:: self.options.every]:
            name = f"{capture.scene}/{frame.index:06d}.jpg"
            part.write(name, frame.agents[EGO].jpeg(self.options.channel))
            rows.write(f"{name} {len(frame.objects)}\n".encode())
            part.facts["frames"] = part.facts.get("frames", 0) + 1
        part.write("road.xodr", capture.opendrive.encode())

    def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
        frames = 0
        with dataset.open("list.txt") as file:
            for part in parts:
                dataset.take(part)
                file.write(part.kept("rows").read_bytes())
                frames += part.facts["frames"]
        return Joined(counts={"frames": frames}, mark={"frames": frames})


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    Pictures.made.clear()
    yield


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def export(captures: list[Path], out: Path, **options: object) -> object:
    exporter = Pictures(options)
    shelf = PartShelf.beside(out)
    scenes = [exporter.make_part(path, shelf).scene for path in captures]
    return exporter.join_parts(shelf, scenes, out)


def test_a_part_is_made_again_only_when_what_it_follows_from_changes(
    captures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "set"
    export(captures[:1], out)
    export(captures[::-1], out)
    assert Pictures.made == ["scene-0001", "scene-0002"]
    export(captures, out, every=2)
    assert Pictures.made[2:] == ["scene-0001", "scene-0002"]
    monkeypatch.setattr(Pictures, "version", 2)
    export(captures[:1], out, every=2)
    assert Pictures.made[4:] == ["scene-0001"]
    # Another recording of the same scene.
    shelf = PartShelf.beside(out)
    key = Pictures({"every": 2}).key("scene-0001", "0" * 64)
    assert not shelf.has(key)


def test_a_data_set_is_the_same_however_it_came_about(captures: list[Path], tmp_path: Path) -> None:
    direct = Pictures().export(captures, tmp_path / "direct")
    by_parts = export(captures[::-1], tmp_path / "parts")
    assert files(tmp_path / "direct") == files(tmp_path / "parts")
    found = files(tmp_path / "direct")
    assert direct.files == by_parts.files == len(found)
    assert direct.bytes == by_parts.bytes == sum(len(data) for data in found.values())
    assert direct.counts == {"frames": 5}
    mark = json.loads(found["drivegen.json"])
    assert found["drivegen.json"].decode() == json.dumps(mark, indent=1, sort_keys=True) + "\n"
    assert sorted(mark) == [
        *("captures", "format", "frames", "options", "selection", "split_seed", "splits"),
    ]
    with CaptureReader(captures[0]) as reader:
        assert mark["captures"]["scene-0001"] == reader.content_sha256
    assert sorted(p.name for p in tmp_path.iterdir()) == [".parts.parts", "direct", "parts"]


def test_joining_links_and_where_that_cannot_be_moves(
    captures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "scene-0001/000000.jpg"
    export(captures, tmp_path / "links")
    part = PartShelf.beside(tmp_path / "links").get("scene-0001")
    assert (tmp_path / "links" / name).samefile(part.folder / "files" / name)

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    export(captures, tmp_path / "moves")
    assert files(tmp_path / "moves") == files(tmp_path / "links")
    shelf = PartShelf.beside(tmp_path / "moves")
    assert not shelf.has(shelf.get("scene-0001").key)
    export(captures, tmp_path / "moves")
    assert len(Pictures.made) == 6
    assert files(tmp_path / "moves") == files(tmp_path / "links")


def test_a_part_that_breaks_is_not_there(captures: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "set"
    with pytest.raises(CaptureError, match="no message"):
        export(captures, out, channel="CAM_NOWHERE")
    shelf = PartShelf.beside(out)
    assert not list(shelf.root.iterdir())
    # What a killed process left.
    (shelf.root / ".scene-0001.abc").mkdir()
    shelf.sweep()
    assert not list(shelf.root.iterdir())


def test_a_damaged_part_is_found_and_removed(captures: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "set"
    export(captures, out)
    before = files(out)
    part = PartShelf.beside(out).get("scene-0002")
    picture = part.folder / "files" / "scene-0002" / "000000.jpg"
    short = picture.read_bytes()[:-1]
    picture.unlink()
    picture.write_bytes(short)
    with pytest.raises(ExportError, match="the part was removed"):
        export(captures, out)
    assert files(out) == before
    export(captures, out)
    assert files(out) == before
    assert Pictures.made == ["scene-0001", "scene-0002", "scene-0002"]


def test_a_file_of_two_scenes_must_be_the_same(captures: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "set"
    exporter, shelf = Pictures(), PartShelf.beside(out)
    keys = [exporter.make_part(path, shelf) for path in captures]
    road = shelf.root / "scene-0002" / "files" / "road.xodr"
    road.write_bytes(road.read_bytes() + b" ")
    with pytest.raises(ExportError, match=r"road\.xodr of scene scene-0002 is another file"):
        exporter.join_parts(shelf, [k.scene for k in keys], out)
    assert not out.exists()


def test_files_of_pieces_are_counted_and_names_are_given_when_joining(
    captures: list[Path], tmp_path: Path
) -> None:
    class Numbered(Pictures):
        def part(self, capture: CaptureReader, part: PartWriter) -> None:
            for piece in (b"first ", b"second"):
                part.open("pieces/of.txt").write(piece)
            part.write("0.txt", capture.scene.encode())

        def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
            for number, part in enumerate(parts):
                dataset.take(part, lambda name, number=number: f"{number:03d}/{name}")
            return Joined()

    summary = Numbered().export(captures, tmp_path / "set")
    found = files(tmp_path / "set")
    assert summary.files == 4 + len(EVERYWHERE)
    for name in EVERYWHERE:
        found.pop(name)
    assert found == {
        "000/0.txt": b"scene-0001",
        "000/pieces/of.txt": b"first second",
        "001/0.txt": b"scene-0002",
        "001/pieces/of.txt": b"first second",
    }


@pytest.mark.parametrize(
    ("options", "said"),
    [({"evry": 2}, "unknown option evry; there are channel, every"), ({"look": "../x"}, "name of a look")],
)
def test_wrong_options(options: dict[str, object], said: str) -> None:
    with pytest.raises(ExportError, match=said):
        Pictures(options)
