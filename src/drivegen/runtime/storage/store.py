"""The storage of a run: small files by name, whole or not at all."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from drivegen.capture.place import RemoteFile, file_system
from drivegen.core.errors import ConfigError, StorageError
from drivegen.runtime.storage.access import OBJECT_STORES, Access
from drivegen.runtime.storage.patience import first_line, persist

T = TypeVar("T")

PART = ".part"
_PROBE = ".drivegen"
_PROBE_TIMEOUT_S = 20.0
_AT_ONCE = 256
"""Small files that are read side by side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file in storage."""

    bytes: int
    etag: str
    """The storage's own mark of the content; empty where it has none."""


class Store:
    """The files of a run in storage; names are relative to the run, with slashes."""

    def __init__(self, access: Access) -> None:
        """Opens no connection yet. Raises ConfigError when the file system cannot be had."""
        self.access = access
        self.system, path = file_system(access.url, access.system_options)
        self._root = path.rstrip("/")
        self.atomic = access.protocol in OBJECT_STORES
        """Whether a file appears only when it is complete; else it is written aside and renamed."""

    def __str__(self) -> str:
        return self.access.url

    def url(self, name: str) -> str:
        """Of a file."""
        return f"{self.access.url}/{name}"

    def path(self, name: str) -> str:
        """Of a file, in the file system."""
        return f"{self._root}/{name}"

    @property
    def root(self) -> RemoteFile:
        """A handle on the run's folder."""
        return RemoteFile(self.access.url, self.access.system_options)

    def file(self, name: str) -> RemoteFile:
        """A handle for readers."""
        return RemoteFile(self.url(name), self.access.system_options)

    def check(self) -> None:
        """Writes, reads and removes a small file. Raises ConfigError with what to mend."""
        try:
            persist(self._probe, str(self), min(_PROBE_TIMEOUT_S, self.access.timeout_s))
        except FileNotFoundError as error:
            raise ConfigError(
                f"storage.url: {self}: {first_line(error)}; create the bucket or folder, or mend the name"
            ) from None
        except StorageError as error:
            mend = _MENDS.get(type(error.__cause__).__name__, "mend storage.url or storage.options")
            raise ConfigError(f"storage.url: {error}; {mend}") from None

    def _probe(self) -> None:
        # One name for all: who may write but not remove leaves one empty file, not many.
        self._write(_PROBE, b"drivegen\n")
        if self.system.cat_file(self.path(_PROBE)) != b"drivegen\n":
            raise StorageError(f"{self}: what was written is not what is read")
        with contextlib.suppress(FileNotFoundError):
            self.system.rm_file(self.path(_PROBE))

    def read(self, name: str) -> bytes | None:
        """A small file; None if there is none. Raises StorageError."""
        try:
            return self._persist(lambda: bytes(self.system.cat_file(self.path(name))), name)
        except FileNotFoundError:
            return None

    def read_many(self, names: Iterable[str]) -> dict[str, bytes]:
        """Small files by name, side by side where the file system can. Raises StorageError."""
        found: dict[str, bytes] = {}
        left = list(names)
        while left:
            now, left = left[:_AT_ONCE], left[_AT_ONCE:]
            paths = [self.path(n) for n in now]
            try:
                pieces = self._persist(functools.partial(self.system.cat, paths, on_error="raise"), now[0])
            except FileNotFoundError as error:
                raise StorageError(f"{self}: a file vanished: {first_line(error)}") from None
            found |= {name: bytes(pieces[path]) for name, path in zip(now, paths, strict=True)}
        return found

    def write(self, name: str, data: bytes) -> None:
        """Writes a small file, whole or not at all. Raises StorageError."""
        try:
            self._persist(lambda: self._write(name, data), name)
        except FileNotFoundError as error:
            raise StorageError(f"{self.url(name)}: {first_line(error)}") from None

    def _write(self, name: str, data: bytes) -> None:
        target = self.writing_path(name)
        self.system.pipe_file(target, data)
        self.publish(name)

    def writing_path(self, name: str) -> str:
        """Where a file is written to before `publish` gives it its name; makes its folder."""
        if self.atomic:
            return self.path(name)
        path = self.path(name)
        self.system.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        return f"{path}{PART}"

    def publish(self, name: str) -> None:
        """Gives a file that was written to `writing_path` its name."""
        if self.atomic:
            return
        part = self.path(name) + PART
        if self.access.protocol in {"file", "local"}:
            descriptor = os.open(part, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        self.system.mv(part, self.path(name))

    def remove(self, name: str) -> None:
        """Removes a file, if it is there. Raises StorageError."""
        with contextlib.suppress(FileNotFoundError):
            self._persist(lambda: self.system.rm_file(self.path(name)), name)

    def entry(self, name: str) -> Entry | None:
        """What the storage says of a file; None if there is none. Raises StorageError."""
        try:
            return _entry(self._persist(lambda: self.system.info(self.path(name)), name))
        except FileNotFoundError:
            return None

    def entries(self, folder: str) -> dict[str, Entry]:
        """The files below a folder, by name relative to the run, sorted. Raises StorageError."""
        try:
            found = self._persist(lambda: self.system.find(self.path(folder), detail=True), folder)
        except FileNotFoundError:
            return {}
        start = len(self._root) + 1
        return {p[start:]: _entry(found[p]) for p in sorted(found) if not p.endswith(PART)}

    def _persist(self, action: Callable[[], T], name: str) -> T:
        return persist(action, self.url(name), self.access.timeout_s)[0]


_MENDS = {
    "PermissionError": "check the keys (for s3: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) and their rights",
    "NoCredentialsError": "give keys by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile",
    "PartialCredentialsError": "give both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "EndpointConnectionError": "check storage.options.endpoint_url and the network",
}


def _entry(info: dict[str, Any]) -> Entry:
    return Entry(bytes=int(info.get("size") or 0), etag=str(info.get("ETag") or "").strip('"'))
