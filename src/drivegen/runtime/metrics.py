"""What a job tells Ray's metrics, which its dashboard and Prometheus show: see docs/jobs.md for the names."""

from __future__ import annotations

from collections import Counter
from typing import Any

from drivegen.runtime.scene import Outcome
from drivegen.runtime.status import kind_of

STATES = ("there", "recorded", "failed", "running")


class Metrics:
    """Of one run of a job, kept by its driver; Ray brings them to the endpoint about every ten seconds."""

    def __init__(self, job: str) -> None:
        """Needs a Ray that this process has joined.

        Args:
            job: Its name, a tag of every metric.
        """
        from ray.util import metrics  # noqa: PLC0415  (seconds to import: only where Ray is used)

        self._tags = {"job": job}
        self._scenes = metrics.Gauge("drivegen_scenes", "Scenes by state", tag_keys=("job", "state"))
        self._frames = metrics.Counter("drivegen_frames", "Recorded frames", tag_keys=("job", "worker"))
        self._bytes = metrics.Counter(
            "drivegen_capture_bytes", "Bytes of captures", tag_keys=("job", "worker")
        )
        self._stages = metrics.Counter(
            "drivegen_stage_seconds", "Seconds of finished scenes", tag_keys=("job", "worker", "stage")
        )
        self._failures = metrics.Counter(
            "drivegen_failed_attempts", "Failed attempts by cause", tag_keys=("job", "cause")
        )
        self._counts: Counter[str] = Counter()

    def outcome(self, event: Outcome, worker: int) -> None:
        """An attempt has ended."""
        tags = {**self._tags, "worker": str(worker)}
        if event.cause:
            self._counts["failed"] += 1
            self._failures.inc(1, {**self._tags, "cause": kind_of(event.cause)})
        elif not event.confirmed:
            self._counts["recorded"] += 1
            _add(self._frames, event.result.get("frames", 0), tags)
            _add(self._bytes, event.result.get("bytes", 0), tags)
            for stage, seconds in event.result.get("stages", {}).items():
                _add(self._stages, seconds, {**tags, "stage": stage})

    def scenes(self, *, there: int, running: int) -> None:
        """How many there are in which state; `failed` counts attempts."""
        now = {**dict.fromkeys(STATES, 0), **self._counts, "there": there, "running": running}
        for state, count in now.items():
            self._scenes.set(count, {**self._tags, "state": state})


def _add(counter: Any, value: float, tags: dict[str, str]) -> None:
    if value > 0:  # Ray refuses to count nothing
        counter.inc(value, tags)
