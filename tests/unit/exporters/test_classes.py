"""The file of classes: what it says, what it refuses, and its document."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivegen.capture.export.classes import read_vocabularies
from drivegen.core.actors import ObjectClass
from drivegen.core.errors import ExportError
from drivegen.core.geometry import Box, Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.tags import Tag
from drivegen_exporters import classes

DOCUMENT = Path(__file__).parents[3] / "docs" / "classes.md"


def label(object_class: ObjectClass, blueprint: str = "any", rider: bool = False) -> ObjectLabel:
    return ObjectLabel(
        track_id=1,
        object_class=object_class,
        blueprint=blueprint,
        rider=rider,
        box=Box(pose=Pose.from_xyz_rpy(0.0, 0.0, 0.0), size_m=np.ones(3)),
        velocity_mps=np.zeros(3),
        acceleration_mps2=np.zeros(3),
        yaw_rate_radps=0.0,
    )


def named(name: str, *args, **kwargs) -> str | None:
    found = classes.vocabulary(name).category(label(*args, **kwargs))
    return None if found is None else found.name


def test_the_document_is_in_step() -> None:
    assert classes.document() == DOCUMENT.read_text(encoding="utf-8"), (
        "run: python -m drivegen_exporters.classes > docs/classes.md"
    )


def test_every_vocabulary_knows_every_class_and_tag() -> None:
    for found in classes.vocabularies().values():
        assert set(found.classes) in (set(), set(ObjectClass)), found.format
        assert set(found.tags) in (set(), set(Tag)), found.format
        assert found.classes or found.tags, found.format


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("kitti", {"object_class": ObjectClass.BICYCLE, "rider": True}, "Cyclist"),
        ("kitti", {"object_class": ObjectClass.BICYCLE}, "Misc"),
        ("kitti", {"object_class": ObjectClass.EMERGENCY, "blueprint": "vehicle.ford.ambulance"}, "Van"),
        ("kitti", {"object_class": ObjectClass.EMERGENCY, "blueprint": "vehicle.carlamotors.x"}, "Truck"),
        (
            "nuscenes",
            {"object_class": ObjectClass.BUS, "blueprint": "vehicle.drivegen.articulated_bus"},
            "vehicle.bus.bendy",
        ),
        (
            "argoverse2",
            {"object_class": ObjectClass.BUS, "blueprint": "vehicle.drivegen.school_bus"},
            "SCHOOL_BUS",
        ),
        ("coco", {"object_class": ObjectClass.CHILD}, "person"),
        ("dair_v2x", {"object_class": ObjectClass.TRICYCLE, "rider": True}, "Tricyclist"),
    ],
)
def test_objects(name: str, arguments: dict, expected: str) -> None:
    assert named(name, **arguments) == expected


def test_riders_of_their_own() -> None:
    vocabulary = classes.vocabulary("argoverse2")
    ridden = vocabulary.rider(label(ObjectClass.BICYCLE, rider=True))
    assert ridden is not None and ridden.name == "BICYCLIST"
    assert vocabulary.rider(label(ObjectClass.BICYCLE)) is None
    assert vocabulary.rider(label(ObjectClass.CAR, rider=True)) is None


def test_tables_of_tags() -> None:
    cityscapes = classes.vocabulary("cityscapes")
    ids, training = cityscapes.tag_table(), cityscapes.tag_table(255, "train_id")
    assert (ids[Tag.ROAD_LINE], training[Tag.ROAD_LINE]) == (7, 0)
    assert (ids[Tag.CAR], training[Tag.CAR]) == (26, 13)
    assert (ids[Tag.GUARD_RAIL], training[Tag.GUARD_RAIL]) == (14, 255)
    assert (ids[200], training[200]) == (0, 255)
    coco = classes.vocabulary("coco").tag_table()
    assert (coco[Tag.POLE], coco[Tag.SKY]) == (0, 187)


GOOD = classes.PATH.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("    van: {as: vehicle.car, lost: vans are cars}\n", "", "car: vehicle.car", "van missing"),
        ("    van: Van\n", "    van: Van\n    lorry: Truck\n", "lorry", "kitti: classes: lorry is unknown"),
        ("    van: Van\n", "    van: Van\n    van: Car\n", "van: Car", "van is there twice"),
        ("    van: Van\n", "    van: Lorry\n", "Lorry", "'Lorry' is no category"),
        ("    van: Van\n", "    van: {as: null}\n", "as: null", "lost: must say"),
        ("    van: Van\n", "    van: {to: Van}\n", "to: Van", "to is unknown"),
        ("    rail_track: rail track\n", "", "none: unlabeled", "rail_track missing"),
        ("    Cyclist: {id: 5}\n", "    Cyclist: {id: 4}\n", "Car: {id: 0}", "both have id 4"),
        ("    Cyclist: {id: 5}\n", "    Cyclist: {id: five}\n", "id: five", "id must be a whole number"),
        ("    Cyclist: {id: 5}\n", "    Cyclist: {id: 5}\n    Car: {id: 9}\n", "Car: {id: 9}", "twice"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, line: str, said: str
) -> None:
    path = tmp_path / "classes.yaml"
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ExportError) as caught:
        read_vocabularies(path)
    message = str(caught.value)
    assert said in message
    number = int(message.removeprefix(f"{path}:").split(":")[0])
    assert line in text.splitlines()[number - 1]


def test_no_file_and_no_yaml(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="cannot be read"):
        read_vocabularies(tmp_path / "none.yaml")
    path = tmp_path / "classes.yaml"
    path.write_text("a: [", encoding="utf-8")
    with pytest.raises(ExportError, match="is no YAML"):
        read_vocabularies(path)
