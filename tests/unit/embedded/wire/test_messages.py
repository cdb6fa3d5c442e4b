"""Requests cut from a byte stream, within limits."""

import struct
import tracemalloc

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivegen.embedded.wire.codec import WireError
from drivegen.embedded.wire.messages import (
    MAX_ITEMS,
    MAX_MESSAGE_BYTES,
    Request,
    RequestReader,
    pack_answer,
    success,
)

CHUNK = bytes(4 * 1024 * 1024)


def _call(message_id: int, name: str, *arguments: object) -> bytes:
    return msgpack.packb([0, message_id, name, list(arguments)])


def test_requests_come_out_whatever_the_cuts() -> None:
    stream = _call(1, "version", [False]) + _call(2, "destroy_actor", [False], 7)
    for cut in range(len(stream) + 1):
        reader = RequestReader()
        got = list(reader.feed(stream[:cut])) + list(reader.feed(stream[cut:]))
        assert got == [
            Request(message_id=1, name="version", arguments=[[False]]),
            Request(message_id=2, name="destroy_actor", arguments=[[False], 7]),
        ]


def test_a_notification_has_no_message_id() -> None:
    (request,) = RequestReader().feed(msgpack.packb([2, "stop_recorder", [[True]]]))
    assert request.message_id is None


def test_an_answer_carries_its_result_in_the_fourth_element() -> None:
    assert msgpack.unpackb(pack_answer(9, success("0.9.16"))) == [1, 9, None, [[1, "0.9.16"]]]


@pytest.mark.parametrize(
    "data",
    [
        b"\xdd\xff\xff\xff\xff",  # an array of 4 G elements
        b"\xdf\xff\xff\xff\xff",  # a map of 4 G pairs
        b"\xc9\xff\xff\xff\xff\x01",  # an extension of 4 GiB
        b"\xdd" + struct.pack(">I", MAX_ITEMS + 1),
        b"\x91" * 5000 + b"\x01",  # deep nesting
        b"\x81\x01\x02",  # a map
        b"\xc1",  # what msgpack never uses
        msgpack.packb([0, 1, "version"]),
        msgpack.packb([0, "one", "version", []]),
        msgpack.packb([0, 1, "v" * 200, []]),
        msgpack.packb("version"),
    ],
)
def test_what_is_no_request_is_refused_without_allocating(data: bytes) -> None:
    reader = RequestReader()
    tracemalloc.start()
    with pytest.raises(WireError):
        list(reader.feed(data))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 1024 * 1024


@pytest.mark.parametrize("head", [b"\xdb\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff"])
def test_a_length_of_4_gib_allocates_nothing_and_is_refused_at_the_limit(head: bytes) -> None:
    reader = RequestReader()
    tracemalloc.start()
    assert list(reader.feed(head)) == []
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1024 * 1024
    with pytest.raises(WireError, match="more than"):
        for _ in range(1 + MAX_MESSAGE_BYTES // len(CHUNK)):
            assert list(reader.feed(CHUNK)) == []


@settings(max_examples=300)
@given(st.lists(st.binary(max_size=200), max_size=5))
def test_random_bytes_give_requests_or_an_error(chunks: list[bytes]) -> None:
    reader = RequestReader()
    try:
        for chunk in chunks:
            for request in reader.feed(chunk):
                assert isinstance(request, Request)
    except WireError as error:
        assert str(error)


@settings(max_examples=200)
@given(st.integers(0, 200), st.integers(0, 255), st.data())
def test_a_damaged_request_gives_requests_or_an_error(where: int, byte: int, data: st.DataObject) -> None:
    stream = bytearray(
        _call(
            1, "spawn_actor", [False], [1, "vehicle.x", [["color", 5, "1,2,3"]]], [[1.0, 2.0, 3.0], [0.0] * 3]
        )
    )
    stream[where % len(stream)] = byte
    reader = RequestReader()
    try:
        for request in reader.feed(bytes(stream)):
            assert isinstance(request.name, str)
    except WireError as error:
        assert str(error)
