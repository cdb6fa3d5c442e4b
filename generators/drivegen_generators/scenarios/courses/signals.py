"""Signs, markings and lights (GB/T 41798-2022, group 6.1)."""

from __future__ import annotations

from drivegen_generators.scenarios.actions import meet, signal
from drivegen_generators.scenarios.courses.common import (
    LEFT_EW,
    THROUGH_EW,
    THROUGH_NS,
    as_long_as,
    driver,
    ego_speed,
    goes,
    kmh,
    lights,
    safe,
    speed_of,
    thing,
    varied,
)
from drivegen_generators.scenarios.places import lane, world
from drivegen_generators.scenarios.scenario import EGO, Actor, Event, Scenario, Tags
from drivegen_generators.scenarios.triggers import at_time, done, near

EBIKE_RUNS_RED = Scenario(
    name="ebike_runs_red",
    group="signals",
    road="signal_junction",
    title="An electric bicycle rides over the junction against its red light",
    title_zh="电动自行车闯红灯横穿路口",
    happens="The ego drives east on the middle lane and has green. An electric bicycle waits at the stop "
    "line of the bicycle lane in the south, loses patience and rides north across the ego's lanes.",
    asked="Brakes or waits until the bicycle has left its lane; does not trust the green light alone.",
    criteria=safe(distance_m={"least": 0.5}, goal_s={"most": 35}),
    tags=Tags(
        gbt=("6.1", "6.3"),
        odc=("road.urban", "junction.signalised", "objects.two_wheelers"),
        classes=("motorcycle",),
        cncap=("VRU-two-wheeler",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(45, 30, 60),
        speed_of("Ebike", 20, 12, 25, 4, "Speed of the electric bicycle, km/h; 25 is its legal limit."),
    ),
    route=(lane(23, -2, 40), lane(1, -2, 90)),
    world=lights(THROUGH_EW),
    actors=(
        Actor(
            name="Ebike",
            kind="vehicles/ebike",
            at=world(12, -35, 1.5708),
            events=goes(
                "Ebike",
                (world(12, -35, 1.5708), world(12, 0), world(12, 45)),
                (near(EGO, world(12, -7.25), as_long_as(27.75, "EbikeSpeed_kmh")),),
                kmh("EbikeSpeed_kmh"),
                "It is 27.75 m from the ego's lane, and starts so that both would be there at once.",
            ),
        ),
    ),
    end_s=40,
)

UNPROTECTED_LEFT_TURN = Scenario(
    name="unprotected_left_turn",
    group="signals",
    road="signal_junction",
    title="The ego turns left while oncoming traffic has green too",
    title_zh="无保护左转遇对向直行车流",
    happens="The ego turns left from the west to the north. Both directions have green for going straight "
    "and for turning. Two cars come towards it, the second a little later on the next lane; behind it the "
    "road is free.",
    asked="Lets oncoming cars pass, then turns without waiting longer than it has to.",
    criteria=safe(post_encroachment_time_s={"least": 1.0}, goal_s={"most": 45}),
    tags=Tags(
        gbt=("6.1", "6.4"),
        odc=("road.urban", "junction.signalised", "objects.motor_vehicles"),
        classes=("car", "van"),
        cncap=("CCFT",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(30, 20, 40),
        speed_of("Oncoming", 45, 30, 60, 10, "Speed of the oncoming cars, km/h."),
    ),
    route=(lane(23, -1, 115), lane(11, -1, 60)),
    world=lights((*THROUGH_EW, *LEFT_EW)),
    actors=(
        driver("FirstOncoming", "vehicles/suv", ((3, -2, 60), (21, -2, 120)), kmh("OncomingSpeed_kmh")),
        driver("SecondOncoming", "vehicles/minivan", ((3, -3, 30), (21, -3, 120)), kmh("OncomingSpeed_kmh")),
    ),
    end_s=50,
)

RED_LIGHT_TURNS_GREEN = Scenario(
    name="red_light_turns_green",
    group="signals",
    road="signal_junction",
    title="The ego stops at red while others cross, and drives on at green",
    title_zh="红灯停车等待，绿灯起步通行",
    happens="The ego comes to a red light. A car and a bus cross from the north. Their light turns yellow "
    "and red, then the ego's turns green.",
    asked="Stops before the stop line, starts within a few seconds of green.",
    criteria=safe(red_lights={"most": 0}, deceleration_mps2={"most": 4}, goal_s={"most": 50}),
    tags=Tags(
        gbt=("6.1",),
        odc=("road.urban", "junction.signalised", "facility.signals"),
        classes=("car", "bus"),
        zone=("robotaxi", "autonomous_bus"),
    ),
    parameters=(
        ego_speed(50, 30, 60),
        varied("GreenAfter_s", 22, 16, 30, 2, "When the ego's light turns green, s."),
    ),
    route=(lane(23, -2, 30), lane(1, -2, 90)),
    world=lights(THROUGH_NS),
    world_events=(
        Event(
            name="OthersGetYellow",
            when=(at_time("${$GreenAfter_s - 5}"),),
            does=tuple(signal(k, "yellow") for k in THROUGH_NS),
        ),
        Event(
            name="OthersGetRed",
            when=(at_time("${$GreenAfter_s - 2}"),),
            does=tuple(signal(k, "red") for k in THROUGH_NS),
        ),
        Event(
            name="EgoGetsGreen",
            when=(at_time("$GreenAfter_s"),),
            does=tuple(signal(k, "green") for k in THROUGH_EW),
        ),
    ),
    actors=(
        driver("CrossingCar", "vehicles/hatchback", ((13, -2, 85), (31, -2, 120)), 11),
        driver("CrossingBus", "vehicles/bus", ((13, -2, 60), (31, -2, 90)), 10),
    ),
    end_s=60,
)

YELLOW_IN_DILEMMA = Scenario(
    name="yellow_in_dilemma",
    group="signals",
    road="signal_junction",
    title="The light turns yellow where stopping and driving on are both doubtful",
    title_zh="两难区内绿灯变黄灯",
    happens="The ego has green. When it is a certain distance before the stop line the light turns yellow, "
    "3 s later red, and after ten more seconds green again. A car follows close behind it.",
    asked="Stops comfortably, or passes before red; neither brakes hard in front of its follower nor runs "
    "the red light.",
    criteria=safe(red_lights={"most": 0}, deceleration_mps2={"most": 5}, goal_s={"most": 50}),
    tags=Tags(
        gbt=("6.1",),
        odc=("road.urban", "junction.signalised", "facility.signals"),
        classes=("car",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(50, 40, 60),
        varied("YellowDistance_m", 42, 25, 60, 5, "Where the ego is before the stop line at yellow, m."),
    ),
    route=(lane(23, -2, 30), lane(1, -2, 90)),
    world=lights(THROUGH_EW),
    world_events=(
        Event(
            name="Yellow",
            when=(near(EGO, world(-29.7, -7.25), "$YellowDistance_m"),),
            does=tuple(signal(k, "yellow") for k in THROUGH_EW),
        ),
        Event(
            name="Red",
            when=(done("Yellow", 3),),
            does=tuple(signal(k, "red") for k in THROUGH_EW),
        ),
        Event(
            name="GreenAgain",
            when=(done("Red", 10),),
            does=tuple(signal(k, "green") for k in THROUGH_EW),
        ),
    ),
    actors=(driver("Follower", "vehicles/taxi", ((23, -2, 8), (1, -2, 150)), kmh("EgoSpeed_kmh")),),
    end_s=60,
)

SIGNAL_FAILURE = Scenario(
    name="signal_failure",
    group="signals",
    road="signal_junction",
    title="All lights of the junction are dark, and a van does not give way",
    title_zh="路口信号灯全部熄灭，横向车辆不让行",
    happens="Power has failed. A van from the north drives on without slowing down and reaches the ego's "
    "lane when the ego does.",
    asked="Treats the junction as one without lights: slows down, looks both ways, lets the van pass.",
    criteria=safe(distance_m={"least": 1.0}, goal_s={"most": 45}),
    tags=Tags(
        gbt=("6.1", "6.4"),
        odc=("road.urban", "junction.unsignalised", "facility.signals", "objects.motor_vehicles"),
        classes=("van",),
        cncap=("SCP",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(40, 30, 50),
        speed_of("Van", 40, 25, 50, 5, "Speed at which the van crosses, km/h."),
    ),
    route=(lane(23, -2, 30), lane(1, -2, 90)),
    world=lights((), off=True),
    actors=(
        driver(
            "Van",
            "vehicles/van",
            ((13, -2, 40), (31, -2, 120)),
            kmh("VanSpeed_kmh"),
            (
                Event(
                    name="VanMeetsEgo",
                    when=(at_time(1),),
                    does=(meet(EGO, lane(121, -2, 22), lane(111, -2, 40), kmh("VanSpeed_kmh")),),
                    about="Both would be at the same place at once.",
                ),
            ),
        ),
    ),
    end_s=50,
)

RED_RUNNER_AT_LEFT_ARROW = Scenario(
    name="red_runner_at_left_arrow",
    group="signals",
    road="signal_junction",
    title="A lorry runs its red light while the ego turns left on its arrow",
    title_zh="左转箭头绿灯时对向货车闯红灯",
    happens="Only the left arrows are green. The ego turns left; a lorry on the opposite side goes straight "
    "on at speed, through its red light.",
    asked="Notices that the lorry does not slow down, and waits.",
    criteria=safe(distance_m={"least": 1.0}, goal_s={"most": 45}),
    tags=Tags(
        gbt=("6.1", "6.4"),
        odc=("road.urban", "junction.signalised", "facility.signals", "objects.heavy_vehicles"),
        classes=("truck",),
        cncap=("CCFT",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(30, 20, 40),
        speed_of("Lorry", 50, 35, 60, 5, "Speed of the lorry, km/h."),
    ),
    route=(lane(23, -1, 110), lane(11, -1, 60)),
    world=lights(LEFT_EW),
    actors=(
        driver(
            "Lorry",
            "vehicles/light_truck",
            ((3, -2, 40), (21, -2, 120)),
            kmh("LorrySpeed_kmh"),
            (
                Event(
                    name="LorryMeetsEgo",
                    when=(at_time(0.5),),
                    does=(meet(EGO, lane(122, -1, 24), lane(101, -2, 37), kmh("LorrySpeed_kmh")),),
                    about="It comes to the middle of the ego's turn when the ego would.",
                ),
            ),
        ),
    ),
    end_s=50,
)

STOP_SIGN = Scenario(
    name="stop_sign_gap",
    group="signals",
    road="priority_junction",
    title="The ego stops at a stop sign and finds a gap in crossing traffic",
    title_zh="停车让行标志前停车并选择间隙通过",
    happens="The ego comes from the south to a street that goes first. A car from the left and a minivan "
    "from the right pass; behind them follows a taxi at some distance.",
    asked="Stops at the line, lets those pass that are near, crosses before or behind the taxi with room.",
    criteria=safe(post_encroachment_time_s={"least": 1.5}, goal_s={"most": 45}),
    tags=Tags(
        gbt=("6.1", "6.2", "6.4"),
        odc=("road.urban", "junction.unsignalised", "facility.signs", "objects.motor_vehicles"),
        classes=("car", "van"),
        cncap=("SCP",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(40, 20, 40),
        speed_of("Main", 40, 30, 50, 10, "Speed on the street that goes first, km/h."),
    ),
    route=(lane(33, -1, 30), lane(11, -1, 70)),
    actors=(
        driver("FromLeft", "vehicles/sedan", ((23, -1, 25), (1, -1, 100)), kmh("MainSpeed_kmh")),
        driver("FromRight", "vehicles/minivan", ((3, -1, 5), (21, -1, 100)), kmh("MainSpeed_kmh")),
        driver("Taxi", "vehicles/taxi", ((22, -1, 60), (23, -1, 50), (1, -1, 100)), kmh("MainSpeed_kmh")),
    ),
    end_s=50,
)

WORK_ZONE_LIMIT = Scenario(
    name="work_zone_limit",
    group="signals",
    road="work_zone_street",
    title="The speed limit falls before works, with a worker close to the open lane",
    title_zh="施工区限速降低，作业人员临近通行车道",
    happens="The right lane is closed by works behind signs for 30 km/h. A roller stands in them; a worker "
    "walks along the cones on the side of the traffic.",
    asked="Is down to the lower limit where it begins, and passes the worker with room.",
    criteria=safe(over_limit_kmh={"most": 5}, distance_m={"least": 0.8}, goal_s={"most": 60}),
    tags=Tags(
        gbt=("6.1", "6.2"),
        odc=("road.urban", "facility.signs", "facility.work_zone", "objects.pedestrians"),
        classes=("pedestrian", "construction"),
        cncap=("TSR",),
        zone=("robotaxi", "automated_truck"),
    ),
    parameters=(
        ego_speed(60, 40, 60),
        speed_of("Worker", 4, 2, 6, 1, "How fast the worker walks, km/h."),
    ),
    route=(lane(13, -2, 60), lane(1, -2, 200)),
    actors=(
        thing("Roller", "vehicles/road_roller", lane(1, -3, 110)),
        Actor(
            name="Worker",
            kind="pedestrians/worker",
            at=lane(1, -3, 70, 0.6),
            events=goes(
                "Worker",
                (lane(1, -3, 70, 0.6), lane(1, -3, 100, 0.8)),
                (near(EGO, lane(1, -2, 60), 60),),
                kmh("WorkerSpeed_kmh"),
                "",
            ),
        ),
    ),
    end_s=70,
)

SCENARIOS = (
    EBIKE_RUNS_RED,
    UNPROTECTED_LEFT_TURN,
    RED_LIGHT_TURNS_GREEN,
    YELLOW_IN_DILEMMA,
    SIGNAL_FAILURE,
    RED_RUNNER_AT_LEFT_ARROW,
    STOP_SIGN,
    WORK_ZONE_LIMIT,
)
