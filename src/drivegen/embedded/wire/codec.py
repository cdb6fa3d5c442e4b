"""Typed dataclasses to msgpack's plain values and back.

CARLA's client packs a struct as the array of its fields, an enum as an integer, `optional<T>` as `[false]` or
`[true, T]`, a pair as an array, a vector as an array, bytes as `bin`. Here a dataclass is the one source of a
struct's shape: its fields in order are the fields on the wire.
"""

from __future__ import annotations

import dataclasses
import enum
import math
import operator
import types
import typing
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, TypeVar

from drivegen.core.errors import ServerError

T = TypeVar("T")
Plain = Any
"""What msgpack gives: None, bool, int, float, str, bytes, list."""


class WireError(ServerError):
    """A message from the network has not the shape that its call wants."""

    def inside(self, place: str) -> WireError:
        """The same error, one level further out."""
        return WireError(f"{place}: {self}" if not str(self).startswith("[") else f"{place}{self}")


@dataclasses.dataclass(frozen=True, slots=True)
class IntRange:
    """Bounds of an integer on the wire."""

    low: int
    high: int


U8 = Annotated[int, IntRange(0, 2**8 - 1)]
U16 = Annotated[int, IntRange(0, 2**16 - 1)]
U32 = Annotated[int, IntRange(0, 2**32 - 1)]
U64 = Annotated[int, IntRange(0, 2**64 - 1)]
I32 = Annotated[int, IntRange(-(2**31), 2**31 - 1)]


@dataclasses.dataclass(frozen=True, slots=True)
class FloatRange:
    """Bounds of a number on the wire."""

    low: float
    high: float


F32_MAX = 3.4028234663852886e38
"""The greatest number of 32 bits. Clients hold their numbers in 32 bits, and are told theirs in as many."""

Decoder = Callable[[Plain], Any]
Encoder = Callable[[Any], Plain]


def decode(kind: type[T], value: Plain) -> T:
    """A `kind` from msgpack's plain values. Raises WireError that names the place."""
    made = decoder_of(kind)  # type: ignore[arg-type]  # mypy doubts that types are hashable
    return typing.cast(T, made(value))


def encode(value: Any) -> Plain:
    """A struct as msgpack's plain values."""
    made = encoder_of(type(value))  # type: ignore[arg-type]
    return made(value)


@cache
def decoder_of(kind: Any) -> Decoder:
    """The decoder of a type; made once."""
    origin = typing.get_origin(kind)
    if origin is Annotated:
        base, limits = typing.get_args(kind)[:2]
        if base is int and isinstance(limits, IntRange):
            return _int_decoder(limits)
        if base is float and isinstance(limits, FloatRange):
            return _float_decoder(limits)
        raise TypeError(f"no decoder for {kind}")
    if origin in (typing.Union, types.UnionType):
        return _optional_decoder(kind)
    if origin is tuple:
        return _sequence_decoder(typing.get_args(kind))
    if dataclasses.is_dataclass(kind):
        return _struct_decoder(typing.cast(type, kind))
    if isinstance(kind, type) and issubclass(kind, enum.IntEnum):
        return _enum_decoder(kind)
    if kind is float:
        return _decode_float
    if kind in (bool, str, bytes):
        return _scalar_decoder(kind)
    if kind is Any:
        return lambda value: value
    raise TypeError(f"no decoder for {kind}")


def _float_decoder(limits: FloatRange) -> Decoder:
    low, high = limits.low, limits.high

    def decode_float(value: Plain) -> float:
        if type(value) is not float and type(value) is not int:
            raise WireError(f"a number is wanted, not {_shown(value)}")
        number = float(value)
        # Also false for what is not a number. Such numbers would spread through the whole world.
        if low <= number <= high:
            return number
        if math.isfinite(number):
            raise WireError(f"a number from {low:g} to {high:g} is wanted, not {number:g}")
        raise WireError(f"a finite number is wanted, not {number}")

    return decode_float


_decode_float = _float_decoder(FloatRange(-F32_MAX, F32_MAX))


def _int_decoder(limits: IntRange) -> Decoder:
    low, high = limits.low, limits.high

    def decode_int(value: Plain) -> int:
        if type(value) is not int:
            raise WireError(f"an integer is wanted, not {_shown(value)}")
        if not low <= value <= high:
            raise WireError(f"an integer from {low} to {high} is wanted, not {value}")
        return value

    return decode_int


def _scalar_decoder(kind: type) -> Decoder:
    name = {bool: "a boolean", str: "a string", bytes: "bytes"}[kind]

    def decode_scalar(value: Plain) -> Any:
        if type(value) is not kind:
            raise WireError(f"{name} is wanted, not {_shown(value)}")
        return value

    return decode_scalar


def _enum_decoder(kind: type[enum.IntEnum]) -> Decoder:
    def decode_enum(value: Plain) -> enum.IntEnum:
        if type(value) is int:
            try:
                return kind(value)
            except ValueError:
                pass
        raise WireError(f"one of {kind.__name__}'s {[int(m) for m in kind]} is wanted, not {_shown(value)}")

    return decode_enum


def _optional_decoder(kind: Any) -> Decoder:
    inner = decoder_of(_of_optional(kind))

    def decode_optional(value: Plain) -> Any:
        if type(value) is list and value:
            if value[0] is False and len(value) == 1:
                return None
            if value[0] is True and len(value) == 2:
                return inner(value[1])
        raise WireError(f"[false] or [true, value] is wanted, not {_shown(value)}")

    return decode_optional


def _sequence_decoder(arguments: tuple[Any, ...]) -> Decoder:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        inner = decoder_of(arguments[0])

        def decode_list(value: Plain) -> tuple[Any, ...]:
            if type(value) is not list:
                raise WireError(f"a list is wanted, not {_shown(value)}")
            try:
                return tuple([inner(v) for v in value])
            except WireError:
                _raise_with_place(value, [inner] * len(value), [f"[{i}]" for i in range(len(value))])
                raise

        return decode_list
    decoders = [decoder_of(a) for a in arguments]

    def decode_tuple(value: Plain) -> tuple[Any, ...]:
        if type(value) is not list or len(value) != len(decoders):
            raise WireError(f"{len(decoders)} values are wanted, not {_shown(value)}")
        return tuple([d(v) for d, v in zip(decoders, value, strict=True)])

    return decode_tuple


def _struct_decoder(kind: type) -> Decoder:
    hints = typing.get_type_hints(kind, include_extras=True)
    names = [f.name for f in dataclasses.fields(kind)]
    decoders = [decoder_of(hints[n]) for n in names]
    size = len(names)

    def decode_struct(value: Plain) -> Any:
        if type(value) is not list or len(value) != size:
            raise WireError(f"{kind.__name__} has {size} fields, not {_shown(value)}")
        try:
            return kind(**{n: d(v) for n, d, v in zip(names, decoders, value, strict=True)})
        except WireError:
            _raise_with_place(value, decoders, [f"{kind.__name__}.{n}" for n in names])
            raise

    return decode_struct


def _raise_with_place(values: list[Plain], decoders: list[Decoder], places: list[str]) -> None:
    """Decodes once more, slowly, to say where it goes wrong."""
    for value, decoder, place in zip(values, decoders, places, strict=True):
        try:
            decoder(value)
        except WireError as error:
            raise error.inside(place) from None


@cache
def encoder_of(kind: Any) -> Encoder:
    """The encoder of a type; made once."""
    origin = typing.get_origin(kind)
    if origin is Annotated:
        return encoder_of(typing.get_args(kind)[0])
    if origin in (typing.Union, types.UnionType):
        inner = encoder_of(_of_optional(kind))
        return lambda value: [False] if value is None else [True, inner(value)]
    if origin is tuple:
        return _sequence_encoder(typing.get_args(kind))
    if dataclasses.is_dataclass(kind):
        return _struct_encoder(typing.cast(type, kind))
    if isinstance(kind, type) and issubclass(kind, enum.IntEnum):
        return int
    if kind in (bool, int, float, str, bytes, Any):
        return _as_it_is
    raise TypeError(f"no encoder for {kind}")


def _as_it_is(value: Any) -> Plain:
    return value


def _sequence_encoder(arguments: tuple[Any, ...]) -> Encoder:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        inner = encoder_of(arguments[0])
        return lambda value: [inner(v) for v in value]
    encoders = [encoder_of(a) for a in arguments]
    if all(e is _as_it_is for e in encoders):
        return list
    return lambda value: [e(v) for e, v in zip(encoders, value, strict=True)]


def _struct_encoder(kind: type) -> Encoder:
    hints = typing.get_type_hints(kind, include_extras=True)
    parts = [(f.name, encoder_of(hints[f.name])) for f in dataclasses.fields(kind)]
    if len(parts) > 1 and all(e is _as_it_is for _, e in parts):
        fields = operator.attrgetter(*(name for name, _ in parts))
        return lambda value: list(fields(value))
    return lambda value: [e(getattr(value, n)) for n, e in parts]


def _of_optional(kind: Any) -> Any:
    rest = [a for a in typing.get_args(kind) if a is not type(None)]
    if len(rest) != 1:
        raise TypeError(f"only optional types are carried, not {kind}")
    return rest[0]


def _shown(value: Plain) -> str:
    """Short enough for an error message, whatever was sent."""
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, (str, bytes)) and len(value) > 40:
        return f"{type(value).__name__} of {len(value)}"
    return repr(value)[:60]
