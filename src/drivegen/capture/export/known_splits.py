"""Splits that another data set has: read from it, scene by scene."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from drivegen.capture.export.splits import Splits, check_split_name
from drivegen.core.errors import ExportError

SCENES = "scenes.csv"
"""In every data set of drivegen's: a row a scene, with its split among the columns."""


def with_known(splits: Splits, source: str, where: str, *, shares_given: bool) -> Splits:
    """The splits of another data set, for scenes that it has; others are dealt.

    Args:
        splits: As asked for; shares are for scenes that the other data set has not.
        source: A folder of a data set; a CSV file with columns scene and split; or a JSON file with a list of
            scenes by split.
        where: For messages.
        shares_given: Whether somebody asked for those shares; else the others' are those of the known scenes.

    Raises:
        ExportError: There is no such file, or it does not tell splits.
    """
    path = Path(source).expanduser()
    if path.is_dir():
        path = path / SCENES
    try:
        data = path.read_bytes()
        rows = _of_json(data) if path.suffix == ".json" else _of_csv(data)
        known = _checked(rows, f"{where}: splits_from={path}")
    except OSError as error:
        raise ExportError(
            f"{where}: splits_from={path} could not be read: {error.strerror or error}; give the folder of a"
            f" data set, a CSV file with scene and split, or a JSON file with a list of scenes by split"
        ) from None
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise ExportError(
            f"{where}: splits_from={path} tells no splits ({error}); a CSV file with the columns scene and"
            " split is wanted, or a JSON file with a list of scenes by split"
        ) from None
    counts: dict[str, int] = {}
    for split in known.values():
        counts[split] = counts.get(split, 0) + 1
    shares = dict(splits.shares)
    if not shares_given:
        # In the usual order, then as they come.
        names = [*(n for n in shares if n in counts), *(n for n in counts if n not in shares)]
        shares = {name: counts[name] / len(known) for name in names}
    shares |= {name: 0.0 for name in counts if name not in shares}
    return Splits(shares=shares, seed=splits.seed, known=known, known_sha256=hashlib.sha256(data).hexdigest())


def _of_csv(data: bytes) -> Iterator[tuple[str, str]]:
    for row in csv.DictReader(data.decode("utf-8-sig").splitlines()):
        yield row["scene"], row["split"]


def _of_json(data: bytes) -> Iterator[tuple[str, str]]:
    for split, scenes in dict(json.loads(data)).items():
        if not isinstance(scenes, list):
            raise TypeError(f"{split!r} is no list")
        for scene in scenes:
            yield scene, split


def _checked(rows: Iterable[tuple[str, str]], where: str) -> dict[str, str]:
    known: dict[str, str] = {}
    for scene, split in rows:
        if not isinstance(scene, str) or not isinstance(split, str):
            raise TypeError(f"scene {scene!r}")
        if known.setdefault(scene, split) != split:
            raise ExportError(f"{where}: scene {scene} is in {known[scene]} and in {split}; a scene has one")
    for split in dict.fromkeys(known.values()):
        check_split_name(split, where)
    if not known:
        raise ValueError("there is no scene in it")
    return known
