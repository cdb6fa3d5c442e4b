"""Pieces that several messages share, and their form on the wire.

Values are SI, in drivegen's axes: x forward, y left, z up, turns counter-clockwise from above. Only
directions that are called heading are clockwise from true north, as on the wire. None: not available.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from drivegen.core.errors import V2xError
from drivegen.v2x import precisions, units

Wire = dict[str, Any]
"""A value of an ASN.1 sequence as asn1tools takes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeoPosition:
    """A place on the Earth (WGS 84)."""

    latitude_deg: float
    longitude_deg: float
    elevation_m: float | None = None
    """Above the ellipsoid."""

    def steps(self) -> tuple[int, int, int | None]:
        """(latitude, longitude, elevation) as counted on the wire. Raises V2xError when out of range."""
        return (
            units.LATITUDE.raw(self.latitude_deg),
            units.LONGITUDE.raw(self.longitude_deg),
            None if self.elevation_m is None else units.ELEVATION.raw(self.elevation_m),
        )

    def wire(self) -> Wire:
        """As a Place."""
        latitude, longitude, elevation = self.steps()
        out: Wire = {"lat": latitude, "long": longitude}
        if elevation is not None:
            out["elevation"] = elevation
        return out

    @staticmethod
    def read(wire: Wire) -> GeoPosition:
        """From a Place. Raises V2xError when it says that it does not know where."""
        return GeoPosition(
            latitude_deg=units.LATITUDE.given(wire["lat"]),
            longitude_deg=units.LONGITUDE.given(wire["long"]),
            elevation_m=units.ELEVATION.value(wire["elevation"]) if "elevation" in wire else None,
        )


_PLANE_BITS = ((1, 12), (2, 14), (3, 16), (4, 18), (5, 22), (6, 24))
_HEIGHT_BITS = ((1, 7), (2, 8), (3, 9), (4, 10), (5, 11), (6, 12))


def offset_wire(place: GeoPosition, reference: GeoPosition) -> Wire:
    """A place as an Offset from a reference, in the smallest forms that hold it exactly."""
    latitude, longitude, elevation = place.steps()
    base_latitude, base_longitude, base_elevation = reference.steps()
    north, east = latitude - base_latitude, longitude - base_longitude
    name, plane = "position-LatLon", {"lon": longitude, "lat": latitude}
    for number, bits in _PLANE_BITS:
        half = 1 << (bits - 1)
        if -half <= north < half and -half <= east < half:
            name, plane = f"position-LL{number}", {"lon": east, "lat": north}
            break
    out: Wire = {"offsetLL": (name, plane)}
    if elevation is None:
        return out
    vertical = ("elevation", elevation)
    if base_elevation is not None:
        rise = elevation - base_elevation
        for number, bits in _HEIGHT_BITS:
            # The outermost values mean "so much or more" and "not available".
            if abs(rise) <= (1 << (bits - 1)) - 2:
                vertical = (f"offset{number}", rise)
                break
    return {**out, "offsetV": vertical}


def offset_read(wire: Wire, reference: GeoPosition) -> GeoPosition:
    """The inverse of `offset_wire`. Raises V2xError where a vertical offset has no reference."""
    base_latitude, base_longitude, base_elevation = reference.steps()
    form, plane = wire["offsetLL"]
    absolute = form == "position-LatLon"
    elevation: float | None = None
    if "offsetV" in wire:
        name, rise = wire["offsetV"]
        if name == "elevation":
            elevation = units.ELEVATION.value(rise)
        elif rise != -(1 << (dict(_HEIGHT_BITS)[int(name[-1])] - 1)):
            if base_elevation is None:
                raise V2xError("offsetV: there is no elevation that it could count from")
            elevation = units.ELEVATION.given(base_elevation + rise)
    return GeoPosition(
        latitude_deg=units.LATITUDE.given(plane["lat"] + (0 if absolute else base_latitude)),
        longitude_deg=units.LONGITUDE.given(plane["lon"] + (0 if absolute else base_longitude)),
        elevation_m=elevation,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacePrecision:
    """How well a position is known, 95 %; stated as the next coarser of the standard's classes."""

    plane_m: float | None
    height_m: float | None = None

    def wire(self) -> Wire:
        """As a PlacePrecision."""
        out: Wire = {"pos": precisions.PLANE.name(self.plane_m)}
        if self.height_m is not None:
            out["elevation"] = precisions.HEIGHT.name(self.height_m)
        return out

    @staticmethod
    def read(wire: Wire) -> PlacePrecision:
        """From a PlacePrecision."""
        return PlacePrecision(
            plane_m=precisions.PLANE.bound(wire["pos"]),
            height_m=precisions.HEIGHT.bound(wire.get("elevation")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorEllipse:
    """The horizontal error of a receiver, one standard deviation."""

    major_m: float | None
    minor_m: float | None
    heading_rad: float | None
    """Of the major axis, clockwise from north."""

    def wire(self) -> Wire:
        """As an ErrorEllipse."""
        return {
            "semiMajor": units.ELLIPSE.raw(self.major_m),
            "semiMinor": units.ELLIPSE.raw(self.minor_m),
            "orientation": units.ELLIPSE_BEARING.raw(self.heading_rad),
        }

    @staticmethod
    def read(wire: Wire) -> ErrorEllipse:
        """From an ErrorEllipse."""
        return ErrorEllipse(
            major_m=units.ELLIPSE.value(wire["semiMajor"]),
            minor_m=units.ELLIPSE.value(wire["semiMinor"]),
            heading_rad=units.ELLIPSE_BEARING.value(wire["orientation"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionPrecision:
    """How well motion is known; stated as the next coarser of the standard's classes."""

    speed_mps: float | None = None
    heading_rad: float | None = None
    wheel_rad: float | None = None

    def wire(self) -> Wire:
        """As a MotionPrecision."""
        out: Wire = {}
        if self.speed_mps is not None:
            out["speedCfd"] = precisions.SPEED.name(self.speed_mps)
        if self.heading_rad is not None:
            out["headingCfd"] = precisions.HEADING.name(self.heading_rad)
        if self.wheel_rad is not None:
            out["steerCfd"] = precisions.WHEEL.name(self.wheel_rad)
        return out

    @staticmethod
    def read(wire: Wire) -> MotionPrecision:
        """From a MotionPrecision."""
        heading = wire.get("headingCfd")
        return MotionPrecision(
            speed_mps=precisions.SPEED.bound(wire.get("speedCfd")),
            heading_rad=precisions.HEADING.bound("prec0-0125deg" if heading == "prec0-01deg" else heading),
            wheel_rad=precisions.WHEEL.bound(wire.get("steerCfd")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FourWay:
    """Accelerations along the body's axes and the rate of turn."""

    forward_mps2: float | None = None
    left_mps2: float | None = None
    up_mps2: float | None = None
    yaw_rate_radps: float = 0.0
    """Counter-clockwise from above; the wire has no value for "not available"."""

    def wire(self) -> Wire:
        """As a FourWay: there, left, up and counter-clockwise are negative."""
        return {
            "long": units.ALONG.raw(self.forward_mps2),
            "lat": units.ACROSS.raw(self.left_mps2),
            "vert": units.UPWARDS.raw(self.up_mps2),
            "yaw": units.YAW_RATE.raw(self.yaw_rate_radps),
        }

    @staticmethod
    def read(wire: Wire) -> FourWay:
        """From a FourWay."""
        return FourWay(
            forward_mps2=units.ALONG.value(wire["long"]),
            left_mps2=units.ACROSS.value(wire["lat"]),
            up_mps2=units.UPWARDS.value(wire["vert"]),
            yaw_rate_radps=units.YAW_RATE.given(wire["yaw"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BodySize:
    """Full length, width and height."""

    length_m: float | None
    width_m: float | None
    height_m: float | None = None

    def wire(self) -> Wire:
        """As a BodySize."""
        out: Wire = {"width": units.WIDTH.raw(self.width_m), "length": units.LENGTH.raw(self.length_m)}
        if self.height_m is not None:
            out["height"] = units.HEIGHT.raw(self.height_m)
        return out

    @staticmethod
    def read(wire: Wire) -> BodySize:
        """From a BodySize."""
        return BodySize(
            length_m=units.LENGTH.value(wire["length"]),
            width_m=units.WIDTH.value(wire["width"]),
            height_m=units.HEIGHT.value(wire["height"]) if "height" in wire else None,
        )


class Gear(StrEnum):
    """What a vehicle's transmission is set to."""

    NEUTRAL = "neutral"
    PARK = "park"
    FORWARD = "forwardGears"
    REVERSE = "reverseGears"
    RESERVED_1 = "reserved1"
    RESERVED_2 = "reserved2"
    RESERVED_3 = "reserved3"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class NodeRef:
    """A node of the map: a junction, or an end of the road."""

    id: int
    region: int | None = None

    def wire(self) -> Wire:
        """As a NodeId. Raises V2xError when out of range."""
        out: Wire = {"id": units.whole("node id", self.id, 0, 65535)}
        if self.region is not None:
            out["region"] = units.whole("region", self.region, 0, 65535)
        return out

    @staticmethod
    def read(wire: Wire) -> NodeRef:
        """From a NodeId."""
        return NodeRef(id=wire["id"], region=wire.get("region"))


NO_PRECISION = PlacePrecision(plane_m=None)


def body_class_wire(classification: int) -> Wire:
    """As a BodyClass."""
    return {"classification": units.whole("body_class", classification, 0, 255)}


def flags_wire(bits: frozenset[StrEnum], order: tuple[StrEnum, ...]) -> tuple[bytes, int]:
    """Named bits as a bit string; the first of `order` is bit 0, the leftmost."""
    number = sum(1 << (len(order) - 1 - i) for i, name in enumerate(order) if name in bits)
    spare = -len(order) % 8
    return (number << spare).to_bytes((len(order) + spare) // 8, "big"), len(order)


def flags_read(wire: tuple[bytes, int], order: tuple[StrEnum, ...]) -> frozenset[Any]:
    """The inverse of `flags_wire`; bits beyond the named ones are left out."""
    data, count = wire
    number = int.from_bytes(data, "big") >> (8 * len(data) - count)
    return frozenset(name for i, name in enumerate(order[:count]) if number >> (count - 1 - i) & 1)
