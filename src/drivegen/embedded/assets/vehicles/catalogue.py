"""Which body belongs to which of CARLA's vehicle blueprints (0.9.16). The forms are drivegen's own."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from drivegen.core.errors import ConfigError
from drivegen.embedded.assets.vehicles.style import BodyStyle, Fascia, Livery


class Family(StrEnum):
    """Who builds it."""

    CAR = "car"
    BOX_TRUCK = "box_truck"
    TRACTOR = "tractor"
    FIRE_ENGINE = "fire_engine"
    BUS = "bus"
    BICYCLE = "bicycle"
    MOTORCYCLE = "motorcycle"


SEDAN = BodyStyle()
HATCHBACK = BodyStyle(
    hood_front_h=0.50,
    hood_rear_h=0.62,
    belt_h=0.62,
    deck_h=0.63,
    tail_h=0.62,
    cowl_f=0.25,
    roof_front_f=0.41,
    roof_rear_f=0.90,
    backlight_f=0.985,
    roof_width=0.81,
    nose_m=0.5,
    tail_m=0.32,
    wheel_radius_m=0.31,
    front_axle_f=0.19,
    rear_axle_f=0.83,
    side_cells=(
        (0.04, "pillar"),
        (0.40, "glass"),
        (0.44, "black"),
        (0.76, "glass"),
        (0.80, "pillar"),
        (0.93, "glass"),
        (1.0, "pillar"),
    ),
    door_lines_f=(0.29, 0.545, 0.77),
)
SUV = BodyStyle(
    hood_front_h=0.53,
    hood_rear_h=0.63,
    belt_h=0.635,
    deck_h=0.63,
    tail_h=0.61,
    cowl_f=0.26,
    roof_front_f=0.39,
    roof_rear_f=0.91,
    backlight_f=0.985,
    roof_width=0.82,
    roof_drop_h=0.03,
    nose_m=0.5,
    tail_m=0.34,
    wheel_radius_m=0.37,
    wheel_width_m=0.24,
    clearance_m=0.25,
    side_cells=(
        (0.03, "pillar"),
        (0.38, "glass"),
        (0.42, "black"),
        (0.72, "glass"),
        (0.76, "black"),
        (0.95, "glass"),
        (1.0, "pillar"),
    ),
    door_lines_f=(0.29, 0.52, 0.75),
    cladding=True,
    roof_rails=True,
)
COUPE = replace(
    SEDAN,
    hood_front_h=0.50,
    cowl_f=0.31,
    roof_front_f=0.46,
    roof_rear_f=0.64,
    backlight_f=0.88,
    roof_width=0.76,
    deck_h=0.66,
    tail_h=0.64,
    side_cells=((0.06, "pillar"), (0.62, "glass"), (0.66, "black"), (0.86, "glass"), (1.0, "pillar")),
    door_lines_f=(0.325, 0.63),
    clearance_m=0.15,
    wheel_radius_m=0.335,
    wheel_width_m=0.245,
)
OFF_ROAD = replace(
    SUV,
    hood_front_h=0.54,
    hood_rear_h=0.58,
    belt_h=0.585,
    deck_h=0.585,
    tail_h=0.585,
    cowl_f=0.34,
    roof_front_f=0.385,
    roof_rear_f=0.955,
    backlight_f=0.965,
    roof_width=0.90,
    roof_crown_m=0.045,
    roof_drop_h=0.01,
    nose_m=0.22,
    nose_power=4.5,
    nose_rake_m=0.03,
    tail_m=0.2,
    tail_power=5.0,
    tail_rake_m=0.02,
    wheel_radius_m=0.40,
    wheel_width_m=0.26,
    clearance_m=0.33,
    front_axle_f=0.19,
    rear_axle_f=0.81,
    fascia=Fascia.BLOCK,
    spare_wheel=True,
    roof_rails=False,
    door_lines_f=(0.35, 0.60),
)
VAN = BodyStyle(
    hood_front_h=0.37,
    hood_rear_h=0.485,
    belt_h=0.50,
    deck_h=0.50,
    tail_h=0.50,
    cowl_f=0.135,
    roof_front_f=0.275,
    roof_rear_f=0.985,
    backlight_f=0.992,
    front_axle_f=0.165,
    rear_axle_f=0.785,
    wheel_radius_m=0.345,
    clearance_m=0.22,
    roof_width=0.90,
    roof_drop_h=0.005,
    nose_m=0.42,
    tail_m=0.16,
    tail_power=5.0,
    tail_rake_m=0.015,
    side_cells=((0.03, "pillar"), (0.215, "glass"), (0.26, "pillar"), (0.9, "pillar"), (1.0, "pillar")),
    door_lines_f=(0.17, 0.345, 0.56),
    fascia=Fascia.BLOCK,
    cladding=True,
)
MINIBUS = replace(
    VAN,
    hood_front_h=0.44,
    hood_rear_h=0.52,
    belt_h=0.53,
    deck_h=0.53,
    tail_h=0.53,
    cowl_f=0.035,
    roof_front_f=0.13,
    roof_rear_f=0.965,
    backlight_f=0.992,
    front_axle_f=0.20,
    rear_axle_f=0.76,
    wheel_radius_m=0.32,
    roof_width=0.86,
    roof_crown_m=0.10,
    nose_m=0.36,
    nose_rake_m=0.06,
    tail_m=0.26,
    fascia=Fascia.ROUND,
    cladding=False,
    side_cells=(
        (0.03, "pillar"),
        (0.30, "glass"),
        (0.34, "pillar"),
        (0.62, "glass"),
        (0.66, "pillar"),
        (0.94, "glass"),
        (1.0, "pillar"),
    ),
    door_lines_f=(0.12, 0.37, 0.62),
)
MICROCAR = replace(
    HATCHBACK,
    hood_front_h=0.48,
    hood_rear_h=0.56,
    belt_h=0.58,
    deck_h=0.58,
    tail_h=0.56,
    cowl_f=0.10,
    roof_front_f=0.36,
    roof_rear_f=0.72,
    backlight_f=0.965,
    front_axle_f=0.205,
    rear_axle_f=0.80,
    wheel_radius_m=0.25,
    wheel_width_m=0.15,
    roof_width=0.76,
    nose_m=0.55,
    nose_power=2.3,
    tail_m=0.5,
    tail_power=2.4,
    side_cells=((0.05, "pillar"), (0.60, "glass"), (0.66, "black"), (0.90, "glass"), (1.0, "pillar")),
    door_lines_f=(0.36, 0.64),
    fascia=Fascia.ROUND,
)
WEDGE = replace(
    SUV,
    hood_front_h=0.52,
    hood_rear_h=0.60,
    belt_h=0.62,
    deck_h=0.655,
    tail_h=0.655,
    cowl_f=0.15,
    roof_front_f=0.395,
    roof_rear_f=0.44,
    backlight_f=0.965,
    roof_width=0.74,
    roof_crown_m=0.02,
    roof_drop_h=0.0,
    nose_m=0.14,
    nose_power=7.0,
    nose_rake_m=0.04,
    tail_m=0.10,
    tail_power=8.0,
    tail_rake_m=0.03,
    wheel_radius_m=0.43,
    wheel_width_m=0.28,
    clearance_m=0.32,
    front_axle_f=0.165,
    rear_axle_f=0.79,
    side_cells=((0.04, "pillar"), (0.30, "glass"), (0.325, "black"), (0.55, "glass"), (1.0, "pillar")),
    rear_window=False,
    door_lines_f=(0.28, 0.455, 0.62),
    fascia=Fascia.ELECTRIC,
    roof_rails=False,
    flat_faces=True,
)
COACH = replace(
    VAN,
    hood_front_h=0.345,
    hood_rear_h=0.355,
    belt_h=0.40,
    deck_h=0.40,
    tail_h=0.40,
    cowl_f=0.008,
    roof_front_f=0.035,
    roof_rear_f=0.985,
    backlight_f=0.995,
    front_axle_f=0.21,
    rear_axle_f=0.70,
    wheel_radius_m=0.50,
    wheel_width_m=0.30,
    clearance_m=0.34,
    roof_width=0.955,
    roof_crown_m=0.16,
    nose_m=0.30,
    nose_power=4.0,
    nose_rake_m=0.02,
    tail_m=0.20,
    mirror_m=0.40,
    cladding=False,
    fascia=Fascia.WIDE,
    side_cells=(
        *(cell for k in range(7) for cell in ((0.015 + 0.138 * k, "black"), (0.141 + 0.138 * k, "glass"))),
        (1.0, "pillar"),
    ),
    door_lines_f=(0.035, 0.105),
)

_BODIES: dict[str, BodyStyle] = {
    "vehicle.audi.a2": HATCHBACK,
    "vehicle.audi.etron": replace(SUV, fascia=Fascia.ELECTRIC, cladding=False),
    "vehicle.audi.tt": replace(COUPE, roof_rear_f=0.66, backlight_f=0.92, nose_power=2.5, cowl_f=0.30),
    "vehicle.bmw.grandtourer": replace(HATCHBACK, wheel_radius_m=0.33, roof_rear_f=0.92),
    "vehicle.chevrolet.impala": replace(
        SEDAN, cowl_f=0.29, roof_rear_f=0.66, backlight_f=0.76, nose_power=4.0
    ),
    "vehicle.citroen.c3": replace(HATCHBACK, cladding=True, hood_front_h=0.52),
    "vehicle.dodge.charger_2020": replace(
        COUPE, door_lines_f=(0.31, 0.52, 0.70), side_cells=SEDAN.side_cells
    ),
    "vehicle.dodge.charger_police": replace(SEDAN, livery=Livery.POLICE),
    "vehicle.dodge.charger_police_2020": replace(SEDAN, livery=Livery.POLICE, fascia=Fascia.BLOCK),
    "vehicle.ford.ambulance": replace(
        VAN,
        livery=Livery.AMBULANCE,
        side_cells=(
            (0.03, "pillar"),
            (0.20, "glass"),
            (0.26, "pillar"),
            (0.55, "pillar"),
            (0.70, "glass"),
            (1.0, "pillar"),
        ),
    ),
    "vehicle.ford.crown": replace(SEDAN, cowl_f=0.29, backlight_f=0.79, nose_power=3.6, tail_power=4.0),
    "vehicle.ford.mustang": replace(COUPE, cowl_f=0.36, roof_front_f=0.47, roof_rear_f=0.66, nose_power=4.5),
    "vehicle.jeep.wrangler_rubicon": OFF_ROAD,
    "vehicle.lincoln.mkz_2017": SEDAN,
    "vehicle.lincoln.mkz_2020": replace(SEDAN, roof_rear_f=0.69, backlight_f=0.87),
    "vehicle.mercedes.coupe": replace(COUPE, cowl_f=0.29),
    "vehicle.mercedes.coupe_2020": replace(COUPE, roof_rear_f=0.66),
    "vehicle.mercedes.sprinter": VAN,
    "vehicle.micro.microlino": MICROCAR,
    "vehicle.mini.cooper_s": replace(
        HATCHBACK,
        fascia=Fascia.ROUND,
        cowl_f=0.30,
        roof_front_f=0.40,
        side_cells=COUPE.side_cells,
        door_lines_f=(0.33, 0.63),
    ),
    "vehicle.mini.cooper_s_2021": replace(
        HATCHBACK, fascia=Fascia.ROUND, cowl_f=0.29, roof_front_f=0.39, wheel_radius_m=0.33
    ),
    "vehicle.nissan.micra": replace(HATCHBACK, nose_power=2.4, wheel_radius_m=0.29),
    "vehicle.nissan.patrol": SUV,
    "vehicle.nissan.patrol_2021": replace(SUV, fascia=Fascia.BLOCK, wheel_radius_m=0.40, nose_power=4.0),
    "vehicle.seat.leon": HATCHBACK,
    "vehicle.tesla.cybertruck": WEDGE,
    "vehicle.tesla.model3": replace(
        SEDAN, fascia=Fascia.ELECTRIC, roof_rear_f=0.66, backlight_f=0.90, deck_h=0.69, tail_h=0.67
    ),
    "vehicle.toyota.prius": replace(
        HATCHBACK,
        roof_rear_f=0.76,
        backlight_f=0.955,
        deck_h=0.68,
        tail_h=0.66,
        cowl_f=0.23,
        roof_front_f=0.43,
    ),
    "vehicle.volkswagen.t2": MINIBUS,
    "vehicle.volkswagen.t2_2021": replace(MINIBUS, cladding=True),
    "vehicle.mitsubishi.fusorosa": COACH,
}
_FAMILIES: dict[str, Family] = {
    "vehicle.carlamotors.carlacola": Family.BOX_TRUCK,
    "vehicle.carlamotors.european_hgv": Family.TRACTOR,
    "vehicle.carlamotors.firetruck": Family.FIRE_ENGINE,
    "vehicle.mitsubishi.fusorosa": Family.BUS,
    "vehicle.bh.crossbike": Family.BICYCLE,
    "vehicle.diamondback.century": Family.BICYCLE,
    "vehicle.gazelle.omafiets": Family.BICYCLE,
    "vehicle.harley-davidson.low_rider": Family.MOTORCYCLE,
    "vehicle.kawasaki.ninja": Family.MOTORCYCLE,
    "vehicle.vespa.zx125": Family.MOTORCYCLE,
    "vehicle.yamaha.yzf": Family.MOTORCYCLE,
}

DOORED = frozenset(
    f"vehicle.{name}"
    for name in (
        "carlamotors.firetruck",
        "dodge.charger_2020",
        "dodge.charger_police_2020",
        "ford.ambulance",
        "ford.crown",
        "lincoln.mkz_2020",
        "mercedes.coupe_2020",
        "mercedes.sprinter",
        "mini.cooper_s_2021",
        "nissan.patrol_2021",
        "volkswagen.t2_2021",
    )
)
"""Those whose doors open: cars, vans and the fire engine of CARLA's second generation."""


def family_of(blueprint_id: str) -> Family:
    """Who builds a blueprint.

    Raises:
        ConfigError: the blueprint is not among CARLA 0.9.16's vehicles.
    """
    if blueprint_id in _FAMILIES:
        return _FAMILIES[blueprint_id]
    if blueprint_id in _BODIES:
        return Family.CAR
    raise ConfigError(
        f"no vehicle is known as {blueprint_id!r}; use an id of CARLA's blueprint library (vehicle.*)"
    )


def body_style(blueprint_id: str) -> BodyStyle:
    """The body of a car, van or bus blueprint."""
    return _BODIES[blueprint_id]
