"""The binary log of a scene's messages: a pcapng file, and the reader that takes it back.

pcapng as in IETF draft-ietf-opsawg-pcapng: a section header, an interface description for each agent and for
the cloud (`if_name`, timestamps in nanoseconds), then enhanced packet blocks by ascending time. Timestamps
are simulation time. A packet that left an agent is outbound on its interface at the time it was sent; a
packet that came is inbound on the receiver's at the time it came; what was lost is only outbound. All
numbers of pcapng itself are little-endian.

Packets have link type 147 (LINKTYPE_USER0) and hold, all numbers in network order:

| offset | bytes | |
| --- | --- | --- |
| 0 | 1 | version of this layout, 1 |
| 1 | 1 | kind: 1 BSM, 2 MAP, 3 SPAT, 4 RSI, 5 RSM, 6 SSM |
| 2 | 2 | sender: number of its interface |
| 4 | 4 | number of the message in the scene |
| 8 | 8 | made, simulation time in nanoseconds |
| 16 | 8 | sent, the same |
| 24 | 4 | n, length of the payload |
| 28 | n | payload: the MessageFrame in UPER |
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from drivegen.core.cooperation import MessageKind, SentMessage
from drivegen.core.errors import V2xError

LINK_TYPE = 147
"""LINKTYPE_USER0 of the tcpdump group's list: free for use by one application."""
LAYOUT = 1
KINDS = {
    MessageKind.BSM: 1,
    MessageKind.MAP: 2,
    MessageKind.SPAT: 3,
    MessageKind.RSI: 4,
    MessageKind.RSM: 5,
    MessageKind.SSM: 6,
}
HEADER = struct.Struct(">BBHIQQI")

_KIND_OF = {code: kind for kind, code in KINDS.items()}
_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_BYTE_ORDER = 0x1A2B3C4D
_END, _APPLICATION, _NAME, _RESOLUTION, _FLAGS = 0, 4, 2, 9, 2
"""Codes of options: any block's end, shb_userappl, if_name, if_tsresol, epb_flags."""
_NANOSECONDS = 9
_INBOUND, _OUTBOUND = 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPacket:
    """One packet at one interface."""

    agent: str
    """Whose interface; an agent or the cloud."""
    time_ns: int
    """When it was there, simulation time."""
    outbound: bool
    """Sent by `agent`, or received by it."""
    sender: str
    number: int
    """Of the message; a packet that came has the number of the one that left."""
    kind: MessageKind
    made_ns: int
    sent_ns: int
    payload: bytes
    """UPER."""


def pack_log(interfaces: Sequence[str], messages: Sequence[SentMessage]) -> bytes:
    """The log of a scene.

    Args:
        interfaces: Names of all agents, and of the cloud where there is one.
        messages: All of the scene.

    Raises:
        V2xError: A sender or receiver has no interface.
    """
    number_of = {name: i for i, name in enumerate(interfaces)}
    packets = []
    for message in messages:
        data = _packet_data(message, _interface(number_of, message.sender))
        packets.append((message.sent_ns, message.number, number_of[message.sender], _OUTBOUND, data))
        for reception in message.receptions:
            at = _interface(number_of, reception.receiver)
            if reception.time_ns is not None:
                packets.append((reception.time_ns, message.number, at, _INBOUND, data))
    out = [_section(), *(_described(name) for name in interfaces)]
    for time_ns, _, at, direction, data in sorted(packets, key=lambda p: p[:4]):
        out.append(_enhanced(time_ns, at, direction, data))
    return b"".join(out)


def read_log(path: Path, agents: Collection[str] | None = None) -> tuple[LogPacket, ...]:
    """All packets of a log, by ascending time; blocks of other kinds are passed over.

    Args:
        path: The file.
        agents: Who may be in it; anybody when absent.

    Raises:
        V2xError: The file cannot be read, was cut short, is no such log, or names an unknown agent.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise V2xError(f"{path} cannot be read: {error.strerror or error}") from None
    names: list[str] = []
    packets: list[LogPacket] = []
    for number, (kind, body, at) in enumerate(_blocks(data, path)):
        where = f"{path} at byte {at}"
        if (kind == _SECTION) != (number == 0):
            raise V2xError(f"{where}: a section begins here; one is wanted, at the beginning")
        try:
            if kind == _INTERFACE:
                names.append(_read_interface(body, agents, where))
            elif kind == _PACKET:
                packets.append(_read_packet(body, names, where))
        except (struct.error, UnicodeDecodeError, IndexError):
            raise V2xError(f"{where}: the block is damaged; export the messages again") from None
        if len(packets) > 1 and packets[-1].time_ns < packets[-2].time_ns:
            raise V2xError(f"{where}: a packet is earlier than the one before; export the messages again")
    return tuple(packets)


def _interface(number_of: dict[str, int], name: str) -> int:
    if name not in number_of:
        raise V2xError(f"{name} is in a message, but no agent of the scene; there are {', '.join(number_of)}")
    return number_of[name]


def _packet_data(message: SentMessage, sender: int) -> bytes:
    head = HEADER.pack(
        LAYOUT,
        KINDS[message.kind],
        sender,
        message.number,
        message.made_ns,
        message.sent_ns,
        len(message.payload),
    )
    return head + message.payload


def _section() -> bytes:
    body = struct.pack("<IHHq", _BYTE_ORDER, 1, 0, -1)
    return _block(_SECTION, body + _option(_APPLICATION, b"drivegen") + _option(_END, b""))


def _described(name: str) -> bytes:
    body = struct.pack("<HHI", LINK_TYPE, 0, 0)
    options = (_option(_NAME, name.encode()), _option(_RESOLUTION, bytes([_NANOSECONDS])), _option(_END, b""))
    return _block(_INTERFACE, body + b"".join(options))


def _enhanced(time_ns: int, interface: int, direction: int, data: bytes) -> bytes:
    body = struct.pack("<IIIII", interface, time_ns >> 32, time_ns & 0xFFFFFFFF, len(data), len(data))
    return _block(
        _PACKET, body + _padded(data) + _option(_FLAGS, struct.pack("<I", direction)) + _option(_END, b"")
    )


def _block(kind: int, body: bytes) -> bytes:
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _blocks(data: bytes, path: Path) -> Iterator[tuple[int, bytes, int]]:
    """(kind, body, place) of each block."""
    if (
        len(data) < 12
        or data[:4] != struct.pack("<I", _SECTION)
        or data[8:12] != struct.pack("<I", _BYTE_ORDER)
    ):
        raise V2xError(f"{path} is no message log of drivegen's: it does not begin as a pcapng file does")
    at = 0
    while at < len(data):
        if at + 12 > len(data):
            raise _cut(path, at)
        kind, length = struct.unpack_from("<II", data, at)
        if length < 12 or length % 4:
            raise V2xError(f"{path} at byte {at}: a block of {length} bytes cannot be; the file is damaged")
        if at + length > len(data):
            raise _cut(path, at)
        if struct.unpack_from("<I", data, at + length - 4)[0] != length:
            raise V2xError(f"{path} at byte {at}: the block's two lengths differ; the file is damaged")
        yield kind, data[at + 8 : at + length - 4], at
        at += length


def _cut(path: Path, at: int) -> V2xError:
    return V2xError(f"{path} was cut short: the block at byte {at} has no end; export the messages again")


def _options(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(data):
        code, length = struct.unpack_from("<HH", data, at)
        if code == _END:
            return
        if at + 4 + length > len(data):
            raise IndexError
        yield code, data[at + 4 : at + 4 + length]
        at += 4 + length + -length % 4


def _read_interface(body: bytes, agents: Collection[str] | None, where: str) -> str:
    link_type = struct.unpack_from("<H", body)[0]
    options = dict(_options(body[8:]))
    if link_type != LINK_TYPE or options.get(_RESOLUTION) != bytes([_NANOSECONDS]) or _NAME not in options:
        raise V2xError(
            f"{where}: an interface of link type {link_type} that is no agent's; {LINK_TYPE} in nanoseconds,"
            " with a name, is wanted"
        )
    name = options[_NAME].decode()
    if agents is not None and name not in agents:
        raise V2xError(f"{where}: {name} is an unknown agent; there are {', '.join(sorted(agents))}")
    return name


def _read_packet(body: bytes, names: list[str], where: str) -> LogPacket:
    interface, high, low, captured, original = struct.unpack_from("<IIIII", body)
    data = body[20 : 20 + captured]
    if len(data) != captured or captured != original:
        raise V2xError(f"{where}: the packet is not whole ({len(data)} bytes of {original})")
    flags = dict(_options(body[20 + captured + -captured % 4 :])).get(_FLAGS, bytes(4))
    direction = struct.unpack("<I", flags)[0] & 3
    layout, kind, sender, number, made_ns, sent_ns, size = HEADER.unpack_from(data)
    if layout != LAYOUT or kind not in _KIND_OF or direction not in (_INBOUND, _OUTBOUND):
        raise V2xError(
            f"{where}: layout {layout}, kind {kind}, direction {direction} are not what this version writes"
        )
    for number_of_agent in (interface, sender):
        if number_of_agent >= len(names):
            raise V2xError(
                f"{where}: message {number} names an unknown agent, number {number_of_agent}; the log has"
                f" {len(names)} ({', '.join(names)})"
            )
    if size != len(data) - HEADER.size:
        raise V2xError(
            f"{where}: message {number} has {len(data) - HEADER.size} bytes of payload, not {size}"
        )
    if direction == _OUTBOUND and interface != sender:
        raise V2xError(f"{where}: message {number} of {names[sender]} leaves {names[interface]}")
    return LogPacket(
        agent=names[interface],
        time_ns=high << 32 | low,
        outbound=direction == _OUTBOUND,
        sender=names[sender],
        number=number,
        kind=_KIND_OF[kind],
        made_ns=made_ns,
        sent_ns=sent_ns,
        payload=data[HEADER.size :],
    )
