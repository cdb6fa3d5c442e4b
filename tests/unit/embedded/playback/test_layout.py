"""Bytes worked out by hand from CARLA's documentation of the format."""

import struct
from pathlib import Path

import numpy as np
import pytest

from drivegen.embedded.playback.log import LogError, LogReader, LogWriter, PacketId
from drivegen.embedded.playback.log import packets as p
from drivegen.embedded.playback.log.layout import Cursor, Vector, layout_of
from drivegen.embedded.playback.log.wheels import first_wheels, pack_wheels
from drivegen.embedded.playback.log.writer import Block, pack_header, pack_packet, table_type


def test_a_text_is_its_length_and_its_characters() -> None:
    assert layout_of(str).pack("Town06") == bytes.fromhex("06 00 54 6f 77 6e 30 36")
    assert layout_of(str).read(Cursor(bytes.fromhex("0600546f776e3036"), "a text")) == "Town06"
    assert layout_of(str).pack("北京") == b"\x06\x00" + "北京".encode()


def test_a_long_text_is_cut_between_characters() -> None:
    packed = layout_of(str).pack("é" * 40_000)
    assert struct.unpack("<H", packed[:2]) == (65534,)
    assert packed[2:].decode() == "é" * 32_767


def test_the_header() -> None:
    assert pack_header("Town01", 0x5C6E8010) == (
        bytes.fromhex("01 00")  # version
        + bytes.fromhex("0e 00") + b"CARLA_RECORDER"
        + bytes.fromhex("10 80 6e 5c 00 00 00 00")  # seconds
        + bytes.fromhex("06 00") + b"Town01"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("packet", "content", "expected"),
    [
        (PacketId.FRAME_END, None, "01 00000000"),
        (
            PacketId.FRAME_START,
            p.FrameStart(id=2, duration_s=0.5, elapsed_s=-1.0),
            "00 18000000 0200000000000000 000000000000e03f 000000000000f0bf",
        ),
        (
            PacketId.EVENT_DEL,
            tuple(p.EventDel(actor=a) for a in (100, 101, 120)),
            "03 0e000000 0300 64000000 65000000 78000000",
        ),
        (PacketId.EVENT_PARENT, (p.EventParent(actor=7, parent=3),), "04 0a000000 0100 07000000 03000000"),
        (
            PacketId.COLLISION,
            (p.Collision(id=1, actor1=2, actor2=p.NO_ACTOR, hero1=True, hero2=False),),
            "05 10000000 0100 01000000 02000000 ffffffff 01 00",
        ),
        (
            PacketId.POSITION,
            (
                p.Position(
                    actor=5,
                    location_cm=Vector(x=1.0, y=-2.0, z=0.5),
                    rotation_deg=Vector(x=0.0, y=4.0, z=90.0),
                ),
            ),
            "06 1e000000 0100 05000000 0000803f 000000c0 0000003f 00000000 00008040 0000b442",
        ),
        (
            PacketId.STATE,
            (p.LightState(actor=9, frozen=True, elapsed_s=2.0, state=2),),
            "07 0c000000 0100 09000000 01 00000040 02",
        ),
        (
            PacketId.ANIM_VEHICLE,
            (p.VehicleAnimation(actor=1, steer=0.5, throttle=1.0, brake=0.0, hand_brake=True, gear=-1),),
            "08 17000000 0100 01000000 0000003f 0000803f 00000000 01 ffffffff",
        ),
        (PacketId.ANIM_WALKER, (p.WalkerAnimation(actor=1, speed_cmps=128.0),),
         "09 0a000000 0100 01000000 00000043"),
        (PacketId.VEHICLE_LIGHT, (p.VehicleLights(actor=1, flags=0x21),),
         "0a 0a000000 0100 01000000 21000000"),
        (PacketId.PLATFORM_TIME, p.Seconds(seconds=0.5), "0e 08000000 000000000000e03f"),
        (PacketId.FRAME_COUNTER, p.Counter(frame=258), "12 08000000 0201000000000000"),
        (PacketId.VEHICLE_DOOR, (p.VehicleDoor(actor=1, door=6, open=True),),
         "17 08000000 0100 01000000 06 01"),
    ],
)  # fmt: skip
def test_packets(packet: PacketId, content: object, expected: str) -> None:
    assert pack_packet(packet, content).hex() == expected.replace(" ", "")


def test_an_actor_that_comes_into_being() -> None:
    add = p.EventAdd(
        actor=258,
        type=p.ActorType.VEHICLE,
        location_cm=Vector(x=0.0, y=1.0, z=0.0),
        rotation_deg=Vector(x=0.0, y=0.0, z=0.0),
        uid=3,
        blueprint="a.b",
        attributes=(p.Attribute(type=2, id="n", value="4"), p.Attribute(type=4, id="o", value="")),
    )
    zero = "00000000"
    body = (
        "0100" + "02010000" + "01" + zero + "0000803f" + zero + zero * 3 + "03000000" + "0300" + b"a.b".hex()
        + "0200" + "02" + "0100" + b"n".hex() + "0100" + b"4".hex() + "04" + "0100" + b"o".hex() + "0000"
    )  # fmt: skip
    packed = pack_packet(PacketId.EVENT_ADD, (add,))
    assert packed.hex() == "02" + struct.pack("<I", len(body) // 2).hex() + body


@pytest.mark.parametrize(
    ("packet", "size"),
    [
        (PacketId.POSITION, 28),
        (PacketId.SCENE_LIGHT, 26),
        (PacketId.KINEMATICS, 28),
        (PacketId.BOUNDING_BOX, 28),
        (PacketId.TRAFFIC_LIGHT_TIME, 16),
        (PacketId.ANIM_BIKER, 12),
        (PacketId.WEATHER, 56),
    ],
)
def test_sizes_of_packed_structs(packet: PacketId, size: int) -> None:
    assert table_type(packet).itemsize == size == layout_of(p.LISTS[packet]).size


def test_a_table_is_the_same_as_its_records() -> None:
    table = np.zeros(2, table_type(PacketId.STATE))
    table["actor"], table["frozen"], table["elapsed_s"], table["state"] = [3, 4], [1, 0], [0.5, 2.0], [0, 2]
    records = (
        p.LightState(actor=3, frozen=True, elapsed_s=0.5, state=0),
        p.LightState(actor=4, frozen=False, elapsed_s=2.0, state=2),
    )
    assert pack_packet(PacketId.STATE, table) == pack_packet(PacketId.STATE, records)


def test_wheels_of_many_are_the_same_as_their_records() -> None:
    data = pack_wheels(
        np.array([7, 8], np.uint32), np.array([5.0, -3.0]), np.array([-90.0, -10.0]), np.array([True, False])
    )
    four = p.VehicleWheels(
        actor=8,
        wheels=tuple(
            p.Wheel(place=i, steer_deg=-3.0 if i < 2 else 0.0, rotation_deg=-10.0) for i in range(4)
        ),
    )
    two = p.VehicleWheels(
        actor=7,
        wheels=tuple(
            p.Wheel(place=i, steer_deg=5.0 if i == 0 else 0.0, rotation_deg=-90.0) for i in range(2)
        ),
    )
    packed = pack_packet(PacketId.ANIM_VEHICLE_WHEELS, (four, two))
    assert pack_packet(PacketId.ANIM_VEHICLE_WHEELS, Block(count=2, data=data)) == packed
    assert first_wheels(packed[5:]) == [(8, -3.0, -10.0), (7, 5.0, -90.0)]
    with pytest.raises(LogError, match="damaged"):
        first_wheels(packed[5:-3])


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(LogError, match="cannot be recorded"):
        pack_packet(PacketId.EVENT_DEL, (p.EventDel(actor=2**32),))
    with pytest.raises(LogError, match="more than a EVENT_DEL packet holds"):
        pack_packet(PacketId.EVENT_DEL, (p.EventDel(actor=1),) * 65536)


def test_a_file_by_hand_is_read(tmp_path: Path) -> None:
    """A header, two frames, and between their packets one of a kind that nobody knows."""
    frame = "{:02x} 18000000 {:02x}00000000000000 9a9999999999a93f {}"
    path = tmp_path / "hand.log"
    path.write_bytes(
        pack_header("Town05", 7)
        + bytes.fromhex(frame.format(0, 1, "0000000000000000"))
        + bytes.fromhex("03 06000000 0100 2a000000")
        + bytes.fromhex("7b 03000000 abcdef")
        + bytes.fromhex("0e 08000000 000000000000e03f")
        + bytes.fromhex("01 00000000")
        + bytes.fromhex(frame.format(0, 2, "9a9999999999a93f"))
        + bytes.fromhex("01 00000000")
    )
    with LogReader(path) as reader:
        assert (reader.header.version, reader.header.map_name, reader.header.date_s) == (1, "Town05", 7)
        first, second = reader.frames()
        assert not reader.cut
    assert first.records(PacketId.EVENT_DEL) == (p.EventDel(actor=42),)
    assert first.records(PacketId.PLATFORM_TIME) == (p.Seconds(seconds=0.5),)
    assert first.records(PacketId.POSITION) == ()
    assert second.start == p.FrameStart(id=2, duration_s=0.05, elapsed_s=0.05)


def test_a_duration_is_written_when_the_next_frame_begins(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    writer = LogWriter(path, "Town05", 0)
    starts = []
    for delta_s in (9.0, 0.05, 0.1):
        writer.frame(delta_s, [])
        with LogReader(path) as reader:
            starts.append([(f.start.id, f.start.duration_s, f.start.elapsed_s) for f in reader.frames()])
    writer.close()
    assert starts[0] == [(1, -1.0, 0.0)]
    assert starts[2] == [(1, 0.05, 0.0), (2, 0.1, 0.05), (3, -1.0, pytest.approx(0.15))]
