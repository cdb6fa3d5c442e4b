"""Low-speed vehicles of the zone, and stopping at a place (GB/T 41798-2022, groups 6.3 to 6.6)."""

from __future__ import annotations

from drivegen_generators.scenarios.actions import change_speed, light
from drivegen_generators.scenarios.courses.common import (
    as_long_as,
    broken_down,
    driver,
    ego_speed,
    goes,
    kmh,
    safe,
    speed_of,
    thing,
    varied,
    walker,
)
from drivegen_generators.scenarios.places import lane, world
from drivegen_generators.scenarios.scenario import EGO, Actor, Event, Scenario, Tags
from drivegen_generators.scenarios.triggers import at_time, close_to, done, driven, near, stands

DELIVERY_CROSSING = Scenario(
    name="delivery_vehicle_crossing",
    group="low_speed",
    road="street_with_zebra",
    title="An unmanned delivery vehicle crosses the street on a zebra and stops half-way",
    title_zh="无人配送车通过人行横道途中停车",
    happens="A delivery vehicle leaves the bicycle lane and crosses on the zebra at walking pace. In the "
    "middle of the ego's lane it stops for two seconds, as such vehicles do, and goes on.",
    asked="Waits until it has left its lane, also when it stops without a cause that can be seen.",
    criteria=safe(distance_m={"least": 1.5}, goal_s={"most": 60}),
    tags=Tags(
        gbt=("6.3", "6.4"),
        odc=("road.urban", "crossing.zebra", "objects.low_speed_vehicles"),
        classes=("unmanned",),
        zone=("unmanned_delivery", "robotaxi"),
    ),
    parameters=(
        ego_speed(40, 20, 50, 5),
        speed_of("Delivery", 8, 5, 15, 1, "Speed of the delivery vehicle, km/h."),
        varied("Halt_s", 2, 0.5, 5, 0.5, "How long it stands in the lane, s."),
    ),
    route=(lane(13, -2, 60), lane(1, -2, 100)),
    actors=(
        Actor(
            name="Delivery",
            kind="vehicles/unmanned_delivery",
            at=world(0, -12, 1.5708),
            events=(
                *goes(
                    "Delivery",
                    (world(0, -12, 1.5708), world(0, 13)),
                    (near(EGO, world(0, -5.75), as_long_as(6.25, "DeliverySpeed_kmh")),),
                    kmh("DeliverySpeed_kmh"),
                    "It is 6.25 m from the middle of the ego's lane.",
                ),
                Event(
                    name="DeliveryHalts",
                    when=(driven("Delivery", 6),),
                    does=(change_speed(0, 3),),
                    priority="parallel",
                ),
                Event(
                    name="DeliveryGoesOn",
                    when=(stands("Delivery", "$Halt_s"), driven("Delivery", 5)),
                    does=(change_speed(kmh("DeliverySpeed_kmh"), 1.5),),
                    priority="parallel",
                ),
            ),
        ),
    ),
    end_s=65,
)

SWEEPER_AHEAD = Scenario(
    name="sweeper_ahead",
    group="low_speed",
    road="bend_street",
    title="An unmanned sweeper works its way along the right edge of the ego's lane",
    title_zh="前方无人清扫车低速作业",
    happens="In a bend a sweeper creeps along the right edge of the ego's lane with its beacon on. Cars "
    "pass on the left lane with gaps.",
    asked="Sees how slow it is, adjusts, and overtakes in a gap on the left lane.",
    criteria=safe(distance_m={"least": 0.8}, goal_s={"most": 90}),
    tags=Tags(
        gbt=("6.2", "6.4"),
        odc=("road.urban", "road.bend", "objects.low_speed_vehicles"),
        classes=("unmanned", "car"),
        zone=("unmanned_sweeper", "robotaxi"),
    ),
    parameters=(
        ego_speed(45, 30, 50, 5),
        speed_of("Sweeper", 5, 3, 10, 1, "Speed of the sweeper, km/h."),
    ),
    route=(lane(13, -2, 20), lane(1, -2, 150)),
    actors=(
        Actor(
            name="Sweeper",
            kind="vehicles/unmanned_sweeper",
            at=lane(13, -2, 110, -0.7),
            speed=kmh("SweeperSpeed_kmh"),
            begins=(light("warningLights", "flashing"),),
        ),
        driver("FirstPasser", "vehicles/hatchback", ((13, -1, 5), (1, -1, 200)), 12.5),
        driver("SecondPasser", "vehicles/suv", ((12, -1, 60), (13, -1, 60), (1, -1, 200)), 11),
    ),
    end_s=100,
)

RETAIL_CUSTOMER = Scenario(
    name="retail_customer",
    group="low_speed",
    road="campus",
    title="A customer steps back into the street from an unmanned retail vehicle",
    title_zh="无人零售车旁顾客倒退进入车道",
    happens="A retail vehicle stands at the kerb of a campus street with three customers. When the ego "
    "passes, one steps out from behind it, looking at his phone.",
    asked="Passes slowly and with room, stops for the customer.",
    criteria=safe(distance_m={"least": 0.7}, goal_s={"most": 70}),
    tags=Tags(
        gbt=("6.3", "6.5"),
        odc=("road.campus", "objects.low_speed_vehicles", "objects.pedestrians"),
        classes=("unmanned", "pedestrian"),
        cncap=("CPNCO",),
        zone=("unmanned_retail", "unmanned_patrol"),
    ),
    parameters=(
        ego_speed(20, 10, 25, 5),
        speed_of("Customer", 4, 2, 6, 1, "How fast he walks, km/h."),
    ),
    route=(lane(4, -1, 110), lane(4, -1, 230)),
    actors=(
        thing("Retail", "vehicles/unmanned_retail", lane(4, -1, 160, -2.6)),
        thing("FirstCustomer", "pedestrians/woman", lane(4, -1, 159, -4.3, 1.5)),
        thing("SecondCustomer", "pedestrians/student", lane(4, -1, 160.4, -4.2, 1.6)),
        walker(
            "Customer",
            "pedestrians/man",
            (lane(4, -1, 162.8, -3.6, 1.57), lane(4, -1, 162.4, 2.4)),
            (near(EGO, lane(4, -1, 162), as_long_as(3.6, "CustomerSpeed_kmh")),),
            kmh("CustomerSpeed_kmh"),
            "He is 3.6 m from the middle of the lane.",
        ),
    ),
    end_s=75,
)

SHUTTLE_ALIGHTING = Scenario(
    name="shuttle_alighting",
    group="low_speed",
    road="campus",
    title="A shuttle stands at its stop, and passengers cross in front of and behind it",
    title_zh="无人接驳车停站，乘客前后横穿道路",
    happens="An unmanned shuttle stands in the bay of a campus stop. Two passengers cross the street, one "
    "before it and one behind it, a little later.",
    asked="Passes at walking pace or waits; stops for both.",
    criteria=safe(distance_m={"least": 0.8}, goal_s={"most": 80}),
    tags=Tags(
        gbt=("6.3",),
        odc=("road.campus", "facility.bus_stop", "objects.low_speed_vehicles", "objects.pedestrians"),
        classes=("unmanned", "pedestrian"),
        cncap=("VRU-pedestrian",),
        zone=("autonomous_bus", "robotaxi"),
    ),
    parameters=(
        ego_speed(22, 10, 25, 5),
        speed_of("Passenger", 5, 3, 7, 1, "How fast the passengers walk, km/h."),
    ),
    route=(lane(2, -1, 70), lane(2, -1, 220)),
    actors=(
        broken_down("Shuttle", "vehicles/unmanned_shuttle", lane(2, -2, 136)),
        walker(
            "Behind",
            "pedestrians/traveller",
            (lane(2, -1, 131.5, -4.6, 1.57), lane(2, -1, 131.5, 3.6)),
            (near(EGO, lane(2, -1, 131), as_long_as(4.6, "PassengerSpeed_kmh")),),
            kmh("PassengerSpeed_kmh"),
        ),
        walker(
            "Before",
            "pedestrians/woman",
            (lane(2, -1, 141, -4.6, 1.57), lane(2, -1, 141, 3.6)),
            (near(EGO, lane(2, -1, 141), 14), done("BehindGoes")),
            kmh("PassengerSpeed_kmh"),
        ),
    ),
    end_s=85,
)

PATROL_ON_RING = Scenario(
    name="patrol_at_crossing",
    group="low_speed",
    road="campus",
    title="An unmanned patrol vehicle and the ego meet where nobody goes first",
    title_zh="园区无优先权路口与无人巡逻车交会",
    happens="The ego turns off the ring of a campus. A patrol vehicle comes along the middle street to the "
    "same junction and stops short whenever somebody is near.",
    asked="Comes to an agreement: goes when the patrol vehicle waits, does not stand for ever.",
    criteria=safe(distance_m={"least": 0.8}, goal_s={"most": 80}),
    tags=Tags(
        gbt=("6.4",),
        odc=("road.campus", "junction.unsignalised", "objects.low_speed_vehicles"),
        classes=("unmanned",),
        zone=("unmanned_patrol", "valet_parking"),
    ),
    parameters=(
        ego_speed(20, 10, 25, 5),
        speed_of("Patrol", 7, 4, 12, 1, "Speed of the patrol vehicle, km/h."),
    ),
    route=(lane(3, -1, 350), lane(5, -1, 60)),
    actors=(
        driver(
            "Patrol",
            "vehicles/unmanned_patrol",
            ((6, -1, 160), (1, -1, 80)),
            kmh("PatrolSpeed_kmh"),
            (
                Event(
                    name="PatrolStopsShort",
                    when=(close_to("Patrol", EGO, 30),),
                    does=(change_speed(0, 2),),
                ),
                Event(
                    name="PatrolGoesOn",
                    when=(stands("Patrol", 5),),
                    does=(change_speed(kmh("PatrolSpeed_kmh"), 1),),
                ),
            ),
        ),
    ),
    end_s=85,
)

DELIVERY_EGO = Scenario(
    name="delivery_ego_on_bicycle_lane",
    group="low_speed",
    road="street_with_zebra",
    title="The ego is a delivery vehicle on the bicycle lane; a rider comes against it at a narrow place",
    title_zh="无人配送车在非机动车道窄处遇逆行电动自行车",
    happens="The vehicle under test is an unmanned delivery vehicle in the bicycle lane. A bicycle is "
    "parked in it on the right; where the lane is narrow an electric bicycle comes towards it the wrong way.",
    asked="Waits before the narrow place until the rider is past, then goes by.",
    criteria=safe(distance_m={"least": 0.3}, goal_s={"most": 70}),
    tags=Tags(
        gbt=("6.3",),
        odc=("road.urban", "objects.two_wheelers", "objects.low_speed_vehicles"),
        classes=("motorcycle",),
        zone=("unmanned_delivery",),
    ),
    parameters=(
        ego_speed(12, 6, 15, 3),
        speed_of("WrongWay", 18, 10, 25, 5, "Speed of the one that comes against it, km/h."),
        varied("Side_m", -1.0, -1.1, -0.5, 0.1, "Where it rides, m to its own right of the lane's middle."),
    ),
    ego_kind="vehicles/unmanned_delivery",
    route=(lane(1, -4, 20), lane(1, -4, 110)),
    actors=(
        Actor(
            name="WrongWay",
            kind="vehicles/ebike",
            at=world(130, "${-10.25 - $Side_m}", 3.1416),
            events=goes(
                "WrongWay",
                (world(130, "${-10.25 - $Side_m}", 3.1416), world(15, "${-10.25 - $Side_m}")),
                (at_time(0),),
                kmh("WrongWaySpeed_kmh"),
                "",
            ),
        ),
        thing("ParkedBike", "objects/shared_bike", lane(1, -4, 62, -0.95)),
    ),
    end_s=75,
)

STOP_AT_KERB = Scenario(
    name="dock_at_bus_stop",
    group="parking",
    road="street_with_zebra",
    title="The ego is a bus and docks at its stop, where a rider is in the way",
    title_zh="自动驾驶公交车进站停靠，站台前有非机动车",
    happens="The vehicle under test is a bus that is to stop in the bay. A bicycle rides along the bay's "
    "edge in front of it and leaves the bay when the bus comes in.",
    asked="Waits for the bicycle, stops in the bay close to the platform.",
    criteria=safe(distance_m={"least": 0.5}, deceleration_mps2={"most": 3}, goal_s={"most": 50}),
    tags=Tags(
        gbt=("6.3", "6.6"),
        odc=("road.urban", "facility.bus_stop", "objects.two_wheelers"),
        classes=("bicycle",),
        zone=("autonomous_bus",),
    ),
    parameters=(
        ego_speed(30, 20, 40, 5),
        speed_of("Bicycle", 12, 8, 18, 2, "Speed of the bicycle, km/h."),
    ),
    ego_kind="vehicles/bus",
    route=(lane(13, -2, 15), lane(13, -3, 84)),
    goal_m=2.5,
    actors=(
        Actor(
            name="Bicycle",
            kind="vehicles/bicycle",
            at=world(-150, -7.9, 0),
            events=goes(
                "Bicycle",
                (
                    world(-150, -7.9, 0),
                    world(-130, -8.2),
                    world(-108, -8.2),
                    world(-95, -7.0),
                    world(-20, -7.0),
                ),
                (at_time(0),),
                kmh("BicycleSpeed_kmh"),
                "",
            ),
        ),
    ),
    end_s=60,
)

BAY_TAKEN = Scenario(
    name="bay_taken_by_trolley",
    group="parking",
    road="campus",
    title="A shopping trolley rolls into the ego's way among parked cars",
    title_zh="停车区内购物车滑入行车路径",
    happens="On the way to its bay the ego passes cars that are parked at right angles. A trolley that "
    "somebody let go rolls out between two of them and stops in the lane; a child comes to fetch it.",
    asked="Stops for the trolley, and waits for the child.",
    criteria=safe(distance_m={"least": 0.4}, goal_s={"most": 80}),
    tags=Tags(
        gbt=("6.3", "6.6"),
        odc=("road.campus", "facility.parking", "objects.debris", "objects.pedestrians"),
        classes=("child", "car"),
        cncap=("CPNCO",),
        zone=("valet_parking",),
    ),
    parameters=(
        ego_speed(15, 8, 20, 4),
        varied("Roll_mps", 1.2, 0.6, 2.0, 0.2, "How fast the trolley rolls, m/s."),
    ),
    route=(lane(3, -1, 300), lane(3, -1, 405)),
    actors=(
        thing("FirstParked", "vehicles/suv", lane(3, -2, 352, -1.7, 1.5708)),
        thing("SecondParked", "vehicles/mpv", lane(3, -2, 355, -1.7, 1.5708)),
        thing("ThirdParked", "vehicles/hatchback", lane(3, -2, 360.5, 1.0, -1.5708)),
        walker(
            "Trolley",
            "objects/shopping_trolley",
            (lane(3, -2, 357.8, -1.5, 1.57), lane(3, -1, 358.2, 0.2)),
            (near(EGO, lane(3, -1, 358), "${$EgoSpeed_kmh / 3.6 * 5.5 / $Roll_mps}"),),
            "$Roll_mps",
            "It rolls about 5.5 m to the middle of the lane.",
        ),
        Actor(
            name="Child",
            kind="pedestrians/girl",
            at=lane(3, -2, 357.8, -2.6, 1.57),
            events=goes(
                "Child",
                (lane(3, -2, 357.8, -2.6, 1.57), lane(3, -1, 358.0, -0.8), lane(3, -2, 357.8, -2.6)),
                (done("TrolleyGoes", 1.5),),
                1.8,
                "",
            ),
        ),
    ),
    end_s=85,
)

SCENARIOS = (
    DELIVERY_CROSSING,
    SWEEPER_AHEAD,
    RETAIL_CUSTOMER,
    SHUTTLE_ALIGHTING,
    PATROL_ON_RING,
    DELIVERY_EGO,
    STOP_AT_KERB,
    BAY_TAKEN,
)
