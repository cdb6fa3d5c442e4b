"""Streams over real sockets: order, retention, promises, slow and dead readers."""

import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest

from drivegen.embedded.streaming import StreamServer
from drivegen.embedded.streaming.server import MAX_ORPHANS

LARGE = 6 * 1024 * 1024


@pytest.fixture
def streams() -> Iterator[StreamServer]:
    server = StreamServer("127.0.0.1", reader_timeout_s=0.5)
    yield server
    server.stop()


def _subscribe(streams: StreamServer, stream_id: int) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", streams.port), timeout=5)
    sock.sendall(struct.pack("<I", stream_id))
    return sock


def _exactly(sock: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = sock.recv(min(count - len(data), 1 << 20))
        if not part:
            raise EOFError(len(data))
        data += part
    return data


def _message(sock: socket.socket) -> bytes:
    (size,) = struct.unpack("<I", _exactly(sock, 4))
    return _exactly(sock, size)


def _wait(condition: object) -> None:
    deadline = time.monotonic() + 5
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_messages_arrive_whole_and_in_order(streams: StreamServer) -> None:
    streams.open(5)
    sock = _subscribe(streams, 5)
    _wait(lambda: streams.has_readers(5))
    sent = [bytes([i]) * (LARGE if i % 4 == 3 else 10 + i) for i in range(12)]
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.extend(_message(sock) for _ in sent))
    reader.start()
    for message in sent:
        half = len(message) // 2
        streams.publish(5, [message[:half], memoryview(message)[half:]], lossless=True)
    reader.join(timeout=20)
    assert got == sent


def test_a_late_reader_gets_the_retained_message(streams: StreamServer) -> None:
    streams.open(1)
    streams.publish(1, [b"first"], lossless=True, retain=True)
    streams.publish(1, [b"second"], lossless=True, retain=True)
    assert _message(_subscribe(streams, 1)) == b"second"


def test_a_reader_of_an_unknown_stream_is_sent_away(streams: StreamServer) -> None:
    assert _subscribe(streams, 77).recv(1) == b""


def test_a_promised_reader_is_waited_for(streams: StreamServer) -> None:
    streams.open(5)
    client = object()
    streams.promise(5, owner=client)
    subscribed: list[socket.socket] = []
    later = threading.Timer(0.2, lambda: subscribed.append(_subscribe(streams, 5)))
    later.start()
    streams.wait_for_promised()
    assert streams.has_readers(5)
    streams.promise(5, owner=client)
    streams.forget(client)
    began = time.monotonic()
    streams.wait_for_promised()
    assert time.monotonic() - began < 0.2, "nobody waits for a client that has gone"


def test_a_promise_that_is_not_kept_is_given_up(streams: StreamServer) -> None:
    streams.open(5)
    streams.promise(5, owner=object())
    began = time.monotonic()
    streams.wait_for_promised()
    assert 0.8 < time.monotonic() - began < 3.0


def test_a_dead_reader_is_dropped_and_the_others_lose_nothing(streams: StreamServer) -> None:
    streams.open(5)
    dead = _subscribe(streams, 5)
    alive = _subscribe(streams, 5)
    _wait(lambda: sum(not c.closed for c in streams._streams[5]) == 2)
    got: list[int] = []
    reader = threading.Thread(target=lambda: got.extend(_message(alive)[0] for _ in range(20)))
    reader.start()
    for i in range(20):
        streams.publish(5, [bytes([i]) * LARGE], lossless=True)
    reader.join(timeout=20)
    assert got == list(range(20))
    _wait(lambda: len(streams._streams[5]) == 1)
    dead.close()


def test_a_slow_reader_of_a_lossy_stream_costs_no_time(streams: StreamServer) -> None:
    streams.open(5)
    sock = _subscribe(streams, 5)
    _wait(lambda: streams.has_readers(5))
    began = time.monotonic()
    for i in range(50):
        streams.publish(5, [bytes([i]) * LARGE], lossless=False)
    assert time.monotonic() - began < 0.4
    assert _message(sock)[0] == 0


def test_an_ended_reader_is_noticed(streams: StreamServer) -> None:
    streams.open(5)
    sock = _subscribe(streams, 5)
    _wait(lambda: streams.has_readers(5))
    sock.close()
    _wait(lambda: not streams.has_readers(5))


def test_a_closed_stream_says_nothing_more_and_takes_nobody(streams: StreamServer) -> None:
    streams.open(5)
    sock = _subscribe(streams, 5)
    _wait(lambda: streams.has_readers(5))
    streams.close(5)
    assert not streams.has(5)
    assert not streams.has_readers(5)
    streams.publish(5, [b"late"], lossless=True)
    sock.settimeout(0.2)
    with pytest.raises(TimeoutError):
        sock.recv(1)
    assert _subscribe(streams, 5).recv(1) == b""
    sock.close()
    _wait(lambda: not streams._orphans)


def test_readers_of_very_many_closed_streams_are_ended(streams: StreamServer) -> None:
    socks = []
    for stream_id in range(2, MAX_ORPHANS + 5):
        streams.open(stream_id)
        socks.append(_subscribe(streams, stream_id))
        _wait(lambda stream_id=stream_id: streams.has_readers(stream_id))
        streams.close(stream_id)
    assert len(streams._orphans) == MAX_ORPHANS
    for sock in socks[:3]:
        assert sock.recv(1) == b""
    for sock in socks:
        sock.close()


def test_events_wait_for_a_busy_reader_where_images_are_dropped(streams: StreamServer) -> None:
    streams.open(5)
    sock = _subscribe(streams, 5)
    _wait(lambda: streams.has_readers(5))
    streams.publish(5, [bytes(4 * LARGE)], lossless=False)
    streams.publish(5, [b"image"], lossless=False)
    for i in range(5):
        streams.publish(5, [b"event %d" % i], lossless=False, queue=True)
    assert len(_message(sock)) == 4 * LARGE
    assert [_message(sock) for _ in range(5)] == [b"event %d" % i for i in range(5)]
