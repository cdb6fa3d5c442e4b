"""A scene that was understood, as an OpenSCENARIO file: the library's courses with other actors, speeds and
weather, joined where they share a road and a route.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from drivegen.core.words import Had, Wish
from drivegen_generators.scenarios.actions import keep_distance
from drivegen_generators.scenarios.courses import SCENARIOS
from drivegen_generators.scenarios.places import beside
from drivegen_generators.scenarios.roads import road_text
from drivegen_generators.scenarios.scenario import (
    EGO,
    Actor,
    Event,
    Parameter,
    Scenario,
    distribution_text,
    scenario_text,
)
from drivegen_generators.scenarios.triggers import at_time
from drivegen_generators.scenarios.xml import Element
from drivegen_generators.text import weather
from drivegen_generators.text.deeds import BY_FORM, BY_MANEUVER, FORM_OF, KINDS, Shown, shown
from drivegen_generators.text.recipes import deed_name
from drivegen_generators.text.scene import Amount, Deed, EgoKind, Form, Maneuver, Scene

GROUP = "words"
"""Folder of the file, beside `roads` and `catalogs`."""
_BY_NAME: Mapping[str, Scenario] = {s.name: s for s in SCENARIOS}
_FORMS: Mapping[str, tuple[Form, ...]] = {s.name: FORM_OF[s.road] for s in SCENARIOS}
_EGO = {
    EgoKind.CAR: "vehicles/ego_car",
    EgoKind.BUS: "vehicles/bus",
    EgoKind.TRUCK: "vehicles/light_truck",
    EgoKind.DELIVERY_ROBOT: "vehicles/unmanned_delivery",
}
_FOLLOWERS = {Amount.NONE: 0, Amount.FEW: 1, Amount.SOME: 1, Amount.MANY: 2}
_FOLLOWER_KINDS = ("vehicles/hatchback", "vehicles/suv")
_FOLLOWER_M, _FOLLOWER_GAP_M = 22.0, 10.0
_LEAST_END_S = 5.0


@dataclass(slots=True, kw_only=True)
class Compiled:
    """A scenario while it is put together."""

    scenario: Scenario
    happens: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Events by the deed that they are."""
    wishes: list[Wish] = field(default_factory=list)

    def had(self, asked: str, got: str, had: Had = Had.YES) -> None:
        """Notes a wish."""
        self.wishes.append(Wish(asked=asked, got=got, had=had))


def compile_scenario(scene: Scene, sentence: str) -> tuple[dict[str, str], str, Compiled]:
    """Files by path, which of them is the scenario, and what came of the scene."""
    out = _base(scene)
    for deed in scene.deeds[1:]:
        _join(out, scene, deed)
    _ego(out, scene)
    _conditions(out, scene)
    _others(out, scene)
    _place(out, scene)
    _limits(out, scene)
    digest = hashlib.sha256(f"{sentence}\n{scene.model_dump_json()}".encode()).hexdigest()[:8]
    made = dataclasses.replace(
        out.scenario,
        name=f"{out.scenario.name}_{digest}",
        group=GROUP,
        happens=f"{out.scenario.happens} Asked for in these words: {printable(sentence)}",
    )
    out.scenario = made
    files = {
        made.path: scenario_text(made),
        made.distribution_path: distribution_text(made),
        f"roads/{made.road}.xodr": road_text(made.road),
    }
    return files, made.path, out


def printable(sentence: str) -> str:
    """A sentence without what XML cannot hold."""
    return "".join(c if c.isprintable() else " " for c in sentence)


def _base(scene: Scene) -> Compiled:
    if scene.deeds:
        deed = scene.deeds[0]
        row = _row(scene, deed)
        out = Compiled(scenario=_BY_NAME[row.scenario])
        _cast(out, out.scenario, row, deed)
        return out
    maneuver = scene.ego.maneuver
    if maneuver is not None and maneuver in BY_MANEUVER:
        scenario = _BY_NAME[BY_MANEUVER[maneuver]]
        out = Compiled(scenario=scenario)
        out.had(f"the ego: {maneuver.value.replace('_', ' ')}", scenario.happens)
        return out
    form = scene.place.form or Form.JUNCTION
    whose = _BY_NAME[BY_FORM.get(form, BY_FORM[Form.JUNCTION])]
    bare = dataclasses.replace(
        whose,
        name=f"drive_{whose.road}",
        title="The ego drives its way",
        title_zh="主车正常行驶",
        happens="The ego drives its way; nobody does anything in particular.",
        asked="Drives on.",
        actors=(),
        ego_events=(),
        parameters=tuple(p for p in whose.parameters if p.name == "EgoSpeed_kmh"),
        criteria={m: whose.criteria[m] for m in ("collisions", "off_road", "goal_s") if m in whose.criteria},
        tags=dataclasses.replace(whose.tags, classes=("car",), cncap=()),
    )
    return Compiled(scenario=bare)


def _row(scene: Scene, deed: Deed) -> Shown:
    return shown(
        deed.what,
        deed.who,
        forms=_FORMS,
        form=scene.place.form,
        sky=scene.conditions.sky,
        maneuver=scene.ego.maneuver,
    )


def _cast(out: Compiled, scenario: Scenario, row: Shown, deed: Deed) -> None:
    """Gives the deed to whom it was said to be, at the speed that was said."""
    asked = deed_name(deed)
    who = deed.who
    actors = list(scenario.actors)
    player = next((k for k, a in enumerate(actors) if a.name == row.who), None)
    got, had = f"{scenario.title} (as {scenario.name})", Had.YES
    if who is not None and player is not None and who in row.actors:
        if who is not row.actors[0]:
            actors[player] = dataclasses.replace(actors[player], kind=KINDS[who])
            got += f", by {KINDS[who]}"
    elif who is not None and who not in row.actors:
        got, had = f"{got}; not by a {who.value.replace('_', ' ')}", Had.PARTLY
    if deed.count is not None and deed.count > 1:
        group = actors[player].kind.split("/")[0] if player is not None else ""
        alike = sum(a.kind.split("/")[0] == group for a in actors)
        if alike < deed.count:
            got, had = f"{got}; {max(alike, 1)}, not {deed.count}", Had.PARTLY
    out.scenario = dataclasses.replace(out.scenario, actors=tuple(actors))
    out.had(asked, got, had)
    doers = [actors[player]] if player is not None else [a for a in actors if a.events]
    events = tuple(a.events[0].name for a in doers if a.events)
    if events:
        out.happens[asked] = events
    if deed.speed_kmh is not None:
        _speed(out, f"{row.who}Speed_kmh", deed.speed_kmh, f"{asked} at {deed.speed_kmh:g} km/h")


def _speed(out: Compiled, name: str, asked_kmh: float, asked: str) -> None:
    parameters = list(out.scenario.parameters)
    found = next((k for k, p in enumerate(parameters) if p.name == name), None)
    if found is None:
        out.had(asked, "this course has no such parameter", Had.NO)
        return
    parameter = parameters[found]
    value = min(max(asked_kmh, parameter.least), parameter.most)
    parameters[found] = dataclasses.replace(parameter, value=value)
    out.scenario = dataclasses.replace(out.scenario, parameters=tuple(parameters))
    within = value == asked_kmh
    span = "" if within else f"; the course is made for {parameter.least:g} to {parameter.most:g}"
    out.had(asked, f"{value:g} km/h{span}", Had.YES if within else Had.PARTLY)


def _join(out: Compiled, scene: Scene, deed: Deed) -> None:
    """A further course on the same road, with the same route of the ego and the same lights."""
    row = _row(scene, deed)
    other, base = _BY_NAME[row.scenario], out.scenario
    asked = deed_name(deed)
    if other.road != base.road:
        out.had(asked, f"happens on another road ({other.road}); say it in a sentence of its own", Had.NO)
        return
    same = _way(other) == _way(base) and other.world == base.world
    if not same or other.world_events or other.ego_events:
        out.had(asked, f"needs another way of the ego or other lights ({other.name})", Had.NO)
        return
    taken = {a.name for a in base.actors}
    if any(a.name in taken for a in other.actors):
        out.had(asked, "the same course twice", Had.NO)
        return
    joined = Compiled(scenario=other)
    _cast(joined, other, row, deed)
    have = {p.name for p in base.parameters}
    added: tuple[Parameter, ...] = tuple(p for p in joined.scenario.parameters if p.name not in have)
    out.scenario = dataclasses.replace(
        base,
        actors=(*base.actors, *joined.scenario.actors),
        parameters=(*base.parameters, *added),
        happens=f"{base.happens} And: {other.happens}",
        end_s=max(base.end_s, other.end_s),
        variables={**base.variables, **other.variables},
    )
    out.wishes += joined.wishes
    out.happens.update(joined.happens)


def _way(scenario: Scenario) -> list[tuple[str, str]]:
    """Roads and lanes of the ego's route; where on them it begins and ends, courses allow for."""
    out = []
    for point in scenario.route:
        place = point.children[0]
        attributes = dict(place.attributes) if isinstance(place, Element) else {}
        out.append((attributes.get("roadId", ""), attributes.get("laneId", "")))
    return out


def _ego(out: Compiled, scene: Scene) -> None:
    ego, scenario = scene.ego, out.scenario
    if ego.kind is not None:
        kind = _EGO[ego.kind]
        if scenario.ego_kind != kind:
            out.scenario = dataclasses.replace(scenario, ego_kind=kind)
        out.had(f"the ego is a {ego.kind.value.replace('_', ' ')}", kind)
    if ego.speed_kmh is not None:
        _speed(out, "EgoSpeed_kmh", ego.speed_kmh, f"the ego drives {ego.speed_kmh:g} km/h")
    if ego.maneuver not in (None, Maneuver.STRAIGHT) and scene.deeds:
        base = _row(scene, scene.deeds[0])
        fits = ego.maneuver in base.maneuvers or _BY_NAME[base.scenario].name == BY_MANEUVER.get(ego.maneuver)
        says = f"the ego: {ego.maneuver.value.replace('_', ' ')}"
        if fits or (ego.maneuver is Maneuver.RIGHT and base.scenario == "right_turn_ebike"):
            out.had(says, "as in the course")
        else:
            out.had(says, f"the ego goes the way of the course {base.scenario}", Had.NO)


def _conditions(out: Compiled, scene: Scene) -> None:
    conditions = scene.conditions
    said = weather.told(conditions)
    if not said:
        return
    out.scenario = dataclasses.replace(out.scenario, weather=weather.environment(conditions))
    for asked, got in said.items():
        if asked == "snow":
            out.had(asked, "slippery road in the file; CARLA 0.9.16 draws no snow", Had.PARTLY)
        elif asked == "dust":
            out.had(asked, "short sight and wind; OpenSCENARIO has no dust", Had.PARTLY)
        else:
            out.had(asked.replace("_", " "), got)


def _others(out: Compiled, scene: Scene) -> None:
    traffic, people = scene.traffic, scene.people
    wanted = None
    if traffic.amount is not None:
        wanted = _FOLLOWERS[traffic.amount]
    elif traffic.vehicles is not None:
        wanted = min(2, traffic.vehicles)
    if wanted is not None:
        for k in range(wanted):
            _follow(out, k)
        said = f"{traffic.amount} vehicles" if traffic.amount else f"{traffic.vehicles} vehicles"
        got = f"{wanted} behind the ego and those of the course; `drivegen generate` fills a scene"
        out.had(said, got, Had.PARTLY if wanted else Had.YES)
    if traffic.riders is not None:
        out.had(f"{traffic.riders} riders", "those of the course; `drivegen generate` has more", Had.PARTLY)
    if traffic.kinds:
        kinds = {a.kind for a in out.scenario.actors}
        for kind in traffic.kinds:
            there = KINDS[kind] in kinds
            got = "is in the course" if there else "is not in the course; `drivegen generate` has it"
            out.had(kind.value.replace("_", " "), got, Had.YES if there else Had.NO)
    if people.amount not in (None, Amount.NONE) or people.count:
        said = f"{people.amount} people" if people.amount else f"{people.count} people"
        out.had(said, "those of the course; `drivegen generate` has more", Had.PARTLY)


def _follow(out: Compiled, k: int) -> None:
    """A vehicle behind the ego, or behind the one before, that keeps its distance."""
    name, leader = f"Follower{k + 1}", EGO if k == 0 else f"Follower{k}"
    out.scenario = dataclasses.replace(
        out.scenario,
        actors=(
            *out.scenario.actors,
            Actor(
                name=name,
                kind=_FOLLOWER_KINDS[k % len(_FOLLOWER_KINDS)],
                at=beside(EGO, 0, -_FOLLOWER_M * (k + 1)),
                speed="${$EgoSpeed_kmh / 3.6}",
                events=(
                    Event(
                        name=f"{name}Follows",
                        when=(at_time(0),),
                        does=(keep_distance(leader, _FOLLOWER_GAP_M, 2.0, 8.0, 30.0),),
                    ),
                ),
            ),
        ),
    )


def _place(out: Compiled, scene: Scene) -> None:
    place, road = scene.place, out.scenario.road
    forms = FORM_OF[road]
    if place.form is not None:
        fits = place.form in forms
        got = f"road {road}" if fits else f"road {road}: the course happens there"
        out.had(place.form.value.replace("_", " "), got, Had.YES if fits else Had.NO)
    if place.zone is not None:
        out.had(
            place.zone.value, f"road {road} at the zone's place; not the survey of a real one", Had.PARTLY
        )
    for asked, label, roads in (
        (place.bus_stop, "a bus stop", ("street_with_zebra", "campus")),
        (place.parked_cars, "parked cars", ("parking_street", "campus")),
        (place.work_zone, "a work zone", ("work_zone_street",)),
    ):
        if asked:
            there = road in roads
            out.had(label, f"road {road}" + ("" if there else " has none"), Had.YES if there else Had.NO)
    for number, label in ((place.arms, "arms"), (place.lanes, "lanes")):
        if number is not None:
            out.had(f"{number} {label}", f"road {road} as it is", Had.NO)


def _limits(out: Compiled, scene: Scene) -> None:
    if scene.duration_s is not None:
        end = max(_LEAST_END_S, float(scene.duration_s))
        out.scenario = dataclasses.replace(out.scenario, end_s=end)
        out.had(f"{scene.duration_s:g} s", f"ends after {end:g} s at the latest")
    if scene.scenes is not None and scene.scenes > 1:
        out.had(f"{scene.scenes} scenes", "one scenario; its distribution file varies it", Had.PARTLY)
    if scene.seed is not None:
        out.had(f"seed {scene.seed}", "nothing is drawn in a scenario", Had.NO)
