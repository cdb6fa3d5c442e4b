"""Triggers: groups of conditions, edges and delays (ASAM OpenSCENARIO XML 1.3, 7.6)."""

from __future__ import annotations

from drivegen.core.errors import ScenarioError
from drivegen.scenario.model.conditions import (
    ByEntityCondition,
    ByValueCondition,
    Condition,
    ParameterCondition,
    SimulationTimeCondition,
    StoryboardElementStateCondition,
    TimeOfDayCondition,
    TrafficSignalCondition,
    TrafficSignalControllerCondition,
    Trigger,
    UserDefinedValueCondition,
    VariableCondition,
)
from drivegen.scenario.model.names import ConditionEdge, TriggeringEntitiesRule
from drivegen.scenario.player.bodies import Body
from drivegen.scenario.player.play import Play
from drivegen.scenario.player.story.compare import holds, holds_text
from drivegen.scenario.player.story.elements import TRANSITIONS, Register
from drivegen.scenario.player.story.entity_conditions import entity_check

_TINY_S = 1e-9


class Fired:
    """That a trigger is met, and who met it."""

    def __init__(self, entities: tuple[str, ...]) -> None:
        self.entities = entities


class _Value:
    """A condition without entities."""

    def __init__(self, condition: ByValueCondition, register: Register) -> None:
        self._condition = condition
        self._register = register
        self._since = 0
        self._first = True

    def __call__(self, play: Play) -> bool:
        condition = self._condition
        match condition:
            case SimulationTimeCondition():
                return holds(play.time_s, condition.rule, condition.value)
            case StoryboardElementStateCondition():
                return self._state(condition)
            case ParameterCondition():
                value = play.parameters.get(condition.parameter_ref)
                return value is not None and holds_text(value, condition.rule, condition.value)
            case VariableCondition():
                value = play.variables.get(condition.variable_ref)
                return value is not None and holds_text(value, condition.rule, condition.value)
            case UserDefinedValueCondition():
                value = play.user_values.get(condition.name)
                return value is not None and holds_text(value, condition.rule, condition.value)
            case TimeOfDayCondition():
                now = play.time_of_day
                if now is None:
                    return False
                then = condition.date_time
                if (now.tzinfo is None) != (then.tzinfo is None):
                    now, then = now.replace(tzinfo=None), then.replace(tzinfo=None)
                return holds((now - then).total_seconds(), condition.rule, 0.0)
            case TrafficSignalCondition():
                return play.signals.get(condition.name) == condition.state
            case TrafficSignalControllerCondition():
                return play.signal_phases.get(condition.traffic_signal_controller_ref) == condition.phase

    def _state(self, condition: StoryboardElementStateCondition) -> bool:
        elements = self._register.find(condition.storyboard_element_type, condition.storyboard_element_ref)
        if not elements:
            raise ScenarioError(
                f"{condition.place}: the storyboard has no {condition.storyboard_element_type} "
                f'"{condition.storyboard_element_ref}": name one that it has'
            )
        out = any(self._register.seen(e, condition.state, self._since, self._first) for e in elements)
        self._since, self._first = self._register.number, False
        return out


class _Entities:
    """A condition of entities."""

    def __init__(self, condition: ByEntityCondition) -> None:
        self._refs = condition.triggering_entities.entity_refs
        self._all = condition.triggering_entities.triggering_entities_rule is TriggeringEntitiesRule.ALL
        self._check = entity_check(condition.entity_condition)
        self.met: tuple[str, ...] = ()

    def __call__(self, play: Play) -> bool:
        bodies: list[Body] = play.members(self._refs)
        # Every entity is asked at every tick, so that what has to last is kept for each.
        answers = [body.present and self._check(play, body) for body in bodies]
        self.met = tuple(b.name for b, a in zip(bodies, answers, strict=True) if a)
        return bool(answers) and (all(answers) if self._all else any(answers))


class _Conditioned:
    """A condition with its edge and delay.

    At the first tick at which it is asked a condition has no edge, for it has no value before it; only a
    transition, which is over in a moment, rises then. With a delay d it is at time t what it was at t - d; an
    edge counts at the first tick at or after its time plus d.
    """

    def __init__(self, condition: Condition, register: Register) -> None:
        self._edge = condition.condition_edge
        self._delay = condition.delay
        what = condition.condition
        self._value = _Entities(what) if isinstance(what, ByEntityCondition) else _Value(what, register)
        self._last: bool | None = False if _is_moment(what) else None
        self._waiting: list[tuple[float, bool, tuple[str, ...]]] = []
        self._delayed: tuple[bool, tuple[str, ...]] = (False, ())

    def __call__(self, play: Play) -> tuple[bool, tuple[str, ...]]:
        """(whether it counts now, who met it)."""
        now = self._value(play)
        before = self._last
        self._last = now
        counts = self._edged(before, now)
        met = self._value.met if isinstance(self._value, _Entities) else ()
        if self._delay <= 0.0:
            return counts, met
        self._waiting.append((play.time_s + self._delay, counts, met))
        due = [w for w in self._waiting if w[0] <= play.time_s + _TINY_S]
        self._waiting = self._waiting[len(due) :]
        if self._edge is ConditionEdge.NONE:
            if due:
                self._delayed = (due[-1][1], due[-1][2])
            return self._delayed
        hit = next((w for w in due if w[1]), None)
        return (False, ()) if hit is None else (True, hit[2])

    def _edged(self, before: bool | None, now: bool) -> bool:
        match self._edge:
            case ConditionEdge.NONE:
                return now
            case ConditionEdge.RISING:
                return now and before is False
            case ConditionEdge.FALLING:
                return before is True and not now
            case ConditionEdge.RISING_OR_FALLING:
                return before is not None and now is not before


def _is_moment(condition: ByEntityCondition | ByValueCondition) -> bool:
    """Whether a condition asks for a transition."""
    return isinstance(condition, StoryboardElementStateCondition) and condition.state in TRANSITIONS


class TriggerRun:
    """A trigger while its element waits for it."""

    def __init__(self, trigger: Trigger, register: Register) -> None:
        self._trigger = trigger
        self._register = register
        self.reset()

    def reset(self) -> None:
        """Forgets edges, delays and durations: its element waits anew."""
        self._groups = [
            [_Conditioned(condition, self._register) for condition in group.conditions]
            for group in self._trigger.condition_groups
        ]

    def ask(self, play: Play) -> Fired | None:
        """Whether it is met now. Every condition is asked at every tick, so that none misses its edge."""
        fired: Fired | None = None
        for group in self._groups:
            answers = [condition(play) for condition in group]
            if answers and all(counts for counts, _ in answers) and fired is None:
                met: dict[str, None] = {}
                for _, names in answers:
                    met.update(dict.fromkeys(names))
                fired = Fired(tuple(met))
        return fired
