"""The implicit mark of generated content in images: XMP in JPEG and PNG, laid in without encoding anew.

GB 45438-2025 (in force since 2025-09-01) wants a metadata field AIGC; for images the practice guide
TC260-PG-20258A puts it into XMP: namespace `http://www.tc260.org.cn/ns/AIGC/1.0/`, prefix TC260, property
AIGC, a JSON object. Where XMP lies: in JPEG an APP1 segment (Adobe XMP specification part 3, section 1.1.3),
in PNG an iTXt chunk `XML:com.adobe.xmp` (section 1.1.5; PNG specification, section 11.3.3.4).
"""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass
from xml.sax.saxutils import escape

from drivegen.core.errors import ExportError

_JPEG = b"\xff\xd8"
_PNG = b"\x89PNG\r\n\x1a\n"
_APP1_NAME = b"http://ns.adobe.com/xap/1.0/\x00"
_ITXT_NAME = b"XML:com.adobe.xmp\x00\x00\x00\x00\x00"
"""Keyword; then not compressed, by no method, no language, no translated keyword."""
_IHDR_BYTES = 25
_MOST_BYTES = 65000
"""Of the packet: a segment of JPEG has two bytes for its length."""

_PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/">'
    "<TC260:AIGC>{}</TC260:AIGC></rdf:Description></rdf:RDF></x:xmpmeta>"
    '<?xpacket end="r"?>'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marking:
    """Who says that images are generated, and how surely."""

    label: str
    """1 is generated, 2 may be, 3 is suspected to be."""
    producer: str
    propagator: str = ""

    def fields(self, produce_id: str) -> dict[str, str]:
        """The members of AIGC.

        Args:
            produce_id: Tells this content from all other.
        """
        return {
            "Label": self.label,
            "ContentProducer": self.producer,
            "ProduceID": produce_id,
            "ReservedCode1": "",
            "ContentPropagator": self.propagator,
            "PropagateID": produce_id if self.propagator else "",
            "ReservedCode2": "",
        }

    def marked(self, data: bytes, produce_id: str) -> bytes:
        """An image file with the mark; see `pieces`."""
        return b"".join(self.pieces(data, produce_id))

    def pieces(self, data: bytes, produce_id: str) -> list[bytes | memoryview]:
        """An image file with the mark, in pieces; whatever is neither JPEG nor PNG comes back as it is.

        Raises:
            ExportError: The mark is longer than a segment of JPEG.
        """
        if data.startswith(_JPEG):
            body = _APP1_NAME + self._packet(produce_id)
            segment = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
            at = _after_app0(data)
            return [data[:at], segment, memoryview(data)[at:]]
        if data.startswith(_PNG):
            at = len(_PNG) + _IHDR_BYTES
            body = _ITXT_NAME + self._packet(produce_id)
            name = b"iTXt"
            crc = struct.pack(">I", zlib.crc32(body, zlib.crc32(name)))
            chunk = b"".join((struct.pack(">I", len(body)), name, body, crc))
            return [data[:at], chunk, memoryview(data)[at:]]
        return [data]

    def _packet(self, produce_id: str) -> bytes:
        text = json.dumps(self.fields(produce_id), ensure_ascii=False, separators=(",", ":"))
        packet = _PACKET.format(escape(text)).encode()
        if len(packet) > _MOST_BYTES:
            raise ExportError("card.producer and card.propagator are too long for the mark of an image")
        return packet


def is_markable(name: str) -> bool:
    """Whether files of that name can hold the mark."""
    return name.lower().endswith((".jpg", ".jpeg", ".png"))


def _after_app0(data: bytes) -> int:
    """Where segments may come in: behind JFIF's, which wants to be the first."""
    if data[2:4] == b"\xff\xe0":
        return 4 + int(struct.unpack(">H", data[4:6])[0])
    return 2
