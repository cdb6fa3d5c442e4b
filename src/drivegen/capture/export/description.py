"""What every data set says of itself: card, Croissant metadata, the table of scenes, the mark's sidecar."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from drivegen import __version__
from drivegen.capture.export import data_card as words
from drivegen.capture.export.card import Card
from drivegen.capture.export.croissant import Column, croissant
from drivegen.capture.export.data_card import data_card
from drivegen.capture.export.dataset import MARK, DatasetWriter, Parts
from drivegen.capture.export.manifest import MANIFEST
from drivegen.capture.export.part import Part
from drivegen.capture.export.request import Asked, Request

CARD, CROISSANT, SCENES, SIDECAR = "README.md", "croissant.json", "scenes.csv", "aigc.json"
EVERYWHERE = (CARD, CROISSANT, SCENES, SIDECAR, MARK, MANIFEST)
"""Files that every data set has beside those of its format (the sidecar only where images are marked)."""
COLUMNS: tuple[Column, ...] = (
    ("scene", "Text", "Name of the scene."),
    ("split", "Text", "Which split the scene is in."),
    ("weather", "Text", "Preset of the weather."),
    ("time", "Text", "day, twilight or night, by the sun."),
    ("hour", "Float", "Local time of day."),
    ("map", "Text", "Name of the road."),
    ("levels", "Text", "Levels of the job's factors."),
    ("frames", "Integer", "Frames that are exported."),
    ("keyframes", "Integer", "Keyframes among them."),
    ("seconds", "Float", "From the first of them to the last."),
    ("seed", "Integer", "Of the scene's plan."),
    ("plan_sha256", "Text", "Of the scene's plan."),
    ("capture_sha256", "Text", "Content hash of the capture."),
    ("look_sha256", "Text", "Content hash of the look; empty for the simulator's images."),
)


def describe(
    dataset: DatasetWriter,
    parts: Parts,
    asked: Asked,
    counts: Mapping[str, int],
    front_matter: Mapping[str, Any],
    notes: str,
) -> None:
    """Writes README.md, croissant.json, scenes.csv and aigc.json.

    Args:
        dataset: Where to.
        parts: Of the data set.
        asked: What was asked of whom.
        counts: What the exporter counted.
        front_matter: YAML on top of the card.
        notes: Markdown of the format's own.
    """
    request, format_name = asked.request, asked.format
    # Nothing of the folder's name: the bytes are the same wherever the data set is written.
    title = request.card.title or f"drivegen {format_name}{' ' + request.look if request.look else ''}"
    table = dataset.open(SCENES)
    with table:
        _write_scenes(table, parts)
    facts = _facts(title, request.card, format_name)
    metadata = croissant(facts, _rai(request), SCENES, table.sha256, COLUMNS)
    dataset.write(CROISSANT, _json(metadata))
    if request.marking is not None:
        fields = request.marking.fields(f"{format_name}:{table.sha256[:16]}")
        covers = "all files of this data set that are not JPEG or PNG; those hold the field themselves"
        dataset.write(SIDECAR, _json({"AIGC": fields, "covers": covers}))
    card = data_card(title, asked, parts.overview, counts, front_matter, notes)
    dataset.write(CARD, card.encode())


def _write_scenes(file: io.BufferedWriter, parts: Parts) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(name for name, _, _ in COLUMNS)
    for part in parts:
        row = _row(part)
        writer.writerow(row[name] for name, _, _ in COLUMNS)
    text.flush()
    text.detach()


def _row(part: Part) -> dict[str, Any]:
    about = part.about
    traits: dict[str, str] = about["traits"]
    levels = {key.removeprefix("level "): v for key, v in sorted(traits.items()) if key.startswith("level ")}
    return {
        **{name: about[name] for name in ("hour", "frames", "keyframes", "seed", "plan_sha256")},
        **{name: traits[name] for name in ("weather", "time", "map")},
        "seconds": f"{about['seconds']:.3f}",
        "scene": part.scene,
        "split": part.split,
        "levels": " ".join(f"{factor}={level}" for factor, level in levels.items()),
        "capture_sha256": part.key.capture_sha256,
        "look_sha256": part.key.look_sha256,
    }


def _facts(title: str, card: Card, format_name: str) -> dict[str, Any]:
    creator = {"@type": "Organization", "name": card.publisher, "email": card.contact}
    return {
        "name": title,
        "description": card.description or f"Synthetic labelled driving data in the format {format_name}.",
        "license": card.licence,
        "url": card.url,
        "version": card.release,
        "datePublished": card.date,
        "creator": {k: v for k, v in creator.items() if v} if card.publisher else {},
        "keywords": ["autonomous driving", "synthetic data", "CARLA", format_name],
        "citeAs": f"{card.publisher or 'drivegen'}: {title}, {card.release}",
        "isLiveDataset": False,
    }


def _rai(request: Request) -> dict[str, str]:
    card = request.card
    return {
        "dataCollection": words.COLLECTION,
        "dataCollectionType": "Software Collection",
        "dataAnnotationProtocol": words.ANNOTATION,
        "machineAnnotationTools": f"drivegen {__version__}",
        "dataPreprocessingProtocol": json.dumps(request.plain["selection"], sort_keys=True),
        "personalSensitiveInformation": card.personal_data or words.PERSONAL,
        "dataBiases": words.BIASES,
        "dataLimitations": " ".join((*words.LIMITS, *((card.limits,) if card.limits else ()))),
        "dataUseCases": card.intended_use or words.USE,
        "dataReleaseMaintenancePlan": f"Contact: {card.contact}" if card.contact else "",
    }


def _json(data: Any) -> bytes:
    return json.dumps(data, indent=1, ensure_ascii=False).encode() + b"\n"
