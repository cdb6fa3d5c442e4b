"""A run to be read, by its folder or its URL; data sets and pages that are to lie behind a URL."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from drivegen.capture.export.dataset import MARK
from drivegen.capture.place import is_url
from drivegen.core.errors import ConfigError, ExportError
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.storage.access import Access
from drivegen.runtime.storage.mirror import store_files
from drivegen.runtime.storage.store import Store

_SMALL = ("manifest.json", "content_hashes.txt", "config.yaml")
_PATIENCE_S = 30.0


def access_to(url: str, options: Mapping[str, Any]) -> Access:
    """To something that a person waits for: no long tries."""
    return Access(url=url.rstrip("/"), options=dict(options), timeout_s=_PATIENCE_S)


@contextlib.contextmanager
def open_run(run: str, options: Mapping[str, Any]) -> Iterator[RunFolder]:
    """The folder of a run. Of one behind a URL, a temporary one with all but the captures.

    Args:
        run: A path or a URL.
        options: Of the URL's file system.

    Raises:
        ConfigError: There is no such run.
        StorageError: The storage cannot be read.
    """
    if not is_url(run):
        if not Path(run).is_dir():
            raise ConfigError(f"{run}: no such run folder; runs lie in runs/NAME, or behind a URL")
        yield RunFolder(Path(run).resolve())
        return
    store = Store(access_to(run, options))
    captures = [PurePosixPath(n) for n in store.entries("captures") if n.endswith(".mcap")]
    if not captures:
        raise ConfigError(f"{run}: no captures there; give the URL of a run (storage.url/NAME)")
    with tempfile.TemporaryDirectory(prefix="drivegen-") as folder:
        root = Path(folder) / store.root.name
        for name in ("logs", "captures", "export", "ledger", "index"):
            (root / name).mkdir(parents=True)
        there = [n for n in _SMALL if store.entry(n) is not None]
        for name, data in store.read_many(
            [*there, *store.entries("ledger"), *store.entries("index")]
        ).items():
            (root / name).write_bytes(data)
        yield RunFolder(root, store.root, tuple(p.stem for p in captures))


def write_tree(url: str, options: Mapping[str, Any], make: Callable[[Path], object]) -> None:
    """Makes a data set in a temporary folder and lays it behind a URL; its mark comes last.

    Raises:
        ExportError: Something else lies there.
        StorageError: The storage failed.
    """
    store = Store(access_to(url, options))
    before = store.entries("")
    if before and MARK not in before:
        raise ExportError(f"{url} holds something that is no data set of drivegen; choose another place")
    with tempfile.TemporaryDirectory(prefix="drivegen-") as folder:
        out = Path(folder) / store.root.name
        make(out)
        names = [str(p.relative_to(out)) for p in sorted(out.rglob("*")) if p.is_file()]
        store.remove(MARK)
        for name in sorted(set(before) - set(names)):
            store.remove(name)
        store_files(store, out, (n for n in names if n != MARK), before)
        store_files(store, out, [MARK], {})


def write_file(url: str, options: Mapping[str, Any], make: Callable[[Path], object]) -> None:
    """Makes a file in a temporary folder and lays it behind a URL. Raises StorageError."""
    folder_url, name = url.rsplit("/", 1)
    store = Store(access_to(folder_url, options))
    with tempfile.TemporaryDirectory(prefix="drivegen-") as folder:
        make(Path(folder) / name)
        store_files(store, Path(folder), [name], {})
