"""The reader meets all kinds of files: it ends with what is sound, or with a LogError."""

import dataclasses
import struct
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivegen.embedded.playback.log import LogError, LogReader, LogWriter, PacketId
from drivegen.embedded.playback.log.layout import Many, Scalar
from drivegen.embedded.playback.log.packets import LISTS, SINGLES, EventDel
from drivegen.embedded.playback.log.writer import pack_header, pack_packet
from drivegen.embedded.playback.reports import actors_blocked, collisions, file_info


def in_tmp(examples: int) -> settings:
    return settings(
        max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )


_NUMBERS = {
    "B": st.integers(0, 2**8 - 1),
    "H": st.integers(0, 2**16 - 1),
    "i": st.integers(-(2**31), 2**31 - 1),
    "I": st.integers(0, 2**32 - 1),
    "Q": st.integers(0, 2**64 - 1),
    "f": st.floats(width=32, allow_nan=False),
    "d": st.floats(allow_nan=False),
    "?": st.booleans(),
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value that a field or a record can have."""
    if get_origin(kind) is Annotated:
        inner, mark = get_args(kind)[:2]
        if isinstance(mark, Scalar):
            return _NUMBERS[mark.code]
        assert isinstance(mark, Many)
        return st.lists(values(get_args(inner)[0]), max_size=3).map(tuple)
    if kind is str:
        return st.text(st.characters(codec="utf-8"), max_size=20)
    hints = get_type_hints(kind, include_extras=True)
    return st.builds(kind, **{f.name: values(hints[f.name]) for f in dataclasses.fields(kind)})


CONTENTS = {
    **{packet: values(kind) for packet, kind in SINGLES.items() if packet is not PacketId.FRAME_START},
    **{packet: st.lists(values(kind), max_size=4).map(tuple) for packet, kind in LISTS.items()},
}


@in_tmp(40)
@given(
    frames=st.lists(
        st.lists(
            st.sampled_from(sorted(CONTENTS)).flatmap(lambda k: CONTENTS[k].map(lambda c: (k, c))),
            max_size=4,
            unique_by=lambda pair: pair[0],
        ),
        min_size=1,
        max_size=3,
    )
)
def test_what_is_written_is_read(tmp_path: Path, frames: list[list[tuple[PacketId, Any]]]) -> None:
    path = tmp_path / "a.log"
    writer = LogWriter(path, "Town05", 11)
    for packets in frames:
        writer.frame(0.05, packets)
    writer.close()
    with LogReader(path) as reader:
        read = list(reader.frames())
        entries = reader.index()
        again = [reader.frame_at(entry) for entry in entries]
        assert not reader.cut
    assert [f.start.id for f in read] == list(range(1, len(frames) + 1))
    for packets, frame, same in zip(frames, read, again, strict=True):
        assert same.packets == frame.packets
        for packet, content in packets:
            assert frame.records(packet) == (content if packet in LISTS else (content,))


def _recording() -> bytes:
    packets = [pack_packet(PacketId.FRAME_START, _start(i)) for i in (1, 2, 3)]
    gone = pack_packet(PacketId.EVENT_DEL, tuple(EventDel(actor=a) for a in (5, 6)))
    end = pack_packet(PacketId.FRAME_END, None)
    return pack_header("Town05", 0) + b"".join(start + gone + end for start in packets)


def _start(number: int) -> Any:
    return SINGLES[PacketId.FRAME_START](id=number, duration_s=0.05, elapsed_s=0.05 * (number - 1))


def test_a_file_cut_anywhere_gives_its_complete_frames(tmp_path: Path) -> None:
    whole = _recording()
    header = len(pack_header("Town05", 0))
    size = (len(whole) - header) // 3
    path = tmp_path / "a.log"
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        if length < header:
            with pytest.raises(LogError, match="CARLA recording"):
                LogReader(path)
            continue
        with LogReader(path) as reader:
            read = list(reader.frames())
            assert len(read) == (length - header) // size
            assert reader.cut == ((length - header) % size != 0)
            text = file_info(reader, show_all=True)
            assert f"\nFrames: {len(read)}\n" in text
            assert ("cut short" in text) == reader.cut


@pytest.mark.parametrize("size", [0xFFFFFFFF, 64 * 2**20 + 1])
def test_a_huge_packet_is_damage_and_costs_nothing(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(_recording() + struct.pack("<BI", PacketId.POSITION, size))
    with LogReader(path) as reader:
        assert len(list(reader.frames())) == 3
        assert reader.cut


def test_a_huge_count_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    start = pack_packet(PacketId.FRAME_START, _start(4))
    bad = struct.pack("<BIH", PacketId.EVENT_ADD, 2, 65535)
    path.write_bytes(_recording() + start + bad + pack_packet(PacketId.FRAME_END, None))
    with LogReader(path) as reader:
        *_, last = reader.frames()
        with pytest.raises(LogError, match="EVENT_ADD of frame 4"):
            last.records(PacketId.EVENT_ADD)
        text = file_info(reader, show_all=False)
    assert "damaged" in text
    assert "\nFrames: 3\n" in text


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"\x01\x00\x05\x00HELLO" + bytes(100))
    with pytest.raises(LogError, match="is not a CARLA recording"):
        LogReader(path)
    with pytest.raises(LogError, match="No such file"):
        LogReader(tmp_path / "b.log")


@in_tmp(200)
@given(tail=st.binary(max_size=200), flips=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255))))
def test_any_bytes_are_borne(tmp_path: Path, tail: bytes, flips: list[tuple[int, int]]) -> None:
    data = bytearray(_recording() + tail)
    for at, value in flips:
        data[at % len(data)] = value
    path = tmp_path / "a.log"
    path.write_bytes(data)
    try:
        reader = LogReader(path)
    except LogError:
        return
    with reader:
        for text in (
            file_info(reader, show_all=True),
            collisions(reader, "a", "a"),
            actors_blocked(reader, 0.1, 10.0),
        ):
            assert "\nFrames: " in text
