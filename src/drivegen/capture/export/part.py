"""A part: what one capture gives to a data set, on disk, whole or not there.

A part is a folder. `files/` holds files of the data set under their final names, `hashes.txt` their hashes,
`kept/` what only the joining reads, and `part.json`, its head, what the part follows from and what it tells
the whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any
from uuid import uuid4

from drivegen.capture.export.hashed_file import HashedFile, write_new
from drivegen.capture.export.marking import Marking, is_markable
from drivegen.core.errors import ExportError

HEAD, FILES, KEPT, HASHES = "part.json", "files", "kept", "hashes.txt"
TAKEN = "taken"
"""In a part whose files were moved into a data set: it can be read on, but must be made again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartKey:
    """What a part follows from: a part whose key is the same need not be made again."""

    format: str
    format_version: int
    drivegen: str
    """Version of the package."""
    options: dict[str, Any]
    scene: str
    capture_sha256: str
    """Content hash of the capture."""
    look_sha256: str = ""
    """Content hash of the look; empty for the simulator's."""
    request: dict[str, Any] = field(default_factory=dict)
    """What was asked of any format: selection, size, marking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartHead:
    """The head of a part."""

    key: PartKey
    facts: dict[str, Any]
    """What the exporter tells the whole."""
    files: int
    """Of the data set, in this part."""
    bytes: int
    about: dict[str, Any] = field(default_factory=dict)
    """What the data set's card tells of the scene (`drivegen.capture.export.about`)."""


class Part:
    """A part that was made."""

    def __init__(self, folder: Path, split: str = "") -> None:
        """Raises ExportError when there is no whole part."""
        self.folder = folder
        head = read_head(folder)
        if head is None:
            raise ExportError(f"{folder}: there is no part here, or it is damaged; make it again")
        self.key = head.key
        self.facts = head.facts
        self.about = head.about
        self.split = split
        """Of the scene; empty where nothing is split."""
        self.files = head.files
        self.bytes = head.bytes

    @property
    def scene(self) -> str:
        """Whose part it is."""
        return self.key.scene

    def kept(self, name: str) -> Path:
        """What `PartWriter.keep` wrote."""
        return self.folder / KEPT / name

    @property
    def empty(self) -> bool:
        """Whether no frame, or no agent, of the scene is wanted; its data set is without the scene."""
        return self.about.get("frames") == 0 or self.about.get("agents") == []

    def hashes(self) -> dict[str, str]:
        """SHA-256 of each file of the data set in it, by name. Raises ExportError when they are damaged."""
        try:
            lines = (self.folder / HASHES).read_text(encoding="utf-8").splitlines()
            return {line[66:]: line[:64] for line in lines}
        except (OSError, ValueError) as error:
            raise ExportError(
                f"{self.folder} is damaged ({error}); remove it, and it is made again"
            ) from None

    def names(self) -> Iterator[str]:
        """Names of the data set's files in it, folder by folder in their order."""
        root = self.folder / FILES
        pending = [root]
        skipped = len(str(root)) + 1
        while pending:
            folder = pending.pop()
            with os.scandir(folder) as entries:
                found = sorted(entries, key=lambda e: e.name)
            for entry in found:
                if not entry.is_dir():
                    yield entry.path[skipped:]
            pending += [Path(e.path) for e in reversed(found) if e.is_dir()]


class PartWriter:
    """Takes what an exporter makes of a capture; the part appears when the `with` block ends well."""

    def __init__(self, folder: Path, key: PartKey, marking: Marking | None = None) -> None:
        self.facts: dict[str, Any] = {}
        """Small plain data that the joining needs; kept in the part's head."""
        self.about: dict[str, Any] = {}
        """What the card tells of the scene."""
        self._marking = marking
        self._hashes: dict[str, str] = {}
        self._folder = folder
        self._key = key
        self._open: dict[str, IO[bytes]] = {}
        self._files_open: dict[str, HashedFile] = {}
        self._made: set[str] = set()
        self._files = 0
        self._bytes = 0

    def write(self, name: str, data: bytes) -> None:
        """Writes a file of the data set; JPEGs and PNGs get the mark of generated content.

        Args:
            name: Its path below the data set's folder, with slashes. Names of two scenes must differ, unless
                the contents are equal.
            data: All of it.
        """
        pieces = self.pieces(data, name) if is_markable(name) else [data]
        write_new(self._place(FILES, name), pieces)
        digest = hashlib.sha256()
        for piece in pieces:
            digest.update(piece)
            self._bytes += len(piece)
        self._hashes[name] = digest.hexdigest()
        self._files += 1

    def marked(self, image: bytes, name: str) -> bytes:
        """An image file with the mark of generated content: for images that are packed into other files.

        Args:
            image: A JPEG or PNG; anything else comes back as it is.
            name: Of the image in the data set; tells it from all others.
        """
        return image if self._marking is None else b"".join(self.pieces(image, name))

    def pieces(self, image: bytes, name: str) -> list[bytes | memoryview]:
        """`marked` in pieces: for what can write them one after the other without copying them first."""
        if self._marking is None:
            return [image]
        if self._key.scene in name:
            source = (self._key.look_sha256 or self._key.capture_sha256)[:16]
        else:
            # What scenes share must have the same bytes in each of them.
            source = f"{zlib.crc32(image):08x}"
        return self._marking.pieces(image, f"{source}:{name}")

    def open(self, name: str) -> IO[bytes]:
        """Opens a file of the data set that is written piece by piece, or the same again; see `write`."""
        if name not in self._files_open:
            self._files_open[name] = HashedFile(Path(self._place(FILES, name)))
        return self._files_open[name]

    def keep(self, name: str) -> IO[bytes]:
        """Opens a file that only the joining reads, or the same again; closed with the part."""
        if name not in self._open:
            self._open[name] = Path(self._place(KEPT, name)).open("wb")  # noqa: SIM115  (closed with the part)
        return self._open[name]

    def __enter__(self) -> PartWriter:
        # A name of its own: another process that was given up may still be at the same part.
        self._root = self._folder.with_name(f".{self._folder.name}.{uuid4().hex}")
        (self._root / FILES).mkdir(parents=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            for file in (*self._open.values(), *self._files_open.values()):
                with contextlib.suppress(OSError):
                    file.close()
            shutil.rmtree(self._root, ignore_errors=True)

    def _finish(self) -> None:
        for file in self._open.values():
            file.close()
        for name, opened in self._files_open.items():
            opened.close()
            self._files += 1
            self._bytes += opened.length
            self._hashes[name] = opened.sha256
        lines = "".join(f"{sha256}  {name}\n" for name, sha256 in self._hashes.items())
        (self._root / HASHES).write_text(lines, encoding="utf-8")
        head = PartHead(
            key=self._key, facts=self.facts, files=self._files, bytes=self._bytes, about=self.about
        )
        text = json.dumps(asdict(head), indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
        with (self._root / HEAD).open("wb") as head_file:
            head_file.write(text.encode())
            head_file.flush()
            os.fsync(head_file.fileno())
        remove_part(self._folder)
        try:
            self._root.replace(self._folder)
        except OSError:
            # Another process, that was given up, may have finished the same part at this moment.
            found = read_head(self._folder)
            if found is None or found.key != self._key:
                raise

    def _place(self, kind: str, name: str) -> str:
        # Texts: there are as many as files, and paths take longer than to open one.
        path = f"{self._root}/{kind}/{name}"
        folder = path.rpartition("/")[0]
        if folder not in self._made:
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103
            self._made.add(folder)
        return path


class PartShelf:
    """The folder in which the parts of one data set lie, a folder a scene."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @staticmethod
    def beside(out: Path) -> PartShelf:
        """The shelf of the data set at `out`: on the same file system, so that joining need not copy."""
        return PartShelf(out.with_name(f".{out.name}.parts"))

    def has(self, key: PartKey) -> bool:
        """Whether the part that follows from this key is there."""
        folder = self.root / key.scene
        head = read_head(folder)
        return head is not None and head.key == key and not (folder / TAKEN).exists()

    def get(self, scene: str, split: str = "") -> Part:
        """A scene's part. Raises ExportError when there is none."""
        return Part(self.root / scene, split)

    def new(self, key: PartKey, marking: Marking | None = None) -> PartWriter:
        """Begins a part; it replaces an older one of the scene. Its images get the mark, if one is given."""
        return PartWriter(self.root / key.scene, key, marking)

    def sweep(self) -> None:
        """Removes what ended processes left half; nobody may be writing parts meanwhile."""
        if self.root.is_dir():
            for folder in self.root.glob(".*"):
                shutil.rmtree(folder, ignore_errors=True)

    def remove(self) -> None:
        """Removes all parts."""
        shutil.rmtree(self.root, ignore_errors=True)


def read_head(folder: Path) -> PartHead | None:
    """The head of the part in a folder; none where no whole part is."""
    try:
        data: Mapping[str, Any] = json.loads((folder / HEAD).read_text(encoding="utf-8"))
        return PartHead(**{**data, "key": PartKey(**data["key"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def remove_part(folder: Path) -> None:
    """Removes a part, its head first: what is left half counts as none."""
    (folder / HEAD).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
