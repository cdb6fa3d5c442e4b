"""The manifest of a data set: every file with size and SHA-256, every scene with what it follows from.

`manifest.jsonl` has one JSON object a line. First the files, in the order in which they came:

    {"file": "samples/...", "bytes": 1234, "sha256": "..."}

then the scenes by name, and last the root:

    {"scene": "scene-0001", "split": "train", "plan_sha256": "...", "capture_sha256": "...", "chain": "..."}
    {"root": "...", "files": 100, "bytes": 123456, "scenes": 4}

`chain` and `root` are the SHA-256 of all lines before: who changes a line changes every hash that follows.
The root therefore stands for the whole data set; whoever has it from elsewhere can prove that nothing has
changed. `verify` reads everything again; it keeps 8 bytes a file. Signatures of scenes are not in the
manifest (`drivegen.capture.export.signing`).
"""

from __future__ import annotations

import hashlib
import json
import os
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from drivegen.capture.export.hashed_file import file_sha256
from drivegen.capture.export.signing import FOLDER, LIST, SIGNATURE
from drivegen.core.errors import ExportError

MANIFEST = "manifest.jsonl"


class ManifestWriter:
    """Writes the manifest line by line."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.files = 0
        self.bytes = 0
        self.scenes = 0
        self.length = 0
        """In bytes, until now."""

    def add_file(self, name: str, length: int, sha256: str) -> None:
        """A file of the data set."""
        self._line({"file": name, "bytes": length, "sha256": sha256})
        self.files += 1
        self.bytes += length

    def add_scene(self, facts: dict[str, str]) -> None:
        """A scene: its name, split, and the hashes of its plan, capture and look."""
        self._line({**facts, "chain": self._hash.hexdigest()})
        self.scenes += 1

    def finish(self) -> str:
        """Writes the root and returns it."""
        root = self._hash.hexdigest()
        counts = {"files": self.files, "bytes": self.bytes, "scenes": self.scenes}
        self._line({"root": root, **counts})
        return root

    def _line(self, data: dict[str, Any]) -> None:
        line = json.dumps(data, ensure_ascii=False).encode() + b"\n"
        self._hash.update(line)
        self._file.write(line)
        self.length += len(line)


@dataclass(slots=True, kw_only=True)
class Verification:
    """What was found of a data set."""

    problems: list[str] = field(default_factory=list)
    """A sentence each; none where everything is as it was written."""
    root: str = ""
    files: int = 0
    bytes: int = 0
    scenes: int = 0
    names: list[str] = field(default_factory=list)
    """Of the scenes."""
    captures: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Hashes of plan and capture by scene, if they were asked for."""

    def say(self, problem: str) -> None:
        """Adds a problem."""
        self.problems.append(problem)


def verify(root: Path, expected_root: str = "", *, captures: bool = False) -> Verification:
    """Compares a data set with its manifest, file by file; all that is wrong is told, not only the first.

    Args:
        root: The data set's folder.
        expected_root: The root hash as it is known from elsewhere; empty: that of the manifest.
        captures: Keep the hashes of plans and captures.

    Raises:
        ExportError: There is no manifest.
    """
    path = root / MANIFEST
    if not path.is_file():
        raise ExportError(
            f"{path}: there is no manifest; give the folder of a data set that drivegen exported"
        )
    found = Verification()
    known = array("Q")
    chain = hashlib.sha256()
    ended = False
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                data = json.loads(line)
                if ended or not line.endswith(b"\n"):
                    raise ValueError
                if "file" in data:
                    known.append(_short(data["file"]))
                    _check_file(root, data, found)
                elif "scene" in data:
                    _check_scene(data, chain.hexdigest(), found, captures)
                    # What signs the scene lies beside the files of the manifest.
                    known.extend(_short(f"{FOLDER}/{data['scene']}{end}") for end in (LIST, SIGNATURE))
                else:
                    _check_root(data, chain.hexdigest(), expected_root, found)
                    ended = True
            except (ValueError, KeyError, TypeError, AttributeError):
                found.say(f"{MANIFEST}: line {number} is damaged")
            chain.update(line)
    if not ended:
        found.say(f"{MANIFEST}: it is cut short: the root is missing")
    known = array("Q", sorted(known))
    for name in _names(root):
        if name != MANIFEST and not _has(known, _short(name)):
            found.say(f"{name}: there is no such file in the manifest")
    return found


def _check_file(root: Path, data: dict[str, Any], found: Verification) -> None:
    name, length, sha256 = data["file"], data["bytes"], data["sha256"]
    parts = PurePosixPath(name).parts
    if PurePosixPath(name).is_absolute() or ".." in parts:
        found.say(f"{name}: the manifest names a file outside the data set")
        return
    found.files += 1
    path = root / name
    try:
        if not path.is_file():
            found.say(f"{name}: missing")
            return
        size = path.stat().st_size
        found.bytes += size
        if size != length:
            found.say(f"{name}: {size} bytes, {length} were written")
        elif file_sha256(path) != sha256:
            found.say(f"{name}: its bytes are not those that were written")
    except OSError as error:
        found.say(f"{name}: cannot be read: {error.strerror or error}")


def _check_scene(data: dict[str, Any], chain: str, found: Verification, captures: bool) -> None:
    found.scenes += 1
    found.names.append(str(data["scene"]))
    if data["chain"] != chain:
        found.say(f"{MANIFEST}: the lines before scene {data['scene']} are not those that were written")
    if captures:
        found.captures[data["scene"]] = (data["plan_sha256"], data["capture_sha256"])


def _check_root(data: dict[str, Any], chain: str, expected: str, found: Verification) -> None:
    found.root = data["root"]
    if data["root"] != chain:
        found.say(f"{MANIFEST}: its lines are not those that were written")
    if (data["files"], data["scenes"]) != (found.files, found.scenes):
        found.say(
            f"{MANIFEST}: it lists {found.files} files of {found.scenes} scenes,"
            f" {data['files']} of {data['scenes']} were written"
        )
    if expected and data["root"] != expected:
        found.say(f"{MANIFEST}: the root is {data['root']}, {expected} is wanted")


def _names(root: Path) -> Iterator[str]:
    """Of everything in a folder that is no folder."""
    pending = [root]
    while pending:
        folder = pending.pop()
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda e: e.name)
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                pending.append(Path(entry.path))
            else:
                yield Path(entry.path).relative_to(root).as_posix()


def _short(name: str) -> int:
    """64 bits of a name's hash: of a million files two agree with a chance of 3e-8."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")


def _has(known: array[int], value: int) -> bool:
    at = bisect_left(known, value)
    return at < len(known) and known[at] == value
