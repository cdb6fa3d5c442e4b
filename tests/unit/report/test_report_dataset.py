"""The report of a data set: read from its files alone, numbers as they were written, planted errors found."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from drivegen.cli import datasets as command
from drivegen.core.errors import ExportError
from drivegen.report.dataset.page import write_dataset_report
from drivegen_exporters.cityscapes.exporter import Cityscapes
from drivegen_exporters.coco.exporter import Coco
from drivegen_exporters.kitti.exporter import Kitti
from drivegen_exporters.nuscenes.exporter import NuScenes
from drivegen_exporters.yolo.exporter import Yolo

EXPORTERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "coco": Coco,
    "kitti": Kitti,
    "yolo": Yolo,
    "nuscenes": NuScenes,
    "cityscapes": Cityscapes,
}


@pytest.fixture(scope="module")
def sets(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of each format, of the run's two scenes."""
    out = tmp_path_factory.mktemp("sets")
    captures = sorted((run / "captures").iterdir())
    plain = {"coco": {"panoptic": False, "keypoints": False}, "kitti": {"layout": "object"}}
    for name, exporter in EXPORTERS.items():
        splits = {"splits": {"train": 0.5, "val": 0.5}}
        exporter({**splits, **plain.get(name, {})}).export(captures, out / name)
    return out


@pytest.fixture(scope="module")
def pages(sets: Path) -> dict[str, html.HtmlElement]:
    out = {}
    for name in EXPORTERS:
        write_dataset_report(sets / name, sets / f"{name}.html")
        out[name] = html.fromstring((sets / f"{name}.html").read_text(encoding="utf-8"))
    return out


def checks(page: html.HtmlElement) -> dict[str, tuple[str, str]]:
    """(state, what was found) by check."""
    (items,) = page.find_class("checks")
    return {
        li[1].text_content(): (li[0].get("class").split()[1], li[2].text_content()) for li in items.iter("li")
    }


def classes(page: html.HtmlElement) -> dict[str, int]:
    table = next(t for t in page.iter("table") if "bars" in t.get("class", ""))
    return {tr.find("th").text_content(): int(tr.findall("td")[1].text) for tr in table.iter("tr")}


@pytest.mark.parametrize("name", sorted(EXPORTERS))
def test_pages_stand_alone_and_find_nothing_wrong(
    pages: dict[str, html.HtmlElement], sets: Path, name: str
) -> None:
    text = (sets / f"{name}.html").read_text(encoding="utf-8")
    without = re.sub(r"data:image/(webp|gif);base64,[A-Za-z0-9+/=]+", "", text)
    assert not re.search(r"https?://|//\w|url\(|@import|<script|<link", without)
    found = checks(pages[name])
    # The synthetic world's empty road gives images that are equal byte by byte: these are really there twice.
    assert {k for k, (state, _) in found.items() if state == "wrong"} <= {"Nothing is there twice"}, found
    assert found["All files of the manifest are there"][1].startswith("0 of ")
    assert found["Splits share no scene"][1] == "2 scenes in 2 splits"
    manifest = (sets / name / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(manifest[-1])["root"] in text
    ids = {e.get("id") for e in pages[name].iter() if e.get("id")}
    assert {a.get("href").removeprefix("#") for a in pages[name].iter("a")} <= ids


def test_classes_are_counted_as_they_are_written(pages: dict[str, html.HtmlElement], sets: Path) -> None:
    coco = json.loads((sets / "coco/annotations/instances.json").read_text())
    names = {c["id"]: c["name"] for c in coco["categories"]}
    told = Counter(names[a["category_id"]] for a in coco["annotations"] if not a["iscrowd"])
    assert classes(pages["coco"]) == dict(told) and sum(told.values()) > 20
    lines = [
        w for p in (sets / "kitti/object/training/label_2").iterdir() for w in p.read_text().splitlines()
    ]
    kitti = Counter(line.split()[0] for line in lines)
    del kitti["DontCare"]
    assert classes(pages["kitti"]) == dict(kitti)
    yolo = [w for p in (sets / "yolo/labels").rglob("*.txt") for w in p.read_text().splitlines()]
    assert sum(classes(pages["yolo"]).values()) == len(yolo) > 20
    tables = sets / "nuscenes/v1.0-drivegen"
    labels = json.loads((tables / "sample_annotation.json").read_text())
    assert sum(classes(pages["nuscenes"]).values()) == len(labels) > 20


def test_a_format_that_is_not_read_is_told_so(pages: dict[str, html.HtmlElement]) -> None:
    text = pages["cityscapes"].text_content()
    assert "does not read the labels of cityscapes" in text and "Boxes in" not in text
    assert len(list(pages["cityscapes"].iter("img"))) > 4


def spoilt(sets: Path, tmp_path: Path, name: str) -> Path:
    root = tmp_path / name
    shutil.copytree(sets / name, root)
    return root


def report(root: Path) -> html.HtmlElement:
    out = root.parent / "report.html"
    write_dataset_report(root, out)
    return html.fromstring(out.read_text(encoding="utf-8"))


def test_planted_errors_of_a_coco_data_set_are_found(sets: Path, tmp_path: Path) -> None:
    root = spoilt(sets, tmp_path, "coco")
    path = root / "annotations/instances.json"
    data = json.loads(path.read_text())
    one, two, three = data["annotations"][:3]
    one["bbox"][0] = -30.0
    two["bbox"][2] = 0.0
    data["annotations"].append({**three, "id": 10_000})
    path.write_text(json.dumps(data))
    gone = next((root / "images").rglob("*.jpg"))
    gone.unlink()
    page = report(root)
    found = checks(page)
    assert found["Boxes that cannot be so"][0] == "wrong"
    assert found["Boxes that cannot be so"][1].startswith("3 of ")
    assert found["All files of the manifest are there"][1].startswith(
        "2 of "
    )  # the image, and the changed labels
    assert str(gone.relative_to(root)) in page.text_content()
    reasons = [p.text_content() for p in page.find_class("why")][:3]
    assert sorted(r.split(", ")[1] for r in reasons) == ["has no area", "outside its image", "there twice"]


def test_planted_errors_of_nuscenes_tables_are_found(sets: Path, tmp_path: Path) -> None:
    root = spoilt(sets, tmp_path, "nuscenes")
    tables = root / "v1.0-drivegen"
    labels = json.loads((tables / "sample_annotation.json").read_text())
    instances = {i["token"]: i["category_token"] for i in json.loads((tables / "instance.json").read_text())}
    names = {c["token"]: c["name"] for c in json.loads((tables / "category.json").read_text())}
    mine: dict[str, list[dict[str, Any]]] = {}
    for label in labels:
        mine.setdefault(names[instances[label["instance_token"]]], []).append(label)
    for label in mine["human.pedestrian.child"]:  # stands in the air
        label["translation"][2] += 1.5
    for label in mine["vehicle.truck"] + mine.get("vehicle.emergency.ambulance", []):  # w and l changed over
        label["size"] = [label["size"][1], label["size"][0], label["size"][2]]
    (tables / "sample_annotation.json").write_text(json.dumps(labels))
    reasons = [li.text_content() for li in report(root).find_class("strange")[0]]
    assert any("child" in r and "off the ground" in r and "1.5" in r for r in reasons)
    assert any("implausible size" in r and "wide" in r and "Wrong" in r for r in reasons)


def test_the_command_puts_it_beside_the_data_set(
    sets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = spoilt(sets, tmp_path, "yolo")
    assert command.report(str(root), None) == 0
    out = tmp_path / "yolo.report.html"
    assert capsys.readouterr().out.strip() == str(out) and out.stat().st_size > 10_000
    with pytest.raises(ExportError, match="does not belong"):
        command.report(str(root), str(root / "report.html"))


def test_damaged_data_sets_are_refused_with_one_error(sets: Path, tmp_path: Path) -> None:
    root = spoilt(sets, tmp_path, "coco")
    (root / "annotations/instances.json").write_text('{"images": [')
    with pytest.raises(ExportError, match=r"its labels cannot be read .* run drivegen verify"):
        write_dataset_report(root, tmp_path / "report.html")
    (root / "manifest.jsonl").write_text("{")
    with pytest.raises(ExportError, match=r"manifest\.jsonl cannot be read"):
        write_dataset_report(root, tmp_path / "report.html")
    (root / "drivegen.json").unlink()
    with pytest.raises(ExportError, match=r"drivegen\.json is missing"):
        write_dataset_report(root, tmp_path / "report.html")
    assert not list(tmp_path.glob("report*"))
