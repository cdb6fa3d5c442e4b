"""Bicycles, electric bicycles and tricycles (GB/T 41798-2022, group 6.3)."""

from __future__ import annotations

from drivegen_generators.scenarios.actions import change_speed, follow_curve, set_speed, shift_in_lane
from drivegen_generators.scenarios.courses.common import (
    THROUGH_EW,
    as_long_as,
    driver,
    ego_speed,
    goes,
    kmh,
    lights,
    safe,
    speed_of,
    varied,
)
from drivegen_generators.scenarios.places import lane, world
from drivegen_generators.scenarios.scenario import EGO, Actor, Event, Scenario, Tags
from drivegen_generators.scenarios.triggers import ahead_of, at_time, done, driven, near

LEFT_TURN_BICYCLE = Scenario(
    name="left_turn_bicycle",
    group="riders",
    road="signal_junction",
    title="A bicycle turns left across all lanes instead of in two steps",
    title_zh="自行车未二次过街，直接左转横穿机动车道",
    happens="A bicycle rides in the bicycle lane to the right of the ego, in the same direction. In the "
    "junction it turns left in one wide bow across the ego's lanes.",
    asked="Expects the bow, slows down and lets the bicycle go first.",
    criteria=safe(distance_m={"least": 0.8}, goal_s={"most": 45}),
    tags=Tags(
        gbt=("6.3",),
        odc=("road.urban", "junction.signalised", "objects.two_wheelers"),
        classes=("bicycle",),
        cncap=("VRU-two-wheeler",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(40, 25, 50, 5),
        speed_of("Bicycle", 15, 10, 20, 2, "Speed of the bicycle, km/h."),
    ),
    route=(lane(23, -2, 30), lane(1, -2, 90)),
    world=lights(THROUGH_EW),
    actors=(
        Actor(
            name="Bicycle",
            kind="vehicles/bicycle",
            at=world(-45, -15.5, 0),
            events=(
                Event(
                    name="BicycleTurns",
                    when=(near(EGO, world(0, -7.25), as_long_as(47, "BicycleSpeed_kmh")),),
                    does=(
                        set_speed(kmh("BicycleSpeed_kmh")),
                        follow_curve(
                            "Bow",
                            (
                                world(-45, -15.5, 0),
                                world(-28, -15.5),
                                world(-14, -15.0),
                                world(6, -9),
                                world(12, 6),
                                world(12, 24),
                                world(12, 60),
                            ),
                        ),
                    ),
                    about="It would be in the ego's lane, 47 m on along its bow, when the ego is.",
                ),
                Event(name="BicycleStops", when=(done("BicycleTurns"),), does=(change_speed(0, 2),)),
            ),
        ),
    ),
    end_s=50,
)

RIGHT_TURN_EBIKE = Scenario(
    name="right_turn_ebike",
    group="riders",
    road="signal_junction",
    title="An electric bicycle goes straight on, on the right of the ego that turns right",
    title_zh="右转车辆与右侧直行电动自行车冲突",
    happens="The ego turns right from the west to the south. In the bicycle lane beside it an electric "
    "bicycle comes from behind, a little faster, and goes straight on with its green light.",
    asked="Looks back to the right and lets it pass before it turns.",
    criteria=safe(distance_m={"least": 0.8}, goal_s={"most": 45}),
    tags=Tags(
        gbt=("6.3",),
        odc=("road.urban", "junction.signalised", "objects.two_wheelers"),
        classes=("motorcycle",),
        cncap=("VRU-turning", "BSD"),
        zone=("robotaxi", "automated_truck"),
    ),
    parameters=(
        ego_speed(22, 14, 30, 4),
        speed_of("Ebike", 25, 15, 25, 2, "Speed of the electric bicycle, km/h."),
    ),
    route=(lane(23, -3, 90), lane(31, -2, 60)),
    world=lights(THROUGH_EW),
    actors=(
        Actor(
            name="Ebike",
            kind="vehicles/ebike",
            at=lane(23, -5, 74),
            speed=kmh("EbikeSpeed_kmh"),
            events=(
                Event(
                    name="EbikeGoesStraightOn",
                    when=(at_time(0),),
                    does=(
                        follow_curve(
                            "StraightOn",
                            (world(-125.4, -15.5, 0), world(-80, -15.5), world(0, -15.5), world(90, -15.5)),
                        ),
                    ),
                    about="Along the bicycle lane and straight over the junction.",
                ),
            ),
        ),
    ),
    end_s=50,
)

WRONG_WAY_TRICYCLE = Scenario(
    name="wrong_way_tricycle",
    group="riders",
    road="street_with_zebra",
    title="A loaded tricycle comes towards the ego in its own lane",
    title_zh="电动三轮车在机动车道逆行",
    happens="A delivery tricycle rides against the traffic along the right edge of the ego's lane and "
    "swings out into it around something at the kerb.",
    asked="Sees that it comes nearer, slows down or gives it room on the left lane.",
    criteria=safe(distance_m={"least": 0.5}, goal_s={"most": 60}),
    tags=Tags(
        gbt=("6.3", "6.5"),
        odc=("road.urban", "objects.two_wheelers"),
        classes=("tricycle",),
        zone=("robotaxi", "unmanned_delivery"),
    ),
    parameters=(
        ego_speed(40, 20, 50),
        speed_of("Tricycle", 18, 10, 25, 5, "Speed of the tricycle, km/h."),
        varied("SwingOut_m", 1.5, 0.5, 2.5, 0.5, "How far it swings out to its right, m."),
    ),
    route=(lane(13, -2, 5), lane(1, -2, 80)),
    actors=(
        Actor(
            name="Tricycle",
            kind="vehicles/etricycle",
            at=world(30, -6.9, 3.1416),
            events=goes(
                "Tricycle",
                (
                    world(30, -6.9, 3.1416),
                    world(-48, -6.9),
                    world(-58, "${-6.9 + $SwingOut_m}"),
                    world(-70, "${-6.9 + $SwingOut_m}"),
                    world(-80, -6.9),
                    world(-190, -6.9),
                ),
                (at_time(0),),
                kmh("TricycleSpeed_kmh"),
                "",
            ),
        ),
    ),
    end_s=65,
)

SWERVING_BICYCLE = Scenario(
    name="swerving_bicycle",
    group="riders",
    road="bend_street",
    title="A bicycle that the ego overtakes swings out to the left",
    title_zh="超越同向自行车时其突然向左偏移",
    happens="A bicycle rides in the ego's lane at its right edge. When the ego comes close it swings out to "
    "the middle of the lane and back.",
    asked="Keeps its distance until it can pass with more than a metre beside it.",
    criteria=safe(distance_m={"least": 1.0}, goal_s={"most": 70}),
    tags=Tags(
        gbt=("6.3", "6.4"),
        odc=("road.urban", "road.bend", "objects.two_wheelers"),
        classes=("bicycle",),
        cncap=("VRU-two-wheeler",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(40, 20, 50),
        speed_of("Bicycle", 14, 10, 20, 2, "Speed of the bicycle, km/h."),
        varied("SwingOut_m", 0.2, -0.8, 0.8, 0.2, "Where it swings out to, m left of the lane's middle."),
    ),
    route=(lane(13, -2, 20), lane(1, -2, 150)),
    actors=(
        Actor(
            name="Bicycle",
            kind="vehicles/bicycle",
            at=lane(13, -2, 75, -1.2),
            speed=kmh("BicycleSpeed_kmh"),
            events=(
                Event(
                    name="SwingsOut",
                    when=(ahead_of(EGO, "Bicycle", 15),),
                    does=(shift_in_lane("$SwingOut_m", 1.0),),
                ),
                Event(name="GoesBack", when=(done("SwingsOut", 2),), does=(shift_in_lane(-1.2, 1.0),)),
            ),
        ),
    ),
    end_s=75,
)


def _starter(name: str, kind: str, x: float, y: float, speed: float) -> Actor:
    """One of those who wait before the stop line; it begins to ride when the others do."""
    return Actor(
        name=name,
        kind=kind,
        at=world(x, y, 0),
        events=(
            Event(
                name=f"{name}Starts",
                when=(at_time("$StartAt_s"),),
                does=(change_speed(speed, 1.0),),
            ),
            Event(
                name=f"{name}Rides",
                when=(at_time("$StartAt_s"),),
                does=(
                    follow_curve(
                        f"{name}Way", (world(x, y, 0), world(x + 30, y), world(40, -9), world(190, -15.5))
                    ),
                ),
                priority="parallel",
            ),
        ),
    )


EBIKE_SWARM = Scenario(
    name="ebike_swarm",
    group="riders",
    road="signal_junction",
    title="A swarm of riders starts from before the stop line into the ego's lanes",
    title_zh="非机动车群越线等待并在机动车道内起步",
    happens="Five riders wait on the zebra in front of the ego's lane. At green they start slowly, each at "
    "its own speed, and drift to the bicycle lane behind the junction.",
    asked="Follows behind them with room, does not press through.",
    criteria=safe(distance_m={"least": 1.0}, red_lights={"most": 0}, goal_s={"most": 70}),
    tags=Tags(
        gbt=("6.1", "6.3"),
        odc=("road.urban", "junction.signalised", "objects.two_wheelers", "traffic.congested"),
        classes=("motorcycle", "bicycle", "tricycle"),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(40, 25, 50, 5),
        varied("StartAt_s", 7, 4, 12, 1, "When they start, s; the ego has green from the beginning."),
    ),
    route=(lane(23, -3, 60), lane(1, -3, 110)),
    world=lights(THROUGH_EW),
    actors=(
        _starter("FirstEbike", "vehicles/ebike", -24, -12.2, 5.5),
        _starter("SecondEbike", "vehicles/ebike", -24.5, -10.6, 5.0),
        _starter("Bicycle", "vehicles/bicycle", -26.5, -11.6, 3.2),
        _starter("Tricycle", "vehicles/etricycle", -26, -9.4, 4.0),
        _starter("ThirdEbike", "vehicles/ebike", -23.5, -8.4, 5.8),
    ),
    end_s=75,
)

COURIER_FROM_GATE = Scenario(
    name="courier_from_gate",
    group="riders",
    road="campus",
    title="A courier on an electric bicycle shoots out of a campus gate",
    title_zh="外卖骑手骑电动自行车快速驶出园区大门",
    happens="The ego drives along the ring of a campus past the gate. A courier comes in through the gate "
    "without slowing down and turns in front of it.",
    asked="Slows down at the gate, lets the courier go.",
    criteria=safe(distance_m={"least": 0.8}, goal_s={"most": 60}),
    tags=Tags(
        gbt=("6.3", "6.4"),
        odc=("road.campus", "junction.unsignalised", "facility.gate", "objects.two_wheelers"),
        classes=("motorcycle",),
        zone=("unmanned_delivery", "unmanned_patrol", "valet_parking"),
    ),
    parameters=(
        ego_speed(22, 10, 25, 5),
        speed_of("Courier", 20, 10, 25, 5, "Speed of the courier, km/h."),
        varied("HeadStart_m", 28, 15, 50, 5, "How far the ego has driven when the courier starts, m."),
    ),
    route=(lane(2, -1, 300), lane(4, -1, 60)),
    actors=(
        driver(
            "Courier",
            "vehicles/ebike",
            ((203, -1, 15), (5, -1, 60)),
            0,
            (
                Event(
                    name="CourierComes",
                    when=(driven(EGO, "$HeadStart_m"),),
                    does=(set_speed(kmh("CourierSpeed_kmh")),),
                ),
            ),
        ),
    ),
    end_s=65,
)

ONCOMING_BICYCLE = Scenario(
    name="oncoming_bicycle",
    group="riders",
    road="priority_junction",
    title="A bicycle comes towards the ego on its own side and passes",
    title_zh="对向自行车正常会车",
    happens="On a street with one lane each way a bicycle comes towards the ego near the middle line. It "
    "stays on its side.",
    asked="Drives on; at most it gives a little room. Braking hard would be a false reaction.",
    criteria=safe(deceleration_mps2={"most": 2.5}, distance_m={"least": 0.4}, goal_s={"most": 40}),
    tags=Tags(
        gbt=("6.3",),
        odc=("road.urban", "objects.two_wheelers"),
        classes=("bicycle",),
        cncap=("false-reaction",),
        zone=("robotaxi", "unmanned_delivery"),
    ),
    parameters=(
        ego_speed(30, 20, 40, 5),
        speed_of("Bicycle", 12, 8, 20, 2, "Speed of the bicycle, km/h."),
        varied("ToMiddle_m", 0.9, 0.6, 1.6, 0.2, "How far from the middle line it rides, m."),
    ),
    route=(lane(23, -1, 10), lane(1, -1, 60)),
    actors=(
        Actor(
            name="Bicycle",
            kind="vehicles/bicycle",
            at=world(-26, "$ToMiddle_m", 3.1416),
            events=goes(
                "Bicycle",
                (world(-26, "$ToMiddle_m", 3.1416), world(-120, "$ToMiddle_m")),
                (at_time(0),),
                kmh("BicycleSpeed_kmh"),
                "",
            ),
        ),
    ),
    end_s=45,
)

ROUNDABOUT_CYCLIST = Scenario(
    name="roundabout_cyclist",
    group="riders",
    road="roundabout",
    title="The ego leaves a roundabout across the way of a bicycle",
    title_zh="驶出环岛与环道外侧自行车冲突",
    happens="The ego comes from the west and leaves in the east. A bicycle goes round on the outer bicycle "
    "lane and crosses the ego's exit at the same time.",
    asked="Looks to the right before it leaves, and lets the bicycle pass.",
    criteria=safe(distance_m={"least": 0.8}, goal_s={"most": 60}),
    tags=Tags(
        gbt=("6.2", "6.3"),
        odc=("road.urban", "junction.roundabout", "objects.two_wheelers"),
        classes=("bicycle",),
        cncap=("VRU-turning", "BSD"),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(25, 15, 30, 5),
        speed_of("Bicycle", 12, 8, 18, 2, "Speed of the bicycle, km/h."),
    ),
    route=(lane(23, -2, 40), lane(1, -2, 60)),
    actors=(
        driver(
            "Bicycle",
            "vehicles/bicycle",
            ((204, -3, 1), (201, -3, 4)),
            0,
            (
                Event(
                    name="BicycleRides",
                    when=(driven(EGO, "${165 - $EgoSpeed_kmh * 32 / $BicycleSpeed_kmh}"),),
                    does=(set_speed(kmh("BicycleSpeed_kmh")),),
                    about="The ego drives 165 m, the bicycle 32 m to where their ways cross.",
                ),
            ),
        ),
    ),
    end_s=65,
)

SCENARIOS = (
    LEFT_TURN_BICYCLE,
    RIGHT_TURN_EBIKE,
    WRONG_WAY_TRICYCLE,
    SWERVING_BICYCLE,
    EBIKE_SWARM,
    COURIER_FROM_GATE,
    ONCOMING_BICYCLE,
    ROUNDABOUT_CYCLIST,
)
