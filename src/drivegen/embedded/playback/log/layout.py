"""Records as bytes: little-endian, packed, the fields in order. A record's annotations are the one source."""

from __future__ import annotations

import dataclasses
import struct
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

import numpy as np

from drivegen.core.errors import DrivegenError

MAX_TEXT_BYTES = 0xFFFF
"""A text's length has 16 bits; a longer one is cut."""


class LogError(DrivegenError):
    """A recording cannot be read or written."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number: its code of `struct`."""

    code: str


@dataclass(frozen=True, slots=True)
class Many:
    """A number of things, and before them how many: that number's code of `struct`."""

    code: str


U8 = Annotated[int, Scalar("B")]
U16 = Annotated[int, Scalar("H")]
I32 = Annotated[int, Scalar("i")]
U32 = Annotated[int, Scalar("I")]
I64 = Annotated[int, Scalar("q")]
U64 = Annotated[int, Scalar("Q")]
F32 = Annotated[float, Scalar("f")]
F64 = Annotated[float, Scalar("d")]
Flag = Annotated[bool, Scalar("?")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """Unreal's FVector of the era: three numbers of 32 bits."""

    x: F32
    y: F32
    z: F32


class Cursor:
    """Takes bytes off the front of a packet."""

    __slots__ = ("_at", "_data", "_place")

    def __init__(self, data: bytes, place: str) -> None:
        """`place` names the packet in errors."""
        self._data = data
        self._at = 0
        self._place = place

    def take(self, size: int) -> bytes:
        """The next bytes. Raises LogError when there are fewer."""
        end = self._at + size
        if end > len(self._data):
            raise LogError(f"{self._place}: ends within a record; the recording is damaged")
        part = self._data[self._at : end]
        self._at = end
        return part

    @property
    def left(self) -> int:
        """Bytes that are left."""
        return len(self._data) - self._at


class Layout:
    """How one kind of value lies in a file."""

    def __init__(self, codes: str | None, dtype: Any, flat: Callable[[Any], Iterator[Any]] | None) -> None:
        self.codes = codes
        """Of `struct`, for what has a fixed size; none for the rest."""
        self.dtype = dtype
        self._flat = flat
        self._struct = struct.Struct("<" + codes) if codes is not None else None

    @property
    def size(self) -> int | None:
        """Bytes; none when it depends on the value."""
        return self._struct.size if self._struct is not None else None

    def flat(self, value: Any) -> Iterator[Any]:
        """The numbers of a value of fixed size."""
        assert self._flat is not None
        return self._flat(value)

    def pack(self, value: Any) -> bytes:
        """A value as bytes. Raises LogError when a number does not fit its field."""
        assert self._struct is not None
        try:
            return self._struct.pack(*self.flat(value))
        except (struct.error, OverflowError) as error:
            raise LogError(f"{type(value).__name__} cannot be recorded: {error}") from None

    def read(self, cursor: Cursor) -> Any:
        """The value that comes next. Raises LogError."""
        assert self._struct is not None
        return self.build(iter(self._struct.unpack(cursor.take(self._struct.size))))

    def build(self, numbers: Iterator[Any]) -> Any:
        """A value of fixed size from its numbers."""
        return next(numbers)


class _Record(Layout):
    """A dataclass whose fields all have fixed sizes."""

    def __init__(self, kind: type, parts: list[tuple[str, Layout]]) -> None:
        def flat(value: Any) -> Iterator[Any]:
            for name, part in parts:
                yield from part.flat(getattr(value, name))

        dtype: Any = np.dtype([(name, *_column(part)) for name, part in parts])
        super().__init__("".join(part.codes or "" for _, part in parts), dtype, flat)
        self._kind = kind
        self._parts = parts

    def build(self, numbers: Iterator[Any]) -> Any:
        return self._kind(**{name: part.build(numbers) for name, part in self._parts})


def _column(part: Layout) -> tuple[Any, ...]:
    if part.codes == "fff":
        return "<f4", 3
    return (part.dtype,)


class _Text(Layout):
    """A length of 16 bits and UTF-8, without a zero behind."""

    def __init__(self) -> None:
        super().__init__(None, None, None)

    def pack(self, value: str) -> bytes:
        data = value.encode(errors="replace")
        if len(data) > MAX_TEXT_BYTES:
            data = data[:MAX_TEXT_BYTES].decode(errors="ignore").encode()
        return struct.pack("<H", len(data)) + data

    def read(self, cursor: Cursor) -> str:
        (size,) = struct.unpack("<H", cursor.take(2))
        return cursor.take(size).decode(errors="replace")


class _List(Layout):
    """A count and as many values."""

    def __init__(self, inner: Layout, count: str) -> None:
        super().__init__(None, None, None)
        self._inner = inner
        self._count = struct.Struct("<" + count)

    def pack(self, value: tuple[Any, ...]) -> bytes:
        try:
            head = self._count.pack(len(value))
        except struct.error:
            raise LogError(f"{len(value)} records are more than a packet holds") from None
        return head + b"".join(self._inner.pack(v) for v in value)

    def read(self, cursor: Cursor) -> tuple[Any, ...]:
        (count,) = self._count.unpack(cursor.take(self._count.size))
        return tuple(self._inner.read(cursor) for _ in range(count))


class _Composite(Layout):
    """A dataclass with texts or lists."""

    def __init__(self, kind: type, parts: list[tuple[str, Layout]]) -> None:
        super().__init__(None, None, None)
        self._kind = kind
        self._parts = parts

    def pack(self, value: Any) -> bytes:
        return b"".join(part.pack(getattr(value, name)) for name, part in self._parts)

    def read(self, cursor: Cursor) -> Any:
        return self._kind(**{name: part.read(cursor) for name, part in self._parts})


class _Number(Layout):
    """One number."""

    def __init__(self, code: str) -> None:
        # A truth value from a file may be any byte, which numpy's bool must not hold.
        super().__init__(code, np.dtype("u1" if code == "?" else "<" + code), lambda value: iter((value,)))


@cache
def layout_of(kind: Any) -> Layout:
    """The layout of an annotation or a record's class; made once."""
    origin = typing.get_origin(kind)
    if origin is Annotated:
        inner, mark = typing.get_args(kind)[:2]
        if isinstance(mark, Scalar):
            return _Number(mark.code)
        return _List(layout_of(typing.get_args(inner)[0]), mark.code)
    if kind is str:
        return _Text()
    hints = typing.get_type_hints(kind, include_extras=True)
    parts = [(f.name, layout_of(hints[f.name])) for f in dataclasses.fields(kind)]
    fixed = all(part.codes is not None for _, part in parts)
    return _Record(kind, parts) if fixed else _Composite(kind, parts)
