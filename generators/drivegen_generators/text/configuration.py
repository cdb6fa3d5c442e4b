"""A scene that was understood, as values of a job's configuration.

Keys are enumerated here and values bounded by the schema; no text of a sentence or of a model is among
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drivegen.core.words import Had, Wish
from drivegen_generators.text import recipes
from drivegen_generators.text.recipes import FITTED, KIND, PEOPLE, form_of
from drivegen_generators.text.scene import (
    Amount,
    Conditions,
    EgoKind,
    Form,
    Maneuver,
    Scene,
    Season,
    Sky,
    Time,
    What,
)
from drivegen_generators.text.values import Values
from drivegen_generators.weather.daylight import Daylight

YIZHUANG_DEG = (39.795, 116.506)
YEAR = 2026

PLUGIN_OF: Mapping[Form, str] = {
    Form.JUNCTION: "junction",
    Form.UNSIGNALISED: "unsignalised",
    Form.STREET: "midblock",
    Form.BEND: "midblock",
    Form.SLOPE: "midblock",
    Form.ROUNDABOUT: "roundabout",
    Form.EXPRESSWAY: "expressway",
    Form.CAMPUS: "campus",
    Form.INDUSTRIAL_PARK: "industrial_park",
    Form.OVERPASS: "overpass",
    Form.TUNNEL: "tunnel",
}
_ARMS = {Form.JUNCTION: (3, 4), Form.UNSIGNALISED: (3, 4), Form.ROUNDABOUT: (3, 5)}
_LANES: Mapping[Form, tuple[str, int, int]] = {
    Form.JUNCTION: ("lanes", 2, 5),
    Form.UNSIGNALISED: ("main_lanes", 1, 2),
    Form.STREET: ("lanes", 1, 4),
    Form.BEND: ("lanes", 1, 4),
    Form.SLOPE: ("lanes", 1, 4),
    Form.ROUNDABOUT: ("circulating_lanes", 1, 2),
    Form.EXPRESSWAY: ("lanes", 2, 4),
    Form.OVERPASS: ("lanes", 1, 2),
    Form.TUNNEL: ("lanes", 1, 2),
    Form.INDUSTRIAL_PARK: ("ring_lanes", 1, 2),
}
"""The option of the form, least and most."""

_DAY = {Season.SPRING: 105, Season.SUMMER: 196, Season.AUTUMN: 288, Season.WINTER: 15}
MIDSUMMER = 172
_HOUR = {
    Time.MORNING: 9.0,
    Time.RUSH_HOUR: 8.0,
    Time.NOON: 12.5,
    Time.AFTERNOON: 15.0,
    Time.NIGHT: 22.5,
}
_LOW_SUN_DEG = 1.5
"""Dawn and dusk are when the sun stands so high."""

VEHICLES = {Amount.NONE: 0, Amount.FEW: 6, Amount.SOME: 20, Amount.MANY: 45}
RIDERS_BESIDE = {Amount.NONE: 0, Amount.FEW: 3, Amount.SOME: 8, Amount.MANY: 20}
_BLUEPRINT = {
    EgoKind.CAR: "vehicle.lincoln.mkz_2020",
    EgoKind.BUS: "vehicle.mitsubishi.fusorosa",
    EgoKind.TRUCK: "vehicle.carlamotors.carlacola",
}


def compile_scenes(scene: Scene) -> tuple[dict[str, Any], tuple[Wish, ...]]:
    """Values by key, and what of the scene can be had in generated scenes."""
    out = Values()
    _place(out, scene)
    _conditions(out, scene.conditions)
    _traffic(out, scene)
    _people(out, scene)
    _ego(out, scene)
    for deed in scene.deeds:
        recipes.do(out, scene, deed)
    if scene.duration_s is not None:
        out.set("scene.duration_s", float(scene.duration_s))
        out.had(f"{scene.duration_s:g} s", f"scenes of {scene.duration_s:g} s")
    if scene.scenes is not None:
        out.set("job.scenes", scene.scenes)
        out.had(f"{scene.scenes} scenes", f"{scene.scenes} scenes")
    if scene.seed is not None:
        out.set("job.seed", scene.seed)
        out.had(f"seed {scene.seed}", f"seed {scene.seed}")
    return out.values, tuple(out.wishes)


def day_of(conditions: Conditions) -> int:
    """The day of the year that a season stands for."""
    return _DAY[conditions.season] if conditions.season else MIDSUMMER


def hour_of(conditions: Conditions) -> float | None:
    """The local hour that is meant, at the zone's place on its day; none where nothing is said."""
    if conditions.hour is not None:
        return conditions.hour
    if conditions.time is None:
        return None
    if conditions.time not in (Time.DAWN, Time.DUSK):
        return _HOUR[conditions.time]
    day = Daylight.of(YEAR, day_of(conditions), *YIZHUANG_DEG)
    hour = day.hour_at(_LOW_SUN_DEG, morning=conditions.time is Time.DAWN, what="words")
    return round(hour, 2)


def _place(out: Values, scene: Scene) -> None:
    place, form = scene.place, form_of(scene)
    if form is None and (place.zone or place.lanes or place.arms or place.bus_stop or place.parked_cars):
        form = Form.JUNCTION
    if form is None:
        return
    params: dict[str, Any] = {}
    out.set("map.plugin", PLUGIN_OF[form])
    out.set("map.file", None)
    said = place.form.value if place.form else "a place"
    out.had(said, f"road form {PLUGIN_OF[form]}")
    if form is Form.BEND:
        params["bend_radius_m"] = 150.0
    if form is Form.SLOPE:
        params["grade_percent"] = [4.0, 5.0]
    if form is Form.JUNCTION and any(d.what is What.RUNS_RED_LIGHT for d in scene.deeds):
        # A compact crossing, so that the rider is near when it crosses, and lanes that do not fork.
        params |= {"slips": False, "left_turn_pockets": False, "lanes": [3] * (scene.place.arms or 4)}
    if place.arms is not None:
        low, high = _ARMS.get(form, (0, 0))
        if low <= place.arms <= high:
            params["arms"] = place.arms
            out.had(f"{place.arms} arms", f"{place.arms} arms")
        else:
            out.had(f"{place.arms} arms", f"{PLUGIN_OF[form]} has none or {low} to {high}", Had.NO)
    if place.lanes is not None:
        _lanes(out, form, place.lanes, params, scene)
    for asked, name, label in (
        (place.bus_stop, "bus_stops", "a bus stop"),
        (place.work_zone or any(d.what is What.WORK_ZONE for d in scene.deeds), "work_zones", "a work zone"),
        (
            place.parked_cars or any(d.what is What.RUNS_OUT for d in scene.deeds),
            "parking_lanes",
            "parked cars",
        ),
    ):
        if not asked:
            continue
        if form not in FITTED:
            out.had(label, f"{PLUGIN_OF[form]} has none", Had.NO)
            continue
        params[name] = 2 if name != "work_zones" else 1
        if name == "parking_lanes":
            out.set("traffic.params.parked", 0.85)
            if form in (Form.STREET, Form.BEND, Form.SLOPE):
                # Bays along both arms, and the ego beside them.
                params["parking_lanes"] = 4
                params.setdefault("lanes", 1)
                params.setdefault("arm_length_m", [160.0, 200.0])
        if name == "work_zones" and form in (Form.STREET, Form.BEND, Form.SLOPE):
            params.setdefault("lanes", 3)
            params.setdefault("arm_length_m", [220.0, 260.0])
        got = f"up to {params[name]} of {name}, where the road is long enough"
        out.had(label, got, Had.PARTLY if name == "work_zones" else Had.YES)
    if place.zone is not None:
        out.had(
            place.zone.value,
            "a drawn road at the zone's latitude and longitude; not the survey of a real place",
            Had.PARTLY,
        )
    out.set("map.params", params)


def _lanes(out: Values, form: Form, lanes: int, params: dict[str, Any], scene: Scene) -> None:
    name, low, high = _LANES.get(form, ("", 0, -1))
    if not low <= lanes <= high:
        why = (
            f"{PLUGIN_OF[form]} has {low} to {high}" if name else f"{PLUGIN_OF[form]} has no choice of lanes"
        )
        out.had(f"{lanes} lanes", why, Had.NO)
        return
    arms = params.get("arms", scene.place.arms or 4)
    params[name] = [lanes] * arms if form is Form.JUNCTION else lanes
    out.had(f"{lanes} lanes", f"{lanes} lanes a direction")


def _conditions(out: Values, conditions: Conditions) -> None:
    sky, hour = conditions.sky, hour_of(conditions)
    if sky is None and hour is None and conditions.season is None:
        return
    preset = sky.value if sky else "clear"
    if sky is Sky.SNOW:
        preset = "overcast"
        out.had("snow", "CARLA 0.9.16 has no snow; an overcast sky", Had.NO)
    elif sky is not None:
        out.had(sky.value, f"weather preset {preset}")
    out.set("weather.plugin", "preset")
    out.set("weather.params", {})
    out.set("weather.presets", [preset])
    if hour is not None:
        out.set("weather.hours", [float(hour)])
        said = conditions.time.value if conditions.hour is None and conditions.time else f"{hour:g} h"
        out.had(
            said, f"{int(hour):02d}:{round(hour % 1 * 60) % 60:02d} local time, the sun where it stands then"
        )
    if conditions.season is not None:
        out.had(
            conditions.season.value,
            f"day {day_of(conditions)} of the year (sun and hours of light)",
            Had.PARTLY,
        )
    out.set("weather.day_of_year", day_of(conditions))


def _traffic(out: Values, scene: Scene) -> None:
    traffic = scene.traffic
    count = traffic.vehicles if traffic.vehicles is not None else None
    if count is None and traffic.amount is not None:
        count = VEHICLES[traffic.amount]
    if count is not None:
        out.set("traffic.vehicles", count)
        said = (
            f"{traffic.vehicles} vehicles" if traffic.vehicles is not None else f"{traffic.amount} vehicles"
        )
        out.had(said, f"{count} vehicles asked of the road")
    if traffic.riders is not None:
        wanted = RIDERS_BESIDE[traffic.riders]
        out.set("traffic.params.riders", {"count": wanted})
        out.had(f"{traffic.riders} riders", f"{wanted} riders in bicycle lanes, where the road has any")
    kinds = [k for k in traffic.kinds if k in KIND]
    if kinds:
        share = 0.6 / len(kinds)
        mix = {"car": 0.4}
        for kind in kinds:
            mix[KIND[kind]] = round(mix.get(KIND[kind], 0.0) + share, 4)
        out.set("traffic.params.mix", mix)
        out.at_least("traffic.vehicles", 10)
        names = ", ".join(sorted({KIND[k] for k in kinds}))
        out.had(", ".join(kinds), f"6 in 10 vehicles are {names}")
    for kind in traffic.kinds:
        if kind not in KIND:
            out.had(kind.value, "is no vehicle of the traffic", Had.NO)


def _people(out: Values, scene: Scene) -> None:
    people = scene.people
    count = people.count
    if count is None and people.amount is not None:
        count = PEOPLE[people.amount]
    if count is not None:
        out.set("pedestrians.pedestrians", count)
        said = f"{people.count} people" if people.count is not None else f"{people.amount} people"
        out.had(said, f"{count} people asked of the road")


def _ego(out: Values, scene: Scene) -> None:
    ego = scene.ego
    if ego.kind is not None:
        blueprint = _BLUEPRINT.get(ego.kind)
        if blueprint is None:
            out.had(f"the ego is a {ego.kind}", "the rig keeps its own vehicle", Had.NO)
        else:
            out.set("rig.blueprint", blueprint)
            out.had(f"the ego is a {ego.kind}", f"the rig stands on {blueprint}; sensors keep their places")
    if ego.speed_kmh is not None:
        out.had(
            f"the ego drives {ego.speed_kmh:g} km/h",
            "the Traffic Manager drives by the limit; `drivegen scenarios from-text` sets a speed",
            Had.NO,
        )
    if ego.maneuver not in (None, Maneuver.STRAIGHT):
        out.had(
            f"the ego: {ego.maneuver}",
            "the Traffic Manager chooses its ways; `drivegen scenarios from-text` sets one",
            Had.NO,
        )
