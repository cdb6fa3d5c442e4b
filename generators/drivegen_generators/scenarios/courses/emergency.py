"""Evading what comes suddenly, and stopping for good (GB/T 41798-2022, groups 6.5 and 6.8)."""

from __future__ import annotations

from drivegen_generators.scenarios.actions import change_speed, keep_distance, light, meet, set_variable
from drivegen_generators.scenarios.courses.common import (
    THROUGH_EW,
    as_long_as,
    broken_down,
    driver,
    ego_speed,
    goes,
    kmh,
    lights,
    safe,
    speed_of,
    thing,
    varied,
    walker,
)
from drivegen_generators.scenarios.places import lane, world
from drivegen_generators.scenarios.scenario import EGO, Actor, Event, Scenario, Tags
from drivegen_generators.scenarios.triggers import at_time, close_to, near


def _in_fog(name: str, kind: str, s: float, after_s: float) -> Actor:
    """One of a chain that brakes, each a little later than the one before it."""
    return Actor(
        name=name,
        kind=kind,
        at=lane(1, -2, s),
        speed=kmh("EgoSpeed_kmh"),
        events=(
            Event(
                name=f"{name}Brakes",
                when=(at_time(f"${{$BrakeAt_s + {after_s:g}}}"),),
                does=(change_speed(0, "$Braking_mps2"), light("brakeLights", "on")),
            ),
        ),
    )


FOG_BANK = Scenario(
    name="fog_bank_braking",
    group="emergency",
    road="expressway",
    title="A chain of vehicles brakes to a stop in a fog bank",
    title_zh="团雾中车队连环制动",
    happens="In dense fog the ego follows three vehicles. The first brakes for something ahead, the others "
    "one after the other; all come to a stop. A car stands on the lane to the left.",
    asked="Drives no faster than it can see, and stops behind the last vehicle.",
    criteria=safe(time_to_collision_s={"least": 0.7}, stand_still_s={"least": 8}),
    tags=Tags(
        gbt=("6.5", "A"),
        odc=("road.expressway", "weather.fog", "objects.motor_vehicles"),
        classes=("truck", "car", "van"),
        zone=("automated_truck", "robotaxi"),
    ),
    parameters=(
        ego_speed(50, 30, 70, 5),
        varied("BrakeAt_s", 7, 5, 10, 1, "When the first vehicle brakes, s."),
        varied("Braking_mps2", 5, 3, 7, 1, "How hard they brake, m/s2."),
    ),
    route=(lane(1, -2, 10), lane(5, -2, 20)),
    weather="dense_fog",
    actors=(
        _in_fog("Last", "vehicles/sedan", 38, 1.6),
        _in_fog("Middle", "vehicles/van", 64, 0.8),
        _in_fog("First", "vehicles/heavy_truck", 98, 0),
        broken_down("OnTheLeft", "vehicles/suv", lane(1, -1, 176)),
    ),
    end_s=40,
)

AMBULANCE = Scenario(
    name="ambulance_from_behind",
    group="emergency",
    road="work_zone_street",
    title="An ambulance with blue lights comes up behind the ego",
    title_zh="执行任务的救护车从后方驶来",
    happens="The ego drives on the left lane; on the middle lane a bus drives beside it at first. An "
    "ambulance with its lights on comes up fast behind the ego.",
    asked="Moves to the right behind the bus and lets the ambulance pass, without stopping in its way.",
    criteria=safe(distance_m={"least": 0.6}, goal_s={"most": 70}),
    tags=Tags(
        gbt=("6.4", "6.5"),
        odc=("road.urban", "objects.emergency_vehicles"),
        classes=("emergency", "bus"),
        zone=("robotaxi", "autonomous_bus"),
    ),
    parameters=(
        ego_speed(40, 25, 50, 5),
        speed_of("Ambulance", 65, 50, 80, 5, "Speed of the ambulance on a free road, km/h."),
    ),
    route=(lane(13, -1, 90), lane(1, -1, 240)),
    actors=(
        Actor(
            name="Ambulance",
            kind="vehicles/ambulance",
            at=lane(13, -1, 8),
            speed=kmh("AmbulanceSpeed_kmh"),
            begins=(light("specialPurposeLights", "flashing"),),
            events=(
                Event(
                    name="AmbulanceIsHeldUp",
                    when=(close_to("Ambulance", EGO, 25),),
                    does=(keep_distance(EGO, 6, 3, 6, kmh("AmbulanceSpeed_kmh")),),
                    about="It presses, but keeps a distance.",
                ),
            ),
        ),
        driver("Bus", "vehicles/bus", ((13, -2, 84), (1, -2, 250)), "${($EgoSpeed_kmh + 5) / 3.6}"),
    ),
    end_s=75,
)

FIRE_ENGINE = Scenario(
    name="fire_engine_crosses_red",
    group="emergency",
    road="signal_junction",
    title="A fire engine on duty crosses the junction at red",
    title_zh="消防车执行任务闯红灯通过路口",
    happens="The ego has green. A fire engine with its lights on comes from the south, slows down at its "
    "red light and crosses.",
    asked="Gives way although it has green, and does not enter the junction.",
    criteria=safe(distance_m={"least": 2.0}, goal_s={"most": 60}),
    tags=Tags(
        gbt=("6.1", "6.4", "6.5"),
        odc=("road.urban", "junction.signalised", "objects.emergency_vehicles"),
        classes=("emergency",),
        cncap=("SCP",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(45, 30, 60, 5),
        speed_of("Engine", 35, 20, 50, 5, "Speed at which it crosses, km/h."),
    ),
    route=(lane(23, -2, 30), lane(1, -2, 90)),
    world=lights(THROUGH_EW),
    actors=(
        Actor(
            name="Engine",
            kind="vehicles/fire_engine",
            at=lane(33, -2, 40),
            speed=kmh("EngineSpeed_kmh"),
            begins=(light("specialPurposeLights", "flashing"),),
            events=(
                Event(
                    name="EngineMeetsEgo",
                    when=(at_time(0.5),),
                    does=(meet(EGO, world(5.5, -7.25), world(5.5, -7.25), kmh("EngineSpeed_kmh")),),
                ),
            ),
        ),
    ),
    end_s=65,
)

PEDESTRIAN_ON_EXPRESSWAY = Scenario(
    name="pedestrian_on_expressway",
    group="emergency",
    road="expressway",
    title="At night somebody steps from a broken-down car onto the expressway",
    title_zh="夜间快速路故障车旁人员闯入行车道",
    happens="A car stands on the hard shoulder with its hazard lights on. A man walks around it on the side "
    "of the traffic and steps onto the ego's lane.",
    asked="Slows down and moves away from the shoulder in time; brakes for the man.",
    criteria=safe(distance_m={"least": 0.8}, goal_s={"most": 60}),
    tags=Tags(
        gbt=("6.3", "6.5", "A"),
        odc=("road.expressway", "light.night", "objects.pedestrians"),
        classes=("pedestrian", "car"),
        cncap=("VRU-pedestrian",),
        zone=("robotaxi", "automated_truck"),
    ),
    parameters=(
        ego_speed(70, 50, 80, 5),
        speed_of("Man", 4, 2, 7, 1, "How fast he walks, km/h."),
    ),
    route=(lane(1, -3, 5), lane(3, -3, 40)),
    weather="night",
    actors=(
        broken_down("Car", "vehicles/sedan", lane(1, -4, 165, -0.2)),
        Actor(
            name="Man",
            kind="pedestrians/man",
            at=lane(1, -4, 161, -1.6),
            events=goes(
                "Man",
                (
                    lane(1, -4, 161, -1.6),
                    lane(1, -4, 161, 1.2),
                    lane(1, -3, 163, -0.6),
                    lane(1, -3, 168, -0.6),
                    lane(1, -4, 169, 0.2),
                ),
                (near(EGO, lane(1, -3, 161), as_long_as(5.0, "ManSpeed_kmh")),),
                kmh("ManSpeed_kmh"),
                "He is on the ego's lane after about 5 m.",
            ),
        ),
    ),
    end_s=65,
)

TYRE_ROLLS = Scenario(
    name="wheel_rolls_over",
    group="emergency",
    road="work_zone_street",
    title="A lost wheel rolls over the median towards the ego",
    title_zh="对向车辆脱落车轮滚入本车道",
    happens="An oncoming lorry loses a wheel. It rolls over the median and slantwise across the ego's lanes "
    "to the right.",
    asked="Brakes or evades; a car drives on the lane to its right.",
    criteria=safe(goal_s={"most": 50}),
    tags=Tags(
        gbt=("6.5",),
        odc=("road.urban", "objects.debris", "objects.heavy_vehicles"),
        classes=("truck", "car"),
        zone=("robotaxi", "automated_truck"),
    ),
    parameters=(
        ego_speed(50, 30, 60, 5),
        varied("Rolls_mps", 7, 4, 10, 1, "How fast the wheel rolls, m/s."),
    ),
    route=(lane(13, -1, 30), lane(1, -1, 60)),
    actors=(
        driver("Lorry", "vehicles/heavy_truck", ((3, -1, 170), (11, -1, 200)), 13),
        driver("Right", "vehicles/suv", ((13, -2, 22), (1, -2, 120)), kmh("EgoSpeed_kmh")),
        walker(
            "Wheel",
            "objects/tyre",
            (world(-60, 3.5, 3.6), world(-84, -2.9), world(-100, -12.0)),
            (near(EGO, world(-84, -2.75), "${$EgoSpeed_kmh / 3.6 * 24.8 / $Rolls_mps}"),),
            "$Rolls_mps",
            "It is 24.8 m from the middle of the ego's lane.",
        ),
    ),
    end_s=55,
)

BLOCKED_ROAD = Scenario(
    name="blocked_road",
    group="minimal_risk",
    road="work_zone_street",
    title="An accident blocks all lanes; there is no way on",
    title_zh="事故占用全部车道，无法继续通行",
    happens="Two cars and a lorry that have crashed stand across all three lanes. A police car and an "
    "officer stand before them. Nothing moves for the rest of the scenario.",
    asked="Stops well before the place, stays there with hazard lights on, and does not try to squeeze past.",
    criteria=safe(distance_m={"least": 1.5}, stand_still_s={"least": 10}, deceleration_mps2={"most": 5}),
    tags=Tags(
        gbt=("6.5", "6.8"),
        odc=("road.urban", "objects.motor_vehicles", "objects.pedestrians"),
        classes=("car", "truck", "police", "pedestrian"),
        cncap=("CCRs",),
        zone=("robotaxi", "autonomous_bus", "automated_truck"),
    ),
    parameters=(
        ego_speed(50, 30, 60, 5),
        varied("At_m", 200, 170, 230, 10, "Where the accident is along the road, m."),
    ),
    route=(lane(13, -2, 40), lane(1, -2, 100)),
    actors=(
        thing("LeftCar", "vehicles/sedan", lane(13, -1, "$At_m", 0.2, 0.5)),
        thing("Lorry", "vehicles/light_truck", lane(13, -2, "${$At_m + 2}", -0.3, -1.1)),
        thing("RightCar", "vehicles/taxi", lane(13, -3, "${$At_m - 1}", 0, 2.6)),
        thing("PoliceCar", "vehicles/police", lane(13, -1, "${$At_m - 9}", 0.3, 0.15)),
        thing("Officer", "pedestrians/police_officer", lane(13, -2, "${$At_m - 8}", 0.8, 3.14)),
        thing("LeftCone", "objects/traffic_cone", lane(13, -1, "${$At_m - 14}")),
        thing("MiddleCone", "objects/traffic_cone", lane(13, -2, "${$At_m - 14}")),
        thing("RightCone", "objects/traffic_cone", lane(13, -3, "${$At_m - 14}")),
    ),
    end_s=45,
)

FAULT_ON_EXPRESSWAY = Scenario(
    name="fault_on_expressway",
    group="minimal_risk",
    road="expressway",
    title="The ego's own system reports a fault on an expressway",
    title_zh="快速路行驶中自动驾驶系统故障，执行最小风险策略",
    happens="The ego drives on the right lane with traffic around it. At a given time the variable EgoFault "
    "becomes `severe`; the system under test is to take that as the loss of its main sensor.",
    asked="Reaches the hard shoulder, or at least a stop in its lane, softly and with hazard lights on.",
    criteria=safe(stand_still_s={"least": 5}, deceleration_mps2={"most": 4}),
    tags=Tags(
        gbt=("6.8",),
        odc=("road.expressway", "vehicle.fault", "objects.motor_vehicles"),
        classes=("car", "truck"),
        zone=("robotaxi", "automated_truck"),
    ),
    parameters=(
        ego_speed(70, 50, 80, 5),
        varied("FaultAt_s", 6, 3, 10, 1, "When the fault is reported, s."),
    ),
    route=(lane(1, -3, 20), lane(5, -3, 100)),
    variables={"EgoFault": "none"},
    world_events=(
        Event(
            name="FaultIsReported",
            when=(at_time("$FaultAt_s"),),
            does=(set_variable("EgoFault", "severe"),),
        ),
    ),
    actors=(
        driver("Ahead", "vehicles/light_truck", ((1, -3, 75), (5, -3, 150)), kmh("EgoSpeed_kmh")),
        driver("Left", "vehicles/mpv", ((1, -2, 12), (5, -2, 150)), "${($EgoSpeed_kmh + 5) / 3.6}"),
    ),
    end_s=50,
)

SCENARIOS = (
    FOG_BANK,
    AMBULANCE,
    FIRE_ENGINE,
    PEDESTRIAN_ON_EXPRESSWAY,
    TYRE_ROLLS,
    BLOCKED_ROAD,
    FAULT_ON_EXPRESSWAY,
)
