"""People on foot (GB/T 41798-2022, group 6.3)."""

from __future__ import annotations

from drivegen_generators.scenarios.actions import follow_path, set_speed, signal
from drivegen_generators.scenarios.courses.common import (
    LEFT_EW,
    THROUGH_EW,
    as_long_as,
    ego_speed,
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
from drivegen_generators.scenarios.triggers import at_time, done, near

ZEBRA_PEDESTRIAN = Scenario(
    name="zebra_pedestrian",
    group="pedestrians",
    road="street_with_zebra",
    title="A woman with a suitcase crosses on a zebra, from the right",
    title_zh="行人携行李由右侧通过人行横道",
    happens="There are no lights. A traveller steps onto the zebra so that she would be in the middle of "
    "the ego's lane when the ego gets there, and goes on to the other side at her pace.",
    asked="Gives way before the zebra and drives on when she has left its half of the street.",
    criteria=safe(distance_m={"least": 1.5}, deceleration_mps2={"most": 5}, goal_s={"most": 50}),
    tags=Tags(
        gbt=("6.1", "6.3"),
        odc=("road.urban", "crossing.zebra", "objects.pedestrians"),
        classes=("pedestrian",),
        cncap=("VRU-pedestrian",),
        zone=("robotaxi", "autonomous_bus"),
    ),
    parameters=(
        ego_speed(40, 20, 60),
        speed_of("Traveller", 5, 3, 7, 1, "How fast the traveller walks, km/h."),
    ),
    route=(lane(13, -2, 60), lane(1, -2, 100)),
    actors=(
        walker(
            "Traveller",
            "pedestrians/traveller",
            (world(0.5, -12.5, 1.5708), world(0.5, 12.5)),
            (near(EGO, world(0.5, -5.75), as_long_as(6.75, "TravellerSpeed_kmh")),),
            kmh("TravellerSpeed_kmh"),
            "From the kerb to the middle of the ego's lane it is 6.75 m.",
        ),
    ),
    end_s=55,
)

OCCLUDED_CHILD = Scenario(
    name="occluded_child",
    group="pedestrians",
    road="parking_street",
    title="A child runs onto the street from between parked cars",
    title_zh="儿童从路侧停放车辆之间跑出",
    happens="Vehicles are parked along the right side. A boy runs out in front of a van that hides him from "
    "the ego, and goes on across the street.",
    asked="Drives carefully beside parked vehicles, brakes as soon as the boy is seen.",
    criteria=safe(goal_s={"most": 50}),
    tags=Tags(
        gbt=("6.3", "6.5"),
        odc=("road.urban", "facility.parking", "objects.pedestrians"),
        classes=("child", "van", "car"),
        cncap=("CPNCO",),
        zone=("robotaxi", "unmanned_delivery"),
    ),
    parameters=(
        ego_speed(35, 20, 45, 5),
        speed_of("Child", 8, 4, 12, 1, "How fast the boy runs, km/h."),
        varied("Late_m", 0, -8, 12, 2, "How much nearer than in time the ego is when he starts, m."),
    ),
    route=(lane(13, -1, 15), lane(1, -1, 60)),
    actors=(
        thing("FirstParked", "vehicles/sedan", lane(13, -2, 50)),
        thing("SecondParked", "vehicles/suv", lane(13, -2, 57)),
        thing("ParkedVan", "vehicles/van", lane(13, -2, 64.5)),
        thing("LastParked", "vehicles/hatchback", lane(13, -2, 74)),
        walker(
            "Child",
            "pedestrians/boy",
            (world(-75.2, -7.6, 1.5708), world(-75.2, 4.5)),
            (near(EGO, world(-75.2, -2.0), f"{as_long_as(5.6, 'ChildSpeed_kmh')[:-1]} - $Late_m}}"),),
            kmh("ChildSpeed_kmh"),
            "From where he waits to the middle of the ego's lane it is 5.6 m.",
        ),
    ),
    end_s=55,
)

BEHIND_THE_BUS = Scenario(
    name="pedestrian_before_bus",
    group="pedestrians",
    road="street_with_zebra",
    title="A passenger who got off crosses in front of the standing bus",
    title_zh="下车乘客从公交车前方横穿",
    happens="A bus stands in its bay. A student who got off walks in front of it onto the street and "
    "crosses both lanes, hidden by the bus until close to the ego's lane.",
    asked="Slows down beside a standing bus, and stops for the student.",
    criteria=safe(goal_s={"most": 50}),
    tags=Tags(
        gbt=("6.3", "6.5"),
        odc=("road.urban", "facility.bus_stop", "objects.pedestrians"),
        classes=("child", "bus"),
        cncap=("CPNCO",),
        zone=("robotaxi", "autonomous_bus"),
    ),
    parameters=(
        ego_speed(40, 20, 50),
        speed_of("Student", 5, 3, 9, 1, "How fast the student walks, km/h."),
    ),
    route=(lane(13, -2, 8), lane(1, -2, 60)),
    actors=(
        thing("Bus", "vehicles/bus", lane(13, -3, 80)),
        walker(
            "Student",
            "pedestrians/student",
            (world(-116.5, -10.2, 1.5708), world(-116.5, 8)),
            (near(EGO, world(-116.5, -5.75), as_long_as(4.45, "StudentSpeed_kmh")),),
            kmh("StudentSpeed_kmh"),
            "From the kerb of the bay to the middle of the ego's lane it is 4.45 m.",
        ),
    ),
    end_s=55,
)


def _jaywalker(name: str, kind: str, x: float, y: float) -> Actor:
    """One of the group; all start with the ego at the same place."""
    return walker(
        name,
        kind,
        (world(x, y, 1.5708), world(x + 3.0, 14.5)),
        (near(EGO, world(-60, -6.25), as_long_as(8.0, "GroupSpeed_kmh")),),
        kmh("GroupSpeed_kmh"),
    )


JAYWALKING_GROUP = Scenario(
    name="jaywalking_group",
    group="pedestrians",
    road="work_zone_street",
    title="A group crosses a wide street where there is no crossing",
    title_zh="行人结伴在无人行横道处横穿道路",
    happens="Five people, one of them old, leave the pavement together and cross six lanes at an angle, not "
    "far before a zebra that they do not use.",
    asked="Sees that all of them go, stops until the last one has left its lane.",
    criteria=safe(distance_m={"least": 1.0}, goal_s={"most": 60}),
    tags=Tags(
        gbt=("6.3",),
        odc=("road.urban", "objects.pedestrians"),
        classes=("pedestrian",),
        cncap=("VRU-pedestrian",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(50, 30, 60),
        speed_of("Group", 5, 3, 7, 1, "How fast the group walks, km/h."),
    ),
    route=(lane(13, -2, 80), lane(1, -2, 30)),
    actors=(
        _jaywalker("OldMan", "pedestrians/old_man", -61.0, -14.2),
        _jaywalker("Woman", "pedestrians/woman", -60.2, -14.2),
        _jaywalker("Man", "pedestrians/man", -59.0, -14.8),
        _jaywalker("Umbrella", "pedestrians/umbrella", -62.2, -15.2),
        _jaywalker("Courier", "pedestrians/courier", -58.2, -15.6),
    ),
    end_s=65,
)

HESITATING_PEDESTRIAN = Scenario(
    name="hesitating_pedestrian",
    group="pedestrians",
    road="street_with_zebra",
    title="A man begins to cross, stops, turns back and then crosses after all",
    title_zh="行人横穿途中犹豫折返后再次横穿",
    happens="A man steps onto the zebra from the left, stops in the middle of the street, goes back a few "
    "steps, and crosses when the ego has slowed down.",
    asked="Does not take his turning back as leave to go; lets him cross.",
    criteria=safe(distance_m={"least": 1.5}, goal_s={"most": 60}),
    tags=Tags(
        gbt=("6.3",),
        odc=("road.urban", "crossing.zebra", "objects.pedestrians"),
        classes=("pedestrian",),
        cncap=("VRU-pedestrian",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(40, 20, 50),
        speed_of("Man", 6, 4, 8, 1, "How fast he walks, km/h."),
        varied("Doubt_s", 1.5, 0.5, 4, 0.5, "How long he stands before he goes back, s."),
    ),
    route=(lane(13, -2, 60), lane(1, -2, 100)),
    actors=(
        Actor(
            name="Man",
            kind="pedestrians/man",
            at=world(-0.5, 12.5, -1.5708),
            events=(
                Event(
                    name="SetsOut",
                    when=(near(EGO, world(-0.5, -2), as_long_as(13.5, "ManSpeed_kmh")),),
                    does=(
                        set_speed(kmh("ManSpeed_kmh")),
                        follow_path("Out", (world(-0.5, 12.5, -1.5708), world(-0.5, -0.8))),
                    ),
                    about="He would be in the middle of the street when the ego comes.",
                ),
                Event(name="Doubts", when=(done("SetsOut"),), does=(set_speed(0),)),
                Event(
                    name="GoesBack",
                    when=(done("Doubts", "$Doubt_s"),),
                    does=(
                        set_speed(kmh("ManSpeed_kmh")),
                        follow_path("Back", (world(-0.5, -0.8, 1.5708), world(-0.5, 2.4))),
                    ),
                ),
                Event(
                    name="CrossesAfterAll",
                    when=(done("GoesBack"),),
                    does=(
                        set_speed(kmh("ManSpeed_kmh")),
                        follow_path("Across", (world(-0.5, 2.4, -1.5708), world(-0.5, -12.5))),
                    ),
                ),
                Event(name="Arrives", when=(done("CrossesAfterAll"),), does=(set_speed(0),)),
            ),
        ),
    ),
    end_s=65,
)

RIGHT_TURN_PEDESTRIAN = Scenario(
    name="right_turn_pedestrian",
    group="pedestrians",
    road="signal_junction",
    title="People cross beside the ego, which turns right at green",
    title_zh="绿灯右转遇同向行人过街",
    happens="The ego turns right from the west to the south. A woman with a stroller and a man come towards "
    "it on the zebra that it has to cross.",
    asked="Waits inside the turn until they have passed.",
    criteria=safe(distance_m={"least": 1.0}, goal_s={"most": 50}),
    tags=Tags(
        gbt=("6.1", "6.3"),
        odc=("road.urban", "junction.signalised", "crossing.zebra", "objects.pedestrians"),
        classes=("pedestrian",),
        cncap=("VRU-turning",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(25, 15, 30, 5),
        speed_of("Stroller", 4.5, 3, 6, 0.5, "How fast the stroller is pushed, km/h."),
    ),
    route=(lane(23, -3, 90), lane(31, -2, 60)),
    world=lights(THROUGH_EW),
    actors=(
        walker(
            "Stroller",
            "pedestrians/stroller",
            (world(-14.5, -28, 0), world(14.5, -28)),
            (near(EGO, world(-7.25, -28), as_long_as(8.5, "StrollerSpeed_kmh")),),
            kmh("StrollerSpeed_kmh"),
            "She meets the ego where it leaves the junction.",
        ),
        walker(
            "Man",
            "pedestrians/man",
            (world(14.5, -27, 3.1416), world(-14.5, -27)),
            (near(EGO, world(-7.25, -28), as_long_as(16, "StrollerSpeed_kmh")),),
            1.4,
            "He comes from the other side.",
        ),
    ),
    end_s=55,
)

LEFT_TURN_PEDESTRIAN = Scenario(
    name="left_turn_pedestrian",
    group="pedestrians",
    road="signal_junction",
    title="A running man crosses the exit of the ego's left turn at the last moment",
    title_zh="左转出口处行人抢行过街",
    happens="The ego turns left on its arrow. A man who has red runs over the zebra at the exit, from the "
    "far side.",
    asked="Watches the exit of its turn and stops for him.",
    criteria=safe(distance_m={"least": 1.0}, goal_s={"most": 50}),
    tags=Tags(
        gbt=("6.1", "6.3", "6.5"),
        odc=("road.urban", "junction.signalised", "crossing.zebra", "objects.pedestrians"),
        classes=("pedestrian",),
        cncap=("VRU-turning",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(30, 15, 35, 5),
        speed_of("Runner", 9, 5, 12, 1, "How fast he runs, km/h."),
    ),
    route=(lane(23, -1, 110), lane(11, -1, 60)),
    world=lights(LEFT_EW),
    actors=(
        walker(
            "Runner",
            "pedestrians/man",
            (world(-14.5, 28, 0), world(15, 28)),
            (near(EGO, world(3.75, 28), as_long_as(16, "RunnerSpeed_kmh")),),
            kmh("RunnerSpeed_kmh"),
            "He is 18 m from the ego's lane; the ego's bow is longer than the straight distance.",
        ),
    ),
    end_s=55,
)

WHEELCHAIR = Scenario(
    name="wheelchair_light_change",
    group="pedestrians",
    road="signal_crossing",
    title="A wheelchair is still on the crossing when the ego's light turns green",
    title_zh="绿灯亮起时轮椅尚未通过人行横道",
    happens="The ego stands at red before a crossing. A person in a wheelchair crosses slowly and is in the "
    "middle of the street when the ego gets green.",
    asked="Starts only when the wheelchair has left its half of the street.",
    criteria=safe(distance_m={"least": 1.5}, red_lights={"most": 0}, goal_s={"most": 70}),
    tags=Tags(
        gbt=("6.1", "6.3"),
        odc=("road.urban", "crossing.zebra", "facility.signals", "objects.pedestrians"),
        classes=("pedestrian",),
        cncap=("VRU-pedestrian",),
        zone=("robotaxi", "autonomous_bus"),
    ),
    parameters=(
        ego_speed(40, 20, 50),
        speed_of("Wheelchair", 2.5, 1.5, 4, 0.5, "How fast the wheelchair is, km/h."),
        varied("GreenAfter_s", 20, 14, 26, 2, "When the ego gets green, s."),
    ),
    route=(lane(13, -2, 40), lane(1, -2, 80)),
    world=(signal(1000, "red"), signal(1002, "red")),
    world_events=(
        Event(
            name="Green",
            when=(at_time("$GreenAfter_s"),),
            does=(signal(1000, "green"), signal(1002, "green")),
        ),
    ),
    actors=(
        walker(
            "Wheelchair",
            "pedestrians/wheelchair",
            (world(0, 14, -1.5708), world(0, -14)),
            (at_time("${$GreenAfter_s - 14 / ($WheelchairSpeed_kmh / 3.6)}"),),
            kmh("WheelchairSpeed_kmh"),
            "It reaches the middle of the street when the light changes.",
        ),
    ),
    end_s=75,
)

DOG_THEN_CHILD = Scenario(
    name="dog_then_child",
    group="pedestrians",
    road="parking_street",
    title="A dog runs over the street, and a girl after it",
    title_zh="宠物犬窜出，儿童随后追出",
    happens="A dog runs over the street from the left, well before the ego. Two seconds later the girl whom "
    "it belongs to follows from behind a parked van, without looking.",
    asked="Takes the dog as a warning: stays slow, and stops for the girl.",
    criteria=safe(goal_s={"most": 50}),
    tags=Tags(
        gbt=("6.3", "6.5"),
        odc=("road.urban", "facility.parking", "objects.animals", "objects.pedestrians"),
        classes=("child", "van"),
        cncap=("CPNCO",),
        zone=("robotaxi", "unmanned_delivery"),
    ),
    parameters=(
        ego_speed(35, 20, 45, 5),
        speed_of("Girl", 9, 6, 12, 1, "How fast the girl runs, km/h."),
        varied(
            "Behind_s", 2, 0.5, 4, 0.5, "How long after the dog she starts if the ego keeps its speed, s."
        ),
    ),
    route=(lane(13, -1, 15), lane(1, -1, 60)),
    actors=(
        thing("ParkedVan", "vehicles/van", lane(11, -2, 60)),
        thing("ParkedCar", "vehicles/suv", lane(11, -2, 69)),
        walker(
            "Dog",
            "objects/dog",
            (world(-59, 7.4, -1.5708), world(-59, -13)),
            (
                near(
                    EGO, world(-59, -2), "${$EgoSpeed_kmh / 3.6 * ($Behind_s + 9.4 / ($GirlSpeed_kmh / 3.6))}"
                ),
            ),
            4.5,
            "So early that the girl, who follows, would meet the ego.",
        ),
        walker(
            "Girl",
            "pedestrians/girl",
            (world(-59.6, 7.4, -1.5708), world(-59.6, -12)),
            (
                near(
                    EGO,
                    world(-59, -2),
                    as_long_as(9.4, "GirlSpeed_kmh"),
                ),
            ),
            kmh("GirlSpeed_kmh"),
        ),
    ),
    end_s=55,
)

PEDESTRIAN_BESIDE = Scenario(
    name="pedestrian_beside",
    group="pedestrians",
    road="campus",
    title="Somebody walks along the edge of the street; the ego has room to pass",
    title_zh="行人沿路侧同向行走，车辆正常通过",
    happens="On a campus street a man walks in the ego's direction at the edge of the lane. There is room "
    "to pass him within the lane and nobody else about.",
    asked="Passes him with room and little speed, without stopping: nothing calls for braking hard.",
    criteria=safe(distance_m={"least": 0.5}, deceleration_mps2={"most": 3}, goal_s={"most": 70}),
    tags=Tags(
        gbt=("6.3",),
        odc=("road.campus", "objects.pedestrians"),
        classes=("pedestrian",),
        cncap=("false-reaction",),
        zone=("unmanned_delivery", "unmanned_patrol", "valet_parking"),
    ),
    parameters=(
        ego_speed(25, 10, 30, 5),
        varied("Edge_m", -1.9, -2.4, -1.5, 0.1, "Where he walks, m left of the lane's middle."),
    ),
    route=(lane(3, -1, 60), lane(3, -1, 200)),
    actors=(
        walker(
            "Walker",
            "pedestrians/man",
            (lane(3, -1, 110, "$Edge_m", 0), lane(3, -1, 150, "$Edge_m")),
            (at_time(0),),
            1.3,
        ),
    ),
    end_s=75,
)

SCENARIOS = (
    ZEBRA_PEDESTRIAN,
    OCCLUDED_CHILD,
    BEHIND_THE_BUS,
    JAYWALKING_GROUP,
    HESITATING_PEDESTRIAN,
    RIGHT_TURN_PEDESTRIAN,
    LEFT_TURN_PEDESTRIAN,
    WHEELCHAIR,
    DOG_THEN_CHILD,
    PEDESTRIAN_BESIDE,
)
