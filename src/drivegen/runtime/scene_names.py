"""Names of scenes and their places in the job."""

from __future__ import annotations

import re

_FORM = re.compile(r"scene-(\d{4,})")


def scene_name(index: int) -> str:
    """Name of scene `index`, counted from 0."""
    return f"scene-{index + 1:04d}"


def scene_index(name: str) -> int:
    """The inverse of `scene_name`. Raises ValueError for what is no such name."""
    found = _FORM.fullmatch(name)
    if found is None or (index := int(found[1]) - 1) < 0 or scene_name(index) != name:
        raise ValueError(f"{name!r} is no scene's name; they are called scene-0001, scene-0002, ...")
    return index
