"""Families of buses."""

from __future__ import annotations

from dataclasses import dataclass

from drivegen.core.actors import ObjectClass
from drivegen.core.tags import Tag
from drivegen.embedded.assets.vehicles.asset import FourWheeler
from drivegen.embedded.assets.vehicles.family import VehicleFamily
from drivegen.embedded.assets.vehicles.motor.buses import BusBody
from drivegen.embedded.assets.vehicles.motor.busform import bus_size, draw_bus, is_electric
from drivegen.embedded.assets.vehicles.motor.gear import Axle, put_on_wheels
from drivegen.embedded.assets.vehicles.motor.lots import Lots
from drivegen.embedded.assets.vehicles.motor.wheels import heavy_wheel
from drivegen.embedded.assets.vehicles.plates import PlateForm, invented_number
from drivegen.embedded.mesh import MeshLibrary

_WHITE = (255, 255, 255)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Make:
    name: str
    kind: str

    def size_m(self, variant: int) -> tuple[float, float, float]:
        return bus_size(draw_bus(self.kind, self.name, variant))

    def make(
        self, library: MeshLibrary, blueprint_id: str, size_lwh_m: tuple[float, float, float], variant: int
    ) -> FourWheeler:
        form = draw_bus(self.kind, self.name, variant)
        forms = (
            (PlateForm.YELLOW_GREEN,) * 2
            if is_electric(self.name, variant)
            else (PlateForm.YELLOW, PlateForm.YELLOW_REAR)
        )
        front, rear = (invented_number(f, self.name, variant) for f in forms)
        if forms[0] != forms[1]:
            rear = type(front)(form=forms[1], text=front.text)
        body = BusBody(form, (front, rear), Lots(self.name, variant, "people")).build()
        name = f"{blueprint_id}/{variant}"
        single = heavy_wheel(form.wheel_m, 0.28, Tag.BUS, f"{name}/wheel")
        twin = heavy_wheel(form.wheel_m, 0.58, Tag.BUS, f"{name}/twin", twin=True)
        face = form.width_m / 2 - 0.03
        last = len(form.axles_m) - 1
        axles = [
            Axle(
                x_m=x,
                wheel=single if k == 0 else twin,
                radius_m=form.wheel_m,
                tyre_m=0.28 if k == 0 else 0.58,
                face_m=face,
                steers=k == 0,
            )
            for k, x in enumerate(form.axles_m[: last + 1])
        ]
        return put_on_wheels(library, blueprint_id, size_lwh_m, body.mesh(f"{name}/body"), axles, _WHITE)


def _family(make: _Make, paints: tuple[str, ...]) -> VehicleFamily:
    return VehicleFamily(
        name=make.name,
        base_type="bus",
        object_class=ObjectClass.BUS,
        paints=paints,
        size_m=make.size_m,
        make=make.make,
    )


_PAINTS = ("226,228,226", "186,26,30", "28,122,78", "34,104,176")
FAMILIES: tuple[VehicleFamily, ...] = (
    _family(_Make(name="bus", kind="city"), _PAINTS),
    _family(_Make(name="articulated_bus", kind="city"), _PAINTS),
    _family(_Make(name="coach", kind="coach"), ("232,233,235", "40,66,110")),
    _family(_Make(name="school_bus", kind="school"), ("238,178,24",)),
)
