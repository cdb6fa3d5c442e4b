"""A data set is written beside its place and moved there when it is whole."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from drivegen.core.errors import ExportError

MARK = "drivegen.json"
"""In every exported data set: what it was made from. Only folders that hold it are ever replaced."""


class Staging:
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

    def __enter__(self) -> Staging:
        if self.out.exists() and not _replaceable(self.out):
            raise ExportError(
                f"{self.out} exists and is no data set of drivegen's; give another folder (out=...)"
            )
        try:
            shutil.rmtree(self.root, ignore_errors=True)
            self.root.mkdir(parents=True)
        except OSError as error:
            raise self.failed(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            shutil.rmtree(self.root, ignore_errors=True)
            if isinstance(error, OSError):
                raise self.failed(error) from error

    def failed(self, error: OSError) -> ExportError:
        """The one message for a file system that refuses."""
        return ExportError(
            f"{self.out} could not be written: {error.strerror or error}; nothing was left behind."
            " Free space or give another folder (out=...)"
        )

    def write(self, name: str, data: bytes) -> None:
        """Writes a file below the root."""
        path = self.root / name
        if path.parent not in self._folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(path.parent)
        path.write_bytes(data)
        self.files += 1
        self.bytes += len(data)

    def finish(self, mark: Mapping[str, Any]) -> None:
        """Writes the mark and gives the folder its name."""
        text = json.dumps(mark, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        self.write(MARK, text.encode())
        old = self.out.with_name(f".{self.out.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if self.out.exists():
            self.out.replace(old)
        self.root.replace(self.out)
        shutil.rmtree(old, ignore_errors=True)


def _replaceable(folder: Path) -> bool:
    return folder.is_dir() and ((folder / MARK).is_file() or not any(folder.iterdir()))
