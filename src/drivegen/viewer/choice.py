"""Which part of a capture is to be shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What to show; by default everything."""

    agents: tuple[str, ...] = ()
    """Names; empty: all."""
    from_s: float = 0.0
    """Since the first frame."""
    to_s: float = float("inf")
    every: int = 1
    """Of so many frames one is shown."""

    def agents_of(self, reader: CaptureReader) -> tuple[str, ...]:
        """Names of agents to show, in the capture's order. Raises ConfigError for one that is not there."""
        for name in self.agents:
            if name not in reader.rigs:
                raise ConfigError(f"--agent {name}: there are {', '.join(reader.rigs)}")
        return tuple(name for name in reader.rigs if not self.agents or name in self.agents)

    def frames_of(self, reader: CaptureReader) -> Iterator[CapturedFrame]:
        """Frames to show. Raises ConfigError when that is none."""
        if self.every < 1:
            raise ConfigError(f"--every {self.every}: 1 or more is wanted")
        found = 0
        first_ns = reader.frame(0).time_ns if len(reader) else 0
        for frame in reader.frames():
            since_s = (frame.time_ns - first_ns) / 1e9
            if self.from_s <= since_s <= self.to_s and frame.index % self.every == 0:
                found += 1
                yield frame
        if not found:
            last_s = (reader.frame(len(reader) - 1).time_ns - first_ns) / 1e9 if len(reader) else 0.0
            raise ConfigError(
                f"{reader.path}: no frame from {self.from_s:g} s to {self.to_s:g} s; the capture has"
                f" {len(reader)} frames from 0 to {last_s:g} s"
            )
