"""Requests cut from a byte stream, within limits."""

import struct
import tracemalloc

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivegen.embedded.wire import messages
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


@pytest.mark.parametrize("length", [b"\xdb\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff"])
@pytest.mark.parametrize("before", [b"\x94\x00\x01", b"\x94\x00\x01\xa7version\x91"])
def test_a_length_of_4_gib_allocates_nothing_and_is_refused_at_the_limit(
    before: bytes, length: bytes
) -> None:
    reader = RequestReader()
    tracemalloc.start()
    assert list(reader.feed(before + length)) == []
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1024 * 1024
    with pytest.raises(WireError, match="more than"):
        for _ in range(1 + MAX_MESSAGE_BYTES // len(CHUNK)):
            assert list(reader.feed(CHUNK)) == []


def _fed(reader: RequestReader, data: bytes) -> list[Request]:
    size = 256 * 1024
    return [r for i in range(0, len(data), size) for r in reader.feed(data[i : i + size])]


@pytest.mark.parametrize("name", ["apply_batch", "copy_opendrive_to_file"])
def test_many_small_lists_are_refused_before_they_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(messages, "MAX_MESSAGE_BYTES", 300_000)
    full = b"\xdc\x7f\xff" + b"\x90" * 32767
    data = b"\x94\x00\x01" + msgpack.packb(name) + b"\xdc\x7f\xff" + full * 100
    tracemalloc.start()
    with pytest.raises(WireError, match=r"more than 300000 bytes|too many values"):
        _fed(RequestReader(), data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * 600_000


def test_a_long_text_passes_only_where_one_is_wanted() -> None:
    text = "x" * (MAX_MESSAGE_BYTES + 1000)
    (request,) = _fed(RequestReader(), _call(1, "copy_opendrive_to_file", [False], text, [1.0] * 7))
    assert request.arguments[1] == text
    with pytest.raises(WireError, match="more than"):
        _fed(RequestReader(), _call(1, "request_file", [False], text))


def test_a_long_text_and_a_call_nobody_wants_leave_the_stream_whole_whatever_the_cuts() -> None:
    stream = b"".join(
        [
            _call(1, "copy_opendrive_to_file", [False], "x" * 300, [1.0] * 7),
            _call(2, "paint", [False], [[1, 2, 3, 4]] * 100),
            _call(3, "version", [False]),
        ]
    )
    for cut in range(len(stream) + 1):
        reader = RequestReader(lambda name: name != "paint")
        got = [*reader.feed(stream[:cut]), *reader.feed(stream[cut:])]
        assert [(r.message_id, r.name, len(r.arguments)) for r in got] == [
            (1, "copy_opendrive_to_file", 3),
            (2, "paint", 0),
            (3, "version", 1),
        ]
        assert not reader.is_halfway


def test_a_call_nobody_wants_may_be_longer_than_what_is_kept() -> None:
    texels = b"\xdd\x00\x20\x00\x00" + b"\x94\x01\x02\x03\x04" * 0x200000
    data = b"\x94\x00\x07\xa5paint\x92\x91\xc2" + texels + _call(8, "version", [False])
    assert len(texels) > MAX_MESSAGE_BYTES
    first, second = _fed(RequestReader(lambda name: name != "paint"), data)
    assert (first.message_id, first.arguments) == (7, [])
    assert second.name == "version"


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
