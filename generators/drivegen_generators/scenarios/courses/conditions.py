"""Night, weather, and what the roadside sees (GB/T 41798-2022, annex A; cooperation of vehicle and road)."""

from __future__ import annotations

from drivegen_generators.scenarios.actions import change_speed, follow_curve, set_speed, set_variable
from drivegen_generators.scenarios.courses.common import (
    THROUGH_EW,
    as_long_as,
    driver,
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
from drivegen_generators.scenarios.triggers import at_time, driven, near

NIGHT_PEDESTRIAN = Scenario(
    name="night_pedestrian",
    group="weather",
    road="street_with_zebra",
    title="At night an old man in dark clothes crosses from the left, dazzled drivers coming",
    title_zh="夜间深色衣着老人由左侧横穿，对向灯光干扰",
    happens="It is night. Two cars come towards the ego with their lights on. Behind them an old man "
    "crosses slowly from the left, 60 m before the zebra.",
    asked="Finds him beside the lights that dazzle it, and stops.",
    criteria=safe(distance_m={"least": 1.0}, goal_s={"most": 60}),
    tags=Tags(
        gbt=("6.3", "A"),
        odc=("road.urban", "light.night", "objects.pedestrians"),
        classes=("pedestrian", "car"),
        cncap=("VRU-pedestrian",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(40, 20, 60, 5),
        speed_of("OldMan", 3.5, 2, 5, 0.5, "How fast he walks, km/h."),
    ),
    route=(lane(13, -2, 10), lane(1, -2, 60)),
    weather="night",
    actors=(
        driver("FirstOncoming", "vehicles/suv", ((3, -1, 120), (11, -1, 190)), 12),
        driver("SecondOncoming", "vehicles/mpv", ((3, -2, 95), (11, -2, 190)), 12),
        walker(
            "OldMan",
            "pedestrians/old_man",
            (world(-60, 1.0, -1.5708), world(-60, -12.5)),
            (near(EGO, world(-60, -5.75), as_long_as(6.75, "OldManSpeed_kmh")),),
            kmh("OldManSpeed_kmh"),
            "He stands on the narrow median, 6.75 m from the middle of the ego's lane.",
        ),
    ),
    end_s=65,
)

RAIN_LEAD_BRAKES = Scenario(
    name="rain_puddle_lead_brakes",
    group="weather",
    road="expressway",
    title="In heavy rain the vehicle ahead brakes for a flooded stretch",
    title_zh="暴雨中前车遇积水路段减速",
    happens="Heavy rain, a road with puddles and little grip. The lorry ahead slows down from expressway to "
    "walking speed for a flooded stretch, drives through it and speeds up again.",
    asked="Keeps a longer distance than on a dry road and slows down softly.",
    criteria=safe(time_to_collision_s={"least": 1.5}, deceleration_mps2={"most": 5}, goal_s={"most": 90}),
    tags=Tags(
        gbt=("6.4", "A"),
        odc=("road.expressway", "weather.rain", "road.slippery", "objects.heavy_vehicles"),
        classes=("truck",),
        zone=("automated_truck", "robotaxi"),
    ),
    parameters=(
        ego_speed(60, 40, 80, 10),
        varied("Gap_m", 35, 20, 60, 5, "Distance to the lorry at the start, m."),
        varied("Braking_mps2", 2.5, 1.5, 4, 0.5, "How hard the lorry brakes, m/s2."),
    ),
    route=(lane(1, -3, 5), lane(3, -3, 30)),
    weather="heavy_rain",
    actors=(
        Actor(
            name="Lorry",
            kind="vehicles/heavy_truck",
            at=lane(1, -3, "${5 + $Gap_m}"),
            speed=kmh("EgoSpeed_kmh"),
            events=(
                Event(
                    name="LorrySlowsDown",
                    when=(driven("Lorry", 120),),
                    does=(change_speed(2.5, "$Braking_mps2"),),
                ),
                Event(
                    name="LorrySpeedsUp",
                    when=(driven("Lorry", 240),),
                    does=(change_speed(kmh("EgoSpeed_kmh"), 1.0),),
                ),
            ),
        ),
    ),
    end_s=100,
)

SNOW_CREST = Scenario(
    name="snow_stuck_on_slope",
    group="weather",
    road="crest_street",
    title="A van is stuck on a snowy slope and slides back",
    title_zh="雪天坡道前车打滑后溜",
    happens="It snows. A van ahead of the ego crawls up the slope, stops, slides back a few metres and then "
    "gets going.",
    asked="Keeps far more distance than usual, stops early, starts again on the slope.",
    criteria=safe(distance_m={"least": 0.3}, goal_s={"most": 120}),
    tags=Tags(
        gbt=("6.4", "A"),
        odc=("road.urban", "weather.snow", "road.slippery", "road.grade"),
        classes=("van",),
        zone=("robotaxi", "unmanned_delivery"),
    ),
    parameters=(
        ego_speed(25, 15, 30, 5),
        varied("SlideBack_m", 1.5, 0.5, 5, 0.5, "How far the van slides back, m."),
    ),
    route=(lane(13, -1, 20), lane(1, -1, 60)),
    weather="snow",
    actors=(
        Actor(
            name="Van",
            kind="vehicles/minivan",
            at=lane(13, -1, 75),
            speed=3,
            events=(
                Event(name="VanStops", when=(driven("Van", 25),), does=(change_speed(0, 1),)),
                Event(
                    name="VanSlidesBack",
                    when=(at_time(13),),
                    does=(change_speed(-1.2, 0.8),),
                ),
                Event(
                    name="VanHolds",
                    when=(driven("Van", "${29.5 + $SlideBack_m}"),),
                    does=(change_speed(0, 2),),
                ),
                Event(name="VanGetsGoing", when=(at_time(32),), does=(change_speed(6, 0.8),)),
            ),
        ),
    ),
    end_s=130,
)

LOW_SUN = Scenario(
    name="low_sun_schoolchildren",
    group="weather",
    road="street_with_zebra",
    title="Schoolchildren cross a zebra with the low sun behind them",
    title_zh="逆光条件下学生群体通过人行横道",
    happens="The ego drives west into the low sun. Four schoolchildren cross the zebra from the right, the "
    "last one running after the others.",
    asked="Waits for all of them, also for the one that comes late.",
    criteria=safe(distance_m={"least": 1.5}, goal_s={"most": 60}),
    tags=Tags(
        gbt=("6.1", "6.3", "A"),
        odc=("road.urban", "light.low_sun", "crossing.zebra", "objects.pedestrians"),
        classes=("child",),
        cncap=("VRU-pedestrian",),
        zone=("robotaxi", "autonomous_bus"),
    ),
    parameters=(
        ego_speed(40, 20, 50, 5),
        speed_of("Children", 5, 3, 7, 1, "How fast the first three walk, km/h."),
        varied("LateBy_m", 22, 8, 35, 3, "How near the ego is when the last child sets out, m."),
    ),
    route=(lane(3, -2, 60), lane(11, -2, 100)),
    weather="low_sun",
    actors=(
        *(
            walker(
                name,
                kind,
                (world(x, y, -1.5708), world(x, -13)),
                (near(EGO, world(0, 5.75), as_long_as(6.75, "ChildrenSpeed_kmh")),),
                kmh("ChildrenSpeed_kmh"),
            )
            for name, kind, x, y in (
                ("FirstChild", "pedestrians/student", -0.8, 12.5),
                ("SecondChild", "pedestrians/girl", 0.4, 12.9),
                ("ThirdChild", "pedestrians/boy", 1.3, 13.6),
            )
        ),
        walker(
            "LateChild",
            "pedestrians/student",
            (world(0.6, 14.5, -1.5708), world(0.2, -13)),
            (near(EGO, world(0, 5.75), "$LateBy_m"),),
            2.8,
            "It runs.",
        ),
    ),
    end_s=65,
)

RSU_BLIND_CORNER = Scenario(
    name="rsu_blind_corner",
    group="cooperation",
    road="priority_junction",
    title="The roadside unit warns of an electric bicycle behind a blind corner",
    title_zh="路侧单元提示盲区路口电动自行车",
    happens="A hoarding and parked lorries hide the side street on the left. An electric bicycle comes out "
    "of it without looking. Four seconds before, the variable RsuWarning becomes `bicycle`, as a roadside "
    "unit that sees the side street would tell by message.",
    asked="With the warning: is slow enough before the corner. Without it: brakes as soon as it sees the "
    "bicycle.",
    criteria=safe(deceleration_mps2={"most": 5}, distance_m={"least": 0.8}, goal_s={"most": 50}),
    tags=Tags(
        gbt=("6.3", "6.5"),
        odc=("road.urban", "junction.unsignalised", "objects.two_wheelers", "digital.roadside_unit"),
        classes=("motorcycle", "truck"),
        cncap=("SCPO", "VRU-two-wheeler"),
        zone=("robotaxi", "unmanned_delivery"),
    ),
    parameters=(
        ego_speed(40, 20, 50, 5),
        speed_of("Ebike", 20, 12, 25, 3, "Speed of the electric bicycle, km/h."),
        varied("Warning_s", 4, 1, 6, 1, "How long before the ways would cross the warning comes, s."),
    ),
    route=(lane(23, -1, 10), lane(1, -1, 70)),
    variables={"RsuWarning": "none"},
    world_events=(
        Event(
            name="RoadsideUnitWarns",
            when=(near(EGO, world(-4.1, -1.6), "${$EgoSpeed_kmh / 3.6 * $Warning_s}"),),
            does=(set_variable("RsuWarning", "bicycle"),),
        ),
    ),
    actors=(
        thing("FirstLorry", "vehicles/light_truck", world(-8.0, 30, -1.5708)),
        thing("SecondLorry", "vehicles/tanker", world(-28, 6.6, 3.1416)),
        thing("FirstHoarding", "objects/hoarding", world(-13.5, 11.2, -0.785)),
        thing("SecondHoarding", "objects/hoarding", world(-12.1, 12.6, -0.785)),
        thing("ThirdHoarding", "objects/hoarding", world(-14.9, 9.8, -0.785)),
        walker(
            "Ebike",
            "vehicles/ebike",
            (world(-4.1, 40, -1.5708), world(-4.1, -60)),
            (near(EGO, world(-4.1, -1.6), as_long_as(41.6, "EbikeSpeed_kmh")),),
            kmh("EbikeSpeed_kmh"),
            "It is 41.6 m from the ego's lane.",
        ),
    ),
    end_s=55,
)

RSU_QUEUE = Scenario(
    name="rsu_queue_behind_bend",
    group="cooperation",
    road="bend_street",
    title="The roadside unit tells of a queue behind a bend",
    title_zh="路侧单元提示弯道后方排队",
    happens="Behind a bend a queue stands on both lanes. Long before the ego sees it the variable "
    "RsuWarning becomes `queue`. After a while the queue moves on.",
    asked="With the warning: slows down softly before it sees the queue.",
    criteria=safe(deceleration_mps2={"most": 3.5}, goal_s={"most": 100}),
    tags=Tags(
        gbt=("6.4",),
        odc=("road.urban", "road.bend", "traffic.congested", "digital.roadside_unit"),
        classes=("car", "bus", "van"),
        cncap=("CCRs",),
        zone=("robotaxi", "autonomous_bus"),
    ),
    parameters=(
        ego_speed(50, 30, 60, 5),
        varied("QueueEnd_m", 120, 90, 150, 10, "Where the last vehicle stands along the road, m."),
        varied("Warning_m", 20, 5, 60, 5, "How far the ego has driven when the warning comes, m."),
    ),
    route=(lane(13, -1, 10), lane(1, -1, 200)),
    variables={"RsuWarning": "none"},
    world_events=(
        Event(
            name="RoadsideUnitTells",
            when=(driven(EGO, "$Warning_m"),),
            does=(set_variable("RsuWarning", "queue"),),
        ),
    ),
    actors=tuple(
        Actor(
            name=name,
            kind=kind,
            at=lane(1, lane_id, f"${{$QueueEnd_m + {back}}}"),
            events=(Event(name=f"{name}MovesOn", when=(at_time(when),), does=(change_speed(8, 1.2),)),),
        )
        for name, kind, lane_id, back, when in (
            ("LeftLast", "vehicles/hatchback", -1, 0, 34),
            ("LeftNext", "vehicles/van", -1, 9, 32),
            ("LeftFirst", "vehicles/sedan", -1, 18, 30),
            ("RightLast", "vehicles/bus", -2, 4, 34),
            ("RightNext", "vehicles/taxi", -2, 16, 32),
        )
    ),
    end_s=110,
)

RSU_RED_RUNNER = Scenario(
    name="rsu_warns_of_red_runner",
    group="cooperation",
    road="signal_junction",
    title="The roadside unit warns of a car that will run its red light, hidden by a bus",
    title_zh="路侧单元预警被公交车遮挡的闯红灯车辆",
    happens="The ego has green. On its left a bus waits in the turning lane and hides the street to the "
    "north. A car from there will not stop at its red light; the variable RsuWarning becomes "
    "`red_light_violation` before the ego can see it.",
    asked="With the warning: does not enter the junction. Without it: brakes as soon as the car shows.",
    criteria=safe(distance_m={"least": 0.8}, goal_s={"most": 60}),
    tags=Tags(
        gbt=("6.1", "6.4", "6.5"),
        odc=("road.urban", "junction.signalised", "objects.motor_vehicles", "digital.roadside_unit"),
        classes=("car", "bus"),
        cncap=("SCPO",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(45, 30, 60, 5),
        speed_of("Runner", 50, 30, 60, 5, "Speed of the car that runs the light, km/h."),
        varied("Warning_s", 4, 1, 6, 1, "How long before the ways would cross the warning comes, s."),
    ),
    route=(lane(23, -2, 30), lane(1, -2, 90)),
    world=lights(THROUGH_EW),
    variables={"RsuWarning": "none"},
    world_events=(
        Event(
            name="RoadsideUnitWarns",
            when=(near(EGO, world(-7.25, -7.25), "${$EgoSpeed_kmh / 3.6 * $Warning_s}"),),
            does=(set_variable("RsuWarning", "red_light_violation"),),
        ),
    ),
    actors=(
        thing("WaitingBus", "vehicles/bus", lane(23, -1, 160)),
        Actor(
            name="Runner",
            kind="vehicles/sedan",
            at=world(-7.25, 110, -1.5708),
            events=(
                Event(
                    name="RunnerComes",
                    when=(near(EGO, world(-7.25, -7.25), as_long_as(117.25, "RunnerSpeed_kmh")),),
                    does=(
                        set_speed(kmh("RunnerSpeed_kmh")),
                        follow_curve(
                            "ThroughRed",
                            (
                                world(-7.25, 110, -1.5708),
                                world(-7.25, 40),
                                world(-7.25, -30),
                                world(-7.25, -150),
                            ),
                        ),
                    ),
                    about="It is 117.25 m from the ego's lane.",
                ),
            ),
        ),
    ),
    end_s=65,
)

SCENARIOS = (
    NIGHT_PEDESTRIAN,
    RAIN_LEAD_BRAKES,
    SNOW_CREST,
    LOW_SUN,
    RSU_BLIND_CORNER,
    RSU_QUEUE,
    RSU_RED_RUNNER,
)
