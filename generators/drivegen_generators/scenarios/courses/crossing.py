"""Vehicles whose way crosses the ego's (GB/T 41798-2022, group 6.4)."""

from __future__ import annotations

from drivegen_generators.scenarios.actions import follow_curve, light, meet, set_speed
from drivegen_generators.scenarios.courses.common import (
    LEFT_EW,
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
)
from drivegen_generators.scenarios.places import lane, world
from drivegen_generators.scenarios.scenario import EGO, Actor, Event, Scenario, Tags
from drivegen_generators.scenarios.triggers import at_time, driven, near

ONCOMING_LEFT_TURNER = Scenario(
    name="oncoming_left_turner",
    group="vehicles_crossing",
    road="signal_junction",
    title="An oncoming van turns left in front of the ego",
    title_zh="对向车辆抢行左转",
    happens="Both directions have green for all turns. A van on the opposite side waits in the junction and "
    "turns left at the last moment, across the ego's lane.",
    asked="Is ready to brake for a vehicle that waits to turn.",
    criteria=safe(distance_m={"least": 0.5}, goal_s={"most": 45}),
    tags=Tags(
        gbt=("6.4", "6.5"),
        odc=("road.urban", "junction.signalised", "objects.motor_vehicles"),
        classes=("van",),
        cncap=("CCFT",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(45, 30, 60, 5),
        speed_of("Van", 22, 12, 30, 3, "Speed at which the van turns, km/h."),
    ),
    route=(lane(23, -2, 30), lane(1, -2, 90)),
    world=lights((*THROUGH_EW, *LEFT_EW)),
    actors=(
        Actor(
            name="Van",
            kind="vehicles/minivan",
            at=world(9, 0.4, 3.1416),
            begins=(light("indicatorLeft", "flashing"),),
            events=(
                Event(
                    name="VanTurns",
                    when=(near(EGO, world(-1.5, -7.25), as_long_as(13.5, "VanSpeed_kmh")),),
                    does=(
                        set_speed(kmh("VanSpeed_kmh")),
                        follow_curve(
                            "Turn",
                            (
                                world(9, 0.4, 3.1416),
                                world(4, 0.2),
                                world(-2.5, -2),
                                world(-3.75, -12),
                                world(-3.75, -30),
                                world(-3.75, -90),
                            ),
                        ),
                    ),
                    about="It is 13.5 m from the ego's lane along its bow.",
                ),
            ),
        ),
    ),
    end_s=50,
)

CROSSING_IGNORES_STOP = Scenario(
    name="crossing_ignores_stop",
    group="vehicles_crossing",
    road="priority_junction",
    title="A car from the left does not stop at its stop sign",
    title_zh="左侧车辆未按停车让行标志停车",
    happens="The ego drives on the street that goes first. A car from the north slows down a little and "
    "then drives through its stop sign, at open sight.",
    asked="Notices that the car will not stop, and brakes in spite of its priority.",
    criteria=safe(distance_m={"least": 0.5}, goal_s={"most": 45}),
    tags=Tags(
        gbt=("6.4", "6.5"),
        odc=("road.urban", "junction.unsignalised", "facility.signs", "objects.motor_vehicles"),
        classes=("car",),
        cncap=("SCP",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(40, 30, 50, 5),
        speed_of("Car", 30, 20, 50, 5, "Speed at which the car crosses, km/h."),
    ),
    route=(lane(23, -1, 15), lane(1, -1, 70)),
    actors=(
        driver(
            "Car",
            "vehicles/sedan",
            ((13, -1, 15), (31, -1, 70)),
            kmh("CarSpeed_kmh"),
            (
                Event(
                    name="CarMeetsEgo",
                    when=(at_time(0.5),),
                    does=(meet(EGO, world(-1.6, -1.6), world(-1.6, -1.6), kmh("CarSpeed_kmh")),),
                    about="Both would be at the same place at once.",
                ),
            ),
        ),
    ),
    end_s=50,
)

CROSSING_OCCLUDED = Scenario(
    name="crossing_occluded",
    group="vehicles_crossing",
    road="priority_junction",
    title="A car comes out of a side street from behind a row of parked vans",
    title_zh="横向来车被路侧停放车辆遮挡",
    happens="Vans and a hoarding stand close to the corner on the right. A car comes out of the side street "
    "from behind them, without stopping.",
    asked="Slows down where it cannot see into the side street, brakes when the car shows.",
    criteria=safe(goal_s={"most": 45}),
    tags=Tags(
        gbt=("6.4", "6.5"),
        odc=("road.urban", "junction.unsignalised", "objects.motor_vehicles"),
        classes=("car", "van"),
        cncap=("SCPO",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(40, 20, 50, 5),
        speed_of("Car", 25, 15, 40, 5, "Speed of the car, km/h."),
        varied("Late_m", 0, -10, 10, 2.5, "How much nearer than in time the ego is, m."),
    ),
    route=(lane(23, -1, 15), lane(1, -1, 70)),
    actors=(
        thing("FirstVan", "vehicles/van", world(-26, -5.0, 0)),
        thing("SecondVan", "vehicles/light_truck", world(-33, -5.1, 0)),
        thing("FirstHoarding", "objects/hoarding", world(-14.5, -8.9, 0.785)),
        thing("SecondHoarding", "objects/hoarding", world(-13.1, -10.3, 0.785)),
        thing("ThirdHoarding", "objects/hoarding", world(-15.9, -7.5, 0.785)),
        Actor(
            name="Car",
            kind="vehicles/hatchback",
            at=lane(33, -1, 88),
            events=(
                Event(
                    name="CarComes",
                    when=(near(EGO, world(1.6, -1.6), "${$EgoSpeed_kmh * 42.4 / $CarSpeed_kmh - $Late_m}"),),
                    does=(
                        set_speed(kmh("CarSpeed_kmh")),
                        follow_curve(
                            "StraightOver",
                            (
                                world(1.625, -44.4, 1.5708),
                                world(1.625, -20),
                                world(1.625, 20),
                                world(1.625, 90),
                            ),
                        ),
                    ),
                    about="It is 42.4 m from the ego's lane.",
                ),
            ),
        ),
    ),
    end_s=50,
)

U_TURN_AHEAD = Scenario(
    name="u_turn_ahead",
    group="vehicles_crossing",
    road="signal_junction",
    title="An oncoming car turns back into the ego's lane",
    title_zh="对向车辆掉头进入本车道",
    happens="Behind the junction an oncoming car turns back through the opening of the median and needs the "
    "ego's lane to get round.",
    asked="Slows down and lets it finish.",
    criteria=safe(distance_m={"least": 0.5}, goal_s={"most": 60}),
    tags=Tags(
        gbt=("6.4",),
        odc=("road.urban", "junction.signalised", "objects.motor_vehicles"),
        classes=("car",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(40, 25, 50, 5),
        speed_of("Turner", 15, 8, 20, 3, "Speed at which it turns back, km/h."),
    ),
    route=(lane(23, -2, 40), lane(1, -2, 110)),
    world=lights((*THROUGH_EW, *LEFT_EW)),
    actors=(
        Actor(
            name="Turner",
            kind="vehicles/suv",
            at=world(24, 0.4, 3.1416),
            begins=(light("indicatorLeft", "flashing"),),
            events=(
                Event(
                    name="TurnerTurnsBack",
                    when=(near(EGO, world(19, -7.25), as_long_as(16, "TurnerSpeed_kmh")),),
                    does=(
                        set_speed(kmh("TurnerSpeed_kmh")),
                        follow_curve(
                            "Back",
                            (
                                world(24, 0.4, 3.1416),
                                world(17.5, 0.2),
                                world(11.5, -1.5),
                                world(11.5, -7.6),
                                world(18, -9.2),
                                world(28, -7.6),
                                world(45, -7.25),
                                world(190, -7.25),
                            ),
                        ),
                    ),
                    about="It reaches the ego's lane after about 16 m.",
                ),
            ),
        ),
    ),
    end_s=65,
)

WIDE_RIGHT_TURN = Scenario(
    name="mixer_turns_right_wide",
    group="vehicles_crossing",
    road="signal_junction",
    title="A concrete mixer swings out of the next lane to turn right across the ego",
    title_zh="搅拌车从内侧车道右转，占用本车车道",
    happens="The ego drives straight on on the right lane. A concrete mixer on its left, a little ahead, "
    "needs more room to turn right and cuts across the ego's lane.",
    asked="Stays out of the space that the mixer needs, does not pass it on the right.",
    criteria=safe(distance_m={"least": 1.0}, goal_s={"most": 60}),
    tags=Tags(
        gbt=("6.4",),
        odc=("road.urban", "junction.signalised", "objects.heavy_vehicles"),
        classes=("truck",),
        cncap=("BSD",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(40, 25, 50, 5),
        speed_of("Mixer", 18, 12, 25, 3, "Speed of the mixer, km/h."),
    ),
    route=(lane(23, -3, 40), lane(1, -3, 90)),
    world=lights(THROUGH_EW),
    actors=(
        Actor(
            name="Mixer",
            kind="vehicles/concrete_mixer",
            at=world(-66, -7.25, 0),
            speed=0,
            begins=(light("indicatorRight", "flashing"),),
            events=(
                Event(
                    name="MixerTurns",
                    when=(near(EGO, world(-15, -10.75), as_long_as(52, "MixerSpeed_kmh")),),
                    does=(
                        set_speed(kmh("MixerSpeed_kmh")),
                        follow_curve(
                            "WideTurn",
                            (
                                world(-66, -7.25, 0),
                                world(-45, -7.25),
                                world(-26, -6.6),
                                world(-12, -8.2),
                                world(-7.2, -17),
                                world(-7.2, -34),
                                world(-7.25, -90),
                            ),
                        ),
                    ),
                    about="It gets to the ego's lane after about 52 m.",
                ),
            ),
        ),
    ),
    end_s=65,
)

ONCOMING_OVERTAKER = Scenario(
    name="oncoming_overtaker",
    group="vehicles_crossing",
    road="priority_junction",
    title="An oncoming car overtakes a tractor-slow vehicle and is in the ego's lane",
    title_zh="对向车辆借道超车逆行驶来",
    happens="On a street with one lane each way a sweeper comes slowly towards the ego. A car behind it "
    "overtakes and goes back to its side just ahead of the ego.",
    asked="Brakes and keeps to the right so that the car can get back.",
    criteria=safe(distance_m={"least": 0.5}, goal_s={"most": 45}),
    tags=Tags(
        gbt=("6.4", "6.5"),
        odc=("road.urban", "objects.motor_vehicles", "objects.low_speed_vehicles"),
        classes=("car", "unmanned"),
        zone=("robotaxi", "unmanned_sweeper"),
    ),
    parameters=(
        ego_speed(35, 20, 40, 5),
        speed_of("Overtaker", 40, 30, 50, 5, "Speed of the overtaking car, km/h."),
        varied(
            "BackAt_m", 10, -30, 30, 5, "Where it is back on its side, m east of the middle of the junction."
        ),
    ),
    route=(lane(23, -1, 5), lane(1, -1, 60)),
    actors=(
        driver("Sweeper", "vehicles/unmanned_sweeper", ((3, -1, 62), (21, -1, 90)), 2),
        Actor(
            name="Overtaker",
            kind="vehicles/suv",
            at=lane(3, -1, 5),
            speed=kmh("OvertakerSpeed_kmh"),
            events=(
                Event(
                    name="Overtakes",
                    when=(at_time(0),),
                    does=(
                        follow_curve(
                            "Overtaking",
                            (
                                world(127.4, 1.6, 3.1416),
                                world(100, 1.6),
                                world(88, -1.5),
                                world("${$BackAt_m + 35}", -1.5),
                                world("${$BackAt_m + 15}", -1.3),
                                world("$BackAt_m", 1.6),
                                world(-60, 1.6),
                                world(-130, 1.6),
                            ),
                        ),
                    ),
                ),
            ),
        ),
    ),
    end_s=50,
)

LORRY_LEAVES_YARD = Scenario(
    name="lorry_leaves_yard",
    group="vehicles_crossing",
    road="industrial_park",
    title="A lorry comes slowly out of a yard and blocks the street while it turns",
    title_zh="货车驶出厂区大门缓慢转弯占用车道",
    happens="In an industrial park a long lorry comes out of a gate on the left and turns slowly into the "
    "ego's direction, across its lane.",
    asked="Stops with room for the lorry's swing and follows it afterwards.",
    criteria=safe(distance_m={"least": 1.5}, goal_s={"most": 80}),
    tags=Tags(
        gbt=("6.4",),
        odc=("road.campus", "facility.gate", "objects.heavy_vehicles"),
        classes=("truck",),
        zone=("automated_truck", "unmanned_delivery"),
    ),
    parameters=(
        ego_speed(35, 20, 40, 5),
        speed_of("Lorry", 12, 8, 18, 2, "Speed of the lorry, km/h."),
        varied("HeadStart_m", 15, 5, 45, 5, "How far the ego has driven when the lorry starts, m."),
    ),
    route=(lane(2, -1, 120), lane(8, -1, 60)),
    actors=(
        driver(
            "Lorry",
            "vehicles/tanker",
            ((203, -1, 45), (8, -1, 150)),
            0,
            (
                Event(
                    name="LorryComes",
                    when=(driven(EGO, "$HeadStart_m"),),
                    does=(set_speed(kmh("LorrySpeed_kmh")),),
                ),
            ),
        ),
    ),
    end_s=85,
)

SCENARIOS = (
    ONCOMING_LEFT_TURNER,
    CROSSING_IGNORES_STOP,
    CROSSING_OCCLUDED,
    U_TURN_AHEAD,
    WIDE_RIGHT_TURN,
    ONCOMING_OVERTAKER,
    LORRY_LEAVES_YARD,
)
