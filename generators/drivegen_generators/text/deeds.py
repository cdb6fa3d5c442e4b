"""Which scenario of the library shows a deed, and by whom it can be done there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drivegen_generators.text.scene import Actor, Form, Maneuver, Sky, What

KINDS: Mapping[Actor, str] = {
    Actor.CAR: "vehicles/sedan",
    Actor.TAXI: "vehicles/taxi",
    Actor.VAN: "vehicles/van",
    Actor.BUS: "vehicles/bus",
    Actor.TRUCK: "vehicles/heavy_truck",
    Actor.CONCRETE_MIXER: "vehicles/concrete_mixer",
    Actor.AMBULANCE: "vehicles/ambulance",
    Actor.FIRE_ENGINE: "vehicles/fire_engine",
    Actor.POLICE_CAR: "vehicles/police",
    Actor.EBIKE: "vehicles/ebike",
    Actor.COURIER: "vehicles/ebike",
    Actor.BICYCLE: "vehicles/bicycle",
    Actor.MOTORCYCLE: "vehicles/motorcycle",
    Actor.TRICYCLE: "vehicles/etricycle",
    Actor.PEDESTRIAN: "pedestrians/man",
    Actor.CHILD: "pedestrians/boy",
    Actor.OLD_PERSON: "pedestrians/old_man",
    Actor.WHEELCHAIR: "pedestrians/wheelchair",
    Actor.WORKER: "pedestrians/worker",
    Actor.DOG: "objects/dog",
    Actor.DELIVERY_ROBOT: "vehicles/unmanned_delivery",
    Actor.SWEEPER: "vehicles/unmanned_sweeper",
    Actor.PATROL_ROBOT: "vehicles/unmanned_patrol",
    Actor.RETAIL_ROBOT: "vehicles/unmanned_retail",
    Actor.SHUTTLE: "vehicles/unmanned_shuttle",
}
"""Entries of the library's catalogues."""

RIDERS = (Actor.EBIKE, Actor.COURIER, Actor.BICYCLE, Actor.MOTORCYCLE, Actor.TRICYCLE)
CARS = (Actor.CAR, Actor.TAXI, Actor.VAN, Actor.POLICE_CAR)
LORRIES = (Actor.TRUCK, Actor.CONCRETE_MIXER, Actor.BUS)
ON_DUTY = (Actor.AMBULANCE, Actor.FIRE_ENGINE, Actor.POLICE_CAR)
WALKERS = (Actor.PEDESTRIAN, Actor.OLD_PERSON, Actor.CHILD, Actor.WORKER, Actor.WHEELCHAIR)
ROBOTS = (Actor.DELIVERY_ROBOT, Actor.SWEEPER, Actor.PATROL_ROBOT, Actor.RETAIL_ROBOT, Actor.SHUTTLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A deed as a scenario of the library shows it."""

    scenario: str
    who: str
    """The entity of the scenario that does it; empty where nobody in particular does."""
    actors: tuple[Actor, ...] = ()
    """Whom that entity can be; the first is the library's own."""
    skies: tuple[Sky, ...] = ()
    """Weather for which this row is chosen before others."""
    maneuvers: tuple[Maneuver, ...] = ()
    """Ego's maneuvers for which it is."""


def _row(
    scenario: str,
    who: str = "",
    *actors: Actor,
    skies: tuple[Sky, ...] = (),
    maneuvers: tuple[Maneuver, ...] = (),
) -> Shown:
    return Shown(scenario=scenario, who=who, actors=actors, skies=skies, maneuvers=maneuvers)


SHOWN: Mapping[What, tuple[Shown, ...]] = {
    What.RUNS_RED_LIGHT: (
        _row("ebike_runs_red", "Ebike", *RIDERS),
        _row("fire_engine_crosses_red", "Engine", Actor.FIRE_ENGINE, Actor.AMBULANCE, Actor.POLICE_CAR),
        _row("red_runner_at_left_arrow", "Lorry", Actor.TRUCK, *CARS, Actor.BUS, maneuvers=(Maneuver.LEFT,)),
        _row("rsu_warns_of_red_runner", "Runner", *CARS, *LORRIES),
        _row("left_turn_pedestrian", "Runner", *WALKERS, maneuvers=(Maneuver.LEFT,)),
    ),
    What.IGNORES_STOP_SIGN: (_row("crossing_ignores_stop", "Car", *CARS, *LORRIES, Actor.MOTORCYCLE),),
    What.COMES_FROM_SIDE: (
        _row("crossing_occluded", "Car", *CARS),
        _row("rsu_blind_corner", "Ebike", *RIDERS),
        _row("patrol_at_crossing", "Patrol", Actor.PATROL_ROBOT, Actor.DELIVERY_ROBOT, Actor.SWEEPER),
    ),
    What.RUNS_OUT: (
        _row("occluded_child", "Child", Actor.CHILD, Actor.PEDESTRIAN, Actor.OLD_PERSON, Actor.WORKER),
        _row("dog_then_child", "Dog", Actor.DOG),
        _row("courier_from_gate", "Courier", Actor.COURIER, Actor.EBIKE, Actor.BICYCLE, Actor.TRICYCLE),
    ),
    What.JAYWALKS: (_row("jaywalking_group", "Man", *WALKERS),),
    What.CROSSES: (
        _row("right_turn_pedestrian", "Man", *WALKERS, maneuvers=(Maneuver.RIGHT,)),
        _row("left_turn_pedestrian", "Runner", *WALKERS, maneuvers=(Maneuver.LEFT,)),
        _row("zebra_pedestrian", "Traveller", Actor.PEDESTRIAN, Actor.WORKER),
        _row("low_sun_schoolchildren", "FirstChild", Actor.CHILD),
        _row("night_pedestrian", "OldMan", Actor.OLD_PERSON),
        _row("wheelchair_light_change", "Wheelchair", Actor.WHEELCHAIR),
        _row("delivery_vehicle_crossing", "Delivery", Actor.DELIVERY_ROBOT, *ROBOTS[1:]),
    ),
    What.HESITATES: (_row("hesitating_pedestrian", "Man", *WALKERS),),
    What.ON_EXPRESSWAY: (_row("pedestrian_on_expressway", "Man", *WALKERS),),
    What.WALKS_ALONG: (_row("pedestrian_beside", "Walker", *WALKERS),),
    What.CUTS_IN: (
        _row("truck_cut_in", "Lorry", Actor.TRUCK, *CARS, Actor.BUS, Actor.CONCRETE_MIXER),
        _row("motorcycle_filters", "Motorcycle", Actor.MOTORCYCLE, Actor.EBIKE),
    ),
    What.CUTS_OUT: (_row("cut_out_reveals_stopped_car", "Van", Actor.VAN, Actor.CAR, Actor.TAXI),),
    What.LATE_EXIT: (_row("late_exit", "Late", Actor.CAR, Actor.TAXI, Actor.VAN),),
    What.TURNS_LEFT_AHEAD: (
        _row("oncoming_left_turner", "Van", Actor.VAN, Actor.CAR, Actor.TAXI, Actor.TRUCK),
        _row("left_turn_bicycle", "Bicycle", Actor.BICYCLE, Actor.EBIKE, Actor.COURIER, Actor.TRICYCLE),
    ),
    What.TURNS_RIGHT_WIDE: (
        _row("mixer_turns_right_wide", "Mixer", Actor.CONCRETE_MIXER, Actor.TRUCK, Actor.BUS),
    ),
    What.MAKES_U_TURN: (_row("u_turn_ahead", "Turner", Actor.CAR, Actor.TAXI, Actor.VAN),),
    What.RIDES_BESIDE: (_row("right_turn_ebike", "Ebike", *RIDERS),),
    What.COMES_ONCOMING: (
        _row("unprotected_left_turn", "FirstOncoming", *CARS, maneuvers=(Maneuver.LEFT,)),
        _row("oncoming_bicycle", "Bicycle", Actor.BICYCLE, Actor.EBIKE, Actor.TRICYCLE),
        _row("parked_lorry_oncoming", "Oncoming", *CARS),
    ),
    What.WRONG_WAY: (
        _row("wrong_way_tricycle", "Tricycle", Actor.TRICYCLE, *RIDERS[:4]),
        _row("oncoming_overtaker", "Overtaker", *CARS),
    ),
    What.OVERTAKES_ONCOMING: (_row("oncoming_overtaker", "Overtaker", *CARS),),
    What.FROM_BEHIND: (_row("ambulance_from_behind", "Ambulance", *ON_DUTY),),
    What.PULLS_OUT: (
        _row("bus_pulls_out", "Bus", Actor.BUS),
        _row("parked_car_pulls_out", "Car", *CARS),
        _row("lorry_leaves_yard", "Lorry", Actor.TRUCK, Actor.CONCRETE_MIXER),
    ),
    What.LEAVES_YARD: (_row("lorry_leaves_yard", "Lorry", Actor.TRUCK, Actor.CONCRETE_MIXER),),
    What.BRAKES_HARD: (
        _row("rain_puddle_lead_brakes", "Lorry", Actor.TRUCK, skies=(Sky.HEAVY_RAIN,)),
        _row("fog_bank_braking", "Last", Actor.CAR, Actor.TAXI, Actor.VAN, skies=(Sky.FOG,)),
        _row("lead_brakes_hard", "Taxi", Actor.CAR, *CARS[1:], *LORRIES),
    ),
    What.STOP_AND_GO: (_row("stop_and_go", "Van", *CARS, *LORRIES),),
    What.STANDS_IN_LANE: (
        _row("snow_stuck_on_slope", "Van", *CARS, skies=(Sky.SNOW,)),
        _row("tunnel_breakdown", "Van", *CARS),
    ),
    What.BLOCKS_ROAD: (_row("blocked_road"),),
    What.STOPS_AT_KERB: (_row("taxi_stops_for_passenger", "Taxi", Actor.TAXI, Actor.CAR, Actor.VAN),),
    What.DROPS_CARGO: (_row("dropped_cargo", "Lorry", Actor.TRUCK),),
    What.LOSES_WHEEL: (_row("wheel_rolls_over", "Lorry", Actor.TRUCK),),
    What.SWERVES: (_row("swerving_bicycle", "Bicycle", Actor.BICYCLE, Actor.EBIKE, Actor.COURIER),),
    What.SWARM: (_row("ebike_swarm", "", *RIDERS),),
    What.QUEUE_AHEAD: (
        _row("rsu_queue_behind_bend"),
        _row("crest_queue"),
    ),
    What.WORKS_SLOWLY: (_row("sweeper_ahead", "Sweeper", Actor.SWEEPER, *ROBOTS[:1], Actor.PATROL_ROBOT),),
    What.ALIGHTS: (
        _row("shuttle_alighting", "Shuttle", Actor.SHUTTLE),
        _row("pedestrian_before_bus", "Bus", Actor.BUS),
    ),
    What.OPEN_MANHOLE: (_row("open_manhole"),),
    What.LIGHTS_FAIL: (_row("signal_failure", "Van", *CARS, *LORRIES),),
    What.LIGHT_TURNS_YELLOW: (_row("yellow_in_dilemma"),),
    What.WORK_ZONE: (
        _row("work_zone_limit", "Worker", Actor.WORKER),
        _row("work_zone_merge"),
    ),
}
"""By deed; of several rows the first that fits best is taken."""

BY_MANEUVER: Mapping[Maneuver, str] = {
    Maneuver.LEFT: "unprotected_left_turn",
    Maneuver.RIGHT: "right_turn_pedestrian",
    Maneuver.ENTERS_ROUNDABOUT: "roundabout_entry",
    Maneuver.LEAVES_ROUNDABOUT: "roundabout_cyclist",
    Maneuver.MERGES: "expressway_merge",
    Maneuver.WAITS_AT_RED: "red_light_turns_green",
    Maneuver.DOCKS_AT_STOP: "dock_at_bus_stop",
}
"""Where a sentence tells of the ego's maneuver and of no deed."""

BY_FORM: Mapping[Form, str] = {
    Form.JUNCTION: "ebike_runs_red",
    Form.UNSIGNALISED: "crossing_ignores_stop",
    Form.STREET: "zebra_pedestrian",
    Form.BEND: "lead_brakes_hard",
    Form.SLOPE: "crest_queue",
    Form.ROUNDABOUT: "roundabout_entry",
    Form.EXPRESSWAY: "truck_cut_in",
    Form.CAMPUS: "pedestrian_beside",
    Form.INDUSTRIAL_PARK: "lorry_leaves_yard",
    Form.TUNNEL: "tunnel_breakdown",
}
"""Whose road and ego's route a scenario without a deed has; the others' parts are not taken."""

FORM_OF: Mapping[str, tuple[Form, ...]] = {
    "signal_junction": (Form.JUNCTION,),
    "signal_crossing": (Form.STREET,),
    "street_with_zebra": (Form.STREET,),
    "parking_street": (Form.STREET,),
    "work_zone_street": (Form.STREET,),
    "crest_street": (Form.SLOPE, Form.STREET),
    "bend_street": (Form.BEND, Form.STREET),
    "priority_junction": (Form.UNSIGNALISED,),
    "roundabout": (Form.ROUNDABOUT,),
    "expressway": (Form.EXPRESSWAY,),
    "tunnel": (Form.TUNNEL,),
    "campus": (Form.CAMPUS,),
    "industrial_park": (Form.INDUSTRIAL_PARK,),
}
"""What the roads of the library are."""


def shown(
    what: What,
    who: Actor | None,
    *,
    forms: Mapping[str, tuple[Form, ...]],
    form: Form | None,
    sky: Sky | None,
    maneuver: Maneuver | None,
) -> Shown:
    """The row that fits a deed best: by actor, then by place, weather and the ego's maneuver.

    `forms` says of each scenario what its road is.
    """
    rows = SHOWN[what]

    def misfit(row: Shown) -> tuple[bool, bool, bool, bool]:
        return (
            who is not None and who not in row.actors,
            form is not None and form not in forms[row.scenario],
            bool(row.skies) and sky not in row.skies,
            bool(row.maneuvers) and maneuver not in row.maneuvers,
        )

    return min(rows, key=misfit)
