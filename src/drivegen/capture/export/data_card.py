"""The data card: README.md of a data set, in words for people."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

from drivegen import __version__
from drivegen.capture.export.about import Overview
from drivegen.capture.export.card import Card
from drivegen.capture.export.manifest import MANIFEST
from drivegen.capture.export.request import Asked

NOT_STATED = "not stated"

COLLECTION = (
    "Generated, not collected: drivegen planned scenes from a configuration, a CARLA-compatible simulator"
    " played them, and its sensors were recorded. No sensor in the real world was involved."
)
ANNOTATION = (
    "By the simulator: boxes, identities and velocities are its state; masks and depth are drawn with the"
    " images. Nobody annotated by hand. The visible fraction of an object is estimated from depth and masks."
)
PERSONAL = "None. People, vehicles and number plates are made up; no person was recorded."
BIASES = (
    "Roads, traffic, people and weather have the distributions of the configuration and of drivegen's"
    " generators, which follow Beijing's streets where sources were known and are choices elsewhere."
)
LIMITS = (
    "Images, point clouds and radar detections are a simulator's: light, materials, motion and sensor effects"
    " are models, and a network that is trained on them alone must be judged on real data before it is used.",
    "Objects beyond the label range are drawn but not annotated.",
    "What the format's classes cannot say is lost; drivegen's docs/classes.md names it.",
)
USE = (
    "Training, testing and debugging of perception in research and development. Not for showing that a"
    " vehicle is safe, and not as the only data of a product."
)


def data_card(
    title: str,
    asked: Asked,
    overview: Overview,
    counts: Mapping[str, int],
    front_matter: Mapping[str, Any],
    notes: str,
) -> str:
    """The text of README.md.

    Args:
        title: Of the data set.
        asked: What was asked of whom.
        overview: Of all scenes.
        counts: What the exporter counted.
        front_matter: YAML that comes first; none when empty.
        notes: Markdown of the format's own.
    """
    card = asked.request.card
    lines = []
    if front_matter:
        text = yaml.safe_dump(dict(front_matter), sort_keys=False, allow_unicode=True)
        lines += ["---", text.rstrip("\n"), "---", ""]
    lines += [f"# {title}", "", *_what(card, asked.format), ""]
    lines += ["## Contents", "", *_contents(overview, counts), ""]
    if notes:
        lines += [re.sub(r"^(#+ )", r"#\1", notes.strip("\n"), flags=re.MULTILINE), ""]
    lines += [
        "## How it was made",
        "",
        COLLECTION,
        "",
        ANNOTATION,
        "",
        *_made(asked, overview),
        "",
    ]
    lines += ["## Use and limits", "", f"Intended use: {card.intended_use or USE}", "", "Known limits:", ""]
    lines += [f"- {limit}" for limit in (*LIMITS, *((card.limits,) if card.limits else ()))]
    lines += ["", f"Bias: {BIASES}", "", f"Personal data: {card.personal_data or PERSONAL}", ""]
    lines += ["## Licence and sharing", "", *_sharing(card), ""]
    lines += ["## Checking", "", *_checking(), ""]
    return "\n".join(lines)


def _what(card: Card, format_name: str) -> list[str]:
    text = card.description or "Labelled driving data from a simulation."
    return [text, "", f"Format: `{format_name}`, written by drivegen {__version__}. All of it is synthetic."]


def _contents(overview: Overview, counts: Mapping[str, int]) -> list[str]:
    lines = [
        f"{overview.scenes} scenes, {overview.frames} frames, {overview.keyframes} keyframes,"
        f" {overview.seconds:.1f} s of simulation.",
        "",
        "| of the format | number |",
        "|---|---|",
        *(f"| {key} | {number} |" for key, number in counts.items()),
        "",
        "| split | scenes |",
        "|---|---|",
        *(f"| {split} | {number} |" for split, number in sorted(overview.splits.items())),
    ]
    for trait, levels in sorted(overview.traits.items()):
        lines += ["", f"| {trait} | scenes |", "|---|---|"]
        lines += [f"| {level} | {number} |" for level, number in sorted(levels.items())]
    if overview.agents:
        lines += ["", "| agent whose sensors these are | scenes |", "|---|---|"]
        lines += [f"| {agent} | {number} |" for agent, number in sorted(overview.agents.items())]
    lines += ["", "| class (drivegen's) | labels in keyframes |", "|---|---|"]
    lines += [f"| {kind} | {number} |" for kind, number in sorted(overview.labels.items())]
    lines += ["", "| sensor | kind |", "|---|---|"]
    lines += [f"| {sensor} | {kind} |" for sensor, kind in sorted(overview.sensors.items())]
    ranges = ", ".join(f"{value} m" for value in sorted(overview.ranges_m, key=_number))
    centre = "the nearest agent" if overview.agents else "the ego vehicle"
    return [*lines, "", f"Objects are annotated up to {ranges} from {centre}."]


def _number(text: str) -> float:
    return float(text) if text != "others" else float("inf")


def _made(asked: Asked, overview: Overview) -> list[str]:
    lines = ["| recorded with | version | scenes |", "|---|---|---|"]
    for name, versions in sorted(overview.made_by.items()):
        lines += [f"| {name} | {version} | {number} |" for version, number in sorted(versions.items())]
    plain = {**asked.request.plain, "options": dict(asked.options)}
    text = json.dumps(plain, indent=1, sort_keys=True, ensure_ascii=False)
    return [
        *lines,
        "",
        "Asked for at export (seeds and hashes of each scene's plan and capture: `scenes.csv`):",
        "",
        "```json",
        text,
        "```",
    ]


def _sharing(card: Card) -> list[str]:
    rows = {
        "licence": card.licence,
        "publisher": card.publisher,
        "contact": card.contact,
        "address": card.url,
        "release": card.release,
        "published": card.date,
        "data category": card.category,
        "data grade": card.grade,
    }
    return [
        "| | |",
        "|---|---|",
        *(f"| {name} | {value or NOT_STATED} |" for name, value in rows.items()),
        "",
        *_marking(card),
    ]


def _marking(card: Card) -> list[str]:
    if not card.mark:
        return ["Images do not say in their metadata that they are generated."]
    return [
        "JPEG and PNG files say in their metadata (XMP, field AIGC of GB 45438-2025) that they are generated;"
        " `aigc.json` says it of all other files. Whether that rule asks it of a simulator's images is a"
        " question for a lawyer."
    ]


def _checking() -> list[str]:
    return [
        f"`drivegen verify .` compares every file with `{MANIFEST}`. `croissant.json` tells machines what"
        " stands here; `drivegen.json` names the format, the options and the captures."
    ]
