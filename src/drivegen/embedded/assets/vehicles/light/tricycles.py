"""Tricycles: parcel vans with a small cab, open beds with their loads, passenger ones, pedal ones."""

from __future__ import annotations

from drivegen.core.actors import ObjectClass
from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box
from drivegen.embedded.assets.vehicles.light import kit
from drivegen.embedded.assets.vehicles.light.bodies import Sort
from drivegen.embedded.assets.vehicles.light.cycles import PEDAL_M, crank_mesh
from drivegen.embedded.assets.vehicles.light.kit import Color, vec
from drivegen.embedded.assets.vehicles.light.machine import (
    CrankPart,
    Machine,
    Part,
    WheelPart,
    ridden_family,
    seated,
)
from drivegen.embedded.assets.vehicles.light.outfits import draw_outfit, draw_passenger
from drivegen.embedded.assets.vehicles.light.posture import Saddle, saddle_height_m
from drivegen.embedded.assets.vehicles.light.ridden import PEDAL_HALF_M
from drivegen.embedded.assets.vehicles.light.tricycle_bodies import TricycleMaker
from drivegen.embedded.assets.vehicles.light.tricycle_styles import Form, draw_style

PAINTS: tuple[Color, ...] = (
    (40, 92, 170), (168, 36, 36), (44, 110, 74), (96, 100, 106), (220, 120, 36), (190, 192, 194),
)  # fmt: skip


def design(variant: int) -> Machine:
    """The tricycle of a variant."""
    rng = derive_rng("etricycle design", variant)
    s = draw_style(rng)
    maker = TricycleMaker(s)
    courier = s.form == Form.PARCEL and rng.random() < 0.75
    kit_colors = (s.colors[0] if sum(s.colors[0]) < 600 else s.colors[1], s.colors[1]) if courier else None
    outfit = draw_outfit(rng, Sort.COURIER if courier else Sort.WORKER, kit_colors)
    paint = PAINTS[int(rng.integers(len(PAINTS)))]
    frame = maker.frame(rng)
    crank, rest = None, vec(float(maker.grip[0]) + 0.04, 0.13, 0.345)
    saddle = Saddle(point_m=vec(maker.hip_x, 0, s.saddle_m), lean_rad=0.06, elbows_out=0.45, knees_out=0.14)
    if s.form == Form.PEDAL:
        bracket, arm = vec(maker.hip_x + 0.22, 0, 0.30), 0.155
        low = bracket + vec(0, 0, PEDAL_HALF_M - arm)
        top = vec(maker.hip_x + 0.02, 0, saddle_height_m(outfit.build, low, 0.20))
        maker.pedal_frame(frame, top, bracket)
        crank = CrankPart(
            mesh=crank_mesh(arm, 0.075, Tag.MOTORCYCLE),
            centre_m=bracket,
            length_m=arm,
            half_width_m=0.075 + PEDAL_M / 2,
            gear=0.45,
        )
        saddle = Saddle(point_m=top, lean_rad=0.2, elbows_out=0.4, knees_out=0.08, foot_pitch_rad=0.12)
    passengers: list[Part] = []
    if s.form == Form.OPEN and s.load == "none" and rng.random() < 0.4:
        rider = draw_passenger(rng, Sort.WORKER)
        seat = vec(0.10, 0, s.floor_m + 0.32)
        frame.add(box((0.36, 0.6, 0.30), (0.04, 0, s.floor_m + 0.165), 0.01), maker.f.of((150, 116, 78)))
        passengers += seated(
            rider,
            Saddle(point_m=seat, lean_rad=0.1, arm_share=0.97),
            seat + vec(0.26, 0.16, 0.10),
            seat + vec(0.42, 0.12, -0.285),
        )
    tyre = 0.09
    if s.form == Form.PEDAL:
        wheel = kit.wire_wheel(s.radius_m, 0.022, 18, Tag.MOTORCYCLE, (150, 152, 156))
        rear = wheel
    else:
        wheel = kit.cast_wheel(s.radius_m, tyre, 6, Tag.MOTORCYCLE)
        rear = kit.disc_wheel(s.radius_m, 0.10, Tag.MOTORCYCLE)
    y = s.track_m / 2 - (0.05 if s.form != Form.PEDAL else 0.0)
    return Machine(
        frame=frame,
        steered=maker.steered(),
        wheels=[
            WheelPart(mesh=wheel, axle_m=maker.front, radius_m=s.radius_m, steers=True),
            WheelPart(mesh=rear, axle_m=vec(0, y, s.radius_m), radius_m=s.radius_m),
            WheelPart(mesh=rear, axle_m=vec(0, -y, s.radius_m), radius_m=s.radius_m),
        ],
        steer_axis=maker.head.axis,
        steer_point_m=maker.head.foot,
        grip_m=maker.grip,
        bar_axis=maker.axis,
        rest_m=rest,
        crank=crank,
        saddle=saddle,
        outfit=outfit,
        own_rgb=s.colors[0] if s.form == Form.PARCEL else paint,
        livery=s.form == Form.PARCEL,
        passengers=passengers,
    )


ETRICYCLE = ridden_family(
    name="etricycle",
    base_type="tricycle",
    object_class=ObjectClass.TRICYCLE,
    wheels=3,
    special_type="electric",
    paints=tuple(",".join(str(c) for c in color) for color in PAINTS),
    design=design,
)
