"""Work of a clip beside other work: reading ahead of a model, and writing behind it.

Both keep few items, carry errors to where they matter, and end their threads when they are closed.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")

_LOOK_S = 0.2
"""How often a thread that waits looks whether it is still wanted."""
_JOIN_S = 20.0


class _End:
    """What stands behind the last item."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class Ahead(Generic[T]):
    """An iterator that a thread runs ahead of its reader, by so many items at most.

    An error of the iterator is raised where its item would have come. Use it in a `with` block: leaving it
    ends the thread, whatever was read.
    """

    def __init__(self, items: Iterator[T], depth: int, name: str = "ahead") -> None:
        self._items = items
        self._queue: queue.Queue[T | _End] = queue.Queue(maxsize=max(1, depth))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Ahead[T]:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(_JOIN_S)

    def __iter__(self) -> Iterator[T]:
        while True:
            item = self._queue.get()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item

    def _run(self) -> None:
        end = _End(None)
        try:
            for item in self._items:
                if not self._put(item):
                    break
        except BaseException as error:
            end = _End(error)
        finally:
            close = getattr(self._items, "close", None)
            if close is not None:
                with contextlib.suppress(Exception):
                    close()
        self._put(end)

    def _put(self, item: T | _End) -> bool:
        while not self._stop.is_set():
            with contextlib.suppress(queue.Full):
                self._queue.put(item, timeout=_LOOK_S)
                return True
        return False


class Behind(Generic[T]):
    """Does work on items one after another in a thread, so many behind at most.

    An error of the work is raised by the next `put` or by `finish`. Use it in a `with` block.
    """

    def __init__(self, work: Callable[[T], None], depth: int, name: str = "behind") -> None:
        self._work = work
        self._depth = max(1, depth)
        self._pending: deque[Future[None]] = deque()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    def __enter__(self) -> Behind[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def put(self, item: T) -> None:
        """Has an item worked on; waits while too many wait. Raises what the work on an earlier one raised."""
        while len(self._pending) >= self._depth or (self._pending and self._pending[0].done()):
            self._pending.popleft().result()
        self._pending.append(self._pool.submit(self._work, item))

    def finish(self) -> None:
        """Waits for all items. Raises what the work raised."""
        while self._pending:
            self._pending.popleft().result()
