"""A child process that does not outlive the process that started it."""

from __future__ import annotations

import os
import threading


def end_with_parent() -> None:
    """Ends this process when standard input closes, which happens however the parent ends."""

    def wait() -> None:
        # Not through sys.stdin: its lock, held here, would block the interpreter's own end.
        while os.read(0, 4096):
            pass
        os._exit(3)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
