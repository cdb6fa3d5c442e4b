"""The run folder: where everything of a job lies."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from drivegen.capture.place import CapturePlace, RemoteFile
from drivegen.core.errors import ConfigError

_HALF_WRITTEN = re.compile(r"\..+\.[a-z0-9_]{8}|.+\.part")
"""Names of `writing` (those of `tempfile`), and of captures."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Paths below one run's root."""

    root: Path
    remote: RemoteFile | None = None
    """The run in storage, where captures lie that are not here any more."""
    listed: tuple[str, ...] = ()
    """Scenes whose captures are known to lie there."""

    @property
    def config(self) -> Path:
        """The configuration that the run was made with."""
        return self.root / "config.yaml"

    @property
    def manifest(self) -> Path:
        """What was asked for and what came out."""
        return self.root / "manifest.json"

    @property
    def content_hashes(self) -> Path:
        """The content hash of every finished scene's capture, a line each."""
        return self.root / "content_hashes.txt"

    @property
    def report(self) -> Path:
        """The HTML report."""
        return self.root / "report.html"

    @property
    def maps(self) -> Path:
        """OpenDRIVE files of the run."""
        return self.root / "maps"

    def plan(self, scene: str) -> Path:
        """A scene's plan."""
        return self.root / "plans" / f"{scene}.json"

    def capture(self, scene: str) -> Path:
        """A scene's capture."""
        return self.root / "captures" / f"{scene}.mcap"

    def capture_place(self, scene: str) -> CapturePlace:
        """Where a scene's capture can be read: here if it is here, else in storage."""
        capture = self.capture(scene)
        if self.remote is None or capture.is_file():
            return capture
        return self.remote / "captures" / capture.name

    @property
    def ledger(self) -> Path:
        """What became of every attempt; see `drivegen.runtime.ledger`."""
        return self.root / "ledger"

    def partial_capture(self, scene: str) -> Path:
        """What a failed attempt had recorded."""
        return self.root / "captures" / f"{scene}.mcap.part"

    def quarantine(self, scene: str) -> Path:
        """Plan, log and last frames of a scene that kept failing."""
        return self.root / "quarantine" / scene

    def failed_stages(self, scene: str) -> Path:
        """Why looks or exports of a scene were set aside, by stage."""
        return self.root / "failed_stages" / f"{scene}.json"

    def log(self, scene: str) -> Path:
        """What the scene's processes wrote."""
        return self.root / "logs" / f"{scene}.log"

    def export(self, format_name: str) -> Path:
        """A data set of the run."""
        return self.root / "export" / format_name

    def is_whole(self, scene: str, plan_sha256: str, size_bytes: int) -> bool:
        """Whether the plan of that hash and a capture of that size lie here."""
        try:
            if self.capture(scene).stat().st_size != size_bytes:
                return False
            plan = self.plan(scene).read_bytes()
        except OSError:
            return False
        return hashlib.sha256(plan).hexdigest() == plan_sha256

    def create(self) -> None:
        """Makes the folders. Raises ConfigError when that is not allowed, or when other things lie there."""
        if self.root.is_dir() and not self.ledger.is_dir() and any(self.root.iterdir()):
            raise ConfigError(
                f"{self.root} holds other things than a run of a job; "
                "choose another folder with job.runs_dir=... or job.name=..."
            )
        try:
            for name in ("plans", "maps", "captures", "ledger", "logs", "index", "export", "failed_stages"):
                (self.root / name).mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root):
                pass
        except OSError as error:
            raise ConfigError(
                f"cannot write the run folder {self.root}: {error.strerror}; "
                "choose another with job.runs_dir=... or job.name=..."
            ) from None

    def sweep(self) -> None:
        """Removes what writers that were killed have left half-written; nobody may be writing."""
        for name in (".", "plans", "maps", "captures", "index", "failed_stages"):
            with os.scandir(self.root / name) as entries:
                for entry in entries:
                    if _HALF_WRITTEN.fullmatch(entry.name) and entry.is_file():
                        Path(entry.path).unlink(missing_ok=True)


@contextlib.contextmanager
def writing(path: Path, *, durable: bool = True) -> Iterator[IO[str]]:
    """A text file that appears whole or not at all; durably, unless it can be made again."""
    descriptor, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def write_atomically(path: Path, text: str, *, durable: bool = True) -> None:
    """Writes a small file whole or not at all; durably, unless it can be made again."""
    with writing(path, durable=durable) as file:
        file.write(text)


def write_json(path: Path, data: Any) -> None:
    """Writes JSON with sorted keys, whole or not at all."""
    write_atomically(path, json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
