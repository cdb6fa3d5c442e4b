"""Value types to plain data (dict, list, str, numbers) and back, for JSON and YAML."""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

import numpy as np

from drivegen.core.errors import PlanError

T = TypeVar("T")


LEFT_OUT = {"drivegen.left_out": True}
"""Metadata of a field that plain data lacks while it holds its default: text and hashes of values that do not
use it are those of the time before there was such a field. Its default must be None or ()."""

_SCALARS = frozenset({bool, int, float, str})
_AS_THEY_ARE = frozenset({float, int, str, bool, type(None)})


def to_plain(value: Any) -> Any:
    """Plain data of a value type; a dataclass in a union carries its name under "kind"."""
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    names = _names_in(value)
    if names is not None:
        return {"kind": kind.__name__.lower(), **{n: to_plain(getattr(value, n)) for n in names}}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {str(k): to_plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [v if type(v) in _AS_THEY_ARE else to_plain(v) for v in value]
    return value


def to_shallow(value: Any) -> Any:
    """One step of `to_plain`: what a JSON encoder asks for where it meets a type that it does not know."""
    names = _names_in(value)
    if names is not None:
        return {"kind": type(value).__name__.lower(), **{n: getattr(value, n) for n in names}}
    return to_plain(value)


def _names_in(value: Any) -> Sequence[str] | None:
    """Fields of a dataclass in order, less those that are left out; none of other types."""
    kind = type(value)
    if kind not in _FIELDS:
        _FIELDS[kind] = _fields_of(kind)
    names, left_out = _FIELDS[kind]
    if not left_out:
        return names
    return [n for n in names or () if n not in left_out or getattr(value, n) not in (None, ())]


def _fields_of(kind: type) -> tuple[tuple[str, ...] | None, frozenset[str]]:
    """Names of all fields, and of those that are left out; of no dataclass (None, nothing)."""
    if not dataclasses.is_dataclass(kind):
        return None, frozenset()
    fields = dataclasses.fields(kind)
    return tuple(f.name for f in fields), frozenset(
        f.name for f in fields if LEFT_OUT.items() <= f.metadata.items()
    )


_FIELDS: dict[type, tuple[tuple[str, ...] | None, frozenset[str]]] = {}
"""What `_fields_of` found, since looking takes longer than all else."""


def from_plain(kind: type[T], data: Any, where: str = "") -> T:
    """A value of type `kind` from plain data. Raises PlanError that names the place."""
    return typing.cast(T, _read(kind, data, where or kind.__name__))


@cache
def _anatomy(kind: Any) -> tuple[Any, tuple[Any, ...], bool]:
    """Origin and arguments of a type, and whether it is a dataclass: looking takes longer than reading."""
    return typing.get_origin(kind), typing.get_args(kind), dataclasses.is_dataclass(kind)


def _read(kind: Any, data: Any, where: str) -> Any:
    if kind in _SCALARS:
        return _read_scalar(kind, data, where)
    origin, arguments, is_dataclass = _anatomy(kind)
    if origin in (typing.Union, types.UnionType):
        return _read_union(arguments, data, where)
    if is_dataclass:
        return _read_dataclass(typing.cast(type, kind), data, where)
    if origin is tuple:
        if not isinstance(data, list):
            raise PlanError(f"{where}: a list is wanted, not {data!r}")
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple(_read(arguments[0], v, f"{where}[{i}]") for i, v in enumerate(data))
        if len(arguments) != len(data):
            raise PlanError(f"{where}: {len(arguments)} values are wanted, not {len(data)}")
        return tuple(
            _read(a, v, f"{where}[{i}]") for i, (a, v) in enumerate(zip(arguments, data, strict=True))
        )
    if origin is dict:
        if not isinstance(data, dict):
            raise PlanError(f"{where}: a mapping is wanted, not {data!r}")
        value_kind = arguments[1]
        return {k: _read(value_kind, v, f"{where}.{k}") for k, v in data.items()}
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        try:
            return kind(data)
        except ValueError:
            raise PlanError(f"{where}: {data!r} is none of {[e.value for e in kind]}") from None
    if hasattr(kind, "array_type"):  # a jaxtyping array
        return np.asarray(data, dtype=np.float64)
    raise TypeError(f"{where}: no reader for {kind}")


def _read_scalar(kind: type, data: Any, where: str) -> Any:
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if not isinstance(data, kind) or (isinstance(data, bool) and kind is not bool):
        raise PlanError(f"{where}: {kind.__name__} is wanted, not {data!r}")
    return data


def _read_union(kinds: tuple[Any, ...], data: Any, where: str) -> Any:
    if data is None and type(None) in kinds:
        return None
    rest = [k for k in kinds if k is not type(None)]
    if len(rest) == 1:
        return _read(rest[0], data, where)
    name = data.get("kind") if isinstance(data, dict) else None
    for kind in rest:
        if kind.__name__.lower() == name:
            return _read(kind, data, where)
    raise PlanError(f"{where}: kind is {name!r}, none of {[k.__name__.lower() for k in rest]}")


def _read_dataclass(kind: type, data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        raise PlanError(f"{where}: a mapping is wanted, not {data!r}")
    hints = _hints(kind)
    names, needed = _names_of(kind)
    if data.keys() - names.keys() - {"kind"} or not needed <= data.keys():
        unknown = sorted(set(data) - set(names) - {"kind"})
        raise PlanError(
            f"{where}: unknown {unknown}, missing {[n for n in names if n in needed - set(data)]}"
        )
    return kind(**{n: _read(hints[n], data[n], f"{where}.{n}") for n in names if n in data})


@cache
def _names_of(kind: type) -> tuple[dict[str, None], frozenset[str]]:
    """Names of a dataclass's fields in their order, and of those that data must have: what came later than
    the data has a default."""
    fields = dataclasses.fields(kind)
    return dict.fromkeys(f.name for f in fields), frozenset(f.name for f in fields if not _has_default(f))


@cache
def _hints(kind: type) -> dict[str, Any]:
    """Types of a dataclass's fields; to work them out takes longer than to read the data."""
    return typing.get_type_hints(kind)


def _has_default(field: Any) -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
