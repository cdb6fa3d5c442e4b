"""What is kept of sentences: words.json (what was understood), words.jsonl (every call to a model)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drivegen.core.errors import ConfigError
from drivegen.core.words import Call, Understood
from drivegen.runtime.folder import write_json

UNDERSTOOD, CALLS = "words.json", "words.jsonl"


def add_call(folder: Path, sentence: str, call: Call) -> None:
    """Adds a line. Raises ConfigError where it cannot be written: no call goes unlogged."""
    line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "sentence": sentence, **asdict(call)}
    try:
        with (folder / CALLS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ConfigError(f"{folder / CALLS}: cannot be written ({error.strerror})") from None


def keep(folder: Path, understood: Understood, **more: Any) -> None:
    """Writes what was understood, asked for and had."""
    data: dict[str, Any] = {
        "sentence": understood.sentence,
        "target": understood.target,
        "by": understood.by,
        "grammar": understood.is_grammar,
        "scene": understood.scene,
        "values": understood.values,
        "wishes": [asdict(wish) for wish in understood.wishes],
        "not_understood": list(understood.unknown),
        **more,
    }
    try:
        write_json(folder / UNDERSTOOD, data)
    except OSError as error:
        raise ConfigError(f"{folder / UNDERSTOOD}: cannot be written ({error.strerror})") from None


def kept_scene(folder: Path, sentence: str) -> Mapping[str, Any] | None:
    """What a model understood of the same sentence before; a run that goes on does not ask again."""
    try:
        data = json.loads((folder / UNDERSTOOD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(data, dict) or data.get("sentence") != sentence or data.get("grammar") is not False:
        return None
    scene = data.get("scene")
    return scene if isinstance(scene, dict) else None
