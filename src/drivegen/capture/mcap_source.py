"""Reading MCAP by (topic, time) without reading the rest; also when the file was cut short.

A file of this machine is mapped into memory: a message of a plain chunk is a slice of the map. zstd chunks,
and all chunks of a remote file, are taken one at a time and a few are kept. What a message is read from is
checked against its chunk's CRC. Format: https://mcap.dev/spec
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import zstandard
from mcap.data_stream import ReadDataStream
from mcap.opcode import Opcode
from mcap.records import Attachment, AttachmentIndex, Channel, ChunkIndex, Footer, Header, Metadata

from drivegen.capture.file_bytes import MappedBytes, open_bytes
from drivegen.capture.mcap_file import CHUNK_HEADER, MAGIC, MESSAGE_HEADER
from drivegen.capture.place import CapturePlace
from drivegen.core.errors import CaptureError, DamagedCaptureError

_RECORD = struct.Struct("<BQ")
_FOOTER_SIZE = _RECORD.size + 20 + len(MAGIC)
_CHUNKS_KEPT = 4
_HEAD_BYTES = 2048
"""Fetched of a small message whose size is not known yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ChunkPlace:
    start: int
    data_start: int
    data_size: int
    compression: str
    uncompressed_size: int


class McapSource:
    """The messages of an MCAP file.

    Args:
        path: The file, or where a remote one lies.
        recover: Take what is whole of a file that was cut short.

    Raises:
        CaptureError: The file is missing, not MCAP, cut short (without `recover`) or damaged.
        ConfigError: Its file system cannot be had.
    """

    def __init__(self, path: CapturePlace, recover: bool) -> None:
        self.path = path
        self.recovered = False
        """Whether the file was cut short."""
        self.profile = ""
        self.topics: dict[str, int] = {}
        """Channel ids by topic."""
        self.metadata: dict[str, dict[str, str]] = {}
        self._attachments: dict[str, bytes | int] = {}
        self._chunks: list[_ChunkPlace] = []
        self._entries: dict[int, dict[int, tuple[int, int]]] = {}
        self._chunk_data = lru_cache(maxsize=_CHUNKS_KEPT)(self._unpack)
        self._bytes = open_bytes(path)
        self._checked: set[int] = set()
        try:
            self._open(recover)
        except (struct.error, UnicodeDecodeError, EOFError, IndexError) as error:
            self.close()
            raise self._damaged(str(error)) from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Gives the file back."""
        self._chunk_data.cache_clear()
        self._bytes.close()

    def attachment(self, name: str) -> bytes:
        """An attached file."""
        found = self._attachments.get(name)
        if found is None:
            raise CaptureError(f"{self.path}: {name} is not attached: the file is not a whole capture")
        if isinstance(found, int):
            return bytes(Attachment.read(self._stream(found + _RECORD.size)).data)
        return found

    def has(self, topic: str, time_ns: int) -> bool:
        """Whether there is a message."""
        return time_ns in self._entries.get(self.topics.get(topic, 0), {})

    def payload(self, topic: str, time_ns: int) -> bytes:
        """A message's payload.

        Raises:
            CaptureError: There is none, or its chunk is damaged.
        """
        try:
            number, offset = self._entries[self.topics[topic]][time_ns]
        except KeyError:
            raise CaptureError(f"{self.path}: no message on {topic} at {time_ns / 1e9:.3f} s") from None
        place = self._chunks[number]
        if place.compression or not isinstance(self._bytes, MappedBytes):
            data = self._chunk_data(number)
            length = MESSAGE_HEADER.unpack_from(data, offset)[1]
            return data[offset + MESSAGE_HEADER.size : offset + _RECORD.size + length]
        if number not in self._checked:
            self._check(number, self._bytes.crc32(place.data_start, place.data_size))
            self._checked.add(number)
        return self._payload_at(place.data_start + offset)

    def small_payloads(self, topic: str) -> list[bytes]:
        """All payloads of a topic, by time; plain chunks are neither read nor checked as a whole."""
        entries = self._entries.get(self.topics.get(topic, 0), {})
        places = [(self._chunks[n], n, at, time_ns) for time_ns, (n, at) in sorted(entries.items())]
        self._bytes.fetch([(p.data_start + at, _HEAD_BYTES) for p, _, at, _ in places if not p.compression])
        return [
            self.payload(topic, time_ns) if p.compression else self._payload_at(p.data_start + at)
            for p, _, at, time_ns in places
        ]

    def _payload_at(self, start: int) -> bytes:
        length = MESSAGE_HEADER.unpack(self._bytes.read(start, MESSAGE_HEADER.size))[1]
        header = MESSAGE_HEADER.size
        return self._bytes.read(start + header, _RECORD.size + length - header)

    def messages(self) -> Iterator[tuple[str, int, bytes]]:
        """All messages as (topic, time, payload), in the order of the file; checks every chunk's CRC."""
        topic_of = {v: k for k, v in self.topics.items()}
        for i in range(len(self._chunks)):
            data = self._chunk_data(i)
            for channel_id, time_ns, _, payload in _walk(data):
                yield topic_of[channel_id], time_ns, payload

    def _open(self, recover: bool) -> None:
        data = self._bytes
        if data.read(0, len(MAGIC)) != MAGIC:
            raise CaptureError(f"{self.path} is not a capture: it does not begin as MCAP does")
        whole = data.size > _FOOTER_SIZE and data.read(data.size - len(MAGIC), len(MAGIC)) == MAGIC
        if not whole and not recover:
            raise CaptureError(
                f"{self.path} was cut short: it has no end. Record the scene anew,"
                " or open it with recover=True for the frames before the cut"
            )
        header = Header.read(self._stream(len(MAGIC) + _RECORD.size))
        self.profile = header.profile
        if whole:
            self._read_summary()
        else:
            self.recovered = True
            self._scan()

    def _read_summary(self) -> None:
        footer_at = self._bytes.size - _FOOTER_SIZE
        footer = Footer.read(self._stream(footer_at + _RECORD.size))
        summary = self._bytes.read(
            footer.summary_start, max(0, footer_at + _RECORD.size + 16 - footer.summary_start)
        )
        if zlib.crc32(summary) != footer.summary_crc:
            raise self._damaged("its summary's checksum is wrong")
        chunks: list[ChunkIndex] = []
        metadata: list[int] = []
        for opcode, start, _ in self._records(footer.summary_start, footer_at):
            stream = self._stream(start)
            if opcode == Opcode.CHANNEL:
                channel = Channel.read(stream)
                self.topics[channel.topic] = channel.id
            elif opcode == Opcode.CHUNK_INDEX:
                chunks.append(ChunkIndex.read(stream))
            elif opcode == Opcode.ATTACHMENT_INDEX:
                index = AttachmentIndex.read(stream)
                self._attachments[index.name] = index.offset
            elif opcode == Opcode.METADATA_INDEX:
                # The record's fields before the name: offset, length.
                metadata.append(struct.unpack("<Q", self._bytes.read(start, 8))[0])
        self._read_indexed(chunks, metadata)

    def _read_indexed(self, chunks: list[ChunkIndex], metadata: list[int]) -> None:
        """What the summary points to, fetched together."""
        indexes = [(c.chunk_start_offset + c.chunk_length, c.message_index_length) for c in chunks]
        self._bytes.fetch([*indexes, *((offset, _HEAD_BYTES) for offset in metadata)])
        for index in chunks:
            self._add_indexed_chunk(index)
        for offset in metadata:
            record = Metadata.read(self._stream(offset + _RECORD.size))
            self.metadata[record.name] = record.metadata

    def _add_indexed_chunk(self, index: ChunkIndex) -> None:
        header = CHUNK_HEADER.size + 4 + len(index.compression.encode()) + 8
        self._chunks.append(
            _ChunkPlace(
                start=index.chunk_start_offset,
                data_start=index.chunk_start_offset + header,
                data_size=index.compressed_size,
                compression=index.compression,
                uncompressed_size=index.uncompressed_size,
            )
        )
        number = len(self._chunks) - 1
        for channel_id, offset in index.message_index_offsets.items():
            start = offset + _RECORD.size + 6  # behind the channel's id and the array's length
            size = struct.unpack("<I", self._bytes.read(start - 4, 4))[0]
            entries = self._entries.setdefault(channel_id, {})
            for time_ns, at in struct.iter_unpack("<QQ", self._bytes.read(start, size)):
                entries[time_ns] = (number, at)

    def _chunk_place(self, at: int) -> _ChunkPlace:
        _, _, _, _, size, _ = CHUNK_HEADER.unpack(self._bytes.read(at, CHUNK_HEADER.size))
        name_at = at + CHUNK_HEADER.size
        name_size = struct.unpack("<I", self._bytes.read(name_at, 4))[0]
        name = self._bytes.read(name_at + 4, name_size).decode()
        data_size = struct.unpack("<Q", self._bytes.read(name_at + 4 + name_size, 8))[0]
        return _ChunkPlace(
            start=at,
            data_start=name_at + 12 + name_size,
            data_size=data_size,
            compression=name,
            uncompressed_size=size,
        )

    def _scan(self) -> None:
        """Takes the whole records from the front of a file without a summary."""
        for opcode, start, _ in self._records(len(MAGIC), self._bytes.size):
            stream = self._stream(start)
            if opcode == Opcode.CHANNEL:
                channel = Channel.read(stream)
                self.topics[channel.topic] = channel.id
            elif opcode == Opcode.METADATA:
                record = Metadata.read(stream)
                self.metadata[record.name] = record.metadata
            elif opcode == Opcode.ATTACHMENT:
                attachment = Attachment.read(stream)
                self._attachments[attachment.name] = attachment.data
            elif opcode == Opcode.CHUNK:
                self._chunks.append(self._chunk_place(start - _RECORD.size))
                number = len(self._chunks) - 1
                for channel_id, time_ns, at, _ in _walk(self._chunk_data(number)):
                    self._entries.setdefault(channel_id, {})[time_ns] = (number, at)
            elif opcode == Opcode.DATA_END:
                break

    def _records(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """(opcode, start of the content, its length) of the records that lie wholly before `end`."""
        while start + _RECORD.size <= end:
            opcode, length = _RECORD.unpack(self._bytes.read(start, _RECORD.size))
            start += _RECORD.size
            if start + length > end:
                return
            yield opcode, start, length
            start += length

    def _stream(self, at: int) -> ReadDataStream:
        length = _RECORD.unpack(self._bytes.read(at - _RECORD.size, _RECORD.size))[1]
        return ReadDataStream(io.BytesIO(self._bytes.read(at, length)))

    def _unpack(self, number: int) -> bytes:
        place = self._chunks[number]
        # The header too: a remote file gives it with the same request.
        self._bytes.fetch([(place.start, place.data_start - place.start + place.data_size)])
        data = self._bytes.read(place.data_start, place.data_size)
        if place.compression == "zstd":
            try:
                data = zstandard.ZstdDecompressor().decompress(data, max_output_size=place.uncompressed_size)
            except zstandard.ZstdError as error:
                raise self._damaged(str(error)) from None
        elif place.compression:
            raise CaptureError(f"{self.path}: a chunk is compressed by {place.compression}, which is unknown")
        self._check(number, zlib.crc32(data))
        return data

    def _check(self, number: int, found: int) -> None:
        header = self._bytes.read(self._chunks[number].start, CHUNK_HEADER.size)
        if CHUNK_HEADER.unpack(header)[-1] != found:
            raise self._damaged("a chunk's checksum is wrong")

    def _damaged(self, what: str) -> DamagedCaptureError:
        return DamagedCaptureError(str(self.path), what)


def _walk(data: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """(channel id, time, offset, payload) of the messages in a chunk."""
    at = 0
    while at < len(data):
        opcode, length = _RECORD.unpack_from(data, at)
        if opcode == Opcode.MESSAGE:
            _, _, channel_id, _, time_ns, _ = MESSAGE_HEADER.unpack_from(data, at)
            yield channel_id, time_ns, at, data[at + MESSAGE_HEADER.size : at + _RECORD.size + length]
        at += _RECORD.size + length
