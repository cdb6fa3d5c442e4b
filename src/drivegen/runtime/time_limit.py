"""A limit to how long a piece of work may take in this process."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from drivegen.core.errors import DrivegenError

GRACE_S = 30.0
"""Work that does not heed the limit so long, because it hangs outside Python, is ended with its process."""


class TimeLimitError(DrivegenError):
    """The work took too long."""


@contextmanager
def time_limit(seconds: float, key: str) -> Iterator[None]:
    """Raises TimeLimitError in the work after so long; to be entered by the main thread alone.

    Args:
        seconds: Of wall time.
        key: What sets them, for the message.
    """

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise TimeLimitError(f"it took longer than {key}={seconds:g} s")

    def end() -> None:
        sys.stderr.write(f"drivegen: {GRACE_S:g} s after {key}={seconds:g} s it still ran\n")
        sys.stderr.flush()
        os.kill(os.getpid(), signal.SIGKILL)

    before = signal.signal(signal.SIGALRM, stop)
    last = threading.Timer(seconds + GRACE_S, end)
    last.daemon = True
    last.start()
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        last.cancel()
        signal.signal(signal.SIGALRM, before)
