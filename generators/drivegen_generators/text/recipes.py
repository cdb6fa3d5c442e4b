"""How generated scenes are made to show a deed: what is set, and how certain it then is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from drivegen.core.words import Had
from drivegen_generators.text.deeds import CARS, LORRIES, ON_DUTY, RIDERS, ROBOTS, WALKERS
from drivegen_generators.text.scene import Actor, Amount, Deed, Form, Scene, What
from drivegen_generators.text.values import Values

FITTED = (
    Form.JUNCTION,
    Form.UNSIGNALISED,
    Form.STREET,
    Form.BEND,
    Form.SLOPE,
    Form.CAMPUS,
    Form.INDUSTRIAL_PARK,
)
"""Forms that take bus stops, parking lanes and works."""
PEOPLE = {Amount.NONE: 0, Amount.FEW: 4, Amount.SOME: 12, Amount.MANY: 35}
KIND: Mapping[Actor, str] = {
    Actor.CAR: "car",
    Actor.TAXI: "taxi",
    Actor.VAN: "van",
    Actor.BUS: "bus",
    Actor.TRUCK: "truck",
    Actor.CONCRETE_MIXER: "truck",
    Actor.AMBULANCE: "emergency",
    Actor.FIRE_ENGINE: "emergency",
    Actor.POLICE_CAR: "police",
    Actor.EBIKE: "motorcycle",
    Actor.MOTORCYCLE: "motorcycle",
    Actor.COURIER: "motorcycle",
    Actor.BICYCLE: "bicycle",
    Actor.TRICYCLE: "tricycle",
    Actor.DELIVERY_ROBOT: "unmanned_delivery",
    Actor.SWEEPER: "unmanned_sweeper",
    Actor.PATROL_ROBOT: "unmanned_patrol",
    Actor.RETAIL_ROBOT: "unmanned_retail",
    Actor.SHUTTLE: "autonomous_bus",
}
"""Names of `traffic.params.mix`."""
_RIDDEN = {
    Actor.EBIKE: "ebike",
    Actor.COURIER: "ebike",
    Actor.BICYCLE: "bicycle",
    Actor.TRICYCLE: "etricycle",
}
_LONG_ENOUGH_S = 12.0
"""A staged deed needs so long a scene."""


def form_of(scene: Scene) -> Form | None:
    """The form that is said, or that a deed needs."""
    if scene.place.form is not None:
        return scene.place.form
    needs = [_NEEDS[d.what] for d in scene.deeds if d.what in _NEEDS]
    if not needs and scene.place.work_zone:
        return Form.STREET
    return needs[0] if needs else None


def do(out: Values, scene: Scene, deed: Deed) -> None:
    """Sets what a deed needs, and notes what came of it."""
    recipe = _RECIPES.get(deed.what)
    asked = deed_name(deed)
    if recipe is None:
        out.had(asked, "generated traffic cannot be told to; `drivegen scenarios from-text` can", Had.NO)
        return
    recipe(out, scene, deed, asked)
    if deed.speed_kmh is not None:
        out.had(f"{asked} at {deed.speed_kmh:g} km/h", "at a drawn speed", Had.NO)


def deed_name(deed: Deed) -> str:
    """For people."""
    who = f"{deed.who.value} " if deed.who else ""
    times = f"{deed.count} x " if deed.count and deed.count > 1 else ""
    return f"{times}{who}{deed.what.value}".replace("_", " ")


def _staged(out: Values, name: str, count: int) -> None:
    staged = dict(out.values.get("traffic.params.staged", {}))
    staged[name] = min(5, staged.get(name, 0) + count)
    out.set("traffic.params.staged", staged)


def _needs_time(out: Values, scene: Scene) -> None:
    if scene.duration_s is None:
        out.at_least("scene.duration_s", _LONG_ENOUGH_S)


def _runs_red(out: Values, scene: Scene, deed: Deed, asked: str) -> None:
    who = deed.who or Actor.EBIKE
    count = deed.count or 1
    if who in _RIDDEN:
        staged = dict(out.values.get("traffic.params.staged", {}))
        out.set("traffic.params.staged", staged | {"rider": _RIDDEN[who]})
        _staged(out, "red_light", count)
        out.set("scene.warmup_s", 2.0)
        _needs_time(out, scene)
        got = f"{count} {_RIDDEN[who]} put before a red light, to cross the ego's way over the junction"
        out.had(asked, got)
    elif who in ON_DUTY:
        _emergency(out, scene, deed, asked)
    elif who in WALKERS:
        _jaywalks(out, scene, deed, asked)
    else:
        out.set("traffic.params.violations.red_light", 0.3)
        out.at_least("traffic.vehicles", 15)
        out.had(asked, "3 in 10 vehicles pass red lights; none is put before the ego", Had.PARTLY)


def _emergency(out: Values, scene: Scene, deed: Deed, asked: str) -> None:
    del scene
    _staged(out, "emergency", deed.count or 1)
    out.at_least("traffic.vehicles", 6)
    out.had(
        asked,
        "an emergency or police vehicle near the ego, on its way with beacon, past red lights",
        Had.PARTLY,
    )


def _runs_out(out: Values, scene: Scene, deed: Deed, asked: str) -> None:
    if deed.who in (Actor.DOG, *RIDERS):
        out.had(asked, "generated people run out, no animals and no riders", Had.NO)
        return
    count = deed.count or 1
    out.set("pedestrians.params.dart_outs", count)
    if deed.who is Actor.CHILD:
        out.set("pedestrians.params.child_share", 0.5)
    out.set("traffic.params.parked", 0.85)
    out.at_least("pedestrians.pedestrians", 6 + count)
    out.had(asked, f"{count} who runs out from behind a parked vehicle before the ego")
    _needs_time(out, scene)


def _jaywalks(out: Values, scene: Scene, deed: Deed, asked: str) -> None:
    count = max(deed.count or 3, 1)
    people = max(PEOPLE[scene.people.amount] if scene.people.amount else 0, scene.people.count or 0, 8)
    out.at_least("pedestrians.pedestrians", people)
    out.set("pedestrians.params.jaywalking_share", round(min(1.0, max(0.5, count / people)), 3))
    out.set("pedestrians.params.group_share", 0.7)
    out.had(asked, "at least half of the people jaywalk, most of them in groups")
    _needs_time(out, scene)


def _crosses(out: Values, scene: Scene, deed: Deed, asked: str) -> None:
    if deed.who in ROBOTS:
        out.had(asked, "generated unmanned vehicles keep to lanes", Had.NO)
        return
    out.at_least("pedestrians.pedestrians", max(8, scene.people.count or 0))
    out.set("pedestrians.params.crossing_share", 1.0)
    out.set("pedestrians.params.kerb_share", 0.9)
    if deed.who is Actor.CHILD:
        out.set("pedestrians.params.child_share", 0.6)
    special = deed.who in (Actor.OLD_PERSON, Actor.WHEELCHAIR, Actor.WORKER)
    got = "people start at crossings and cross" + ("; who they are is drawn" if special else "")
    out.had(asked, got, Had.PARTLY if special else Had.YES)


def _cuts_in(out: Values, scene: Scene, deed: Deed, asked: str) -> None:
    del scene
    _staged(out, "cut_in", deed.count or 1)
    out.at_least("traffic.vehicles", 8)
    drawn = deed.who not in (None, *CARS)
    got = "a vehicle beside the ego's lane changes into it as the ego comes near"
    out.had(
        asked, got + ("; it is a car, a taxi or a van" if drawn else ""), Had.PARTLY if drawn else Had.YES
    )


def _wrong_way(out: Values, scene: Scene, deed: Deed, asked: str) -> None:
    del scene
    if deed.who not in (None, *RIDERS):
        out.had(asked, "generated vehicles keep their direction; e-bikes alone do not", Had.NO)
        return
    out.set("traffic.params.riders", {"count": 6, "mix": {"ebike": 1.0}})
    out.set("traffic.params.violations.wrong_way", 1.0)
    other = deed.who not in (None, Actor.EBIKE, Actor.COURIER)
    got = "e-bikes in bicycle lanes ride against the traffic"
    out.had(asked, got + (f"; no {deed.who} does" if other else ""), Had.PARTLY if other else Had.YES)


def _pulls_out(out: Values, scene: Scene, deed: Deed, asked: str) -> None:
    if deed.who not in (None, Actor.BUS) or form_of(scene) not in FITTED:
        out.had(asked, "buses leave their stops, on roads with stops; others do not", Had.NO)
        return
    params = dict(out.values.get("map.params", {}))
    out.set("map.params", params | {"bus_stops": 2})
    out.set("traffic.params.bus_stops", 1.0)
    out.had(asked, "a bus stands at each stop near the ego and drives on after 3 to 25 s", Had.PARTLY)
    if scene.duration_s is None:
        out.at_least("scene.duration_s", 20.0)


def _stands(out: Values, scene: Scene, deed: Deed, asked: str) -> None:
    _staged(out, "illegal_stop", deed.count or 1)
    out.at_least("traffic.vehicles", 12)
    _needs_time(out, scene)
    drawn = deed.who not in (None, *CARS, *LORRIES)
    out.had(
        asked,
        "a vehicle ahead of the ego stops in its lane with hazard lights",
        Had.PARTLY if drawn else Had.YES,
    )


def _swarm(out: Values, scene: Scene, deed: Deed, asked: str) -> None:
    del scene, deed
    out.set("traffic.params.riders", {"count": 25})
    out.had(asked, "25 riders in bicycle lanes, where the road has any", Had.PARTLY)


def _works_slowly(out: Values, scene: Scene, deed: Deed, asked: str) -> None:
    del scene
    name = KIND[deed.who] if deed.who in ROBOTS and deed.who in KIND else "unmanned_sweeper"
    out.set("traffic.params.mix", {"car": 0.7, name: 0.3})
    out.at_least("traffic.vehicles", 10)
    out.had(asked, f"3 in 10 vehicles are {name}, in the lane at the kerb", Had.PARTLY)


def _jam(out: Values, scene: Scene, deed: Deed, asked: str) -> None:
    del scene, deed
    out.set("traffic.params.queue_share", 0.5)
    out.at_least("traffic.vehicles", 45)
    out.had(asked, "45 vehicles, half of them in queues at lights", Had.PARTLY)


def _works(out: Values, scene: Scene, deed: Deed, asked: str) -> None:
    del deed
    if form_of(scene) in FITTED:
        out.had(asked, "a work zone, where the road is long enough", Had.PARTLY)
    else:
        out.had(asked, "this road has none", Had.NO)


_RECIPES: Mapping[What, Callable[[Values, Scene, Deed, str], None]] = {
    What.RUNS_RED_LIGHT: _runs_red,
    What.FROM_BEHIND: _emergency,
    What.RUNS_OUT: _runs_out,
    What.JAYWALKS: _jaywalks,
    What.CROSSES: _crosses,
    What.CUTS_IN: _cuts_in,
    What.WRONG_WAY: _wrong_way,
    What.PULLS_OUT: _pulls_out,
    What.STANDS_IN_LANE: _stands,
    What.SWARM: _swarm,
    What.WORKS_SLOWLY: _works_slowly,
    What.STOP_AND_GO: _jam,
    What.QUEUE_AHEAD: _jam,
    What.WORK_ZONE: _works,
}
_NEEDS: Mapping[What, Form] = {
    What.RUNS_RED_LIGHT: Form.JUNCTION,
    What.RUNS_OUT: Form.STREET,
    What.JAYWALKS: Form.STREET,
    What.CROSSES: Form.STREET,
    What.PULLS_OUT: Form.STREET,
    What.CUTS_IN: Form.STREET,
    What.STANDS_IN_LANE: Form.STREET,
    What.WORK_ZONE: Form.STREET,
}
"""Roads on which a deed can be seen, where the sentence names none."""
