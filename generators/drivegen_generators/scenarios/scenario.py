"""A logical scenario as it is described in Python, and its OpenSCENARIO files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from drivegen_generators.scenarios import actions
from drivegen_generators.scenarios.actions import Action
from drivegen_generators.scenarios.triggers import When, at_time, near
from drivegen_generators.scenarios.xml import Comment, Content, Element, Value, document, element, written

EGO = "Ego"
DATE = "2026-11-22T00:00:00"
_CATALOGUES = ("vehicles", "pedestrians", "objects")
_AUTHOR = "drivegen"
_STOP_DELAY_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What varies, with the range that makes the scenario a logical one."""

    name: str
    value: float
    least: float
    most: float
    step: float
    """Of the grid in the distribution file."""
    about: str
    spread: str = "range"
    """range: a grid; uniform or normal: drawn (mean: `value`, least and most lie three deviations apart
    from it)."""

    def __str__(self) -> str:
        return f"${self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that an actor does once, when all of its conditions hold."""

    name: str
    when: Sequence[When]
    does: Sequence[Action]
    about: str = ""
    priority: str = "override"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """An entity, where it begins, and what it does."""

    name: str
    kind: str
    """Entry of a catalogue: `vehicles/ebike`, `pedestrians/boy`, `objects/traffic_cone`."""
    at: Element
    speed: Value = 0
    begins: Sequence[Action] = ()
    """Further actions before the start."""
    events: Sequence[Event] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """What the scenario is filed under."""

    gbt: Sequence[str]
    """Groups of GB/T 41798-2022."""
    odc: Sequence[str]
    """Elements of the operational design condition."""
    classes: Sequence[str]
    """Classes of the actors."""
    cncap: Sequence[str] = ()
    """Cases of C-NCAP 2024 that have the same course; not their test protocol."""
    zone: Sequence[str] = ()
    """Applications of the demonstration zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A course of events around the ego."""

    name: str
    group: str
    """The folder."""
    road: str
    title: str
    title_zh: str
    happens: str
    asked: str
    """Of the ego."""
    tags: Tags
    criteria: Mapping[str, Mapping[str, float]]
    """Measure to bound: {"collisions": {"most": 0}}."""
    parameters: Sequence[Parameter]
    route: Sequence[Element]
    """Of the ego: where it begins, waypoints, its goal."""
    actors: Sequence[Actor] = ()
    ego_kind: str = "vehicles/ego_car"
    ego_speed: Value = "${$EgoSpeed_kmh / 3.6}"
    ego_events: Sequence[Event] = ()
    world: Sequence[Action] = ()
    """Lights and weather before the start."""
    world_events: Sequence[Event] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    weather: str | Action = "clear_noon"
    """An entry of the catalogue, or an action of its own."""
    goal_m: float = 6.0
    """How near the last point of the route the ego has arrived."""
    end_s: float = 30.0

    @property
    def path(self) -> str:
        """Of the file, below the library's folder."""
        return f"{self.group}/{self.name}.xosc"

    @property
    def distribution_path(self) -> str:
        """Of the file that says what the parameters are drawn from."""
        return f"{self.group}/{self.name}.distribution.xosc"


def scenario_text(scenario: Scenario) -> str:
    """The scenario's file."""
    root = element(
        "OpenSCENARIO",
        _header(scenario.title, _criteria(scenario)),
        element("ParameterDeclarations", *(p for q in scenario.parameters for p in _declared(q))),
        _variables(scenario),
        _catalogues(),
        element("RoadNetwork", element("LogicFile", filepath=f"../roads/{scenario.road}.xodr")),
        _entities(scenario),
        element("Storyboard", _init(scenario), _story(scenario), _stop(scenario)),
    )
    head = (
        scenario.title,
        scenario.title_zh,
        "",
        f"What happens: {scenario.happens}",
        f"What is asked of the ego: {scenario.asked}",
        f"Passed when: {pass_text(scenario)}.",
    )
    return document(root, head)


def distribution_text(scenario: Scenario) -> str:
    """The file with the parameters' distributions."""
    drawn = [p for p in scenario.parameters if p.spread != "range"]
    if drawn:
        content = element(
            "Stochastic",
            *(_drawn(p) for p in scenario.parameters),
            numberOfTestRuns=20,
            randomSeed=1,
        )
        how = "values to draw"
    else:
        content = element("Deterministic", *(_range(p) for p in scenario.parameters))
        how = "values to combine"
    root = element(
        "OpenSCENARIO",
        _header(f"{scenario.title}: {how}"),
        element(
            "ParameterValueDistribution",
            element("ScenarioFile", filepath=f"{scenario.name}.xosc"),
            content,
        ),
    )
    return document(root)


def pass_text(scenario: Scenario) -> str:
    """The criteria in words."""
    parts = []
    for measure, bounds in scenario.criteria.items():
        for bound, value in bounds.items():
            parts.append(f"{measure} at {bound} {written(value)}")
    return ", ".join(parts)


def _criteria(scenario: Scenario) -> Element:
    return element(
        "Properties",
        *(
            element("Property", name=f"pass.{measure}.{bound}", value=written(value))
            for measure, bounds in scenario.criteria.items()
            for bound, value in bounds.items()
        ),
    )


def _header(description: str, *children: Element) -> Element:
    return element(
        "FileHeader",
        element("License", name="Apache License 2.0", spdxId="Apache-2.0"),
        *children,
        author=_AUTHOR,
        date=DATE,
        description=description,
        revMajor=1,
        revMinor=3,
    )


def _declared(parameter: Parameter) -> tuple[Content, ...]:
    return (
        Comment(text=parameter.about),
        element(
            "ParameterDeclaration",
            element(
                "ConstraintGroup",
                element("ValueConstraint", rule="greaterOrEqual", value=parameter.least),
                element("ValueConstraint", rule="lessOrEqual", value=parameter.most),
            ),
            name=parameter.name,
            parameterType="double",
            value=written(parameter.value),
        ),
    )


def _variables(scenario: Scenario) -> Element | None:
    if not scenario.variables:
        return None
    return element(
        "VariableDeclarations",
        *(
            element("VariableDeclaration", name=name, variableType="string", value=value)
            for name, value in scenario.variables.items()
        ),
    )


def _catalogues() -> Element:
    return element(
        "CatalogLocations",
        *(
            element(f"{tag}Catalog", element("Directory", path=f"../catalogs/{folder}"))
            for tag, folder in (
                ("Vehicle", "vehicles"),
                ("Controller", "controllers"),
                ("Pedestrian", "pedestrians"),
                ("MiscObject", "objects"),
                ("Environment", "environments"),
            )
        ),
    )


def _entities(scenario: Scenario) -> Element:
    objects = [_object(EGO, scenario.ego_kind, "ego")]
    objects += [_object(actor.name, actor.kind) for actor in scenario.actors]
    return element("Entities", *objects)


def _object(name: str, kind: str, controller: str = "") -> Element:
    folder, entry = kind.split("/")
    if folder not in _CATALOGUES:
        raise ValueError(f"{name}: {kind!r} is in none of the catalogues {_CATALOGUES}")
    driver = element(
        "ObjectController", element("CatalogReference", catalogName="controllers", entryName=controller)
    )
    return element(
        "ScenarioObject",
        element("CatalogReference", catalogName=folder, entryName=entry),
        driver if controller else None,
        name=name,
    )


def _init(scenario: Scenario) -> Element:
    ego = Actor(
        name=EGO,
        kind=scenario.ego_kind,
        at=scenario.route[0],
        speed=scenario.ego_speed,
        begins=(
            actions.take_route("EgoRoute", scenario.route),
            actions.drive_by_controller(),
        ),
    )
    return element(
        "Init",
        element(
            "Actions",
            scenario.weather
            if isinstance(scenario.weather, Element)
            else actions.environment(scenario.weather),
            *scenario.world,
            *(_begins(actor) for actor in (ego, *scenario.actors)),
        ),
    )


def _begins(actor: Actor) -> Element:
    still = actor.kind.startswith("objects/")
    return element(
        "Private",
        actions.teleport(actor.at),
        None if still else actions.set_speed(actor.speed),
        *actor.begins,
        entityRef=actor.name,
    )


def _story(scenario: Scenario) -> Element | None:
    groups = [_group(actor.name, actor.name, actor.events) for actor in scenario.actors if actor.events]
    if scenario.ego_events:
        groups.append(_group(EGO, EGO, scenario.ego_events))
    if scenario.world_events:
        groups.append(_group("World", None, scenario.world_events))
    if not groups:
        return None
    return element(
        "Story",
        element("Act", *groups, _trigger("StartTrigger", "ActStart", (at_time(0),)), name="Course"),
        name="Story",
    )


def _group(name: str, entity: str | None, events: Sequence[Event]) -> Element:
    actors = element(
        "Actors",
        None if entity is None else element("EntityRef", entityRef=entity),
        selectTriggeringEntities=False,
    )
    return element(
        "ManeuverGroup",
        actors,
        element("Maneuver", *(c for event in events for c in _event(event)), name=f"{name}Maneuver"),
        maximumExecutionCount=1,
        name=f"{name}Group",
    )


def _event(event: Event) -> tuple[Content, ...]:
    done = element(
        "Event",
        *(
            element("Action", action, name=f"{event.name}Action{k}")
            for k, action in enumerate(event.does, start=1)
        ),
        _trigger("StartTrigger", event.name, event.when),
        maximumExecutionCount=1,
        name=event.name,
        priority=event.priority,
    )
    return (Comment(text=event.about), done) if event.about else (done,)


def _trigger(tag: str, name: str, conditions: Sequence[When]) -> Element:
    return element(
        tag,
        element(
            "ConditionGroup",
            *(_condition(f"{name}When{k}", condition) for k, condition in enumerate(conditions, start=1)),
        ),
    )


def _condition(name: str, condition: When) -> Element:
    return element(
        "Condition", condition.says, name=name, delay=condition.delay, conditionEdge=condition.edge
    )


def _stop(scenario: Scenario) -> Element:
    goal = near(EGO, scenario.route[-1], scenario.goal_m)
    return element(
        "StopTrigger",
        Comment(text="At the goal, or when time is up."),
        element(
            "ConditionGroup",
            _condition("AtGoal", When(says=goal.says, delay=_STOP_DELAY_S)),
        ),
        element("ConditionGroup", _condition("TimeIsUp", at_time(scenario.end_s))),
    )


def _range(parameter: Parameter) -> Element:
    return element(
        "DeterministicSingleParameterDistribution",
        element(
            "DistributionRange",
            element("Range", lowerLimit=parameter.least, upperLimit=parameter.most),
            stepWidth=parameter.step,
        ),
        parameterName=parameter.name,
    )


def _drawn(parameter: Parameter) -> Element:
    span = element("Range", lowerLimit=parameter.least, upperLimit=parameter.most)
    if parameter.spread == "normal":
        deviation = min(parameter.most - parameter.value, parameter.value - parameter.least) / 3.0
        how = element(
            "NormalDistribution", span, expectedValue=parameter.value, variance=round(deviation**2, 6)
        )
    else:
        how = element("UniformDistribution", span)
    return element("StochasticDistribution", how, parameterName=parameter.name)
