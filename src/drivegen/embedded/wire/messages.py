"""msgpack-rpc on a byte stream: requests in, answers out, within limits.

A request is `[0, msgid, name, [arguments...]]`, a notification `[2, name, arguments]`, an answer
`[1, msgid, nil, result]`; values follow each other without a length prefix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgpack

from drivegen.embedded.wire.codec import Plain, WireError

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
"""Of one request. An empty list takes one byte on the wire and 72 in memory: this bounds both."""
MAX_LARGE_BYTES = 48 * 1024 * 1024
"""Of a request whose bytes are those of one long text."""
MAX_SKIPPED_BYTES = 512 * 1024 * 1024
"""Of a request that is read past and not kept: textures are as long."""
MAX_ITEMS = 32768
"""Of one array. msgpack allocates an array from its header, so header times depth must stay harmless."""
MAX_LARGE_ITEMS = 64
"""Of all arrays together, in a request of one long text."""
MAX_NAME = 100
LARGE = frozenset({"copy_opendrive_to_file"})
"""Calls that carry one long text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A call as it came."""

    message_id: int | None
    """None for a notification, which has no answer."""
    name: str
    arguments: list[Plain]
    """Empty for a call that nobody wants."""


class RequestReader:
    """Cuts a byte stream into requests. After a WireError the stream cannot be read on."""

    def __init__(self, wanted: Callable[[str], bool] = lambda _: True) -> None:
        """Reads past the arguments of calls that are not `wanted`, whatever their size."""
        self._wanted = wanted
        self._unpacker = _unpacker(MAX_MESSAGE_BYTES)
        self._given = 0
        """Bytes that the unpacker was given in all."""
        self._large: msgpack.Unpacker | None = None
        """Reads the arguments of a long request while they come."""
        self._size = 0
        """Elements of the request that is being read; 0 between requests."""
        self._head: list[Plain] = []
        """Those before the arguments, as far as they have come."""
        self._taken = 0
        """Bytes of this request that have come."""
        self._limit = MAX_MESSAGE_BYTES

    @property
    def is_halfway(self) -> bool:
        """True while a part of a request has come and the rest has not."""
        return self._taken > 0

    def feed(self, data: bytes) -> Iterator[Request]:
        """Requests that `data` completes. Raises WireError for what is no request or past the limits."""
        self._taken += len(data)
        try:
            if self._large is not None:
                self._large.feed(data)
            else:
                self._given += len(data)
                self._unpacker.feed(data)
            while True:
                yield self._next()
        except msgpack.exceptions.OutOfData:
            if self._taken > self._limit:
                raise WireError(f"a request of more than {self._limit} bytes") from None
        except msgpack.exceptions.BufferFull:
            raise WireError(f"a request of more than {self._limit} bytes") from None
        except WireError:
            raise
        except (ValueError, msgpack.exceptions.UnpackException, RecursionError, TypeError) as error:
            raise WireError(f"not msgpack within limits: {error or type(error).__name__}") from None

    def _next(self) -> Request:
        """The next request. Raises OutOfData when it has not come wholly; to be called again then."""
        if not self._size:
            size = self._unpacker.read_array_header()
            if size not in (3, 4):
                raise WireError("not a msgpack-rpc request")
            self._size = size
        while len(self._head) < self._size - 1:
            self._head.append(self._unpacker.unpack())
        message_id, name = _who_and_what(self._head)
        arguments = self._arguments(name)
        if type(arguments) is not list:
            raise WireError("not a msgpack-rpc request")
        self._size, self._head, self._limit = 0, [], MAX_MESSAGE_BYTES
        self._taken = self._given - self._unpacker.tell()
        return Request(message_id=message_id, name=name, arguments=arguments)

    def _arguments(self, name: str) -> Plain:
        if not self._wanted(name):
            self._limit = MAX_SKIPPED_BYTES
            self._unpacker.skip()
            return []
        if name not in LARGE:
            return self._unpacker.unpack()
        if self._large is None:
            self._limit = MAX_LARGE_BYTES
            self._large = _unpacker(MAX_LARGE_BYTES, _Allowance(MAX_LARGE_ITEMS).take)
            self._large.feed(self._unpacker.read_bytes(self._given - self._unpacker.tell()))
        arguments = self._large.unpack()
        rest = self._large.read_bytes(MAX_LARGE_BYTES)
        self._large = None
        self._given += len(rest)
        self._unpacker.feed(rest)
        return arguments


class _Allowance:
    """Counts the items of arrays as they are completed."""

    def __init__(self, items: int) -> None:
        self._left = items

    def take(self, array: list[Plain]) -> list[Plain]:
        """Passes an array on. Raises ValueError when there were too many items."""
        self._left -= 1 + len(array)
        if self._left < 0:
            raise ValueError("too many values")
        return array


def _unpacker(size: int, on_list: Callable[[list[Plain]], list[Plain]] | None = None) -> msgpack.Unpacker:
    return msgpack.Unpacker(
        raw=False,
        use_list=True,
        strict_map_key=True,
        list_hook=on_list,
        max_buffer_size=size,
        max_str_len=size,
        max_bin_len=size,
        max_array_len=MAX_ITEMS,
        max_map_len=0,
        max_ext_len=0,
    )


def _who_and_what(head: list[Plain]) -> tuple[int | None, str]:
    """Message id, none for a notification, and name."""
    kind, name = head[0], head[-1]
    if type(name) is str and len(name) <= MAX_NAME and type(kind) is int:
        if len(head) == 3 and kind == 0 and type(head[1]) is int:
            return head[1], name
        if len(head) == 2 and kind == 2:
            return None, name
    raise WireError("not a msgpack-rpc request")


_packer = msgpack.Packer(use_bin_type=True, autoreset=True)


def pack(value: Plain) -> bytes:
    """Plain values as msgpack bytes. For the simulation thread only: one packer, one buffer."""
    return _packer.pack(value)


def pack_answer(message_id: int, result: Plain) -> bytes:
    """An answer; errors travel inside the result, never in the third element."""
    return pack([1, message_id, None, result])


def success(value: Plain) -> Plain:
    """`Response<T>` with a value."""
    return [[1, value]]


def failure(message: str) -> Plain:
    """`Response<T>` with an error."""
    return [[0, [message]]]


VOID_SUCCESS: Plain = [[False]]
"""`Response<void>` without an error."""


def void_failure(message: str) -> Plain:
    """`Response<void>` with an error."""
    return [[True, [message]]]
