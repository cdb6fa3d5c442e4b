"""What signals showed while a scenario was played."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalChange:
    """The state of a signal from a time on."""

    time_s: float
    signal_id: str
    state: str


class SignalRecord:
    """Collects what signals show."""

    def __init__(self) -> None:
        self.changes: list[SignalChange] = []
        self._shown: dict[str, str] = {}

    def note(self, time_s: float, states: Mapping[str, str]) -> None:
        """Keeps what is not as it was."""
        for signal, state in states.items():
            if self._shown.get(signal) != state:
                self._shown[signal] = state
                self.changes.append(SignalChange(time_s=time_s, signal_id=signal, state=state))
