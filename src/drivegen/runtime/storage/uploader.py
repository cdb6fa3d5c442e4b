"""The uploader process: `python -m drivegen.runtime.storage.uploader RUN`, started by a `Carrier`.

Reads one line of JSON from standard input, how the storage is reached: so that no key is seen in the list of
processes. Then it uploads what the run's spool holds until it is killed or standard input ends, which is its
lifeline. Events go to standard output, one JSON a line.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from drivegen.core.errors import DamagedCaptureError, DrivegenError
from drivegen.runtime.folder import RunFolder, write_json
from drivegen.runtime.lifeline import end_with_parent
from drivegen.runtime.storage.access import Access
from drivegen.runtime.storage.spool import Order, Spool, mark_name
from drivegen.runtime.storage.store import Store
from drivegen.runtime.storage.transfer import upload

LOOK_S = 0.2
"""Between looks into an empty spool."""


class Uploader:
    """Takes the orders of a spool one after the other."""

    def __init__(self, folder: RunFolder, store: Store) -> None:
        self._folder = folder
        self._store = store
        self._spool = Spool(folder)

    def once(self) -> dict[str, Any] | None:
        """Carries one order out. Returns what happened, None if there was nothing to do.

        Raises:
            StorageError: The storage failed for good or for too long; the order stays.
        """
        for scene in self._spool.scenes():
            with self._spool.claim(scene) as order:
                if order is None:
                    continue
                try:
                    return self._carry(order)
                except DamagedCaptureError as error:
                    message = str(error)
                except FileNotFoundError as error:
                    message = f"{error.filename} is gone"
                # Recorded anew: nothing of it is worth keeping.
                (self._folder.root / order.capture).unlink(missing_ok=True)
                self._spool.remove(scene)
                return {"event": "damaged", "scene": scene, "message": message}
        return None

    def _carry(self, order: Order) -> dict[str, Any]:
        """Uploads an order's files, its capture, then its mark. Whoever wrote the order removes the capture.

        Killed anywhere in between, it is done again from the start: the same bytes under the same names.
        """
        capture = self._folder.root / order.capture
        capture.stat()
        for name in order.files:
            if (self._folder.root / name).is_file():
                upload(self._store, self._folder.root / name, name)
        receipt = upload(self._store, capture, order.capture, order.sha256)
        stored = {
            "sha256": receipt.sha256,
            "bytes": receipt.bytes,
            "etag": receipt.etag,
            "verified": receipt.verified,
        }
        data = {**order.mark, "stored": stored}
        text = json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        self._store.write(mark_name(order.scene), text.encode())
        write_json(self._spool.receipt(order.scene), stored)
        self._spool.remove(order.scene)
        return {"event": "stored", "scene": order.scene, **asdict(receipt)}


def main() -> int:
    """Uploads until its parent ends; 1 after an error, which is told."""
    access = Access(**json.loads(sys.stdin.buffer.readline()))
    end_with_parent()
    lock = threading.Lock()

    def tell(**event: Any) -> None:
        with lock:
            sys.stdout.write(json.dumps(event) + "\n")
            sys.stdout.flush()

    try:
        uploader = Uploader(RunFolder(Path(sys.argv[1])), Store(access))
        while True:
            event = uploader.once()
            if event is None:
                time.sleep(LOOK_S)
            else:
                tell(**event)
    except (DrivegenError, OSError) as error:
        tell(event="failed", message=str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
