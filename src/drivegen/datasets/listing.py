"""What lies at a path: scenes, their captures, and a list of all frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Bool, Int32

from drivegen.capture.index import TABLES, index_capture
from drivegen.capture.place import CapturePlace, RemoteFile, file_system, is_url
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import CaptureError
from drivegen.datasets.shelf import Scene

_SUFFIX = ".mcap"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Listing:
    """All frames of some captures: scenes by name, frames by time."""

    scenes: tuple[Scene, ...]
    scene: Int32[np.ndarray, "n"]
    """Number of each frame's scene."""
    frame: Int32[np.ndarray, "n"]
    """Index in its capture."""
    keyframe: Bool[np.ndarray, "n"]
    delivered: Int32[np.ndarray, "n"]
    """Index into `deliveries`."""
    deliveries: tuple[tuple[str, ...], ...]
    """Sets of sensors (agent/channel) that delivered together."""

    def __len__(self) -> int:
        return len(self.frame)

    def take(self, rows: np.ndarray) -> Listing:
        """Some of its frames, in the order given."""
        return Listing(
            scenes=self.scenes,
            scene=self.scene[rows],
            frame=self.frame[rows],
            keyframe=self.keyframe[rows],
            delivered=self.delivered[rows],
            deliveries=self.deliveries,
        )


Tables = Mapping[str, pa.Table | Path]
"""The index by table: in memory, or as a file."""


def captures_at(path: str | Path, storage: Mapping[str, Any]) -> list[CapturePlace]:
    """The captures of a run folder, of a folder of captures, or the one capture; by name.

    Args:
        path: A path or a URL.
        storage: Options of the URL's file system.

    Raises:
        CaptureError: There is none.
        ConfigError: The URL's file system cannot be had.
    """
    if not is_url(str(path)):
        return _captures_here(Path(path))
    url = str(path).rstrip("/")
    if url.endswith(_SUFFIX):
        return [RemoteFile(url, dict(storage))]
    for folder in (f"{url}/captures", url):
        names = [name for name in _names_in(folder, storage) if name.endswith(_SUFFIX)]
        if names:
            return [RemoteFile(f"{folder}/{name}", dict(storage)) for name in sorted(names)]
    raise _no_captures(url)


def _captures_here(path: Path) -> list[CapturePlace]:
    path = path.absolute()
    if path.is_file():
        return [path]
    if not path.exists():
        raise CaptureError(f"{path}: there is no such file or folder")
    for folder in (path / "captures", path):
        found: list[CapturePlace] = [p for p in sorted(folder.glob(f"*{_SUFFIX}")) if p.is_file()]
        if found:
            return found
    raise _no_captures(str(path))


def _no_captures(where: str) -> CaptureError:
    return CaptureError(
        f"{where}: no captures there; give a run (runs/NAME), a folder of captures, or one {_SUFFIX} file"
    )


def _names_in(folder: str, storage: Mapping[str, Any]) -> list[str]:
    system, path = file_system(folder, storage)
    try:
        return [str(entry["name"]).rsplit("/", 1)[-1] for entry in system.ls(path, detail=True)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise CaptureError(f"{folder} cannot be listed: {error}") from None


def index_beside(captures: list[CapturePlace]) -> Tables | None:
    """The index of the run that the captures lie in; none where there is none, or it is not of just these.

    Raises:
        CaptureError: It cannot be read.
    """
    folder = captures[0].parent
    if folder.name != "captures":
        return None
    tables: dict[str, pa.Table | Path] = {}
    for name in TABLES:
        found = _table(folder.parent / "index" / f"{name}.parquet")
        if found is None:
            return None
        tables[name] = found
    scenes = _read(tables["scenes"], ["capture"])
    if sorted(scenes["capture"].to_pylist()) != sorted(place.name for place in captures):
        return None
    return tables


def _table(place: CapturePlace) -> pa.Table | Path | None:
    if isinstance(place, Path):
        return place if place.is_file() else None
    system, path = file_system(place.url, place.options)
    try:
        with system.open(path, "rb") as file:
            return pq.read_table(file)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CaptureError(f"{place} cannot be read: {error}") from None


def _read(table: pa.Table | Path, columns: list[str]) -> pa.Table:
    if not isinstance(table, Path):
        return table.select(columns)
    try:
        return pq.read_table(table, columns=columns)
    except (OSError, pa.ArrowException) as error:
        raise CaptureError(f"{table} cannot be read ({error}); run the job again") from None


def list_frames(captures: list[CapturePlace], tables: Tables | None) -> Listing:
    """All frames: from the index if there is one, else from the captures themselves.

    Raises:
        CaptureError: A capture cannot be read, or two hold the same scene.
    """
    if tables is not None:
        return _from_index(captures, tables)
    scenes: list[Scene] = []
    rows: list[tuple[int, int, bool, int]] = []
    deliveries: dict[tuple[str, ...], int] = {}
    for place in captures:
        with CaptureReader(place) as reader:
            if any(scene.name == reader.scene for scene in scenes):
                raise CaptureError(
                    f"{place}: scene {reader.scene} is in two captures; give each capture once"
                )
            for frame in reader.frames():
                sensors = tuple(f"{a.name}/{c}" for a in frame.agents.values() for c in a.delivered)
                code = deliveries.setdefault(sensors, len(deliveries))
                rows.append((len(scenes), frame.index, frame.keyframe, code))
            scenes.append(Scene(name=reader.scene, place=place, content_sha256=reader.content_sha256))
    return _listing(scenes, rows, deliveries)


def _from_index(captures: list[CapturePlace], tables: Tables) -> Listing:
    places = {place.name: place for place in captures}
    found = _read(tables["scenes"], ["scene", "capture", "content_sha256"]).to_pylist()
    scenes = [
        Scene(name=row["scene"], place=places[row["capture"]], content_sha256=row["content_sha256"])
        for row in sorted(found, key=lambda row: str(row["scene"]))
    ]
    number = {scene.name: i for i, scene in enumerate(scenes)}
    frames = _read(tables["frames"], ["scene", "frame", "keyframe", "delivered"])
    columns = [frames[name].to_pylist() for name in ("scene", "frame", "keyframe", "delivered")]
    deliveries: dict[tuple[str, ...], int] = {}
    rows = [
        (number[scene], frame, keyframe, deliveries.setdefault(tuple(sensors), len(deliveries)))
        for scene, frame, keyframe, sensors in zip(*columns, strict=True)
    ]
    return _listing(scenes, rows, deliveries)


def _listing(
    scenes: list[Scene], rows: Iterable[tuple[int, int, bool, int]], deliveries: dict[tuple[str, ...], int]
) -> Listing:
    table = np.array(sorted(rows), np.int32).reshape(-1, 4)
    return Listing(
        scenes=tuple(scenes),
        scene=table[:, 0],
        frame=table[:, 1],
        keyframe=table[:, 2].astype(np.bool_),
        delivered=table[:, 3],
        deliveries=tuple(deliveries),
    )


def tables_of(scene: Scene) -> Tables:
    """The index of one scene, made from its capture. Raises CaptureError."""
    return index_capture(scene.place)
