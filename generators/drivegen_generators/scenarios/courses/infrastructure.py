"""Roads, works and obstacles (GB/T 41798-2022, group 6.2)."""

from __future__ import annotations

from drivegen_generators.scenarios.actions import change_speed, teleport
from drivegen_generators.scenarios.courses.common import (
    broken_down,
    driver,
    ego_speed,
    kmh,
    safe,
    speed_of,
    thing,
    varied,
)
from drivegen_generators.scenarios.places import beside, lane
from drivegen_generators.scenarios.scenario import Actor, Event, Scenario, Tags
from drivegen_generators.scenarios.triggers import at_time

WORK_ZONE_MERGE = Scenario(
    name="work_zone_merge",
    group="infrastructure",
    road="work_zone_street",
    title="The ego's lane ends at works, and the lane beside it is full",
    title_zh="施工占道，车道减少处汇入车流",
    happens="The right lane, on which the ego drives, is closed by works 180 m ahead. On the middle lane "
    "three vehicles drive at about the same speed, close to each other.",
    asked="Finds a gap or lets the vehicles pass, and merges before its lane has ended.",
    criteria=safe(distance_m={"least": 0.5}, goal_s={"most": 60}),
    tags=Tags(
        gbt=("6.2", "6.4"),
        odc=("road.urban", "facility.work_zone", "objects.motor_vehicles"),
        classes=("car", "van", "truck"),
        cncap=("BSD",),
        zone=("robotaxi", "automated_truck"),
    ),
    parameters=(
        ego_speed(50, 30, 60),
        speed_of("Traffic", 48, 30, 60, 6, "Speed on the middle lane, km/h."),
    ),
    route=(lane(13, -3, 120), lane(1, -2, 200)),
    actors=(
        driver("Ahead", "vehicles/suv", ((13, -2, 142), (1, -2, 230)), kmh("TrafficSpeed_kmh")),
        driver("Beside", "vehicles/light_truck", ((13, -2, 120), (1, -2, 230)), kmh("TrafficSpeed_kmh")),
        driver("Behind", "vehicles/minivan", ((13, -2, 96), (1, -2, 230)), kmh("TrafficSpeed_kmh")),
        thing("Excavator", "vehicles/excavator", lane(1, -3, 100)),
    ),
    end_s=70,
)

DROPPED_CARGO = Scenario(
    name="dropped_cargo",
    group="infrastructure",
    road="expressway",
    title="A lorry ahead loses part of its load",
    title_zh="前方货车掉落货物",
    happens="The ego follows a lorry on the middle lane of an expressway. A pallet, boxes and a tyre fall "
    "off one after the other and lie on the lane.",
    asked="Brakes or changes lane without touching them; a car drives beside it on the left at first.",
    criteria=safe(distance_m={"least": 0.3}, goal_s={"most": 60}),
    tags=Tags(
        gbt=("6.2", "6.5"),
        odc=("road.expressway", "objects.debris", "objects.heavy_vehicles"),
        classes=("truck", "car"),
        zone=("automated_truck",),
    ),
    parameters=(
        ego_speed(70, 50, 80),
        varied("DropAt_s", 6, 4, 9, 1, "When the first thing falls, s."),
        varied("Gap_m", 45, 25, 60, 5, "Distance to the lorry at the start, m."),
    ),
    route=(lane(1, -2, 10), lane(3, -2, 40)),
    actors=(
        Actor(
            name="Lorry",
            kind="vehicles/light_truck",
            at=lane(1, -2, "${10 + $Gap_m}"),
            speed=kmh("EgoSpeed_kmh"),
        ),
        driver("Left", "vehicles/mpv", ((1, -1, 5), (3, -1, 40)), "${($EgoSpeed_kmh + 8) / 3.6}"),
        Actor(
            name="Pallet",
            kind="objects/pallet",
            at=lane(5, -4, 170),
            events=(
                Event(
                    name="PalletFalls",
                    when=(at_time("$DropAt_s"),),
                    does=(teleport(beside("Lorry", 0, -6, 0.5)),),
                    about="What falls waits on the hard shoulder far ahead until then.",
                ),
            ),
        ),
        Actor(
            name="Boxes",
            kind="objects/boxes",
            at=lane(5, -4, 174),
            events=(
                Event(
                    name="BoxesFall",
                    when=(at_time("${$DropAt_s + 0.4}"),),
                    does=(teleport(beside("Lorry", 0, -6, -0.7)),),
                ),
            ),
        ),
        Actor(
            name="Tyre",
            kind="objects/tyre",
            at=lane(5, -4, 178),
            events=(
                Event(
                    name="TyreFalls",
                    when=(at_time("${$DropAt_s + 0.9}"),),
                    does=(teleport(beside("Lorry", 0, -6)),),
                ),
            ),
        ),
    ),
    end_s=65,
)

ROUNDABOUT_ENTRY = Scenario(
    name="roundabout_entry",
    group="infrastructure",
    road="roundabout",
    title="The ego enters a roundabout while a car comes round",
    title_zh="驶入环岛时让行环内车辆",
    happens="The ego comes from the west and goes straight over. A taxi enters from the north before it and "
    "passes the ego's entry to leave in the south.",
    asked="Gives way at the entry, joins the ring behind the taxi, leaves at the second exit.",
    criteria=safe(distance_m={"least": 0.8}, goal_s={"most": 50}),
    tags=Tags(
        gbt=("6.2", "6.4"),
        odc=("road.urban", "junction.roundabout", "objects.motor_vehicles"),
        classes=("car",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(30, 20, 40),
        speed_of("Taxi", 25, 15, 30, 5, "Speed of the taxi in the ring, km/h."),
    ),
    route=(lane(23, -2, 30), lane(1, -2, 60)),
    actors=(driver("Taxi", "vehicles/taxi", ((13, -1, 92), (31, -2, 70)), kmh("TaxiSpeed_kmh")),),
    end_s=55,
)

TUNNEL_BREAKDOWN = Scenario(
    name="tunnel_breakdown",
    group="infrastructure",
    road="tunnel",
    title="A van has broken down in a tunnel",
    title_zh="隧道内故障车占道",
    happens="A van stands with hazard lights on the ego's lane in the middle of a tunnel; its driver stands "
    "behind it. Cars pass on the left lane.",
    asked="Sees it in time in spite of the change of light, stops or passes when the left lane is free.",
    criteria=safe(distance_m={"least": 0.5}, goal_s={"most": 80}),
    tags=Tags(
        gbt=("6.2", "6.5"),
        odc=("road.tunnel", "objects.motor_vehicles", "objects.pedestrians"),
        classes=("van", "car", "pedestrian"),
        cncap=("CCRs",),
        zone=("robotaxi", "automated_truck"),
    ),
    parameters=(
        ego_speed(50, 30, 50),
        varied(
            "VanAt_m", 262, 215, 290, 15, "Where the van stands along the road, m; the tunnel: 204 to 300."
        ),
    ),
    route=(lane(1, -2, 60), lane(1, -2, 480)),
    actors=(
        broken_down("Van", "vehicles/minivan", lane(1, -2, "$VanAt_m")),
        thing("VanDriver", "pedestrians/man", lane(1, -2, "${$VanAt_m - 4}", -1.2)),
        driver("FirstPasser", "vehicles/suv", ((1, -1, 45),), 13),
        driver("SecondPasser", "vehicles/hatchback", ((1, -1, 20),), 13),
    ),
    end_s=90,
)

CREST_QUEUE = Scenario(
    name="crest_queue",
    group="infrastructure",
    road="crest_street",
    title="The end of a queue stands behind a crest",
    title_zh="坡顶后方排队车尾",
    happens="Behind the top of a hill three cars stand in the ego's lane. They are seen late. After a while "
    "they drive on.",
    asked="Drives so that it can stop within what it sees, stops, and follows when the queue moves.",
    criteria=safe(time_to_collision_s={"least": 1.0}, goal_s={"most": 70}),
    tags=Tags(
        gbt=("6.2", "6.4"),
        odc=("road.urban", "road.grade", "traffic.congested"),
        classes=("car", "van"),
        cncap=("CCRs",),
        zone=("robotaxi",),
    ),
    parameters=(
        ego_speed(50, 30, 60),
        varied("QueueEnd_m", 90, 50, 110, 10, "Where the last car stands behind the crest, m."),
    ),
    route=(lane(13, -1, 60), lane(1, -1, 185)),
    actors=tuple(
        Actor(
            name=name,
            kind=kind,
            at=lane(1, -1, f"${{$QueueEnd_m + {back}}}"),
            events=(Event(name=f"{name}DrivesOn", when=(at_time(when),), does=(change_speed(9, 1.5),)),),
        )
        for name, kind, back, when in (
            ("First", "vehicles/minivan", 16, 25),
            ("Second", "vehicles/suv", 8, 26.5),
            ("Last", "vehicles/hatchback", 0, 28),
        )
    ),
    end_s=80,
)

OPEN_MANHOLE = Scenario(
    name="open_manhole",
    group="infrastructure",
    road="street_with_zebra",
    title="An open manhole in the lane, fenced off on its own",
    title_zh="车道内开启的井盖与围挡",
    happens="Work at a manhole takes most of the right lane; a small fence and two cones stand around it. "
    "The left lane is free but for one car that comes from behind.",
    asked="Goes round it on the left lane behind or before the car, and comes back.",
    criteria=safe(distance_m={"least": 0.3}, goal_s={"most": 60}),
    tags=Tags(
        gbt=("6.2",),
        odc=("road.urban", "facility.work_zone", "objects.debris"),
        classes=("car",),
        zone=("robotaxi", "unmanned_delivery", "unmanned_sweeper"),
    ),
    parameters=(
        ego_speed(40, 20, 50),
        varied("Offset_m", 0, -0.8, 0.8, 0.4, "Where it lies in the lane, m to the left of its middle."),
    ),
    route=(lane(13, -2, 30), lane(1, -2, 100)),
    actors=(
        thing("Manhole", "objects/open_manhole", lane(13, -2, 150, "$Offset_m")),
        thing("FirstCone", "objects/traffic_cone", lane(13, -2, 144, "${$Offset_m + 0.4}")),
        thing("SecondCone", "objects/traffic_cone", lane(13, -2, 140, "${$Offset_m - 0.3}")),
        driver("Passer", "vehicles/sedan", ((13, -1, 10), (1, -1, 150)), "${($EgoSpeed_kmh + 8) / 3.6}"),
    ),
    end_s=70,
)

PARKED_LORRY_ONCOMING = Scenario(
    name="parked_lorry_oncoming",
    group="infrastructure",
    road="priority_junction",
    title="A parked lorry leaves only the oncoming lane, and somebody comes",
    title_zh="路侧停车占道，借对向车道会车",
    happens="On a street with one lane each way a lorry is being unloaded in the ego's lane. A car comes "
    "towards the ego on the other lane.",
    asked="Waits behind the lorry for the oncoming car, then passes on the other lane and returns.",
    criteria=safe(distance_m={"least": 0.5}, goal_s={"most": 70}),
    tags=Tags(
        gbt=("6.2", "6.4"),
        odc=("road.urban", "objects.heavy_vehicles", "objects.motor_vehicles"),
        classes=("truck", "car"),
        zone=("robotaxi", "unmanned_delivery"),
    ),
    parameters=(
        ego_speed(35, 20, 40, 5),
        speed_of("Oncoming", 30, 20, 40, 5, "Speed of the oncoming car, km/h."),
    ),
    route=(lane(23, -1, 40), lane(1, -1, 100)),
    actors=(
        broken_down("Lorry", "vehicles/light_truck", lane(1, -1, 45, -0.4)),
        driver("Oncoming", "vehicles/sedan", ((3, -1, 0), (21, -1, 90)), kmh("OncomingSpeed_kmh")),
    ),
    end_s=80,
)

SCENARIOS = (
    WORK_ZONE_MERGE,
    DROPPED_CARGO,
    ROUNDABOUT_ENTRY,
    TUNNEL_BREAKDOWN,
    CREST_QUEUE,
    OPEN_MANHOLE,
    PARKED_LORRY_ONCOMING,
)
