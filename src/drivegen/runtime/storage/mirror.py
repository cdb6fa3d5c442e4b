"""What a job takes from storage when it begins, and lays there beside the captures when it ends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Any

from drivegen import __version__
from drivegen.core.errors import ConfigError, StorageError
from drivegen.runtime.folder import RunFolder, write_atomically
from drivegen.runtime.ledger import FINISHED, Ledger, Mark
from drivegen.runtime.ledger_lines import ledger_files
from drivegen.runtime.scene_names import scene_index
from drivegen.runtime.storage.spool import MARKS, Spool, mark_name
from drivegen.runtime.storage.store import Entry, Store
from drivegen.runtime.storage.transfer import upload

_AT_ONCE = 8
_CONFIG = "config.yaml"
_LEDGER = "ledger"
_CAPTURES = "captures"

RUN_FILES = ("manifest.json", "content_hashes.txt", "summary.json", "report.html")
RUN_FOLDERS = ("maps", "index", "ledger", "quarantine", "export", "looks")
"""Of a run folder, uploaded at the end of a job as they are then."""


def fetch_config(store: Store, folder: RunFolder) -> None:
    """Takes the configuration that the stored run was made with; ConfigError where the spool has another."""
    found = store.read(_CONFIG)
    if found is None:
        return
    text = found.decode()
    if not folder.config.is_file():
        write_atomically(folder.config, text)
    elif folder.config.read_text(encoding="utf-8") != text:
        raise ConfigError(
            f"{folder.root} is of another job than {store}: give this one another job.name or job.runs_dir, "
            "or remove that folder"
        )


def store_config(store: Store, folder: RunFolder) -> None:
    """Lays the configuration there."""
    store.write(_CONFIG, folder.config.read_bytes())


def fetch_ledger(store: Store, folder: RunFolder) -> None:
    """Takes what other machines know of attempts, where this one knows nothing."""
    if not ledger_files(folder.ledger):
        names = [n for n in store.entries(_LEDGER) if n.endswith(".jsonl")]
        for name, data in store.read_many(names).items():
            write_atomically(folder.root / name, data.decode())


def fetch_marks(store: Store, folder: RunFolder, ledger: Ledger) -> list[str]:
    """Makes the ledger of this machine agree with the marks in storage, which are the truth.

    What waits in the spool stays. A mark whose capture is missing in storage, or is not what was uploaded
    (by size, and the storage's own checksum), is taken back in both places.

    Returns:
        Names of the scenes whose captures are damaged.
    """
    spool = Spool(folder)
    captures = store.entries(_CAPTURES)
    there = {PurePosixPath(name).stem for name in store.entries(MARKS)}
    for index in list(ledger.finished()):
        mark = ledger.read(index)
        if mark is not None and mark.stored and mark.scene not in there:
            ledger.withdraw(index, f"{store} does not have it any more")
    new = [s for s in sorted(there) if not _is_known(ledger, s) and not spool.holds(s)]
    for name, data in store.read_many(map(mark_name, new)).items():
        mark = _mark(store.url(name), data)
        if mark.version == __version__:
            ledger.write(mark)
            folder.capture(mark.scene).unlink(missing_ok=True)
    damaged = []
    for scene in sorted(there):
        mark = ledger.read(scene_index(scene))
        whole = mark is None or _is_whole(mark.stored, captures.get(f"{_CAPTURES}/{scene}.mcap"))
        if mark is not None and mark.stored and not whole:
            withdraw(store, ledger, mark)
            damaged.append(scene)
    return damaged


def withdraw(store: Store, ledger: Ledger, mark: Mark) -> None:
    """Takes a scene's mark back, in storage first: it is missing then."""
    store.remove(mark_name(mark.scene))
    ledger.withdraw(mark.index, "its capture in storage was not what had been uploaded")


def _is_known(ledger: Ledger, scene: str) -> bool:
    mark = ledger.read(scene_index(scene))
    return mark is not None and mark.status == FINISHED and bool(mark.stored)


def _mark(url: str, data: bytes) -> Mark:
    try:
        return Mark(**json.loads(data))
    except (ValueError, TypeError):
        raise StorageError(
            f"{url} is no mark of a scene; remove it, and the scene is recorded anew"
        ) from None


def _is_whole(stored: dict[str, Any], entry: Entry | None) -> bool:
    if entry is None or entry.bytes != stored.get("bytes"):
        return False
    return not (entry.etag and stored.get("etag")) or entry.etag == stored["etag"]


def store_run_files(store: Store, folder: RunFolder) -> int:
    """Uploads what a job made beside its captures. Returns how many files were sent."""
    names = [n for n in RUN_FILES if (folder.root / n).is_file()]
    for top in RUN_FOLDERS:
        names += _names_below(folder.root, top)
    known = {n: e for top in RUN_FOLDERS for n, e in store.entries(top).items()}
    return store_files(store, folder.root, names, known)


def store_files(store: Store, root: Path, names: Iterable[str], known: dict[str, Entry]) -> int:
    """Uploads files by name, several side by side, but those that are known to lie there as they are."""

    def send(name: str) -> int:
        path = root / name
        if (entry := known.get(name)) is not None and _is_same(path, entry):
            return 0
        upload(store, path, name)
        return 1

    with ThreadPoolExecutor(_AT_ONCE, "store") as pool:
        return sum(pool.map(send, names))


def _names_below(root: Path, top: str) -> Iterator[str]:
    """Files below a folder, sorted; what begins with a dot is not finished."""
    for path in sorted((root / top).rglob("*")):
        name = path.relative_to(root)
        if path.is_file() and path.name != "lock" and not any(part.startswith(".") for part in name.parts):
            yield str(name)


def _is_same(path: Path, entry: Entry) -> bool:
    if path.stat().st_size != entry.bytes or not entry.etag:
        return False
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() == entry.etag
