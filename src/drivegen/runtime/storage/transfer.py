"""A large file into storage: in parts, hashed on the way, verified, never half of it under its name."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivegen.core.errors import DamagedCaptureError, StorageError
from drivegen.runtime.storage.patience import first_line, persist
from drivegen.runtime.storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What lies in storage now."""

    name: str
    sha256: str
    bytes: int
    etag: str
    """The storage's own mark of the content, compared when a job is resumed; empty where it has none."""
    verified: str
    """How: `etag`, the storage's checksum is that of the parts; or `read back`."""
    seconds: float
    tries: int


class _WrongContentError(OSError):
    """What was stored is not what was sent: worth another try."""


def upload(
    store: Store, path: Path, name: str, sha256: str = "", beat: Callable[[], None] = lambda: None
) -> Receipt:
    """Uploads a file.

    Args:
        store: Where to.
        path: Of this machine.
        name: In storage.
        sha256: Of the file as it was written; empty where that is not known.
        beat: Called after each part.

    Raises:
        DamagedCaptureError: The file is not what `sha256` says.
        OSError: The file cannot be read.
        StorageError: It failed for good, or for longer than the storage's time-out.
    """
    start = time.monotonic()
    path.stat()  # what is not there is not a fault of the storage
    try:
        receipt, tries = persist(
            lambda: _upload_once(store, path, name, sha256, beat), store.url(name), store.access.timeout_s
        )
    except FileNotFoundError as error:
        raise StorageError(f"{store.url(name)}: {first_line(error)}") from None
    return Receipt(
        name=name,
        sha256=receipt.sha256,
        bytes=receipt.bytes,
        etag=receipt.etag,
        verified=receipt.verified,
        seconds=time.monotonic() - start,
        tries=tries,
    )


def _upload_once(store: Store, path: Path, name: str, sha256: str, beat: Callable[[], None]) -> Receipt:
    """One try. Nothing is visible under `name` before the file was sent whole."""
    sums = _Sums(store.access.part_bytes)
    target = store.writing_path(name)
    with path.open("rb") as source, _Upload(store, target) as out:
        while part := source.read(store.access.part_bytes):
            sums.add(part)
            out.write(part)
            beat()
        if sha256 and sums.sha256 != sha256:
            raise DamagedCaptureError(str(path), "its SHA-256 is not that of what was written")
    info = store.system.info(target)
    etag = str(info.get("ETag") or "").strip('"')
    verified = "etag" if etag and etag == sums.etag and not store.access.read_back else "read back"
    if info["size"] != sums.bytes or (verified != "etag" and _sha256_of(store, target, beat) != sums.sha256):
        with contextlib.suppress(Exception):
            store.system.rm_file(target)
        raise _WrongContentError(f"what lies there is not what was sent ({sums.bytes} bytes)")
    store.publish(name)
    return Receipt(
        name=name,
        sha256=sums.sha256,
        bytes=sums.bytes,
        etag=etag,
        verified=verified,
        seconds=0.0,
        tries=1,
    )


class _Upload:
    """A file being written to; given up, not completed, when the block ends by an exception."""

    def __init__(self, store: Store, target: str) -> None:
        self._store, self._target = store, target
        # A part is sent when exactly so much was written.
        self._file: Any = store.system.open(target, "wb", block_size=store.access.part_bytes)

    def write(self, part: bytes) -> None:
        self._file.write(part)

    def __enter__(self) -> _Upload:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            try:
                self._file.close()
            except BaseException:
                self._give_up()
                raise
            return
        self._give_up()

    def _give_up(self) -> None:
        # Closing would complete a half file, and so would the garbage collector.
        with contextlib.suppress(Exception):
            if self._store.atomic:
                self._file.discard()
            else:
                self._file.close()
                self._store.system.rm_file(self._target)
        with contextlib.suppress(Exception):
            self._file.closed = True


class _Sums:
    """Checksums of a file that is sent in parts."""

    def __init__(self, part_bytes: int) -> None:
        self.bytes = 0
        self._part_bytes = part_bytes
        self._sha256 = hashlib.sha256()
        self._md5s: list[bytes] = []

    def add(self, part: bytes) -> None:
        self.bytes += len(part)
        self._sha256.update(part)
        self._md5s.append(hashlib.md5(part, usedforsecurity=False).digest())

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    @property
    def etag(self) -> str:
        """As S3 makes it: MD5 of the content; of several parts, MD5 of their MD5s, a dash, and their number.

        A bucket that encrypts with keys of its own has other ones: then files are read back.
        Source: docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
        """
        if self.bytes < self._part_bytes:
            return (self._md5s[0] if self._md5s else hashlib.md5(b"", usedforsecurity=False).digest()).hex()
        joined = hashlib.md5(b"".join(self._md5s), usedforsecurity=False).hexdigest()
        return f"{joined}-{len(self._md5s)}"


def _sha256_of(store: Store, path: str, beat: Callable[[], None]) -> str:
    digest = hashlib.sha256()
    with store.system.open(path, "rb", block_size=store.access.part_bytes) as file:
        while piece := file.read(store.access.part_bytes):
            digest.update(piece)
            beat()
    return digest.hexdigest()


def verify(store: Store, name: str, sha256: str) -> bool:
    """Reads a stored file and tells whether it is what it was. Raises StorageError."""
    try:
        found, _ = persist(
            lambda: _sha256_of(store, store.path(name), lambda: None),
            store.url(name),
            store.access.timeout_s,
        )
    except FileNotFoundError:
        return False
    return found == sha256
