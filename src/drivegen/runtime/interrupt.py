"""Ctrl-C: once lets the scenes that run come to their end, twice stops now."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType


class Interrupt:
    """A context in which the first SIGINT or SIGTERM only asks; a second one raises KeyboardInterrupt."""

    def __init__(self) -> None:
        self.asked = False
        """Nothing new is to be begun."""
        self._before: dict[int, object] = {}

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True

    def __enter__(self) -> Interrupt:
        # Handlers can be set in the main thread only; elsewhere signals do what they did.
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
