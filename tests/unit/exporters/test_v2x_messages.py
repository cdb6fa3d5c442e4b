"""The messages of a scene as Parquet, pcapng and JSON lines; and logs that are not what they should be."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.cooperative_capture import make_cooperative_frames, make_cooperative_plan
from tests.unit.capture import synthetic_capture as world

from drivegen.capture.reader import CaptureReader
from drivegen.capture.writer import CaptureWriter
from drivegen.core.cooperation import CLOUD, MessageKind, SentMessage
from drivegen.core.errors import ExportError, V2xError
from drivegen.opendrive.reader import read_network
from drivegen.v2x.codec import decoded_fields
from drivegen.v2x.exchange import Exchanger
from drivegen_exporters.v2x_messages.exporter import V2xMessages
from drivegen_exporters.v2x_messages.log import HEADER, KINDS, LINK_TYPE, LogPacket, pack_log, read_log

AGENTS = ("ego", "vehicle_1", "roadside_1", "roadside_2", CLOUD)


@pytest.fixture(scope="module")
def cooperative(cooperative_captures: list[Path]) -> Path:
    return cooperative_captures[0]


@pytest.fixture(scope="module")
def messages(cooperative: Path) -> list[SentMessage]:
    with CaptureReader(cooperative) as reader:
        exchanges = [f.exchange for f in reader.frames()]
    return [m for e in exchanges if e is not None for m in e.messages]


@pytest.fixture(scope="module")
def data_set(cooperative: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("export") / "messages"
    summary = V2xMessages().export([cooperative], out)
    assert summary.counts["messages"] > 20 and summary.counts["losses"] > 10
    return out


def test_a_row_for_every_message_and_receiver(data_set: Path, messages: list[SentMessage]) -> None:
    rows = pq.read_table(data_set / "parquet/scene-0001.parquet").to_pylist()
    wanted = [(m, r) for m in messages for r in m.receptions]
    assert len(rows) == len(wanted)
    for row, (message, reception) in zip(rows, wanted, strict=True):
        assert (row["number"], row["sender"], row["kind"]) == (message.number, message.sender, message.kind)
        assert (row["made_ns"], row["sent_ns"]) == (message.made_ns, message.sent_ns)
        assert (row["receiver"], row["received_ns"]) == (reception.receiver, reception.time_ns)
        assert (row["cause"] or "", row["path"] or "") == (reception.cause, reception.path)
        assert (row["payload"], row["size_bytes"]) == (message.payload, len(message.payload))
        assert (row["distance_m"] is None) == (reception.receiver == CLOUD)
    apart = {(r["sender"], r["receiver"]): r["distance_m"] for r in rows if r["frame"] == 0}
    assert apart["roadside_1", "roadside_2"] == pytest.approx((19.0**2 + 16.0**2) ** 0.5)
    assert {r["receiver_kind"] for r in rows} == {"ego", "vehicle", "roadside", "cloud"}


def test_the_log_comes_back(data_set: Path, messages: list[SentMessage]) -> None:
    packets = read_log(data_set / "log/scene-0001.pcapng", AGENTS)
    assert [p.time_ns for p in packets] == sorted(p.time_ns for p in packets)
    found = {(p.number, p.agent): p for p in packets}
    wanted: dict[tuple[int, str], LogPacket] = {}
    for m in messages:
        common = {"sender": m.sender, "number": m.number, "kind": m.kind, "made_ns": m.made_ns}
        common |= {"sent_ns": m.sent_ns, "payload": m.payload}
        wanted[m.number, m.sender] = LogPacket(agent=m.sender, time_ns=m.sent_ns, outbound=True, **common)  # type: ignore[arg-type]
        for r in m.receptions:
            if r.time_ns is not None:
                wanted[m.number, r.receiver] = LogPacket(
                    agent=r.receiver,
                    time_ns=r.time_ns,
                    outbound=False,
                    **common,  # type: ignore[arg-type]
                )
    assert len(packets) == len(found) and found == wanted


def test_the_layout_is_what_the_text_says(data_set: Path, messages: list[SentMessage]) -> None:
    """Walked by hand, with nothing of the reader's."""
    data = (data_set / "log/scene-0001.pcapng").read_bytes()
    names, sent, at = [], {}, 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        body = data[at + 8 : at + length - 4]
        if kind == 1:
            assert struct.unpack_from("<H", body)[0] == 147
            code, size = struct.unpack_from("<HH", body, 8)
            assert code == 2
            names.append(body[12 : 12 + size].decode())
        elif kind == 6:
            interface, high, low, size = struct.unpack_from("<IIII", body)
            packet = body[20 : 20 + size]
            if body[-8:-4] == struct.pack("<I", 2):  # epb_flags of what leaves
                sent[int.from_bytes(packet[4:8])] = (names[interface], high << 32 | low, packet[28:])
                assert interface == int.from_bytes(packet[2:4])
                assert int.from_bytes(packet[16:24]) == high << 32 | low
        at += length
    assert tuple(names) == AGENTS
    assert sent == {m.number: (m.sender, m.sent_ns, m.payload) for m in messages}
    readme = (data_set / "README.md").read_text()
    assert all(f"{code} {kind}" in readme for kind, code in KINDS.items())
    assert set(KINDS) == set(MessageKind) and f"link type {LINK_TYPE}" in readme


def test_lines_hold_the_decoded_forms(data_set: Path, messages: list[SentMessage]) -> None:
    lines = [json.loads(t) for t in (data_set / "decoded/scene-0001.jsonl").read_text().splitlines()]
    assert [(x["number"], x["decoded"], bytes.fromhex(x["payload"])) for x in lines] == [
        (m.number, m.decoded, m.payload) for m in messages
    ]
    agents = [json.loads(t) for t in (data_set / "agents.jsonl").read_text().splitlines()]
    assert tuple(a["agent"] for a in agents) == AGENTS
    assert [a["track_id"] for a in agents] == [70, 25, None, None, None]
    pictures = [json.loads(t) for t in (data_set / "cloud/scene-0001.jsonl").read_text().splitlines()]
    assert [p["frame"] for p in pictures] == [0, 2, 4, 6]
    assert all(p["objects"] and p["lanes"] and p["signals"] for p in pictures)


def test_the_same_captures_give_the_same_bytes(cooperative: Path, data_set: Path, tmp_path: Path) -> None:
    V2xMessages({"cloud": False}).export([cooperative], tmp_path / "again")
    assert not (tmp_path / "again/cloud").exists()
    for name in ("parquet/scene-0001.parquet", "log/scene-0001.pcapng", "decoded/scene-0001.jsonl"):
        assert (tmp_path / "again" / name).read_bytes() == (data_set / name).read_bytes()


def test_a_scene_in_which_nobody_talks_is_refused(tmp_path: Path) -> None:
    plan = world.make_plan(duration_s=0.1, rig=world.make_rig(32, 18, 24))
    path = world.write_capture(tmp_path / "a.mcap", plan).path
    with pytest.raises(ExportError, match="nobody sends messages in scene scene-0001"):
        V2xMessages().export([path], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_agents_really_say_can_be_decoded_from_the_log(tmp_path: Path) -> None:
    """From the models of cooperation through the capture into the log, and back by the codec."""
    plan = make_cooperative_plan(duration_s=0.3)
    exchanger = Exchanger(plan, read_network(world.XODR, "plain"))
    path = tmp_path / "scene-0001.mcap"
    with CaptureWriter(path, plan, {}, opendrive=world.XODR) as writer:
        for frame in make_cooperative_frames(plan):
            agents = {name: replace(agent, belief=None) for name, agent in frame.agents.items()}
            writer.write(exchanger.step(replace(frame, agents=agents, exchange=None)))
    V2xMessages().export([path], tmp_path / "out")
    lines = (tmp_path / "out/decoded/scene-0001.jsonl").read_text().splitlines()
    decoded = {line["number"]: line["decoded"] for line in map(json.loads, lines)}
    packets = read_log(tmp_path / "out/log/scene-0001.pcapng", AGENTS)
    assert {p.kind for p in packets} == {MessageKind.BSM, MessageKind.RSM, MessageKind.SSM}
    for packet in packets:
        assert decoded_fields(packet.payload) == decoded[packet.number]
        assert packet.time_ns >= packet.sent_ns >= packet.made_ns


def logged(messages: list[SentMessage], interfaces: tuple[str, ...] = AGENTS) -> bytearray:
    return bytearray(pack_log(interfaces, messages))


def packet_at(data: bytearray, number: int) -> int:
    """Where the layout's header of the first packet of a message begins."""
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        if kind == 6 and struct.unpack_from(">I", data, at + 32)[0] == number:
            return at + 28
        at += length
    raise AssertionError


def test_a_log_that_was_cut_is_refused(messages: list[SentMessage], tmp_path: Path) -> None:
    data = logged(messages[:3])
    path = tmp_path / "log.pcapng"
    ends, at = [], 0
    while at < len(data):
        at += struct.unpack_from("<I", data, at + 4)[0]
        ends.append(at)
    for size in range(len(data)):
        path.write_bytes(data[:size])
        if size in ends:
            read_log(path)  # whole blocks are a whole file
        else:
            with pytest.raises(V2xError, match=r"was cut short|no message log of drivegen's"):
                read_log(path)
    with pytest.raises(V2xError, match="cannot be read"):
        read_log(tmp_path / "none.pcapng")


def test_logs_that_do_not_fit_are_refused(messages: list[SentMessage], tmp_path: Path) -> None:
    path = tmp_path / "log.pcapng"
    whole = logged(messages[:3])
    head = packet_at(whole, 1)

    def refused(words: str, data: bytes, agents: tuple[str, ...] | None = AGENTS) -> None:
        path.write_bytes(data)
        with pytest.raises(V2xError, match=words) as caught:
            read_log(path, agents)
        assert str(path) in str(caught.value)

    def changed(at: int, new: bytes) -> bytes:
        return bytes(whole[:at] + new + whole[at + len(new) :])

    path.write_bytes(whole)
    assert len(read_log(path, AGENTS)) > 3
    refused("roadside_2 is an unknown agent; there are ego, roadside_1", bytes(whole), AGENTS[:3])
    refused("message 1 names an unknown agent, number 9; the log has 5", changed(head + 2, b"\0\x09"))
    refused("message 1 names an unknown agent, number 7", changed(head - 20, struct.pack("<I", 7)))
    refused("layout 2", changed(head, b"\2"))
    refused("kind 7", changed(head + 1, b"\7"))
    refused("bytes of payload, not 5", changed(head + 24, struct.pack(">I", 5)))
    refused("leaves", changed(head + 2, struct.pack(">H", 4)))
    refused("a packet is earlier", changed(head - 16, struct.pack("<II", 0, 1)))
    refused("the packet is not whole", changed(head - 8, struct.pack("<I", 4000)))
    refused("two lengths differ", changed(len(whole) - 4, struct.pack("<I", 44)))
    refused("a block of 3 bytes cannot be", changed(4, struct.pack("<I", 3)))
    refused("does not begin as a pcapng file does", b"%PDF" + bytes(whole))
    refused("a section begins here", bytes(whole + whole))
    refused("link type 1 that is no agent's", changed(whole.index(struct.pack("<H", LINK_TYPE)), b"\1\0"))
    assert HEADER.size == 28


def test_messages_of_strangers_are_not_logged(messages: list[SentMessage]) -> None:
    with pytest.raises(V2xError, match="cart_7 is in a message, but no agent of the scene; there are ego"):
        pack_log(AGENTS, [replace(messages[0], sender="cart_7")])
    with pytest.raises(V2xError, match="cloud is in a message"):
        pack_log(AGENTS[:4], messages[:1])
