"""What a person sees while a job runs."""

from __future__ import annotations

import math
import time
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from drivegen.runtime.forecast import span
from drivegen.runtime.scene import Outcome
from drivegen.runtime.scene import Progress as SceneProgress

LINE_S = 0.5
"""Between two lines about finished scenes: where they come faster, not each has its own."""


class Display:
    """Scenes done, rate, time left, and a line for each running scene; plain lines where no terminal is."""

    def __init__(self, total: int, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._total = total
        self.there = 0
        """Scenes that earlier runs finished."""
        self._done = 0
        self._failed = 0
        self._said = -math.inf
        self._unsaid = 0
        self._start = time.monotonic()
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("{task.fields[stage]}"),
            TimeElapsedColumn(),
            console=self._console,
        )
        self._tasks: dict[str, object] = {}
        self._live = Live(
            Group(self._bars, Text("")),
            console=self._console,
            refresh_per_second=4,
            get_renderable=self._draw,
        )

    def _draw(self) -> Group:
        return Group(self._bars, Text(self.summary()))

    def summary(self) -> str:
        """One line: scenes, rate, time left."""
        elapsed = time.monotonic() - self._start
        finished = self._done + self.there
        text = f"scenes {finished}/{self._total}"
        if self.there:
            text += f" ({self.there} there already)"
        if self._failed:
            text += f", {self._failed} failed attempts"
        if self._done:
            left = (self._total - finished) * elapsed / self._done
            text += f", {60.0 * self._done / elapsed:.1f} scenes/min, {span(left)} left"
        return text

    def progress(self, event: SceneProgress) -> None:
        """A scene got on."""
        if event.scene not in self._tasks:
            self._tasks[event.scene] = self._bars.add_task(event.scene, total=None, stage="")
        self._bars.update(
            self._tasks[event.scene],  # type: ignore[arg-type]
            completed=event.done,
            total=event.total or None,
            stage=event.stage,
        )

    def outcome(self, event: Outcome) -> None:
        """An attempt ended."""
        if event.scene in self._tasks:
            self._bars.remove_task(self._tasks.pop(event.scene))  # type: ignore[arg-type]
        if event.cause:
            self._failed += 1
            self._console.print(
                f"{event.scene}: failed after {event.seconds:.0f} s: {event.cause}", markup=False
            )
        elif not event.confirmed:
            self._done += 1
            self._unsaid += 1
            now = time.monotonic()
            if now - self._said >= LINE_S:
                frames = event.result["frames"]
                more = f" and {self._unsaid - 1} more" if self._unsaid > 1 else ""
                self._console.print(
                    f"{event.scene}{more}: {frames} frames in {event.seconds:.1f} s; {self.summary()}"
                )
                self._said, self._unsaid = now, 0

    def __enter__(self) -> Display:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()
