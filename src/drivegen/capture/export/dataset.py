"""A data set is put together beside its place and moved there when it is whole."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from drivegen.capture.export.about import Overview
from drivegen.capture.export.hashed_file import HashedFile
from drivegen.capture.export.manifest import MANIFEST, ManifestWriter
from drivegen.capture.export.part import FILES, TAKEN, Part, PartShelf, remove_part
from drivegen.capture.export.signing import SceneSigner, signed_scenes
from drivegen.capture.export.splits import Dealer, Splits
from drivegen.core.errors import ExportError

MARK = "drivegen.json"
"""In every exported data set: what it was made from. Only folders that hold it are ever replaced."""


class Parts:
    """The parts of a data set in the order of their scenes' names; read one at a time, as often as wanted.

    Scenes without a selected frame are left out. Each of the others has been dealt to a split.
    """

    def __init__(self, shelf: PartShelf, scenes: Sequence[str], splits: Splits) -> None:
        self._shelf = shelf
        self.splits = splits.names
        """Names of all splits, also of those without a scene."""
        self.overview = Overview()
        self.scenes: list[str] = []
        self._split = bytearray()
        dealer = Dealer(splits)
        for scene in sorted(scenes):
            part = shelf.get(scene)
            if part.empty:
                continue
            split = dealer.deal(scene, part.about.get("traits", {}))
            self.scenes.append(scene)
            self._split.append(self.splits.index(split))
            self.overview.add(part.about, split)

    def __iter__(self) -> Iterator[Part]:
        for scene, split in zip(self.scenes, self._split, strict=True):
            yield self._shelf.get(scene, self.splits[split])

    def __len__(self) -> int:
        return len(self.scenes)

    def of_split(self, split: str) -> list[str]:
        """Names of the scenes of a split."""
        index = self.splits.index(split)
        return [scene for scene, found in zip(self.scenes, self._split, strict=True) if found == index]


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
        self.root_sha256 = ""
        """Root of the manifest, when it is finished."""
        self._spans: dict[str, list[tuple[int, int]]] = {}
        """By scene: where the manifest has the lines of its files."""
        self._folders: set[str] = set()
        self._links = True

    def __enter__(self) -> DatasetWriter:
        check_replaceable(self.out)
        try:
            shutil.rmtree(self.root, ignore_errors=True)
            self.root.mkdir(parents=True)
            self._manifest_file = (self.root / MANIFEST).open("wb")
        except OSError as error:
            raise failed(self.out, error) from error
        self._manifest = ManifestWriter(self._manifest_file)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            with contextlib.suppress(OSError):
                self._manifest_file.close()
            shutil.rmtree(self.root, ignore_errors=True)
            if isinstance(error, OSError):
                raise failed(self.out, error) from error

    def write(self, name: str, data: bytes) -> None:
        """Writes a file of the data set; `name` is its path below it, with slashes."""
        self._new(name).write_bytes(data)
        self._count(name, len(data), hashlib.sha256(data).hexdigest())

    def open(self, name: str) -> HashedFile:
        """A file that is written piece by piece, in a `with` block: for what grows with the scenes."""
        return HashedFile(self._new(name), lambda file: self._count(name, file.length, file.sha256))

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
        begin = self._manifest.length
        hashes = part.hashes()
        root = str(part.folder / FILES)
        for name in part.names():
            source = f"{root}/{name}"
            length = os.stat(source).st_size  # noqa: PTH116
            files += 1
            size += length
            placed = name if place is None else place(name)
            *others, last = [placed] if isinstance(placed, str) else placed
            for other in others:
                self._take_one(part, source, other, length, hashes.get(name, ""), stays=True)
            self._take_one(part, source, last, length, hashes.get(name, ""), stays=False)
        if (files, size) != (part.files, part.bytes):
            remove_part(part.folder)
            raise ExportError(
                f"{part.folder}: {files} files of {size} bytes lie there, {part.files} of {part.bytes} were"
                " written; the part was removed, run it again"
            )
        if self._manifest.length > begin:
            self._spans.setdefault(part.scene, []).append((begin, self._manifest.length))

    def finish(self, mark: dict[str, Any], parts: Parts, signer: SceneSigner | None = None) -> None:
        """Writes the mark and the rest of the manifest, and gives the folder its name.

        Args:
            mark: What the data set was made from.
            parts: Of all scenes; content hashes of their captures are streamed into the mark.
            signer: Signs the scenes, if they are to be signed.
        """
        with self.open(MARK) as file:
            _write_mark(file, mark, ((p.scene, p.key.capture_sha256 or None) for p in parts))
        for part in parts:
            begin = self._manifest.length
            self._manifest.add_scene(_facts_of(part))
            self._spans.setdefault(part.scene, []).append((begin, self._manifest.length))
        begin = self._manifest.length
        self.root_sha256 = self._manifest.finish()
        self._manifest_file.close()
        if signer is not None:
            last = (begin, self._manifest.length)
            self._sign(signer, {scene: [*self._spans[scene], last] for scene in parts.scenes})
        self.files += 1
        self.bytes += (self.root / MANIFEST).stat().st_size
        old = self.out.with_name(f".{self.out.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if self.out.exists():
            self.out.replace(old)
        self.root.replace(self.out)
        shutil.rmtree(old, ignore_errors=True)

    def _sign(self, signer: SceneSigner, spans: dict[str, list[tuple[int, int]]]) -> None:
        for name, data in signed_scenes(self.root / MANIFEST, spans, signer):
            self._new(name).write_bytes(data)
            self.files += 1
            self.bytes += len(data)

    def _take_one(
        self, part: Part, source: str, placed: str, length: int, sha256: str, *, stays: bool
    ) -> None:
        target = self._place(placed)
        try:
            self._put(source, target, part, stays)
        except FileExistsError:
            if os.stat(target).st_size != length:  # noqa: PTH116
                raise ExportError(
                    f"{source} of scene {part.scene} is another file than another scene's"
                ) from None
            return
        self._count(placed, length, sha256)

    def _put(self, source: str, target: str, part: Part, stays: bool) -> None:
        """Raises FileExistsError where a file of that name lies."""
        if self._links:
            try:
                os.link(source, target)
                return
            except FileExistsError:
                raise
            except OSError as error:
                if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                    raise
                self._links = False
        if os.path.exists(target):  # noqa: PTH110
            raise FileExistsError(target)
        if stays:
            shutil.copyfile(source, target)
            return
        (part.folder / TAKEN).touch()  # From here on it is not whole.
        shutil.move(source, target)

    def _count(self, name: str, length: int, sha256: str) -> None:
        self._manifest.add_file(name, length, sha256)
        self.files += 1
        self.bytes += length

    def _new(self, name: str) -> Path:
        path = Path(self._place(name))
        if path.exists():
            raise ExportError(f"{name}: the data set has such a file already; it can be written once")
        return path

    def _place(self, name: str) -> str:
        # Texts: there are as many as files, and paths take longer than to link one.
        path = f"{self.root}/{name}"
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103
            self._folders.add(folder)
        return path


def _facts_of(part: Part) -> dict[str, str]:
    look = {"look_sha256": part.key.look_sha256} if part.key.look_sha256 else {}
    agents = {"agents": ",".join(part.about["agents"])} if "agents" in part.about else {}
    return {
        "scene": part.scene,
        "split": part.split,
        **agents,
        "plan_sha256": str(part.about.get("plan_sha256", "")),
        "capture_sha256": part.key.capture_sha256,
        **look,
    }


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
