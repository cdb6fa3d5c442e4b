"""Small scenarios for the player's tests: a straight road of six lanes, entities, what they do."""

from __future__ import annotations

from drivegen.opendrive.reader import read_network
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.player.rows import Row
from drivegen.scenario.player.simulate import Course, simulate
from drivegen.scenario.reader import parse_scenario

LANE = '<lane id="{}" type="driving" level="false"><width sOffset="0" a="3.5" b="0" c="0" d="0"/></lane>'
STRAIGHT = f"""<OpenDRIVE><header revMajor="1" revMinor="4"/>
<road name="" length="2000" id="0" junction="-1">
<planView><geometry s="0" x="0" y="0" hdg="0" length="2000"><line/></geometry></planView>
<lanes><laneSection s="0">
<left>{"".join(LANE.format(i) for i in (3, 2, 1))}</left><center><lane id="0" type="none"/></center>
<right>{"".join(LANE.format(i) for i in (-1, -2, -3))}</right>
</laneSection></lanes></road></OpenDRIVE>"""
"""Right lanes lie at t = -1.75, -5.25, -8.75."""

CAR = """<Vehicle name="car" vehicleCategory="car"><BoundingBox><Center x="1.5" y="0" z="0.75"/>
<Dimensions width="2" length="5" height="1.5"/></BoundingBox>
<Performance maxSpeed="70" maxAcceleration="10" maxDeceleration="10"/>
<Axles><FrontAxle maxSteering="0.5" wheelDiameter="0.6" trackWidth="1.6" positionX="2.8" positionZ="0.3"/>
<RearAxle maxSteering="0" wheelDiameter="0.6" trackWidth="1.6" positionX="0" positionZ="0.3"/></Axles>
<Properties/></Vehicle>"""


def lane(s: float, lane_id: int = -1, offset: float = 0.0, road: int = 0) -> str:
    """A lane position."""
    return (
        f'<Position><LanePosition roadId="{road}" laneId="{lane_id}" s="{s}" offset="{offset}"/></Position>'
    )


def teleport(position: str) -> str:
    """A teleport as a private action."""
    return f"<PrivateAction><TeleportAction>{position}</TeleportAction></PrivateAction>"


def speed(value: float, shape: str = "step", dimension: str = "time", by: float = 0.0) -> str:
    """A change of speed as a private action."""
    return (
        "<PrivateAction><LongitudinalAction><SpeedAction>"
        f'<SpeedActionDynamics dynamicsShape="{shape}" dynamicsDimension="{dimension}" value="{by}"/>'
        f'<SpeedActionTarget><AbsoluteTargetSpeed value="{value}"/></SpeedActionTarget>'
        "</SpeedAction></LongitudinalAction></PrivateAction>"
    )


def lane_change(to: int, shape: str = "sinusoidal", dimension: str = "time", by: float = 2.0) -> str:
    """A change to a lane by its id."""
    return (
        "<PrivateAction><LateralAction><LaneChangeAction>"
        f'<LaneChangeActionDynamics dynamicsShape="{shape}" dynamicsDimension="{dimension}" value="{by}"/>'
        f'<LaneChangeTarget><AbsoluteTargetLane value="{to}"/></LaneChangeTarget>'
        "</LaneChangeAction></LateralAction></PrivateAction>"
    )


def condition(inner: str, edge: str = "none", delay: float = 0.0, name: str = "c") -> str:
    """A condition."""
    return f'<Condition name="{name}" delay="{delay}" conditionEdge="{edge}">{inner}</Condition>'


def after(time: float, rule: str = "greaterOrEqual") -> str:
    """What asks for the simulation time."""
    return f'<ByValueCondition><SimulationTimeCondition value="{time}" rule="{rule}"/></ByValueCondition>'


def state(kind: str, name: str, state_name: str) -> str:
    """What asks for the state of an element."""
    return (
        f'<ByValueCondition><StoryboardElementStateCondition storyboardElementType="{kind}" '
        f'storyboardElementRef="{name}" state="{state_name}"/></ByValueCondition>'
    )


def by_entity(name: str, inner: str, rule: str = "any") -> str:
    """A condition of an entity."""
    return (
        f'<ByEntityCondition><TriggeringEntities triggeringEntitiesRule="{rule}">'
        f'<EntityRef entityRef="{name}"/></TriggeringEntities>'
        f"<EntityCondition>{inner}</EntityCondition></ByEntityCondition>"
    )


def event(name: str, actions: str, *conditions: str, priority: str = "parallel", count: int = 1) -> str:
    """An event that begins when all its conditions are met."""
    trigger = ""
    if conditions:
        trigger = f"<StartTrigger><ConditionGroup>{''.join(conditions)}</ConditionGroup></StartTrigger>"
    wrapped = "".join(
        f'<Action name="{name}-{i}">{a}</Action>' for i, a in enumerate(actions.split("\n")) if a.strip()
    )
    opening = f'<Event name="{name}" priority="{priority}" maximumExecutionCount="{count}">'
    return f"{opening}{wrapped}{trigger}</Event>"


def group(actor: str, *events: str, count: int = 1, name: str = "group") -> str:
    """A maneuver group of one actor and one maneuver."""
    return (
        f'<ManeuverGroup name="{name}-{actor}" maximumExecutionCount="{count}">'
        f'<Actors selectTriggeringEntities="false"><EntityRef entityRef="{actor}"/></Actors>'
        f'<Maneuver name="maneuver-{actor}">{"".join(events)}</Maneuver></ManeuverGroup>'
    )


def scenario(
    init: dict[str, str],
    *groups: str,
    stop: str = "",
    declarations: str = "",
    global_init: str = "",
    entities: dict[str, str] | None = None,
    signals: str = "",
    version: int = 2,
) -> Scenario:
    """A scenario: initial actions by entity, one act with the groups, a condition that ends it."""
    story = ""
    if groups:
        story = f'<Story name="story"><Act name="act">{"".join(groups)}<StartTrigger/></Act></Story>'
    objects = "".join(
        f'<ScenarioObject name="{name}">{(entities or {}).get(name, CAR)}</ScenarioObject>'
        for name in {**init, **(entities or {})}
    )
    privates = "".join(f'<Private entityRef="{n}">{a}</Private>' for n, a in init.items() if a)
    end = f"<StopTrigger><ConditionGroup>{stop}</ConditionGroup></StopTrigger>" if stop else "<StopTrigger/>"
    return parse_scenario(
        f"""<OpenSCENARIO><FileHeader revMajor="1" revMinor="{version}" date="2024-05-01T12:00:00"
        description="" author="us"/>{declarations}<CatalogLocations/><RoadNetwork>{signals}</RoadNetwork>
        <Entities>{objects}</Entities><Storyboard><Init><Actions>{global_init}{privates}</Actions></Init>
        {story}{end}</Storyboard></OpenSCENARIO>""".encode()
    )


def run(what: Scenario, limit: float = 10.0, dt: float = 0.05, road: str = STRAIGHT) -> Course:
    """Plays a scenario on a road."""
    return simulate(what, read_network(road, "road.xodr"), dt, limit_s=limit)


def at(course: Course, name: str, time: float) -> Row:
    """An entity's row at a time."""
    return next(r for r in course.rows if r.name == name and abs(r.time_s - time) < 1e-6)


def when(course: Course, path: str, transition: str) -> list[float]:
    """Times at which an element went through a transition."""
    return [
        h.time_s for h in course.happened if h.path.split("::")[-1] == path and h.transition == transition
    ]
