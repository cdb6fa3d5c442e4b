"""Where a capture lies: a path, or a file that fsspec reaches (object stores and the like)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec

from drivegen.core.errors import CaptureError, ConfigError


@dataclass(frozen=True, slots=True, eq=False)
class RemoteFile:
    """A file behind a URL. Light and picklable; nothing is opened before it is read."""

    url: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Of the file system, as fsspec takes them. May hold secrets: never printed, never written."""

    def __str__(self) -> str:
        return self.url

    @property
    def name(self) -> str:
        """Last part of the path."""
        return PurePosixPath(self.url).name

    @property
    def parent(self) -> RemoteFile:
        """The folder it lies in."""
        return RemoteFile(self.url.rstrip("/").rsplit("/", 1)[0], self.options)

    def __truediv__(self, name: str) -> RemoteFile:
        return RemoteFile(f"{self.url.rstrip('/')}/{name}", self.options)

    @property
    def stem(self) -> str:
        """The name without its last suffix."""
        return PurePosixPath(self.url).stem


CapturePlace = Path | RemoteFile


def is_url(text: str) -> bool:
    """Whether a text names something that fsspec is to open: PROTOCOL://..."""
    return "://" in text


def file_system(url: str, options: Mapping[str, Any]) -> tuple[Any, str]:
    """fsspec's file system for a URL, and the path in it.

    Raises:
        ConfigError: The protocol is unknown, its package is not installed, or an option is refused.
    """
    protocol = url.split("://", 1)[0]
    try:
        system, path = fsspec.core.url_to_fs(url, **options)
    except ImportError as error:
        extra = "pip install 'drivegen[s3]'" if protocol in {"s3", "s3a"} else "install it"
        raise ConfigError(f"{url}: a package is missing ({str(error).splitlines()[0]}): {extra}") from None
    except ValueError as error:
        raise ConfigError(
            f"{url}: {str(error).splitlines()[0]}; s3://BUCKET/PREFIX and file:///FOLDER are forms that work"
        ) from None
    except TypeError as error:
        raise ConfigError(
            f"{url}: storage.options are refused by {protocol}: {str(error).splitlines()[0]}"
        ) from None
    return system, str(path)


def size_bytes(place: CapturePlace) -> int:
    """Of a file. Raises CaptureError when it cannot be had."""
    try:
        if isinstance(place, Path):
            return place.stat().st_size
        system, path = file_system(place.url, place.options)
        return int(system.info(path)["size"])
    except OSError as error:
        raise CaptureError(f"{place} cannot be read: {error}") from None


def fetch(place: RemoteFile, path: Path) -> Path:
    """Copies a remote file to this machine, whole or not at all. Raises CaptureError."""
    system, source = file_system(place.url, place.options)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        system.get_file(source, str(part))
        part.replace(path)
    except OSError as error:
        raise CaptureError(f"{place} cannot be copied to {path}: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    return path
