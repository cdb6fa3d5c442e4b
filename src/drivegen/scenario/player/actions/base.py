"""What all actions have in common."""

from __future__ import annotations

from enum import Enum

from drivegen.scenario.player.bodies import Body
from drivegen.scenario.player.motion import Mover
from drivegen.scenario.player.play import Play


class Domain(Enum):
    """What an action holds while it runs; a later action for the same takes it over."""

    LONGITUDINAL = "longitudinal"
    LATERAL = "lateral"


class Running:
    """An action of one actor, from its start to its end.

    `begin` is called when the event starts, at the tick's time and state; `advance` once in each step, for
    the state at its end, in the storyboard's order and before the bodies are driven on. An action that is
    `done` after `begin` is never advanced.
    """

    domains: frozenset[Domain] = frozenset()

    def __init__(self, play: Play, mover: Mover, body: Body | None) -> None:
        self.play = play
        self.mover = mover
        self._body = body
        self.done = False

    @property
    def body(self) -> Body:
        """Its actor."""
        assert self._body is not None  # global actions never ask
        return self._body

    @property
    def actor(self) -> str | None:
        """Its actor's name; None for actions of the world."""
        return None if self._body is None else self._body.name

    def begin(self) -> None:
        """Starts the action."""

    def advance(self, dt_s: float) -> None:
        """Goes on for one step."""

    def lateral_offset(self) -> float | None:
        """Where in its lane the actor shall be at the end of this step; None: where it is."""
        return None

    def stop(self) -> None:
        """Is called when the action is ended from outside."""


class AtOnce(Running):
    """An action that is over as soon as it has begun."""

    def begin(self) -> None:
        """See `Running`."""
        self.act()
        self.done = True

    def act(self) -> None:
        """Does it."""
        raise NotImplementedError
