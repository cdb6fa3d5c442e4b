"""What every data set says of itself, and what `drivegen verify` finds when it is no longer true."""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from PIL import Image

from drivegen.capture.export.card import Card, read_card
from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.description import EVERYWHERE
from drivegen.capture.export.exporter import Exporter, Joined
from drivegen.capture.export.hashed_file import HashedFile
from drivegen.capture.export.manifest import MANIFEST, verify
from drivegen.capture.export.marking import Marking
from drivegen.capture.export.part import PartShelf, PartWriter
from drivegen.capture.frame import EGO
from drivegen.capture.images import encode_png
from drivegen.capture.reader import CaptureReader
from drivegen.cli.main import main
from drivegen.core.errors import ExportError
from drivegen_exporters.nuscenes.exporter import NuScenes


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    channel: str = "CAM_FRONT"


class Album(Exporter[Options]):
    """Colours and masks of a camera, some by pieces, in folders by split."""

    format = "album"
    Options = Options
    made: list[str] = []  # noqa: RUF012  (of the tests)

    def part(self, capture: CaptureReader, part: PartWriter) -> None:
        self.made.append(capture.scene)
        for frame in capture.frames(keyframes=True):
            agent, name = frame.agents[EGO], f"{capture.scene}_{frame.index:06d}"
            part.write(f"{name}.jpg", agent.jpeg(self.options.channel))
            part.write(f"{name}_mask.png", encode_png(agent.instance(self.options.channel)))
            part.open("packed.bin").write(part.marked(agent.jpeg(self.options.channel), f"{name}.jpg"))
        part.write("shared.png", encode_png(np.zeros((4, 4), np.uint8)))

    def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
        shared = dict.fromkeys(parts.splits, 0)
        for part in parts:
            shared[part.split] += 1
            dataset.take(
                part, lambda name, p=part: f"{p.split}/{name}" if p.scene in name else f"{p.scene}/{name}"
            )
        return Joined(
            counts=shared, front_matter={"configs": [{"split": "all"}]}, notes="# Album\n\nPictures."
        )


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory, captures: list[Path]) -> Path:
    out = tmp_path_factory.mktemp("album") / "album"
    Album({"card": {"licence": "CC-BY-4.0", "publisher": "示范区 & Co", "grade": "general"}}).export(
        captures, out
    )
    return out


@pytest.fixture
def copy(album: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(album, tmp_path / "album"))


def listed(root: Path) -> list[dict]:
    return [json.loads(line) for line in (root / MANIFEST).read_text(encoding="utf-8").splitlines()]


def names(root: Path) -> list[str]:
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())


# The manifest


def test_the_manifest_has_every_file_and_scene(album: Path, captures: list[Path]) -> None:
    lines = listed(album)
    files = {line["file"]: line for line in lines if "file" in line}
    assert sorted(files) == [name for name in names(album) if name != MANIFEST]
    for name, line in files.items():
        data = (album / name).read_bytes()
        assert (line["bytes"], line["sha256"]) == (len(data), hashlib.sha256(data).hexdigest()), name
    scenes = [line for line in lines if "scene" in line]
    for line, path in zip(scenes, captures, strict=True):
        with CaptureReader(path) as reader:
            assert line["capture_sha256"] == reader.content_sha256
            assert line["plan_sha256"] == reader.plan.sha256
    raw = (album / MANIFEST).read_bytes().splitlines(keepends=True)
    assert lines[-1]["root"] == hashlib.sha256(b"".join(raw[:-1])).hexdigest()
    assert scenes[1]["chain"] == hashlib.sha256(b"".join(raw[:-2])).hexdigest()
    assert {line["split"] for line in scenes} <= {"train", "val", "test"}
    assert verify(album).problems == []


def test_one_flipped_bit_is_found_in_every_file(copy: Path) -> None:
    for name in names(copy):
        path = copy / name
        before = path.read_bytes()
        at = len(before) // 2
        path.write_bytes(before[:at] + bytes([before[at] ^ 4]) + before[at + 1 :])
        problems = verify(copy).problems
        if name == MANIFEST:
            assert any(MANIFEST in problem for problem in problems)
        else:
            assert problems == [f"{name}: its bytes are not those that were written"]
        path.write_bytes(before)
    assert verify(copy).problems == []


def test_all_that_is_wrong_is_told_at_once(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures = [name for name in names(copy) if name.endswith(".jpg")]
    (copy / pictures[0]).unlink()
    (copy / pictures[1]).write_bytes((copy / pictures[1]).read_bytes()[:-1])
    (copy / "train" / "one_more.jpg").write_bytes(b"")
    (copy / "README.md").unlink()
    (copy / "link").symlink_to(copy / pictures[2])
    assert main(["verify", str(copy)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert f"{pictures[0]}: missing" in lines and "README.md: missing" in lines
    assert any(line.startswith(f"{pictures[1]}: ") and "were written" in line for line in lines)
    assert "train/one_more.jpg: there is no such file in the manifest" in lines
    assert "link: there is no such file in the manifest" in lines
    assert "5 problems" in lines[-1] and len(lines) == 6


def test_a_manifest_that_was_written_anew_is_known_by_its_root(
    copy: Path, album: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (copy / MANIFEST).read_bytes().splitlines(keepends=True)
    first = json.loads(lines[0])
    (copy / first["file"]).write_bytes(b"another")
    first |= {"bytes": 7, "sha256": hashlib.sha256(b"another").hexdigest()}
    lines[0] = json.dumps(first, ensure_ascii=False).encode() + b"\n"
    (copy / MANIFEST).write_bytes(b"".join(lines))
    problems = verify(copy).problems
    assert problems and all(p.startswith(MANIFEST) for p in problems)
    # A forger who also mends the chain.
    forged = b""
    for line in lines:
        data = json.loads(line)
        for key in ("chain", "root"):
            if key in data:
                data[key] = hashlib.sha256(forged).hexdigest()
        forged += json.dumps(data, ensure_ascii=False).encode() + b"\n"
    (copy / MANIFEST).write_bytes(forged)
    root = listed(album)[-1]["root"]
    assert main(["verify", str(copy)]) == 0
    assert main(["verify", str(copy), "--root", root]) == 1
    assert main(["verify", str(album), "--root", root]) == 0
    assert f"{root} is wanted" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: lines[:-1], "the root is missing"),
        (lambda lines: lines[1:], "its lines are not those that were written"),
        (lambda lines: [*lines, lines[0]], "is damaged"),
        (
            lambda lines: [lines[0].replace('"file": "', '"file": "../../'), *lines[1:]],
            "outside the data set",
        ),
        (lambda lines: ["{}\n", *lines], "line 1 is damaged"),
        (lambda lines: ["no json\n", *lines], "line 1 is damaged"),
    ],
)
def test_a_damaged_manifest_is_told(copy: Path, change, said: str) -> None:
    lines = (copy / MANIFEST).read_text(encoding="utf-8").splitlines(keepends=True)
    (copy / MANIFEST).write_text("".join(change(lines)), encoding="utf-8")
    assert any(said in problem for problem in verify(copy).problems)


def test_a_data_set_is_held_against_its_run(
    album: Path, captures: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "captures").mkdir()
    for path in captures:
        (tmp_path / "captures" / path.name).symlink_to(path)
    assert main(["verify", str(album), "--run", str(tmp_path)]) == 0
    swapped = tmp_path / "captures" / "scene-0001.mcap"
    swapped.unlink()
    swapped.symlink_to(captures[1])
    assert main(["verify", str(album), "--run", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "scene-0001: was made from another capture" in out and "from another plan" in out


def test_what_is_no_data_set_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(tmp_path)]) == 2
    assert "there is no manifest" in capsys.readouterr().err
    assert main(["verify", str(tmp_path / "none")]) == 2


def test_a_real_format_is_verified(captures: list[Path], tmp_path: Path) -> None:
    summary = NuScenes({"splits": {"here": 1.0}}).export(captures[1:], tmp_path / "set")
    found = verify(tmp_path / "set")
    assert found.problems == [] and found.root == summary.root_sha256
    assert found.files == summary.files - 1 and found.scenes == 1
    table = tmp_path / "set" / "v1.0-drivegen" / "calibrated_sensor.json"
    table.write_text(table.read_text().replace("1.51", "1.52", 1))
    assert len(verify(tmp_path / "set").problems) == 1


def test_hashes_are_right_however_a_file_is_written(tmp_path: Path) -> None:
    with HashedFile(tmp_path / "straight") as straight:
        straight.write(b"ab")
        assert straight.tell() == 2
        straight.write(memoryview(np.arange(3, dtype=np.uint16)))
    assert straight.sha256 == hashlib.sha256((tmp_path / "straight").read_bytes()).hexdigest()
    with HashedFile(tmp_path / "back") as back:
        back.write(b"abc")
        back.seek(0)
        back.write(b"X")
    assert (tmp_path / "back").read_bytes() == b"Xbc"
    assert (back.length, back.sha256) == (3, hashlib.sha256(b"Xbc").hexdigest())


def test_a_name_is_written_once(tmp_path: Path, captures: list[Path]) -> None:
    class Twice(Album):
        def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
            dataset.write("README.md", b"mine")
            return super().join(parts, dataset)

    with pytest.raises(ExportError, match=r"README\.md: the data set has such a file already"):
        Twice().export(captures[1:], tmp_path / "set")


# Parts


def test_parts_follow_from_what_changes_their_bytes(captures: list[Path], tmp_path: Path) -> None:
    def export(**options: object) -> int:
        Album.made.clear()
        exporter = Album(options)
        shelf = PartShelf.beside(tmp_path / "set")
        scenes = [exporter.make_part(path, shelf).scene for path in captures]
        exporter.join_parts(shelf, scenes, tmp_path / "set")
        return len(Album.made)

    assert export() == 2
    assert export(splits={"a": 0.5, "b": 0.5}, split_seed=3, card={"licence": "MIT"}) == 0
    for change in ({"scale": 0.5}, {"hz": 1.0}, {"where": "frame < 15"}, {"card": {"producer": "P"}}):
        assert export(**change) == 2, change
    assert export(card={"mark": False}) == 2


def test_scenes_without_a_selected_frame_are_left_out(captures: list[Path], tmp_path: Path) -> None:
    summary = Album({"where": "duration_s > 1", "splits": {"a": 1.0}}).export(captures, tmp_path / "set")
    assert summary.scenes == 1 and summary.counts == {"a": 1}
    assert [line["scene"] for line in listed(tmp_path / "set") if "scene" in line] == ["scene-0001"]
    with pytest.raises(ExportError, match="none of 2 scenes has a frame that is selected"):
        Album({"where": "fog_density > 90"}).export(captures, tmp_path / "none")
    assert not (tmp_path / "none").exists()


# The mark


def aigc(path: Path) -> dict[str, str]:
    with Image.open(path) as image:
        packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp")
    text = packet.decode() if isinstance(packet, bytes) else packet
    assert 'xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"' in text
    found = re.search(r"<TC260:AIGC>(.*)</TC260:AIGC>", text)
    assert found is not None
    return json.loads(html.unescape(found[1]))


def test_images_say_that_they_are_generated_and_are_what_they_were(
    album: Path, captures: list[Path], tmp_path: Path
) -> None:
    Album({"card": {"mark": False}}).export(captures, tmp_path / "bare")
    images = [name for name in names(album) if name.endswith((".jpg", ".png"))]
    assert len(images) > 10
    ids = set()
    for name in images:
        marked, bare = (album / name).read_bytes(), (tmp_path / "bare" / name).read_bytes()
        fields = aigc(album / name)
        assert fields["Label"] == "1" and fields["ContentProducer"] == "示范区 & Co"
        assert set(fields) == {
            *("Label", "ContentProducer", "ProduceID", "ReservedCode1"),
            *("ContentPropagator", "PropagateID", "ReservedCode2"),
        }
        ids.add(fields["ProduceID"])
        extra = len(marked) - len(bare)
        at = next(i for i, (a, b) in enumerate(zip(marked, bare, strict=False)) if a != b)
        # The same bytes with one piece laid in: nothing was encoded anew.
        assert any(marked[:i] + marked[i + extra :] == bare for i in range(max(0, at - 8), at + 1))
        flags = cv2.IMREAD_UNCHANGED
        assert np.array_equal(
            cv2.imdecode(np.frombuffer(marked, np.uint8), flags),
            cv2.imdecode(np.frombuffer(bare, np.uint8), flags),
        )
    # Two scenes share one image; all others have an id of their own.
    assert len(ids) == len(images) - 1
    assert not (tmp_path / "bare" / "aigc.json").exists()
    sidecar = json.loads((album / "aigc.json").read_text(encoding="utf-8"))
    assert sidecar["AIGC"]["ContentProducer"] == "示范区 & Co"


def test_packed_images_are_marked_by_hand(album: Path) -> None:
    packed = (album / "scene-0001" / "packed.bin").read_bytes()
    assert packed.count(b"TC260:AIGC>") == 2 * 3


def test_the_mark_of_what_is_no_image() -> None:
    marking = Marking(label="2", producer="P", propagator="Q")
    assert marking.marked(b"points", "x") == b"points"
    assert marking.fields("x")["PropagateID"] == "x"
    with pytest.raises(ExportError, match="too long"):
        Marking(label="1", producer="P" * 70_000).marked(b"\xff\xd8\xff\xd9", "x")


# The card


def test_the_card_tells_what_is_known(album: Path) -> None:
    text = (album / "README.md").read_text(encoding="utf-8")
    head, rest = text.removeprefix("---\n").split("---\n", 1)
    assert yaml.safe_load(head) == {"configs": [{"split": "all"}]}
    assert rest.lstrip().startswith("# drivegen album\n") and "\n## Album\n\nPictures.\n" in rest
    assert "2 scenes, 46 frames, 5 keyframes" in rest
    for row in ("| licence | CC-BY-4.0 |", "| data grade | general |", "| contact | not stated |"):
        assert row in rest
    assert "| clear | 2 |" in rest and "| pedestrian | 5 |" in rest and "| LIDAR_TOP | lidar |" in rest


def test_the_table_and_croissant_agree(album: Path, captures: list[Path]) -> None:
    data = (album / "scenes.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(data.decode())))
    assert [row["scene"] for row in rows] == ["scene-0001", "scene-0002"]
    with CaptureReader(captures[0]) as reader:
        assert rows[0]["capture_sha256"] == reader.content_sha256 and rows[0]["seed"] == "7"
        assert int(rows[0]["frames"]) == len(reader)
    metadata = json.loads((album / "croissant.json").read_text(encoding="utf-8"))
    (table,) = metadata["distribution"]
    assert table["sha256"] == hashlib.sha256(data).hexdigest()
    columns = [field["source"]["extract"]["column"] for field in metadata["recordSet"][0]["field"]]
    assert columns == list(rows[0])
    assert metadata["license"] == "CC-BY-4.0" and "datePublished" not in metadata
    assert "simulator" in metadata["rai:dataCollection"] and metadata["rai:dataLimitations"]
    assert set(EVERYWHERE) <= set(names(album))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"license": "MIT"}, "card: unknown option license; there are title"),
        ({"mark_label": "4"}, "card.mark_label='4': 1, 2, 3 are known"),
        ({"mark": "no"}, "card: mark='no': bool is wanted"),
        ("MIT", "values by name are wanted"),
    ],
)
def test_what_is_no_card_is_refused(given: object, said: str) -> None:
    with pytest.raises(ExportError, match=said):
        read_card(given, "album")


def test_numbers_of_yaml_become_words() -> None:
    assert read_card({"release": 1.0, "grade": 3}, "album") == Card(release="1.0", grade="3")
