"""Messages as bytes, and back: UPER of MessageFrame by asn1tools.

The ASN.1 modules beside this file are drivegen's own, written from public tables of fields
(docs/v2x-messages.md says what they were checked against). No conformance to a standard is claimed.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import asn1tools

from drivegen.core.cooperation import MessageKind
from drivegen.core.errors import V2xError
from drivegen.v2x.bsm import Bsm
from drivegen.v2x.map_message import MapMessage
from drivegen.v2x.parts import Wire
from drivegen.v2x.rsi import Rsi
from drivegen.v2x.rsm import Rsm
from drivegen.v2x.spat import Spat
from drivegen.v2x.ssm import Ssm

Message = Bsm | MapMessage | Spat | Rsi | Rsm | Ssm

SSM_ID = 12
"""`messageId` of an SSM in the envelope of day 2."""
_FRAMES: dict[str, tuple[MessageKind, type[Any]]] = {
    "bsmFrame": (MessageKind.BSM, Bsm),
    "mapFrame": (MessageKind.MAP, MapMessage),
    "rsmFrame": (MessageKind.RSM, Rsm),
    "spatFrame": (MessageKind.SPAT, Spat),
    "rsiFrame": (MessageKind.RSI, Rsi),
}
_NAMES = {kind: name for name, (kind, _) in _FRAMES.items()}
_KINDS: dict[type[Any], MessageKind] = {cls: kind for kind, cls in _FRAMES.values()} | {Ssm: MessageKind.SSM}
_EXTENSION = "msgFrameExt"
_UNREADABLE = (asn1tools.Error, IndexError, KeyError, ValueError, OverflowError, NotImplementedError)
"""What asn1tools raises for bytes that it cannot read, or that claim extensions which it does not know."""
ASN1_FOLDER = Path(__file__).parent / "asn1"


@lru_cache(maxsize=1)
def specification() -> Any:
    """The compiled modules; compiled when first asked for, which takes about a second."""
    files = sorted(str(path) for path in ASN1_FOLDER.glob("*.asn"))
    return asn1tools.compile_files(files, "uper")


def kind_of(message: Message) -> MessageKind:
    """What a message is."""
    return _KINDS[type(message)]


def encode(message: Message) -> bytes:
    """UPER of a MessageFrame. Raises V2xError that names field and range when a value is out of it."""
    kind = kind_of(message)
    try:
        wire = message.wire()
    except V2xError as error:
        raise V2xError(f"{kind}: {error}") from None
    return encode_wire(kind, wire)


def encode_with_fields(message: Message) -> tuple[bytes, dict[str, Any]]:
    """As `encode`, and what `decoded_fields` makes of the bytes, without decoding them."""
    kind = kind_of(message)
    try:
        wire = message.wire()
    except V2xError as error:
        raise V2xError(f"{kind}: {error}") from None
    return encode_wire(kind, wire), _fields(kind, wire)


def encode_wire(kind: MessageKind, wire: Wire) -> bytes:
    """UPER of a MessageFrame from the values of its ASN.1 type, which must be in range."""
    compiled = specification()
    if kind is MessageKind.SSM:
        inner = bytes(compiled.encode("Ssm", wire, check_types=False))
        frame: tuple[str, Wire] = (_EXTENSION, {"messageId": SSM_ID, "value": inner})
    else:
        frame = (_NAMES[kind], wire)
    # Types are those of this package's own messages: asn1tools need not look at each again.
    return bytes(compiled.encode("MessageFrame", frame, check_types=False))


def decode_wire(payload: bytes) -> tuple[MessageKind, Wire]:
    """The kind of a message and the values of its ASN.1 type.

    Raises V2xError for bytes that are no whole message, and for kinds that are not known here.
    """
    compiled = specification()
    try:
        name, wire = compiled.decode("MessageFrame", payload)
    except _UNREADABLE as error:
        raise V2xError(f"{len(payload)} bytes are no message of T/CSAE 53: {error}") from None
    if name in _FRAMES:
        return _FRAMES[name][0], wire
    if name != _EXTENSION or wire["messageId"] != SSM_ID:
        number = wire["messageId"] if name == _EXTENSION else name
        raise V2xError(f"a message of kind {number} is not known; known are {', '.join(MessageKind)}")
    try:
        return MessageKind.SSM, compiled.decode("Ssm", wire["value"])
    except _UNREADABLE as error:
        raise V2xError(f"{len(payload)} bytes are no SSM of T/CSAE 157: {error}") from None


def decode(payload: bytes) -> Message:
    """The message. Fields that this package does not hold are left out: `decoded_fields` has them all.

    Raises V2xError for bytes that are no whole message, and for kinds that are not known here.
    """
    kind, wire = decode_wire(payload)
    cls = Ssm if kind is MessageKind.SSM else _FRAMES[_NAMES[kind]][1]
    try:
        message: Message = cls.read(wire)
    except (V2xError, ValueError, KeyError) as error:
        raise V2xError(f"{kind} of {len(payload)} bytes: {error}") from None
    return message


def decoded_fields(payload: bytes) -> dict[str, Any]:
    """All fields as they are on the wire, as plain JSON values: steps, names, bit and octet strings as hex.

    The one key is the frame's name; a choice is a dict of its one alternative. Raises V2xError as `decode`.
    """
    return _fields(*decode_wire(payload))


def _fields(kind: MessageKind, wire: Wire) -> dict[str, Any]:
    if kind is MessageKind.SSM:
        return {_EXTENSION: {"messageId": SSM_ID, "value": _plain(wire)}}
    return {_NAMES[kind]: _plain(wire)}


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind is int or kind is str:
        return value
    if kind is dict:
        return {name: _plain(one) for name, one in value.items()}
    if kind is list:
        return [_plain(one) for one in value]
    if kind is bytes:
        return value.hex()
    if kind is tuple:
        first, second = value
        return first.hex() if isinstance(first, bytes) else {first: _plain(second)}
    return value
