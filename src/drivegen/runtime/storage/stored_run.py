"""A job's run in storage, from its first look to its last file."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable

from drivegen.core.errors import StorageError
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.ledger import Ledger
from drivegen.runtime.storage import mirror
from drivegen.runtime.storage.config import StorageConfig, access_of
from drivegen.runtime.storage.delivery import Delivery
from drivegen.runtime.storage.spool import Spool
from drivegen.runtime.storage.store import Store
from drivegen.runtime.storage.transfer import verify


class StoredRun:
    """What storage holds of a run is the truth of it; the run folder of this machine is its spool."""

    def __init__(self, storage: StorageConfig, folder: RunFolder) -> None:
        """Opens no connection yet. Raises ConfigError where the file system cannot be had."""
        self._storage = storage
        self._access = access_of(storage, folder.root.name)
        self.store = Store(self._access)
        self.folder = dataclasses.replace(folder, remote=self.store.root)
        """With the way to captures that lie in storage alone."""

    def begin(self) -> None:
        """Takes over what storage knows of the run's configuration and attempts.

        Raises:
            ConfigError: The storage cannot be written, or holds another job under this name.
        """
        self.store.check()
        mirror.fetch_config(self.store, self.folder)
        mirror.fetch_ledger(self.store, self.folder)

    def agree(self, ledger: Ledger) -> list[str]:
        """Lays the configuration there, takes over what is finished. Returns scenes with damaged captures."""
        mirror.store_config(self.store, self.folder)
        return mirror.fetch_marks(self.store, self.folder, ledger)

    def delivery(self, ledger: Ledger, in_use: Callable[[str], bool] | None) -> Delivery:
        """Uploads what is recorded, beside the recording; `in_use` tells what must stay here."""
        return Delivery(self.folder, ledger, self._access, self._storage.spool_gb, in_use)

    def finish(self) -> int:
        """Uploads all else that the job made. Returns how many files were sent. Raises StorageError."""
        return mirror.store_run_files(self.store, self.folder)


def withdraw_damaged(folder: RunFolder, ledger: Ledger, run: StoredRun | None) -> list[str]:
    """Reads all captures of finished scenes, and takes the marks of those back that are not what was written.

    Raises:
        StorageError: The storage failed for longer than its time-out.
    """
    damaged = []
    for index in list(ledger.finished()):
        mark = ledger.read(index)
        if mark is None:
            continue
        if run is not None and mark.stored:
            if verify(run.store, f"captures/{mark.scene}.mcap", str(mark.stored["sha256"])):
                continue
            mirror.withdraw(run.store, ledger, mark)
        elif not mark.sha256 or _local_sha256(folder, mark.scene) == mark.sha256:
            continue
        else:
            ledger.withdraw(index, "its capture was not what had been written")
            Spool(folder).remove(mark.scene)
        damaged.append(mark.scene)
    return damaged


def _local_sha256(folder: RunFolder, scene: str) -> str:
    try:
        with folder.capture(scene).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise StorageError(f"{folder.capture(scene)} cannot be read: {error.strerror}") from None
