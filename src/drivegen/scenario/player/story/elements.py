"""Elements of a storyboard and their states (ASAM OpenSCENARIO XML 1.3, 8.4)."""

from __future__ import annotations

from dataclasses import dataclass, field

from drivegen.scenario.model.names import StoryboardElementState, StoryboardElementType
from drivegen.scenario.player.play import Happened, Play

TRANSITIONS = frozenset(
    {
        StoryboardElementState.START_TRANSITION,
        StoryboardElementState.END_TRANSITION,
        StoryboardElementState.STOP_TRANSITION,
        StoryboardElementState.SKIP_TRANSITION,
    }
)


@dataclass(slots=True, kw_only=True, eq=False)
class Element:
    """One element: its state, and when it last went through each transition."""

    kind: StoryboardElementType
    path: tuple[str, ...]
    """Names from the story down."""
    state: StoryboardElementState = StoryboardElementState.STANDBY_STATE
    executions: int = 0
    went: dict[StoryboardElementState, tuple[int, int]] = field(default_factory=dict)
    """(number, tick) of the last of each transition."""

    @property
    def running(self) -> bool:
        """True between start and end."""
        return self.state is StoryboardElementState.RUNNING_STATE

    @property
    def complete(self) -> bool:
        """True once it will not run again by itself."""
        return self.state is StoryboardElementState.COMPLETE_STATE

    @property
    def standby(self) -> bool:
        """True while it waits for its trigger."""
        return self.state is StoryboardElementState.STANDBY_STATE


class Register:
    """All elements, found by the names that conditions use, and the numbering of transitions."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self._elements: list[Element] = []
        self._number = 0

    def add(self, kind: StoryboardElementType, path: tuple[str, ...]) -> Element:
        """A new element in standby."""
        element = Element(kind=kind, path=path)
        self._elements.append(element)
        return element

    def find(self, kind: StoryboardElementType, name: str) -> list[Element]:
        """Elements of a kind whose path ends with a name (parts joined by `::`)."""
        parts = tuple(name.split("::"))
        return [e for e in self._elements if e.kind is kind and e.path[-len(parts) :] == parts]

    def go(self, element: Element, transition: StoryboardElementState, to: StoryboardElementState) -> None:
        """Takes an element through a transition."""
        self._number += 1
        element.went[transition] = (self._number, self._play.tick)
        element.state = to
        self._play.happened.append(
            Happened(
                time_s=self._play.time_s,
                kind=str(element.kind),
                path="::".join(element.path),
                transition=str(transition),
            )
        )

    def start(self, element: Element) -> None:
        """Standby to running."""
        self.go(element, StoryboardElementState.START_TRANSITION, StoryboardElementState.RUNNING_STATE)

    def end(self, element: Element, *, again: bool = False) -> None:
        """Running to complete, or back to standby where it may run again."""
        element.executions += 1
        to = StoryboardElementState.STANDBY_STATE if again else StoryboardElementState.COMPLETE_STATE
        self.go(element, StoryboardElementState.END_TRANSITION, to)

    def stop(self, element: Element) -> None:
        """Anything to complete, from outside."""
        if not element.complete:
            self.go(element, StoryboardElementState.STOP_TRANSITION, StoryboardElementState.COMPLETE_STATE)

    def reset(self, element: Element) -> None:
        """Back to standby without a transition, because its parent runs again."""
        element.state = StoryboardElementState.STANDBY_STATE
        element.executions = 0

    def seen(self, element: Element, state: StoryboardElementState, since: int, first: bool) -> bool:
        """Whether an element is in a state or has gone through a transition since a number.

        The first time a condition asks, transitions of this tick and the one before count.
        """
        if state not in TRANSITIONS:
            return element.state is state
        went = element.went.get(state)
        if state is StoryboardElementState.END_TRANSITION:
            # What is stopped has ended, too: authors ask for the end, whatever brought it about.
            stopped = element.went.get(StoryboardElementState.STOP_TRANSITION)
            went = max((w for w in (went, stopped) if w is not None), default=None)
        if went is None:
            return False
        return went[1] >= self._play.tick - 1 if first else went[0] > since

    @property
    def number(self) -> int:
        """Of the last transition."""
        return self._number
