"""Vehicles that come from the kerb or go there, and between lanes (GB/T 41798-2022, group 6.4)."""

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
from drivegen_generators.scenarios.triggers import at_time, close_to, done, driven, near, stands

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

SCENARIOS = (
    BUS_PULLS_OUT,
    TAXI_DOOR,
    PARKED_CAR_PULLS_OUT,
    MOTORCYCLE_FILTERS,
)
