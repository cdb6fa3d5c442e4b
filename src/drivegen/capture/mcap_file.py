"""Writing MCAP with two kinds of chunks in one file.

The mcap package's writer has one compression for a whole file; here every channel belongs to a lane, and a
lane's chunks are compressed or not. Records are the package's own. The bytes depend on nothing but the calls.
Format: https://mcap.dev/spec
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import BinaryIO

import zstandard
from mcap.data_stream import RecordBuilder
from mcap.opcode import Opcode
from mcap.records import (
    Attachment,
    AttachmentIndex,
    Channel,
    ChunkIndex,
    DataEnd,
    Footer,
    Header,
    McapRecord,
    MessageIndex,
    Metadata,
    MetadataIndex,
    Statistics,
    SummaryOffset,
)
from mcap.records import Schema as SchemaRecord

from drivegen.capture.schema import Schema

MAGIC = b"\x89MCAP0\r\n"
MESSAGE_HEADER = struct.Struct("<BQHIQQ")
"""Opcode, length, channel, sequence, log time, publish time."""
CHUNK_HEADER = struct.Struct("<BQQQQI")
"""Opcode, length, start time, end time, uncompressed size, uncompressed CRC."""

_ZSTD_LEVEL = 3


class Lane(Enum):
    """How a channel's chunks are compressed.

    In the order in which the chunks of the same frames are written: a file that was cut short and still has
    the plain chunk of a frame has its text too.
    """

    ZSTD = "zstd"
    PLAIN = ""


@dataclass(slots=True)
class _OpenChunk:
    parts: list[bytes | memoryview] = field(default_factory=list)
    size: int = 0
    index: dict[int, list[tuple[int, int]]] = field(default_factory=dict)


class McapFile:
    """An MCAP file being written to a stream, which may be unbuffered.

    Args:
        stream: Where to.
        profile: Of the file's content.
        library: What writes it.
        hashed: Whether `sha256` will be asked for; a stream that hashes itself makes it needless.
    """

    def __init__(self, stream: BinaryIO, profile: str, library: str, *, hashed: bool = True) -> None:
        self._stream = stream
        self._offset = 0
        self._sha256 = hashlib.sha256() if hashed else None
        self._schemas: dict[str, SchemaRecord] = {}
        self._channels: list[Channel] = []
        self._lanes: list[Lane] = []
        self._chunks = {lane: _OpenChunk() for lane in Lane}
        self._chunk_indexes: list[ChunkIndex] = []
        self._attachment_indexes: list[AttachmentIndex] = []
        self._metadata_indexes: list[MetadataIndex] = []
        self._counts: dict[int, int] = {}
        self._times: list[int] = []
        self._put(MAGIC)
        self._put_record(Header(profile=profile, library=library))

    @property
    def size_bytes(self) -> int:
        """Bytes written so far."""
        return self._offset

    @property
    def sha256(self) -> str:
        """Of the bytes written so far; empty where they are not hashed."""
        return "" if self._sha256 is None else self._sha256.hexdigest()

    def add_metadata(self, name: str, values: Mapping[str, str]) -> None:
        """A metadata record; keys are sorted."""
        offset = self._offset
        length = self._put_record(Metadata(name=name, metadata=dict(sorted(values.items()))))
        self._metadata_indexes.append(MetadataIndex(offset=offset, length=length, name=name))

    def add_attachment(self, name: str, media_type: str, data: bytes) -> None:
        """An attached file without times."""
        offset = self._offset
        record = Attachment(create_time=0, log_time=0, name=name, media_type=media_type, data=data)
        length = self._put_record(record)
        self._attachment_indexes.append(
            AttachmentIndex(
                offset=offset,
                length=length,
                log_time=0,
                create_time=0,
                data_size=len(data),
                name=name,
                media_type=media_type,
            )
        )

    def add_channel(
        self, topic: str, schema: Schema, lane: Lane, metadata: Mapping[str, str] | None = None
    ) -> int:
        """Declares a channel and returns its id; keys of its metadata are sorted."""
        known = self._schemas.get(schema.name)
        if known is None:
            known = SchemaRecord(
                id=len(self._schemas) + 1, data=schema.data, encoding=schema.encoding, name=schema.name
            )
            self._schemas[schema.name] = known
            self._put_record(known)
        channel = Channel(
            id=len(self._channels) + 1,
            topic=topic,
            message_encoding=schema.message_encoding,
            metadata=dict(sorted((metadata or {}).items())),
            schema_id=known.id,
        )
        self._channels.append(channel)
        self._lanes.append(lane)
        self._put_record(channel)
        return channel.id

    def add_message(self, channel_id: int, time_ns: int, sequence: int, data: bytes) -> None:
        """Appends a message to its lane's open chunk."""
        self.add_pieces(channel_id, time_ns, sequence, (data,))

    def add_pieces(
        self, channel_id: int, time_ns: int, sequence: int, data: Sequence[bytes | memoryview]
    ) -> None:
        """As `add_message`, of a message in pieces."""
        chunk = self._chunks[self._lanes[channel_id - 1]]
        length = sum(len(piece) for piece in data)
        header = MESSAGE_HEADER.pack(
            Opcode.MESSAGE, length + 22, channel_id, sequence, time_ns, time_ns
        )  # 22: channel, sequence and times are part of the record's content
        chunk.index.setdefault(channel_id, []).append((time_ns, chunk.size))
        chunk.parts += (header, *data)
        chunk.size += len(header) + length
        self._counts[channel_id] = self._counts.get(channel_id, 0) + 1
        self._times.append(time_ns)

    @property
    def open_bytes(self) -> int:
        """Bytes that wait in open chunks."""
        return sum(c.size for c in self._chunks.values())

    def end_chunks(self) -> None:
        """Writes all open chunks."""
        for lane in Lane:
            if self._chunks[lane].parts:
                self._end_chunk(lane)

    def finish(self) -> None:
        """Writes open chunks, the summary and the footer; the stream stays open."""
        self.end_chunks()
        self._put_record(DataEnd(data_section_crc=0))
        start = self._offset
        summary = RecordBuilder()
        offsets: list[SummaryOffset] = []
        groups: list[tuple[Opcode, list[McapRecord]]] = [
            (Opcode.SCHEMA, list(self._schemas.values())),
            (Opcode.CHANNEL, list(self._channels)),
            (Opcode.STATISTICS, [self._statistics()]),
            (Opcode.CHUNK_INDEX, list(self._chunk_indexes)),
            (Opcode.ATTACHMENT_INDEX, list(self._attachment_indexes)),
            (Opcode.METADATA_INDEX, list(self._metadata_indexes)),
        ]
        for opcode, records in groups:
            group_start = summary.count
            for record in records:
                record.write(summary)
            if records:
                offsets.append(
                    SummaryOffset(
                        group_opcode=opcode,
                        group_start=start + group_start,
                        group_length=summary.count - group_start,
                    )
                )
        offset_start = start + summary.count
        for offset in offsets:
            offset.write(summary)
        data = summary.end()
        crc = zlib.crc32(data)
        crc = zlib.crc32(struct.pack("<BQQQ", Opcode.FOOTER, 20, start, offset_start), crc)
        self._put(data)
        self._put_record(Footer(summary_start=start, summary_offset_start=offset_start, summary_crc=crc))
        self._put(MAGIC)

    def _end_chunk(self, lane: Lane) -> None:
        chunk = self._chunks[lane]
        self._chunks[lane] = _OpenChunk()
        parts, size, crc = chunk.parts, chunk.size, 0
        for part in parts:
            crc = zlib.crc32(part, crc)
        if lane is Lane.ZSTD:
            parts = [zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(b"".join(parts))]
            size = len(parts[0])
        times = [t for entries in chunk.index.values() for t, _ in entries]
        name = lane.value.encode()
        start = self._offset
        length = CHUNK_HEADER.size - 9 + 4 + len(name) + 8 + size
        self._put(CHUNK_HEADER.pack(Opcode.CHUNK, length, min(times), max(times), chunk.size, crc))
        self._put(struct.pack("<I", len(name)) + name + struct.pack("<Q", size))
        for part in parts:
            self._put(part)
        chunk_length = self._offset - start
        index_start = self._offset
        index_offsets: dict[int, int] = {}
        for channel_id, entries in chunk.index.items():
            index_offsets[channel_id] = self._offset
            self._put_record(MessageIndex(channel_id=channel_id, records=entries))
        self._chunk_indexes.append(
            ChunkIndex(
                message_start_time=min(times),
                message_end_time=max(times),
                chunk_start_offset=start,
                chunk_length=chunk_length,
                message_index_offsets=index_offsets,
                message_index_length=self._offset - index_start,
                compression=lane.value,
                compressed_size=size,
                uncompressed_size=chunk.size,
            )
        )

    def _statistics(self) -> Statistics:
        return Statistics(
            attachment_count=len(self._attachment_indexes),
            channel_count=len(self._channels),
            channel_message_counts=dict(sorted(self._counts.items())),
            chunk_count=len(self._chunk_indexes),
            message_count=len(self._times),
            message_end_time=max(self._times, default=0),
            message_start_time=min(self._times, default=0),
            metadata_count=len(self._metadata_indexes),
            schema_count=len(self._schemas),
        )

    def _put_record(self, record: McapRecord) -> int:
        builder = RecordBuilder()
        record.write(builder)
        return self._put(builder.end())

    def _put(self, data: bytes | memoryview) -> int:
        left = memoryview(data)
        while left:  # an unbuffered stream may take less than it is given
            left = left[self._stream.write(left) :]
        if self._sha256 is not None:
            self._sha256.update(data)
        self._offset += len(data)
        return len(data)
