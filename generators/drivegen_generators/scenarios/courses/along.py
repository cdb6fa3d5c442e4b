"""Vehicles that drive the ego's way (GB/T 41798-2022, group 6.4)."""

from __future__ import annotations

from drivegen_generators.scenarios.actions import change_lane, change_speed, follow_curve, light, set_speed
from drivegen_generators.scenarios.courses.common import (
    driver,
    ego_speed,
    kmh,
    safe,
    speed_of,
    thing,
    varied,
)
from drivegen_generators.scenarios.places import lane, world
from drivegen_generators.scenarios.scenario import EGO, Actor, Event, Scenario, Tags
from drivegen_generators.scenarios.triggers import ahead_of, at_time, close_to, done, driven, near, stands

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
        driver(
            "Taxi",
            "vehicles/taxi",
            ((13, -2, 35),),
            kmh("EgoSpeed_kmh"),
            (
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

BUS_PULLS_OUT = Scenario(
    name="bus_pulls_out",
    group="vehicles_along",
    road="street_with_zebra",
    title="A bus leaves its bay in front of the ego",
    title_zh="公交车驶离港湾站并入车道",
    happens="A bus stands in its bay with its left indicator on. When the ego is near it pulls out into the "
    "ego's lane and speeds up slowly.",
    asked="Lets the bus out, as courtesy and law ask, or passes it on the left lane with room.",
    criteria=safe(time_to_collision_s={"least": 1.2}, goal_s={"most": 60}),
    tags=Tags(
        gbt=("6.4",),
        odc=("road.urban", "facility.bus_stop", "objects.heavy_vehicles"),
        classes=("bus",),
        zone=("robotaxi", "autonomous_bus"),
    ),
    parameters=(
        ego_speed(40, 25, 50, 5),
        varied("PullOutGap_m", 30, 15, 45, 5, "Distance of the ego when the bus begins to move, m."),
        speed_of("Bus", 25, 15, 35, 5, "Speed that the bus reaches, km/h."),
    ),
    route=(lane(13, -2, 5), lane(1, -2, 120)),
    actors=(
        Actor(
            name="Bus",
            kind="vehicles/bus",
            at=lane(13, -3, 78),
            begins=(light("indicatorLeft", "flashing"),),
            events=(
                Event(
                    name="BusMoves",
                    when=(close_to(EGO, "Bus", "$PullOutGap_m"),),
                    does=(change_speed(kmh("BusSpeed_kmh"), 1.2),),
                ),
                Event(
                    name="BusPullsOut",
                    when=(close_to(EGO, "Bus", "$PullOutGap_m"),),
                    does=(
                        follow_curve(
                            "OutOfTheBay",
                            (
                                world(-126.8, -9, 0),
                                world(-120, -9),
                                world(-110, -7.2),
                                world(-100, -5.75),
                                world(-85, -5.75),
                            ),
                        ),
                    ),
                    priority="parallel",
                ),
            ),
        ),
    ),
    end_s=65,
)

TAXI_DOOR = Scenario(
    name="taxi_stops_for_passenger",
    group="vehicles_along",
    road="signal_crossing",
    title="A taxi crosses to the kerb, stops, and its passenger gets out on the wrong side",
    title_zh="出租车急停上下客，乘客从左侧下车",
    happens="A taxi on the left lane cuts over in front of the ego and stops at the right edge of the lane. "
    "A woman gets out on the side of the traffic and walks round in front of the taxi.",
    asked="Stops behind the taxi or passes it on the left with more than a door's width.",
    criteria=safe(distance_m={"least": 0.8}, goal_s={"most": 70}),
    tags=Tags(
        gbt=("6.3", "6.4"),
        odc=("road.urban", "objects.motor_vehicles", "objects.pedestrians"),
        classes=("car", "pedestrian"),
        cncap=("DOW",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(40, 25, 50, 5),
        varied("StopAt_m", 95, 85, 120, 5, "Where the taxi stops along the road, m."),
    ),
    route=(lane(13, -2, 5), lane(1, -2, 100)),
    actors=(
        driver(
            "Taxi",
            "vehicles/taxi",
            ((13, -1, 22),),
            kmh("EgoSpeed_kmh"),
            (
                Event(
                    name="TaxiCutsOver",
                    when=(at_time(1.0),),
                    does=(change_lane(-1, 2.5, "Taxi", -0.5), light("indicatorRight", "flashing")),
                ),
                Event(
                    name="TaxiStops",
                    when=(near("Taxi", lane(13, -2, "$StopAt_m"), "${$EgoSpeed_kmh * $EgoSpeed_kmh / 104}"),),
                    does=(change_speed(0, 4),),
                    about="The distance in which it stops from its speed at 4 m/s2.",
                    priority="parallel",
                ),
            ),
        ),
        Actor(
            name="Passenger",
            kind="pedestrians/woman",
            at=lane(13, -5, 105, -2),
            events=(
                Event(
                    name="PassengerGetsOut",
                    when=(stands("Taxi", 2),),
                    does=(
                        set_speed(1.2),
                        follow_curve(
                            "RoundTheTaxi",
                            (
                                lane(13, -2, "${$StopAt_m + 1}", 1.0),
                                lane(13, -2, "${$StopAt_m + 2.5}", 1.6),
                                lane(13, -2, "${$StopAt_m + 5.2}", 1.0),
                                lane(13, -2, "${$StopAt_m + 5.5}", -3.0),
                            ),
                        ),
                    ),
                ),
                Event(name="PassengerStands", when=(done("PassengerGetsOut"),), does=(set_speed(0),)),
            ),
        ),
    ),
    end_s=80,
)

PARKED_CAR_PULLS_OUT = Scenario(
    name="parked_car_pulls_out",
    group="vehicles_along",
    road="parking_street",
    title="A parked car pulls out without a look back",
    title_zh="路侧停放车辆突然驶出",
    happens="Cars are parked on the right. One of them, between two others, pulls out into the ego's lane "
    "when the ego is near and drives on slowly.",
    asked="Sees wheels and indicator, brakes, follows.",
    criteria=safe(time_to_collision_s={"least": 0.8}, goal_s={"most": 60}),
    tags=Tags(
        gbt=("6.4", "6.5"),
        odc=("road.urban", "facility.parking", "objects.motor_vehicles"),
        classes=("car", "van"),
        zone=("robotaxi", "unmanned_delivery"),
    ),
    parameters=(
        ego_speed(35, 20, 40, 5),
        varied("PullOutGap_m", 24, 12, 36, 4, "Distance of the ego when the car begins to move, m."),
        speed_of("Car", 18, 10, 25, 5, "Speed that the car reaches, km/h."),
    ),
    route=(lane(13, -1, 10), lane(1, -1, 90)),
    actors=(
        thing("ParkedBehind", "vehicles/suv", lane(13, -2, 56)),
        thing("ParkedAhead", "vehicles/minivan", lane(13, -2, 74)),
        Actor(
            name="Car",
            kind="vehicles/hatchback",
            at=lane(13, -2, 64),
            begins=(light("indicatorLeft", "flashing"),),
            events=(
                Event(
                    name="CarMoves",
                    when=(close_to(EGO, "Car", "$PullOutGap_m"),),
                    does=(change_speed(kmh("CarSpeed_kmh"), 2.0),),
                ),
                Event(
                    name="CarPullsOut",
                    when=(close_to(EGO, "Car", "$PullOutGap_m"),),
                    does=(
                        follow_curve(
                            "OutOfTheRow",
                            (
                                world(-80.8, -5.2, 0),
                                world(-79.0, -5.0),
                                world(-76.5, -3.0),
                                world(-72, -2.0),
                                world(-60, -2.0),
                            ),
                        ),
                    ),
                    priority="parallel",
                ),
            ),
        ),
    ),
    end_s=65,
)

MOTORCYCLE_FILTERS = Scenario(
    name="motorcycle_filters",
    group="vehicles_along",
    road="street_with_zebra",
    title="A motorcycle passes between the lanes and cuts in",
    title_zh="摩托车夹缝穿行后切入",
    happens="The ego and a car beside it follow slow traffic. A motorcycle comes from behind between both "
    "lanes, squeezes in before the ego and brakes behind the van ahead.",
    asked="Keeps its line while it is passed, then opens its distance again without braking hard.",
    criteria=safe(distance_m={"least": 0.3}, deceleration_mps2={"most": 6}, goal_s={"most": 70}),
    tags=Tags(
        gbt=("6.3", "6.4"),
        odc=("road.urban", "traffic.congested", "objects.two_wheelers"),
        classes=("motorcycle", "van", "car"),
        cncap=("BSD",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(30, 20, 40, 5),
        speed_of("Motorcycle", 50, 45, 60, 5, "Speed of the motorcycle, km/h."),
        varied("CutInGap_m", 6, 3, 12, 1, "How far ahead of the ego it cuts in, m."),
    ),
    route=(lane(13, -2, 45), lane(1, -2, 60)),
    actors=(
        driver("Van", "vehicles/van", ((13, -2, 72), (1, -2, 150)), kmh("EgoSpeed_kmh")),
        driver("Beside", "vehicles/sedan", ((13, -1, 43), (1, -1, 150)), kmh("EgoSpeed_kmh")),
        Actor(
            name="Motorcycle",
            kind="vehicles/motorcycle",
            at=lane(13, -2, 10, 1.75),
            speed=kmh("MotorcycleSpeed_kmh"),
            events=(
                Event(
                    name="MotorcycleCutsIn",
                    when=(
                        driven(
                            "Motorcycle",
                            "${(40 + $CutInGap_m) * $MotorcycleSpeed_kmh"
                            " / ($MotorcycleSpeed_kmh - $EgoSpeed_kmh + 1)}",
                        ),
                    ),
                    does=(change_lane(0, 1.5, "Ego"), change_speed(kmh("EgoSpeed_kmh"), 3)),
                    about="When it is so far ahead of the ego, if that has kept its speed.",
                ),
            ),
        ),
    ),
    end_s=75,
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
    BUS_PULLS_OUT,
    TAXI_DOOR,
    PARKED_CAR_PULLS_OUT,
    MOTORCYCLE_FILTERS,
    LATE_EXIT,
    EXPRESSWAY_MERGE,
)
