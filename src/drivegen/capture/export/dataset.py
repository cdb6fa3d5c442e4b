"""A data set is put together beside its place and moved there when it is whole."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from drivegen.capture.export.part import FILES, TAKEN, Part, PartShelf, remove_part
from drivegen.core.errors import ExportError

MARK = "drivegen.json"
"""In every exported data set: what it was made from. Only folders that hold it are ever replaced."""


class Parts:
    """The parts of a data set in the order of their scenes' names; read one at a time, as often as wanted."""

    def __init__(self, shelf: PartShelf, scenes: Sequence[str]) -> None:
        self._shelf = shelf
        self.scenes = sorted(scenes)

    def __iter__(self) -> Iterator[Part]:
        for scene in self.scenes:
            yield self._shelf.get(scene)

    def __len__(self) -> int:
        return len(self.scenes)


class DatasetWriter:
    """A folder beside `out` that becomes `out`; gone when the block ends by an exception.

    An earlier export of drivegen at `out` is replaced; any other content is left alone. Files are counted.

    Raises:
        ExportError: `out` holds something else, or the disk is full.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self.root = out.with_name(f".{out.name}.partial")
        self.files = 0
        self.bytes = 0
        self._folders: set[Path] = set()
        self._links = True

    def __enter__(self) -> DatasetWriter:
        check_replaceable(self.out)
        try:
            shutil.rmtree(self.root, ignore_errors=True)
            self.root.mkdir(parents=True)
        except OSError as error:
            raise failed(self.out, error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            shutil.rmtree(self.root, ignore_errors=True)
            if isinstance(error, OSError):
                raise failed(self.out, error) from error

    def write(self, name: str, data: bytes) -> None:
        """Writes a file of the data set; `name` is its path below it, with slashes."""
        self._place(name).write_bytes(data)
        self._count(len(data))

    def open(self, name: str) -> _Counted:
        """A file that is written piece by piece, in a `with` block: for what grows with the scenes."""
        return _Counted(self._place(name), self._count)

    def take(self, part: Part, place: Callable[[str], str | Sequence[str]] | None = None) -> None:
        """Puts all files of a part into the data set: by links, so that nothing is copied and the part stays.

        Where the file system has no links the files move, and the part must be made again another time. A
        file whose name another part gave before must be the same.

        Args:
            part: Whose files they are.
            place: Name in the data set of each name in the part, or several: for formats that number through
                all scenes.

        Raises:
            ExportError: The part's files are not those that it was made of.
        """
        files = size = 0
        for name in part.names():
            source = part.folder / FILES / name
            length = source.stat().st_size
            files += 1
            size += length
            placed = name if place is None else place(name)
            *others, last = [placed] if isinstance(placed, str) else placed
            for other in others:
                self._take_one(part, name, other, stays=True)
            self._take_one(part, name, last, stays=False)
        if (files, size) != (part.files, part.bytes):
            remove_part(part.folder)
            raise ExportError(
                f"{part.folder}: {files} files of {size} bytes lie there, {part.files} of {part.bytes} were"
                " written; the part was removed, run it again"
            )

    def finish(self, mark: dict[str, Any], hashes: Iterator[tuple[str, str | None]]) -> None:
        """Writes the mark and gives the folder its name.

        Args:
            mark: What the data set was made from.
            hashes: Scene and content hash of each capture, by ascending scene; streamed into the mark.
        """
        with self.open(MARK) as file:
            _write_mark(file, mark, hashes)
        old = self.out.with_name(f".{self.out.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if self.out.exists():
            self.out.replace(old)
        self.root.replace(self.out)
        shutil.rmtree(old, ignore_errors=True)

    def _take_one(self, part: Part, name: str, placed: str, *, stays: bool) -> None:
        source, target = part.folder / FILES / name, self._place(placed)
        length = source.stat().st_size
        if target.exists():
            if target.stat().st_size != length:
                raise ExportError(
                    f"{part.folder}: {name} of scene {part.scene} is another file than another scene's"
                )
            return
        self._put(source, target, part, stays)
        self._count(length)

    def _put(self, source: Path, target: Path, part: Part, stays: bool) -> None:
        if self._links:
            try:
                os.link(source, target)
                return
            except OSError as error:
                if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                    raise
                self._links = False
        if stays:
            shutil.copyfile(source, target)
            return
        (part.folder / TAKEN).touch()  # From here on it is not whole.
        shutil.move(source, target)

    def _count(self, length: int) -> None:
        self.files += 1
        self.bytes += length

    def _place(self, name: str) -> Path:
        path = self.root / name
        if path.parent not in self._folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(path.parent)
        return path


class _Counted:
    """A file that is counted when it is closed."""

    def __init__(self, path: Path, count: Callable[[int], None]) -> None:
        self._path = path
        self._count = count

    def __enter__(self) -> IO[bytes]:
        self._file = self._path.open("wb")
        return self._file

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._count(self._path.stat().st_size)


def _write_mark(file: IO[bytes], mark: dict[str, Any], hashes: Iterator[tuple[str, str | None]]) -> None:
    """JSON with sorted keys, `captures` among them, without holding all scenes at once."""
    lead = b"{\n"
    for key in sorted({*mark, "captures"}):
        file.write(lead + f" {json.dumps(key)}: ".encode())
        lead = b",\n"
        if key != "captures":
            text = json.dumps(mark[key], indent=1, sort_keys=True, ensure_ascii=False)
            file.write(text.replace("\n", "\n ").encode())
            continue
        separator = "{\n"
        for scene, sha256 in hashes:
            line = f"{separator}  {json.dumps(scene, ensure_ascii=False)}: {json.dumps(sha256)}"
            file.write(line.encode())
            separator = ",\n"
        file.write(b"\n }" if separator == ",\n" else b"{}")
    file.write(b"\n}\n")


def check_replaceable(out: Path) -> None:
    """Raises ExportError where something lies that no export of drivegen's made."""
    if out.exists() and not (out.is_dir() and ((out / MARK).is_file() or not any(out.iterdir()))):
        raise ExportError(f"{out} exists and is no data set of drivegen's; give another folder (out=...)")


def failed(out: Path, error: OSError) -> ExportError:
    """The one message for a file system that refuses."""
    return ExportError(
        f"{out} could not be written: {error.strerror or error}; nothing was left behind."
        " Free space or give another folder (out=...)"
    )
