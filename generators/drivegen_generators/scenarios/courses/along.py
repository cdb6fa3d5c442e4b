"""Vehicles that drive the ego's way (GB/T 41798-2022, group 6.4)."""

from __future__ import annotations

from drivegen_generators.scenarios.actions import change_lane, change_speed, light
from drivegen_generators.scenarios.courses.common import (
    driver,
    ego_speed,
    kmh,
    safe,
    speed_of,
    varied,
)
from drivegen_generators.scenarios.places import lane
from drivegen_generators.scenarios.scenario import EGO, Actor, Event, Scenario, Tags
from drivegen_generators.scenarios.triggers import ahead_of, close_to, done, driven, near, stands

TRUCK_CUT_IN = Scenario(
    name="truck_cut_in",
    group="vehicles_along",
    road="expressway",
    title="A lorry cuts in from the right, slower than the ego",
    title_zh="重型货车低速切入",
    happens="On an expressway a heavy lorry drives on the lane to the right of the ego, slower. When the "
    "ego has come near, it moves over in front of it.",
    asked="Sees the lorry begin to move over, slows down and keeps its distance.",
    criteria=safe(time_to_collision_s={"least": 1.2}, goal_s={"most": 60}),
    tags=Tags(
        gbt=("6.4",),
        odc=("road.expressway", "objects.heavy_vehicles"),
        classes=("truck",),
        zone=("robotaxi", "automated_truck"),
    ),
    parameters=(
        ego_speed(80, 60, 80, 5),
        speed_of("Lorry", 55, 40, 70, 5, "Speed of the lorry, km/h."),
        varied("CutInGap_m", 18, 8, 35, 3, "Free distance at which it begins to move over, m."),
        varied("CutIn_s", 4, 2.5, 6, 0.5, "How long it takes to move over, s."),
    ),
    route=(lane(1, -2, 10), lane(3, -2, 40)),
    actors=(
        Actor(
            name="Lorry",
            kind="vehicles/heavy_truck",
            at=lane(1, -3, 75),
            speed=kmh("LorrySpeed_kmh"),
            events=(
                Event(
                    name="LorryMovesOver",
                    when=(close_to(EGO, "Lorry", "$CutInGap_m", freespace=True),),
                    does=(change_lane(1, "$CutIn_s", "Lorry"),),
                ),
                Event(
                    name="LorryBlinks",
                    when=(close_to(EGO, "Lorry", "${$CutInGap_m + 6}", freespace=True),),
                    does=(light("indicatorLeft", "flashing"),),
                    priority="parallel",
                ),
            ),
        ),
    ),
    end_s=65,
)

CUT_OUT = Scenario(
    name="cut_out_reveals_stopped_car",
    group="vehicles_along",
    road="expressway",
    title="The vehicle ahead changes lane late and uncovers a stopped car",
    title_zh="前车切出后显露静止车辆",
    happens="The ego follows a van on an expressway. The van changes to the right lane shortly before a car "
    "that has stopped, which it had hidden from the ego.",
    asked="Keeps such a distance that it can stop, or changes lane where that is free.",
    criteria=safe(time_to_collision_s={"least": 0.8}, goal_s={"most": 80}),
    tags=Tags(
        gbt=("6.4", "6.5"),
        odc=("road.expressway", "objects.motor_vehicles"),
        classes=("van", "car"),
        cncap=("CCRH",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(80, 60, 80, 5),
        varied("Gap_m", 40, 25, 60, 5, "Distance to the van at the start, m."),
        varied("CutOutAt_m", 45, 30, 70, 5, "How far before the stopped car the van begins to move over, m."),
    ),
    route=(lane(1, -2, 5), lane(5, -2, 20)),
    actors=(
        Actor(
            name="Van",
            kind="vehicles/van",
            at=lane(1, -2, "${5 + $Gap_m}"),
            speed=kmh("EgoSpeed_kmh"),
            events=(
                Event(
                    name="VanMovesOver",
                    when=(ahead_of("Van", "StoppedCar", "$CutOutAt_m"),),
                    does=(change_lane(-1, 2.2, "Van"),),
                ),
            ),
        ),
        Actor(
            name="StoppedCar",
            kind="vehicles/sedan",
            at=lane(2, -2, 110),
            begins=(light("warningLights", "flashing"),),
        ),
    ),
    end_s=90,
)

LEAD_BRAKES = Scenario(
    name="lead_brakes_hard",
    group="vehicles_along",
    road="bend_street",
    title="The car ahead brakes hard in a bend and stops",
    title_zh="弯道内前车紧急制动",
    happens="The ego follows a taxi through a bend. The taxi brakes hard to a stop, stands for four "
    "seconds, and drives on.",
    asked="Stops behind the taxi and follows it again.",
    criteria=safe(time_to_collision_s={"least": 0.8}, goal_s={"most": 70}),
    tags=Tags(
        gbt=("6.4", "6.5"),
        odc=("road.urban", "road.bend", "objects.motor_vehicles"),
        classes=("car",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(45, 30, 50, 5),
        varied("Gap_m", 18, 10, 30, 4, "Distance to the taxi at the start, m."),
        varied("Braking_mps2", 6, 3, 8, 1, "How hard the taxi brakes, m/s2."),
    ),
    route=(lane(13, -2, 10), lane(1, -2, 200)),
    actors=(
        Actor(
            name="Taxi",
            kind="vehicles/taxi",
            at=lane(13, -2, "${10 + $Gap_m}"),
            speed=kmh("EgoSpeed_kmh"),
            events=(
                Event(
                    name="TaxiBrakes",
                    when=(driven("Taxi", 240),),
                    does=(change_speed(0, "$Braking_mps2"), light("brakeLights", "on")),
                ),
                Event(
                    name="TaxiDrivesOn",
                    when=(stands("Taxi", 4),),
                    does=(change_speed(10, 1.5), light("brakeLights", "off")),
                ),
            ),
        ),
    ),
    end_s=80,
)

STOP_AND_GO = Scenario(
    name="stop_and_go",
    group="vehicles_along",
    road="street_with_zebra",
    title="A jam moves and stands, moves and stands",
    title_zh="拥堵路段走走停停跟车",
    happens="The ego comes to the end of a jam. The van ahead stops and starts three times, never faster "
    "than a bicycle; a second row stands beside it.",
    asked="Follows smoothly, leaves no gap that invites others, does not stop on the zebra.",
    criteria=safe(jerk_mps3={"most": 12}, deceleration_mps2={"most": 4}, goal_s={"most": 90}),
    tags=Tags(
        gbt=("6.4",),
        odc=("road.urban", "traffic.congested", "objects.motor_vehicles"),
        classes=("van", "car", "truck"),
        zone=("robotaxi", "autonomous_bus"),
    ),
    parameters=(
        ego_speed(30, 20, 40, 5),
        speed_of("Jam", 15, 8, 20, 4, "Speed between the stops, km/h."),
        varied("Stop_s", 4, 2, 8, 2, "How long each stop lasts, s."),
    ),
    route=(lane(13, -2, 20), lane(1, -2, 20)),
    actors=(
        Actor(
            name="Van",
            kind="vehicles/van",
            at=lane(13, -2, 80),
            speed=kmh("JamSpeed_kmh"),
            events=tuple(
                event
                for k, at in enumerate((20, 50, 85), start=1)
                for event in (
                    Event(
                        name=f"Stops{k}",
                        when=(driven("Van", at),),
                        does=(change_speed(0, 2.0),),
                    ),
                    Event(
                        name=f"Goes{k}",
                        when=(done(f"Stops{k}", "$Stop_s"),),
                        does=(change_speed(kmh("JamSpeed_kmh"), 1.2),),
                    ),
                )
            ),
        ),
        Actor(name="BesideFirst", kind="vehicles/suv", at=lane(13, -1, 88), speed=2.2),
        Actor(name="BesideSecond", kind="vehicles/light_truck", at=lane(13, -1, 76), speed=2.2),
    ),
    end_s=100,
)

LATE_EXIT = Scenario(
    name="late_exit",
    group="vehicles_along",
    road="expressway",
    title="A car crosses two lanes to catch its exit",
    title_zh="车辆临近出口连续变道抢行",
    happens="Shortly before an exit a car on the middle lane brakes and crosses in front of the ego, which "
    "drives on the right lane, to the exit lane.",
    asked="Slows down for the car without braking the traffic behind it to a stop.",
    criteria=safe(time_to_collision_s={"least": 1.0}, goal_s={"most": 60}),
    tags=Tags(
        gbt=("6.2", "6.4"),
        odc=("road.expressway", "road.ramp", "objects.motor_vehicles"),
        classes=("car",),
        zone=("robotaxi", "automated_truck"),
    ),
    parameters=(
        ego_speed(75, 60, 80, 5),
        speed_of("Late", 60, 50, 70, 5, "Speed of the car while it crosses, km/h."),
        varied("Lead_m", 16, 8, 30, 4, "How far ahead of the ego the car is at the start, m."),
    ),
    route=(lane(3, -3, 5), lane(5, -3, 120)),
    actors=(
        Actor(
            name="Late",
            kind="vehicles/sedan",
            at=lane(3, -2, "${5 + $Lead_m}"),
            speed=kmh("EgoSpeed_kmh"),
            events=(
                Event(
                    name="LateCrosses",
                    when=(near("Late", lane(4, -2, 8), 6),),
                    does=(change_lane(-2, 4.5, "Late"),),
                ),
                Event(
                    name="LateBrakes",
                    when=(near("Late", lane(4, -2, 8), 6),),
                    does=(change_speed(kmh("LateSpeed_kmh"), 2.5), light("indicatorRight", "flashing")),
                    priority="parallel",
                ),
            ),
        ),
    ),
    end_s=65,
)

EXPRESSWAY_MERGE = Scenario(
    name="expressway_merge",
    group="vehicles_along",
    road="expressway",
    title="The ego joins an expressway between a lorry and a car",
    title_zh="快速路入口加速车道汇入",
    happens="The ego comes from the side road by an entry. On the right lane of the expressway drive a "
    "lorry and, behind it, a car whose gap to the lorry is just long enough.",
    asked="Speeds up to the traffic's speed and merges within the extra lane.",
    criteria=safe(time_to_collision_s={"least": 1.0}, goal_s={"most": 70}),
    tags=Tags(
        gbt=("6.2", "6.4"),
        odc=("road.expressway", "road.ramp", "objects.heavy_vehicles"),
        classes=("truck", "car"),
        cncap=("BSD",),
        zone=("robotaxi", "automated_truck"),
    ),
    parameters=(
        ego_speed(45, 35, 60, 5),
        speed_of("Traffic", 70, 50, 80, 5, "Speed on the right lane, km/h."),
        varied("Gap_m", 40, 20, 60, 5, "Distance between the lorry and the car, m."),
    ),
    route=(lane(401, -1, 2), lane(2, -4, 40), lane(3, -3, 40)),
    actors=(
        driver("Lorry", "vehicles/heavy_truck", ((1, -3, 130), (5, -3, 100)), kmh("TrafficSpeed_kmh")),
        Actor(
            name="Car", kind="vehicles/suv", at=lane(1, -3, "${120 - $Gap_m}"), speed=kmh("TrafficSpeed_kmh")
        ),
        driver("Left", "vehicles/mpv", ((1, -2, 100), (5, -2, 100)), kmh("TrafficSpeed_kmh")),
    ),
    end_s=75,
)

SCENARIOS = (
    TRUCK_CUT_IN,
    CUT_OUT,
    LEAD_BRAKES,
    STOP_AND_GO,
    LATE_EXIT,
    EXPRESSWAY_MERGE,
)
