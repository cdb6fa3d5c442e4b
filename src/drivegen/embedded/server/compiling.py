"""Tells when numba has to compile: the first start on a machine takes long, and must not look like a hang."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from numba.core.event import Event, Listener, install_listener


class _Once(Listener):
    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell
        self._told = False

    def on_start(self, event: Event) -> None:
        del event
        if not self._told:
            self._told = True
            self._tell()

    def on_end(self, event: Event) -> None:
        del event


@contextmanager
def telling_of_compilation(tell: Callable[[], None]) -> Iterator[None]:
    """Calls `tell` once, before the first function that is compiled meanwhile.

    What numba finds on disk is loaded, not compiled.
    """
    with install_listener("numba:compile", _Once(tell)):
        yield
