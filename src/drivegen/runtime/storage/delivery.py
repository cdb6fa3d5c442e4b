"""The storage's part in a job: recorded scenes go to the spool, from there by uploaders into storage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace

from drivegen.core.errors import StorageError
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.ledger import Ledger, Mark
from drivegen.runtime.storage.access import Access
from drivegen.runtime.storage.carrier import Carrier
from drivegen.runtime.storage.spool import Order, Spool
from drivegen.runtime.worker import Assigned


@dataclass(slots=True, kw_only=True)
class Delivered:
    """How far the uploads of this run of the job are."""

    scenes: int = 0
    bytes: int = 0
    seconds: float = 0.0
    """Spent on captures by uploaders."""
    tries: int = 0
    damaged: list[str] = field(default_factory=list)
    """Scenes whose captures were not what had been written: they have no mark any more."""


class Delivery:
    """A follower of the recording: hands scenes over, and holds new ones back when the spool is full."""

    def __init__(
        self,
        folder: RunFolder,
        ledger: Ledger,
        access: Access,
        bound_gb: float,
        in_use: Callable[[str], bool] | None = None,
    ) -> None:
        """Starts the uploader.

        Args:
            folder: The spool.
            ledger: Its marks.
            access: To the storage.
            bound_gb: Captures here that may wait.
            in_use: Whether a scene's capture is still wanted here; None: no longer than its upload.
        """
        self.delivered = Delivered()
        self._folder = folder
        self._ledger = ledger
        self._spool = Spool(folder)
        self._bound_bytes = bound_gb * 1e9
        self._in_use = in_use or (lambda _scene: False)
        self._waiting: dict[str, Mark] = {}
        """Scenes that are to be uploaded."""
        self._here: set[str] = set()
        """Scenes that lie in storage, and here too."""
        self._carrier = Carrier(folder, access)

    @property
    def pid(self) -> int:
        """Of the uploader."""
        return self._carrier.pid

    def there(self, scene: Assigned, mark: Mark) -> None:
        """What an earlier run of the job recorded and did not upload is uploaded now."""
        if mark.stored:
            if self._folder.capture(scene.scene).is_file():
                self._here.add(scene.scene)
        elif self._spool.holds(scene.scene) or self._spool.receipt(scene.scene).is_file():
            self._waiting[scene.scene] = mark
        else:
            self.recorded(scene, mark)

    def recorded(self, scene: Assigned, mark: Mark) -> None:
        """Writes the scene's order."""
        self._spool.receipt(scene.scene).unlink(missing_ok=True)
        root = self._folder.root
        named = (self._folder.plan(scene.scene), self._folder.log(scene.scene))
        self._spool.add(
            Order(
                scene=scene.scene,
                files=tuple(str(p.relative_to(root)) for p in named),
                capture=str(self._folder.capture(scene.scene).relative_to(root)),
                sha256=mark.sha256,
                mark=asdict(mark),
            )
        )
        self._waiting[scene.scene] = mark

    def step(self) -> None:
        """Hears what was stored. Raises StorageError when the storage failed for good or for too long."""
        try:
            events = self._carrier.events()
        except StorageError as error:
            raise StorageError(
                f"the upload failed: {error}. {len(self._waiting)} recorded scenes lie in "
                f"{self._folder.root}; run the job again to upload them and go on"
            ) from None
        for event in events:
            if event["event"] == "stored":
                self.delivered.scenes += 1
                self.delivered.bytes += event.get("bytes", 0)
                self.delivered.seconds += event.get("seconds", 0.0)
                self.delivered.tries += event.get("tries", 0)
        # Not by the events: an uploader that was killed may have told less than it did.
        for scene in [s for s in self._waiting if not self._spool.holds(s)]:
            mark = self._waiting.pop(scene)
            stored = self._spool.stored(scene)
            if stored is None:
                self._ledger.withdraw(mark.index, "its capture was not what had been written")
                self.delivered.damaged.append(scene)
                continue
            # The receipt goes when the ledger has it: a job that is killed in between finds it.
            self._ledger.write(replace(mark, stored=stored))
            self._spool.receipt(scene).unlink(missing_ok=True)
            self._here.add(scene)
        for scene in sorted(s for s in self._here if not self._in_use(s)):
            self._folder.capture(scene).unlink(missing_ok=True)
            self._here.remove(scene)

    def hold(self) -> str:
        """Whether the spool is full. One capture may be larger than the bound: it passes alone."""
        if not (self._waiting or self._here) or self._spool.captures_bytes() <= self._bound_bytes:
            return ""
        return f"captures wait for their upload, more than storage.spool_gb={self._bound_bytes / 1e9:g}"

    def busy(self) -> bool:
        """Whether a scene is still to be uploaded, or to be removed here."""
        return bool(self._waiting or self._here)

    def close(self) -> None:
        """Ends the uploader; what it had not done stays in the spool."""
        self._carrier.close()
