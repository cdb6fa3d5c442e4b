"""What every data set says of itself: format, options, scenes, splits, files."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from drivegen.capture.export.dataset import MARK
from drivegen.capture.export.manifest import MANIFEST
from drivegen.core.errors import ExportError
from drivegen.report.repeats import Repeat, Repeats

IMAGES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
_SENSED = frozenset({".jpg", ".jpeg", ".bin", ".pcd", ".npy", ".npz", ".feather"})
"""Files of which no two should be equal; PNG files may be label images, of which empty ones are."""
_LABEL_WORDS = ("panoptic", "semantic", "gtfine", "label", "mask", "depth", "instance", "map", "lidarseg")
_SMALL_BYTES = 2_000
_NAMED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A row of scenes.csv."""

    name: str
    split: str
    weather: str
    time: str
    hour: float
    map: str
    frames: int
    keyframes: int
    seconds: float
    capture_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A data set, but for its labels."""

    root: Path
    format: str
    options: tuple[tuple[str, str], ...]
    scenes: tuple[Scene, ...]
    splits: tuple[tuple[str, int, int, str], ...]
    """(split, scenes, keyframes, weathers)."""
    kinds: tuple[tuple[str, int, int], ...]
    """(ending, files, bytes), the largest first."""
    files: int
    bytes: int
    root_sha256: str
    missing: tuple[str, ...]
    """Files of the manifest that are not there, or have another size; the first."""
    missing_count: int
    images: tuple[str, ...]
    """Colour images, by name; relative to the root."""
    repeats: Repeats


def read_folder(root: Path) -> Folder:
    """Reads all but the labels. Raises ExportError for what is no data set of drivegen's."""
    mark = _json(root / MARK)
    if not mark:
        raise ExportError(f"{root}: {MARK} is missing; give the folder of a data set that drivegen exported")
    scenes = _scenes(root / "scenes.csv")
    kinds: dict[str, list[int]] = {}
    seen: dict[str, str] = {}
    twice: list[tuple[str, str]] = []
    missing: list[str] = []
    images: list[str] = []
    files = total = compared = gone = 0
    root_sha256 = ""
    for line in _lines(root / MANIFEST):
        if "root" in line:
            root_sha256 = str(line["root"])
        if "file" not in line:
            continue
        name, length = str(line["file"]), int(line["bytes"])
        ending = PurePosixPath(name).suffix.lower()
        kind = kinds.setdefault(ending or "(none)", [0, 0])
        kind[0], kind[1] = kind[0] + 1, kind[1] + length
        files, total = files + 1, total + length
        path = root / name
        if not path.is_file() or path.stat().st_size != length:
            gone += 1
            missing += [name] if len(missing) < _NAMED else []
        if ending in _SENSED and length >= _SMALL_BYTES and not _is_label(name):
            compared += 1
            before = seen.setdefault(str(line["sha256"]), name)
            if before != name:
                twice.append((name, before))
        if ending in IMAGES and not _is_label(name):
            images.append(name)
    return Folder(
        root=root,
        format=str(mark.get("format", "unknown")),
        options=tuple((str(k), json.dumps(v)) for k, v in sorted(dict(mark.get("options", {})).items())),
        scenes=scenes,
        splits=_splits(scenes),
        kinds=tuple(sorted(((k, n, b) for k, (n, b) in kinds.items()), key=lambda k: (-k[2], k[0]))),
        files=files,
        bytes=total,
        root_sha256=root_sha256,
        missing=tuple(missing),
        missing_count=gone,
        images=tuple(sorted(images)),
        repeats=_repeats(compared, twice, scenes),
    )


def _is_label(name: str) -> bool:
    folders = [part.lower() for part in PurePosixPath(name).parts[:-1]]
    return any(word in part for part in folders for word in _LABEL_WORDS)


def _repeats(compared: int, twice: list[tuple[str, str]], scenes: tuple[Scene, ...]) -> Repeats:
    """By the hashes of the manifest: no file is read."""
    captures = Counter(s.capture_sha256 for s in scenes if s.capture_sha256)
    same = tuple(
        tuple(s.name for s in scenes if s.capture_sha256 == sha) for sha, n in captures.items() if n > 1
    )
    empty = [(s.name, 0, "no frame at all") for s in scenes if s.frames == 0]
    return Repeats(
        compared=compared,
        scenes=len(scenes),
        of_scenes=len(scenes),
        found=tuple(
            Repeat(scene=name, frame=0, what="file", of_scene=before, of_frame=0, moved_m=float("nan"))
            for name, before in twice[:_NAMED]
        ),
        wrong=len(twice),
        still=0,
        same_scenes=same,
        alike=(),
        empty=tuple(empty[:_NAMED]),
        empty_count=len(empty),
        keyframes=sum(s.keyframes for s in scenes),
    )


def _scenes(path: Path) -> tuple[Scene, ...]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return tuple(
                Scene(
                    name=row["scene"],
                    split=row["split"],
                    weather=row["weather"],
                    time=row["time"],
                    hour=float(row["hour"]),
                    map=row["map"],
                    frames=int(row["frames"]),
                    keyframes=int(row["keyframes"]),
                    seconds=float(row["seconds"]),
                    capture_sha256=row["capture_sha256"],
                )
                for row in csv.DictReader(file)
            )
    except (OSError, KeyError, ValueError) as error:
        raise ExportError(f"{path} cannot be read ({error}); export the data set again") from None


def _splits(scenes: tuple[Scene, ...]) -> tuple[tuple[str, int, int, str], ...]:
    out = []
    for split in sorted({s.split for s in scenes}):
        mine = [s for s in scenes if s.split == split]
        weathers = Counter(s.weather for s in mine)
        told = ", ".join(f"{w} {n}" for w, n in sorted(weathers.items()))
        out.append((split, len(mine), sum(s.keyframes for s in mine), told))
    return tuple(out)


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _lines(path: Path) -> list[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as file:
            return [json.loads(line) for line in file]
    except (OSError, ValueError) as error:
        raise ExportError(f"{path} cannot be read ({error}); run drivegen verify") from None
