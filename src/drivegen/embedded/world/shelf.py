"""The shelf: what is computed from a map and costs seconds, kept on disk between servers.

Every job starts many servers on few maps. A file on the shelf is named by the hash of all that it was made
from, the sources among it; one that cannot be read is made anew, and a home that cannot be written does no
harm.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np

import drivegen

Arrays = Mapping[str, np.ndarray]

KEPT = 64
"""Files on the shelf; the oldest go first. One is about 10 MB."""
TILES_KEPT = 512
"""Files of each kind that holds a tile of a large map; they are 1 or 2 MB."""
TILE = "tile"
"""Names of these kinds begin so."""
_SOURCES = (
    "core",
    "opendrive",
    "embedded/assets",
    "embedded/mesh.py",
    "embedded/drawables.py",
    "embedded/dynamics/solids.py",
)


def shelf_folder() -> Path:
    """`$XDG_CACHE_HOME/drivegen/maps`, or below ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "drivegen" / "maps"


def from_shelf(name: str, made_from: tuple[str | int, ...], make: Callable[[], Arrays]) -> Arrays:
    """The arrays of that name, made now if they were not made before.

    Args:
        name: What it is, for example surfaces.
        made_from: All that it depends on besides the sources.
        make: Makes it; no object arrays.
    """
    text = "\x1f".join(
        [name, _sources_hash(), np.__version__, *(f"{type(p).__name__}:{p}" for p in made_from)]
    )
    path = shelf_folder() / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:32]}.npz"
    found = _read(path)
    if found is not None:
        return found
    made = make()
    with contextlib.suppress(OSError):
        _write(path, made)
    return made


@cache
def _sources_hash() -> str:
    root = Path(drivegen.__file__).parent
    digest = hashlib.sha256(drivegen.__version__.encode())
    for part in _SOURCES:
        place = root / part
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _read(path: Path) -> dict[str, np.ndarray] | None:
    try:
        with np.load(path, allow_pickle=False) as archive:
            found = {key: archive[key] for key in archive.files}
        os.utime(path)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return found


def _write(path: Path, arrays: Arrays) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, partial = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            np.savez(file, allow_pickle=False, **dict(arrays))
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
    kind = path.name.rpartition("-")[0]
    if kind.startswith(TILE):
        alike, most = path.parent.glob(f"{kind}-*.npz"), TILES_KEPT
        like = [p for p in alike if p.name.rpartition("-")[0] == kind]
    else:
        like, most = [p for p in path.parent.glob("*.npz") if not p.name.startswith(TILE)], KEPT
    for old in sorted(like, key=_used_ns, reverse=True)[most:]:
        old.unlink(missing_ok=True)


def _used_ns(path: Path) -> int:
    """When a file was last used; long ago if another server has just taken it away."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
