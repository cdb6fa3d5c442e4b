"""Machines of road works that move under their own power: wheeled excavators, loaders, rollers."""

from __future__ import annotations

import numpy as np

from drivegen.core.actors import ObjectClass
from drivegen.embedded.assets.forms import box, lathe, loft, rod
from drivegen.embedded.assets.vehicles.asset import FourWheeler
from drivegen.embedded.assets.vehicles.family import VehicleFamily
from drivegen.embedded.assets.vehicles.motor.gear import Axle, put_on_wheels
from drivegen.embedded.assets.vehicles.motor.loads import mudguard
from drivegen.embedded.assets.vehicles.motor.lots import Lots
from drivegen.embedded.assets.vehicles.motor.machine import (
    BLACK,
    PAINTS,
    STEEL,
    Built,
    Machine,
    beam,
    half_drum,
    lug_wheel,
)
from drivegen.embedded.mesh import Material, MeshLibrary


def excavator(m: Machine, *, build: bool) -> Built:
    """On wheels, its boom folded to the front as it travels."""
    wheel, width = m.size.span(0.48, 0.55), m.size.span(2.42, 2.55)
    length, height = m.size.span(6.7, 7.6), m.size.span(3.05, 3.25)
    rear = -length / 2
    centre = rear + m.size.span(2.05, 2.2)
    axles = ((centre + 1.35, wheel, 0.44, width / 2 - 0.02), (centre - 1.35, wheel, 0.44, width / 2 - 0.02))
    built = Built(
        size_m=(round(length + 0.02, 3), round(width + 0.02, 3), round(height + 0.01, 3)),
        axles=axles,
        drums=False,
    )
    if not build:
        return built
    m.put(
        [
            box((4.1, 0.9, 0.42), (centre, 0.0, wheel + 0.22), 0.05),
            box((0.3, width - 0.9, 0.26), (centre + 1.35, 0.0, wheel)),
            box((0.3, width - 0.9, 0.26), (centre - 1.35, 0.0, wheel)),
        ],
        STEEL,
    )
    blade = loft(
        np.array(
            [
                [
                    (centre - 2.02 + dx, y, z)
                    for dx, z in (
                        (0.0, 0.22),
                        (-0.10, 0.45),
                        (-0.02, 0.80),
                        (0.06, 0.80),
                        (-0.02, 0.45),
                        (0.08, 0.22),
                    )
                ]
                for y in (-width / 2 + 0.03, width / 2 - 0.03)
            ]
        )
    )
    m.put(blade, None, crease_rad=0.3)
    m.put(lathe([(0.68, wheel + 0.42), (0.68, wheel + 0.62)], 20).moved((centre, 0.0, 0.0)), BLACK)
    deck = wheel + 0.62
    m.put(box((3.1, width - 0.06, 0.18), (centre - 0.25, 0.0, deck + 0.09), 0.04), STEEL)
    weight = rear + 0.02
    m.put(box((1.5, width - 0.04, 0.92), (weight + 0.75, 0.0, deck + 0.60), 0.14), None)
    m.put(
        box((0.55, width - 0.02, 0.70), (weight + 0.275, 0.0, deck + 0.48), 0.20),
        m.lots.pick(((52, 54, 57), (88, 90, 94))),
    )
    m.put(box((1.5, 0.95, 0.60), (centre + 0.15, -width / 2 + 0.52, deck + 0.46), 0.06), None)
    m.put(
        [
            box((0.9, 0.012, 0.35), (weight + 1.0, width / 2 - 0.008, deck + 0.65)),
            box((0.9, 0.012, 0.35), (weight + 1.0, -width / 2 + 0.008, deck + 0.65)),
        ],
        BLACK,
        Material.MATTE,
    )
    m.put(rod((weight + 1.1, 0.4, deck + 0.9), (weight + 1.1, 0.4, deck + 1.35), 0.06, 8), BLACK)
    m.cab(centre + 0.45, width / 2 - 0.56, deck + 0.15, (1.55, 1.0, height - deck - 0.15 - 0.11))
    foot = (centre + 0.75, deck + 0.45)
    tip = length / 2 - 0.22
    knee = (foot[0] + (tip - foot[0]) * 0.52, height - 0.34)
    end = (tip, deck + 0.72)
    y = -0.18
    boom = beam(
        [
            foot,
            ((foot[0] * 2 + knee[0]) / 3, knee[1] - 0.45),
            knee,
            ((knee[0] + end[0]) / 2, (knee[1] + end[1]) / 2 + 0.18),
            end,
        ],
        [0.30, 0.52, 0.56, 0.46, 0.26],
        0.18,
    ).moved((0.0, y, 0.0))
    m.put(boom, None, crease_rad=0.3)
    stick_end = (tip - 0.95, 0.72)
    m.put(
        beam(
            [
                (end[0] + 0.16, end[1] + 0.20),
                end,
                ((end[0] + stick_end[0]) / 2, (end[1] + stick_end[1]) / 2),
                stick_end,
            ],
            [0.22, 0.34, 0.28, 0.18],
            0.14,
        ).moved((0.0, y, 0.0)),
        None,
        crease_rad=0.3,
    )
    m.put(
        [
            rod(
                (foot[0] + 0.25, y + s * 0.30, foot[1] - 0.1),
                ((foot[0] + knee[0]) / 2 + 0.1, y + s * 0.24, knee[1] - 0.42),
                0.07,
                8,
            )
            for s in (1, -1)
        ],
        (52, 54, 57),
    )
    m.put(rod((knee[0] - 0.1, y, knee[1] + 0.27), (end[0] + 0.14, y, end[1] + 0.26), 0.065, 8), (52, 54, 57))
    bucket = loft(
        np.array(
            [
                [
                    (stick_end[0] + dx, y + v, stick_end[1] + dz)
                    for dx, dz in (
                        (0.05, 0.12),
                        (0.62, 0.10),
                        (0.88, -0.18),
                        (0.80, -0.44),
                        (0.42, -0.50),
                        (0.30, -0.34),
                        (0.10, -0.10),
                    )
                ]
                for v in (-0.52, 0.52)
            ]
        )
    )
    m.put(bucket, (64, 66, 69), crease_rad=0.3)
    m.put(
        [
            box((0.22, 0.09, 0.05), (stick_end[0] + 0.30, y + v, stick_end[1] - 0.45))
            for v in np.linspace(-0.46, 0.46, 5)
        ],
        (110, 112, 115),
        Material.METAL,
    )
    m.lamps((centre + 2.04, 0.36, wheel + 0.28), (weight + 0.01, 0.85, deck + 0.60))
    m.plate(weight - 0.012, deck + 0.34)
    return built


def loader(m: Machine, *, build: bool) -> Built:
    """A wheel loader with its bucket carried low."""
    wheel, width = m.size.span(0.66, 0.78), m.size.span(2.35, 2.75)
    length, height = m.size.span(6.6, 8.0), m.size.span(3.15, 3.45)
    front, rear = length / 2 - 2.15, -length / 2 + 1.65
    axles = ((front, wheel, 0.52, width / 2 - 0.16), (rear, wheel, 0.52, width / 2 - 0.16))
    built = Built(
        size_m=(round(length + 0.02, 3), round(width + 0.02, 3), round(height + 0.01, 3)),
        axles=axles,
        drums=False,
    )
    if not build:
        return built
    body = width - 1.0
    back = -length / 2 + 0.02
    m.put([box((0.34, width - 1.0, 0.34), (x, 0.0, wheel)) for x in (front, rear)], STEEL)
    m.put(box((length * 0.55, 0.8, 0.5), (-length * 0.08, 0.0, wheel + 0.15), 0.06), STEEL)
    cab_x = rear + (front - rear) * 0.45
    hood_front = cab_x - 0.70
    rings = [
        [(x, -w, z0), (x, w, z0), (x, w * s, z1), (x, -w * s, z1)]
        for x, w, z0, z1, s in (
            (back, body * 0.36, wheel + 0.15, wheel + 0.95, 0.92),
            (back + 0.3, body * 0.44, wheel, wheel + 1.12, 0.93),
            (hood_front, body * 0.46, wheel + 0.1, wheel + 1.25, 0.94),
        )
    ]
    m.put(loft(np.array(rings)), None, crease_rad=0.35)
    m.put(
        [box((0.02, body * 0.56, 0.07), (back - 0.002, 0.0, wheel + 0.30 + 0.13 * k)) for k in range(4)],
        BLACK,
        Material.MATTE,
    )
    m.put(
        box((0.40, body + 0.1, 0.45), (back + 0.20, 0.0, wheel - 0.05), 0.08),
        m.lots.pick(((52, 54, 57), (88, 90, 94))),
    )
    m.put(rod((hood_front - 0.5, 0.3, wheel + 1.1), (hood_front - 0.5, 0.3, wheel + 1.65), 0.06, 8), BLACK)
    for x in (front, rear):
        r = wheel + 0.09
        guard = mudguard(x, wheel, r, (width / 2 - 0.68, width / 2 - 0.17), 0.35)
        m.put(guard, None, pair=True, crease_rad=0.4)
    m.put(box((1.7, body, 0.22), (cab_x - 0.1, 0.0, wheel + 0.52), 0.05), BLACK)
    m.cab(cab_x, 0.0, wheel + 0.60, (1.45, 1.35, height - wheel - 0.60 - 0.11))
    tower = [
        [
            (front + dx, y, z)
            for dx, z in ((-0.45, wheel), (0.35, wheel), (0.15, wheel + 1.0), (-0.35, wheel + 1.0))
        ]
        for y in (-0.55, 0.55)
    ]
    m.put(loft(np.array(tower)), None, crease_rad=0.2)
    nose = length / 2 - 0.95
    for y in (0.52, -0.52):
        arm = beam(
            [(front - 0.15, wheel + 0.85), (front + 0.75, wheel + 0.55), (nose, 0.48)],
            [0.30, 0.40, 0.22],
            0.07,
        )
        m.put(arm.moved((0.0, y, 0.0)), None, crease_rad=0.3)
        m.put(
            rod((front + 0.2, y * 0.75, wheel + 0.25), (front + 0.75, y * 0.85, wheel + 0.45), 0.06, 8),
            (60, 62, 65),
        )
    m.put(
        beam(
            [(front + 0.1, wheel + 1.0), (front + 0.7, wheel + 1.05), (nose + 0.05, 0.85)],
            [0.16, 0.30, 0.16],
            0.07,
        ),
        (60, 62, 65),
    )
    edge = width / 2 - 0.01
    tip = length / 2 - 0.01
    section = (
        (0.0, 0.24),
        (0.10, 0.72),
        (0.06, 1.02),
        (0.14, 1.04),
        (0.24, 0.72),
        (0.20, 0.34),
        (0.42, 0.25),
        (tip - nose, 0.23),
        (tip - nose, 0.19),
        (0.30, 0.17),
    )
    bucket = loft(np.array([[(nose + dx, y, z) for dx, z in section] for y in (-edge, edge)]))
    m.put(bucket, m.lots.pick(((66, 68, 71), (120, 96, 40))), crease_rad=0.3)
    cheeks = loft(
        np.array(
            [
                [
                    (nose + dx, y, z)
                    for dx, z in ((0.02, 0.22), (tip - nose - 0.05, 0.22), (0.40, 0.66), (0.10, 1.0))
                ]
                for y in (edge - 0.05, edge)
            ]
        )
    )
    m.put(cheeks, (66, 68, 71), pair=True, crease_rad=0.2)
    m.put(
        [box((0.16, 0.10, 0.05), (tip - 0.09, y, 0.22)) for y in np.linspace(-edge + 0.1, edge - 0.1, 8)],
        (120, 122, 125),
        Material.METAL,
    )
    m.lamps((front + 0.30, 0.62, wheel + 0.98), (back + 0.03, body * 0.36, wheel + 0.72))
    m.plate(back - 0.02, wheel + 0.0)
    return built


def roller(m: Machine, *, build: bool) -> Built:
    """A drum in front; a second drum or tyres behind."""
    tandem = Lots(m.name, m.variant, "kind").chance(0.45)
    radius, width = (
        m.size.span(0.62, 0.70) if tandem else m.size.span(0.74, 0.80),
        m.size.span(1.85, 2.05) if tandem else m.size.span(2.15, 2.35),
    )
    length, height = m.size.span(4.6, 5.0) if tandem else m.size.span(5.6, 6.1), m.size.span(2.95, 3.15)
    front, rear = length / 2 - radius - 0.16, -length / 2 + radius + 0.16
    face = width / 2 - 0.08
    wheel = radius if tandem else m.size.span(0.70, 0.76)
    if not tandem:
        rear = -length / 2 + wheel + 0.30
    axles = (
        (front, radius, face, face),
        (rear, wheel, face if tandem else 0.55, face if tandem else width / 2 - 0.02),
    )
    built = Built(
        size_m=(round(length + 0.02, 3), round(width + 0.02, 3), round(height + 0.01, 3)),
        axles=axles,
        drums=tandem,
    )
    if not build:
        return built
    for x, r, sign in ((front, radius, 1.0), *(((rear, radius, -1.0),) if tandem else ())):
        yoke = [
            box((2 * r + 0.30, 0.065, 0.30), (x, width / 2 - 0.04, r + 0.05), 0.02),
            box((0.30, 0.065, 0.6), (x, width / 2 - 0.04, r + 0.25), 0.02),
        ]
        m.put(yoke, None, pair=True)
        m.put(box((0.14, width - 0.02, 0.30), (x + sign * (r + 0.08), 0.0, r + 0.05), 0.02), None)
        m.put(box((0.16, width - 0.02, 0.34), (x - sign * (r + 0.09), 0.0, r + 0.10), 0.02), None)
    low = 0.62 if tandem else 0.75
    a, b = front - radius - 0.20, (rear + radius + 0.2) if tandem else -length / 2 + 0.02
    if tandem:
        m.put(box((a - b + 0.1, width * 0.8, 0.95), ((a + b) / 2, 0.0, low + 0.55), 0.10), None)
        m.put(box((a - b, width * 0.7, 0.35), ((a + b) / 2, 0.0, low), 0.06), STEEL)
        deck, cab_x = 2 * radius + 0.18, 0.0
        m.put(box((length * 0.5, width * 0.85, 0.14), (0.0, 0.0, deck - 0.02), 0.03), BLACK)
    else:
        hood = [
            [(x, -w, z0), (x, w, z0), (x, w * 0.93, z1), (x, -w * 0.93, z1)]
            for x, w, z0, z1 in (
                (b, width * 0.27, 0.70, 1.42),
                (b + 0.35, width * 0.31, 0.60, 1.62),
                (b + 1.9, width * 0.32, 0.65, 1.74),
            )
        ]
        m.put(loft(np.array(hood)), None, crease_rad=0.35)
        m.put(box((0.34, width - 1.2, 0.34), (rear, 0.0, wheel)), STEEL)
        m.put(
            [box((0.02, width * 0.38, 0.07), (b - 0.002, 0.0, 0.92 + 0.12 * k)) for k in range(4)],
            BLACK,
            Material.MATTE,
        )
        m.put(box((length * 0.42, width * 0.5, 0.34), (0.1, 0.0, low), 0.05), STEEL)
        deck, cab_x = 1.28, rear + wheel + 0.62
        m.put(box((1.6, width * 0.78, 0.16), (cab_x, 0.0, deck), 0.03), BLACK)
    m.cab(cab_x, 0.0, deck + 0.06, (1.40, min(1.45, width * 0.76), height - deck - 0.06 - 0.11), slope=0.05)
    edge = -length / 2 + 0.03
    m.lamps(
        (
            length / 2 - 0.02 if tandem else front - radius - 0.05,
            width * 0.32,
            radius + 0.10 if tandem else radius + 0.45,
        ),
        (edge, width * (0.34 if tandem else 0.21), radius + 0.22 if tandem else 1.22),
    )
    m.plate(-length / 2 + 0.01, radius - 0.15 if tandem else 0.80)
    return built


_BUILDERS = {"excavator": excavator, "wheel_loader": loader, "road_roller": roller}


def _family(name: str) -> VehicleFamily:
    builder = _BUILDERS[name]

    def size_m(variant: int) -> tuple[float, float, float]:
        return builder(Machine(name, variant), build=False).size_m

    def make(
        library: MeshLibrary, blueprint_id: str, size_lwh_m: tuple[float, float, float], variant: int
    ) -> FourWheeler:
        machine = Machine(name, variant)
        built = builder(machine, build=True)
        full = f"{blueprint_id}/{variant}"
        rim = Lots(name, variant, "rim").pick(((226, 170, 40), (206, 208, 210), (60, 62, 65)))
        axles = []
        for k, (x, radius, wide, face) in enumerate(built.axles):
            drum = name == "road_roller" and (k == 0 or built.drums)
            mesh = (
                half_drum(radius, wide, f"{full}/drum{k}")
                if drum
                else lug_wheel(radius, wide, rim, f"{full}/wheel{k}")
            )
            axles.append(
                Axle(
                    x_m=x,
                    wheel=mesh,
                    radius_m=radius,
                    tyre_m=wide,
                    face_m=face,
                    steers=name == "excavator" and k == 0,
                )
            )
        return put_on_wheels(library, blueprint_id, size_lwh_m, machine.out.mesh(f"{full}/body"), axles)

    return VehicleFamily(
        name=name,
        base_type="construction",
        object_class=ObjectClass.CONSTRUCTION,
        paints=PAINTS,
        size_m=size_m,
        make=make,
    )


FAMILIES: tuple[VehicleFamily, ...] = tuple(_family(name) for name in _BUILDERS)
