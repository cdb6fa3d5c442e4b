"""The storyboard at work: what starts, what runs, what ends."""

from __future__ import annotations

from collections.abc import Callable

from drivegen.scenario.model.conditions import Trigger
from drivegen.scenario.model.names import Priority, StoryboardElementType
from drivegen.scenario.model.names import StoryboardElementState as State
from drivegen.scenario.model.storyboard import Act, Action, Event, Maneuver, ManeuverGroup, Story, Storyboard
from drivegen.scenario.player.actions.base import Running
from drivegen.scenario.player.play import Play
from drivegen.scenario.player.story.elements import Element, Register
from drivegen.scenario.player.story.triggers import Fired, TriggerRun

Begin = Callable[[Action, tuple[str, ...]], list[Running]]
"""Makes and begins an action for its actors (none for actions of the world)."""


class ActionRun:
    """A named action of an event with its running parts, one for each actor."""

    def __init__(self, model: Action, path: tuple[str, ...], register: Register) -> None:
        self.model = model
        self._register = register
        self.element = register.add(StoryboardElementType.ACTION, (*path, model.name))
        self.parts: list[Running] = []

    def start(self, actors: tuple[str, ...], begin: Begin) -> None:
        """Begins it."""
        self._register.start(self.element)
        self.parts = begin(self.model, actors)

    def update(self) -> None:
        """Ends it when all its parts are done."""
        if self.element.running and all(part.done for part in self.parts):
            self._register.end(self.element)

    def stop(self) -> None:
        """Ends it from outside."""
        if self.element.running:
            for part in self.parts:
                if not part.done:
                    part.stop()
                    part.done = True
            self._register.stop(self.element)


class EventRun:
    """An event."""

    def __init__(self, model: Event, path: tuple[str, ...], register: Register) -> None:
        self.model = model
        self._register = register
        own = (*path, model.name)
        self.element = register.add(StoryboardElementType.EVENT, own)
        self.actions = [ActionRun(action, own, register) for action in model.actions]
        self.trigger = _trigger(model.start_trigger, register)

    def start(self, actors: tuple[str, ...], begin: Begin) -> None:
        """Begins all its actions."""
        self._register.start(self.element)
        for action in self.actions:
            self._register.reset(action.element)
        for action in self.actions:
            action.start(actors, begin)

    def update(self) -> None:
        """Ends it when all its actions are complete."""
        if not self.element.running:
            return
        for action in self.actions:
            action.update()
        if all(action.element.complete for action in self.actions):
            again = self.element.executions + 1 < self.model.maximum_execution_count
            self._register.end(self.element, again=again)
            self.wait()

    def wait(self) -> None:
        """Waits for its trigger anew."""
        if self.trigger is not None:
            self.trigger.reset()

    def skip(self) -> None:
        """Counts an execution that did not happen, because another event runs."""
        self.element.executions += 1
        over = self.element.executions >= self.model.maximum_execution_count
        self._register.go(
            self.element, State.SKIP_TRANSITION, State.COMPLETE_STATE if over else State.STANDBY_STATE
        )

    def stop(self, *, again: bool = False) -> None:
        """Ends it from outside; overridden events may run again."""
        if self.element.running:
            for action in self.actions:
                action.stop()
            if again and self.element.executions + 1 < self.model.maximum_execution_count:
                self.element.executions += 1
                self._register.go(self.element, State.STOP_TRANSITION, State.STANDBY_STATE)
                self.wait()
                return
        self._register.stop(self.element)


class ManeuverRun:
    """A maneuver."""

    def __init__(self, model: Maneuver, path: tuple[str, ...], register: Register) -> None:
        self._register = register
        own = (*path, model.name)
        self.element = register.add(StoryboardElementType.MANEUVER, own)
        self.events = [EventRun(event, own, register) for event in model.events]

    def start(self) -> None:
        """Begins it: its events wait for their triggers."""
        for event in self.events:
            self._register.reset(event.element)
            event.wait()
        self._register.start(self.element)

    def ask(self, play: Play, actors: Callable[[Fired], tuple[str, ...]], begin: Begin) -> None:
        """Starts events whose triggers are met, in the order of the file."""
        if not self.element.running:
            return
        for event in self.events:
            if not event.element.standby:
                continue
            fired = event.trigger.ask(play) if event.trigger is not None else Fired(())
            if fired is None:
                continue
            others = [e for e in self.events if e is not event and e.element.running]
            if event.model.priority is Priority.SKIP and others:
                event.skip()
                continue
            if event.model.priority is Priority.OVERRIDE:
                for other in others:
                    other.stop(again=True)
            event.start(actors(fired), begin)

    def update(self) -> None:
        """Ends it when all its events are complete."""
        if not self.element.running:
            return
        for event in self.events:
            event.update()
        if all(event.element.complete for event in self.events):
            self._register.end(self.element)

    def stop(self) -> None:
        """Ends it from outside."""
        for event in self.events:
            event.stop()
        self._register.stop(self.element)


class GroupRun:
    """A maneuver group."""

    def __init__(self, model: ManeuverGroup, path: tuple[str, ...], register: Register) -> None:
        self._model = model
        self._register = register
        own = (*path, model.name)
        self.element = register.add(StoryboardElementType.MANEUVER_GROUP, own)
        self.maneuvers = [ManeuverRun(m, own, register) for m in model.maneuvers]

    def start(self) -> None:
        """Begins it and its maneuvers."""
        self._register.start(self.element)
        for maneuver in self.maneuvers:
            self._register.reset(maneuver.element)
            maneuver.start()

    def ask(self, play: Play, begin: Begin) -> None:
        """Lets its maneuvers start events."""
        if not self.element.running:
            return

        def actors(fired: Fired) -> tuple[str, ...]:
            names = dict.fromkeys(b.name for b in play.members(self._model.actors.entity_refs))
            if self._model.actors.select_triggering_entities:
                names.update(dict.fromkeys(fired.entities))
            return tuple(names)

        for maneuver in self.maneuvers:
            maneuver.ask(play, actors, begin)

    def update(self) -> None:
        """Ends it when its maneuvers are complete; it runs again until its count is full."""
        if not self.element.running:
            return
        for maneuver in self.maneuvers:
            maneuver.update()
        if all(maneuver.element.complete for maneuver in self.maneuvers):
            again = self.element.executions + 1 < self._model.maximum_execution_count
            # A group without maneuvers would run again for ever within a tick.
            self._register.end(self.element, again=again and bool(self.maneuvers))

    def stop(self) -> None:
        """Ends it from outside."""
        for maneuver in self.maneuvers:
            maneuver.stop()
        self._register.stop(self.element)


class ActRun:
    """An act."""

    def __init__(self, model: Act, path: tuple[str, ...], register: Register) -> None:
        self._register = register
        own = (*path, model.name)
        self.element = register.add(StoryboardElementType.ACT, own)
        self.groups = [GroupRun(g, own, register) for g in model.maneuver_groups]
        self._start = _trigger(model.start_trigger, register)
        self._stop = _trigger(model.stop_trigger, register)

    def ask(self, play: Play, begin: Begin) -> None:
        """Starts or stops it, and lets its groups start what is due."""
        if self._stop is not None and self._stop.ask(play) is not None and not self.element.complete:
            self.stop()
        if self.element.standby and (self._start is None or self._start.ask(play) is not None):
            self._register.start(self.element)
            for group in self.groups:
                group.start()
        if not self.element.running:
            return
        for group in self.groups:
            if group.element.standby:
                group.start()
            group.ask(play, begin)

    def update(self) -> None:
        """Ends it when its groups are complete."""
        if not self.element.running:
            return
        for group in self.groups:
            group.update()
        if all(group.element.complete for group in self.groups):
            self._register.end(self.element)

    def stop(self) -> None:
        """Ends it from outside."""
        for group in self.groups:
            group.stop()
        self._register.stop(self.element)


class StoryRun:
    """A story."""

    def __init__(self, model: Story, register: Register) -> None:
        self._register = register
        self.element = register.add(StoryboardElementType.STORY, (model.name,))
        self.acts = [ActRun(act, (model.name,), register) for act in model.acts]

    def start(self) -> None:
        """Begins it."""
        self._register.start(self.element)

    def ask(self, play: Play, begin: Begin) -> None:
        """Lets its acts go on."""
        for act in self.acts:
            act.ask(play, begin)

    def update(self) -> None:
        """Ends it when its acts are complete."""
        if not self.element.running:
            return
        for act in self.acts:
            act.update()
        if all(act.element.complete for act in self.acts):
            self._register.end(self.element)

    def stop(self) -> None:
        """Ends it from outside."""
        for act in self.acts:
            act.stop()
        self._register.stop(self.element)


class Board:
    """All stories and the storyboard's own stop trigger."""

    def __init__(self, model: Storyboard, play: Play) -> None:
        self.register = Register(play)
        self._play = play
        self.stories = [StoryRun(story, self.register) for story in model.stories]
        self._stop = _trigger(model.stop_trigger, self.register)
        self.stopped = False
        self._begun = False

    @property
    def over(self) -> bool:
        """True when it was stopped or, where it has no stop trigger, all stories are complete."""
        return self.stopped or (
            self._stop is None and bool(self.stories) and all(s.element.complete for s in self.stories)
        )

    def ask(self, begin: Begin) -> None:
        """Evaluates everything for the tick that the play is at: first the storyboard's end, then all
        starts."""
        if not self._begun:
            self._begun = True
            for story in self.stories:
                story.start()
        if self._stop is not None and self._stop.ask(self._play) is not None:
            self.stop()
            return
        for story in self.stories:
            if story.element.running:
                story.ask(self._play, begin)

    def update(self) -> None:
        """Ends what is done, from the actions upwards."""
        for story in self.stories:
            story.update()

    def stop(self) -> None:
        """Stops everything."""
        self.stopped = True
        for story in self.stories:
            story.stop()


def _trigger(trigger: Trigger | None, register: Register) -> TriggerRun | None:
    """None for a trigger without conditions, too: what starts by it starts with its parent."""
    return None if trigger is None or not trigger.condition_groups else TriggerRun(trigger, register)


__all__ = ["Begin", "Board", "Element"]
