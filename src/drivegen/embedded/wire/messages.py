"""msgpack-rpc on a byte stream: requests in, answers out, within limits.

A request is `[0, msgid, name, [arguments...]]`, a notification `[2, name, arguments]`, an answer
`[1, msgid, nil, result]`; values follow each other without a length prefix.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgpack

from drivegen.embedded.wire.codec import Plain, WireError

MAX_MESSAGE_BYTES = 48 * 1024 * 1024
"""Of one request; the largest that has a use is `copy_opendrive_to_file`."""
MAX_ITEMS = 32768
"""Of one array. msgpack allocates an array from its header, so header times depth must stay harmless."""
MAX_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A call as it came."""

    message_id: int | None
    """None for a notification, which has no answer."""
    name: str
    arguments: list[Plain]


class RequestReader:
    """Cuts a byte stream into requests. After a WireError the stream cannot be read on."""

    def __init__(self) -> None:
        self._unpacker = msgpack.Unpacker(
            raw=False,
            use_list=True,
            strict_map_key=True,
            max_buffer_size=MAX_MESSAGE_BYTES,
            max_str_len=MAX_MESSAGE_BYTES,
            max_bin_len=MAX_MESSAGE_BYTES,
            max_array_len=MAX_ITEMS,
            max_map_len=0,
            max_ext_len=0,
        )

    def feed(self, data: bytes) -> Iterator[Request]:
        """Requests that `data` completes. Raises WireError for what is no request or past the limits."""
        try:
            self._unpacker.feed(data)
        except msgpack.exceptions.BufferFull:
            raise WireError(f"a request of more than {MAX_MESSAGE_BYTES} bytes") from None
        while True:
            try:
                value = self._unpacker.unpack()
            except msgpack.exceptions.OutOfData:
                return
            except (ValueError, msgpack.exceptions.UnpackException, RecursionError, TypeError) as error:
                raise WireError(f"not msgpack within limits: {error or type(error).__name__}") from None
            yield _request(value)


def _request(value: Plain) -> Request:
    if type(value) is list and len(value) == 4 and value[0] == 0:
        _, message_id, name, arguments = value
        if type(message_id) is int and _is_call(name, arguments):
            return Request(message_id=message_id, name=name, arguments=arguments)
    if type(value) is list and len(value) == 3 and value[0] == 2 and _is_call(value[1], value[2]):
        return Request(message_id=None, name=value[1], arguments=value[2])
    raise WireError("not a msgpack-rpc request")


def _is_call(name: Plain, arguments: Plain) -> bool:
    return type(name) is str and len(name) <= MAX_NAME and type(arguments) is list


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
