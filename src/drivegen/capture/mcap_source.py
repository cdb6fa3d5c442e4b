"""Reading MCAP by (topic, time) without reading the rest; also when the file was cut short.

The file is mapped into memory. A message of a plain chunk is a slice of the map; zstd chunks are unpacked
one at a time, checked against their CRC, and a few are kept. Format: https://mcap.dev/spec
"""

from __future__ import annotations

import io
import mmap
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import zstandard
from mcap.data_stream import ReadDataStream
from mcap.opcode import Opcode
from mcap.records import Attachment, AttachmentIndex, Channel, ChunkIndex, Footer, Header, Metadata

from drivegen.capture.mcap_file import CHUNK_HEADER, MAGIC, MESSAGE_HEADER
from drivegen.core.errors import CaptureError

_RECORD = struct.Struct("<BQ")
_FOOTER_SIZE = _RECORD.size + 20 + len(MAGIC)
_CHUNKS_KEPT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _ChunkPlace:
    data_start: int
    data_size: int
    compression: str
    uncompressed_size: int
    crc: int


class McapSource:
    """The messages of an MCAP file.

    Args:
        path: The file.
        recover: Take what is whole of a file that was cut short.

    Raises:
        CaptureError: The file is missing, not MCAP, cut short (without `recover`) or damaged.
    """

    def __init__(self, path: Path, recover: bool) -> None:
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
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except FileNotFoundError:
            raise CaptureError(f"{path}: there is no such capture") from None
        except (OSError, ValueError) as error:  # ValueError: an empty file cannot be mapped
            raise CaptureError(f"{path} cannot be read: {error}") from None
        try:
            self._open(recover)
        except (struct.error, UnicodeDecodeError, EOFError, IndexError) as error:
            self.close()
            raise CaptureError(f"{path} is damaged ({error}): record the scene anew") from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Gives the file back."""
        self._chunk_data.cache_clear()
        self._map.close()

    def attachment(self, name: str) -> bytes:
        """An attached file."""
        found = self._attachments.get(name)
        if found is None:
            raise CaptureError(f"{self.path}: {name} is not attached: the file is not a whole capture")
        if isinstance(found, int):
            return bytes(Attachment.read(self._stream(found + _RECORD.size)).data)
        return found

    def times_ns(self, topic: str) -> list[int]:
        """Log times of a topic's messages, ascending."""
        return sorted(self._entries.get(self.topics.get(topic, 0), {}))

    def payload(self, topic: str, time_ns: int) -> bytes:
        """A message's payload.

        Raises:
            CaptureError: There is none, or its chunk is damaged.
        """
        try:
            chunk, offset = self._entries[self.topics[topic]][time_ns]
        except KeyError:
            raise CaptureError(f"{self.path}: no message on {topic} at {time_ns / 1e9:.3f} s") from None
        place = self._chunks[chunk]
        if place.compression:
            data: bytes | mmap.mmap = self._chunk_data(chunk)
        else:
            data, offset = self._map, place.data_start + offset
        length = MESSAGE_HEADER.unpack_from(data, offset)[1]
        start = offset + MESSAGE_HEADER.size
        return bytes(data[start : offset + _RECORD.size + length])

    def messages(self) -> Iterator[tuple[str, int, bytes]]:
        """All messages as (topic, time, payload), in the order of the file; checks every chunk's CRC."""
        topic_of = {v: k for k, v in self.topics.items()}
        for i in range(len(self._chunks)):
            data = self._chunk_data(i)
            for channel_id, time_ns, _, payload in _walk(data):
                yield topic_of[channel_id], time_ns, payload

    def _open(self, recover: bool) -> None:
        data = self._map
        if data[: len(MAGIC)] != MAGIC:
            raise CaptureError(f"{self.path} is not a capture: it does not begin as MCAP does")
        whole = len(data) > _FOOTER_SIZE and data[-len(MAGIC) :] == MAGIC
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
        footer_at = len(self._map) - _FOOTER_SIZE
        footer = Footer.read(self._stream(footer_at + _RECORD.size))
        crc = zlib.crc32(self._map[footer.summary_start : footer_at + _RECORD.size + 16])
        if crc != footer.summary_crc:
            raise CaptureError(f"{self.path} is damaged (its summary's checksum is wrong): record it anew")
        for opcode, start, _ in self._records(footer.summary_start, footer_at):
            stream = self._stream(start)
            if opcode == Opcode.CHANNEL:
                channel = Channel.read(stream)
                self.topics[channel.topic] = channel.id
            elif opcode == Opcode.CHUNK_INDEX:
                self._add_indexed_chunk(ChunkIndex.read(stream))
            elif opcode == Opcode.ATTACHMENT_INDEX:
                index = AttachmentIndex.read(stream)
                self._attachments[index.name] = index.offset
            elif opcode == Opcode.METADATA_INDEX:
                offset = struct.unpack_from("<Q", self._map, start)[0]
                record = Metadata.read(self._stream(offset + _RECORD.size))
                self.metadata[record.name] = record.metadata

    def _add_indexed_chunk(self, index: ChunkIndex) -> None:
        self._chunks.append(self._chunk_place(index.chunk_start_offset))
        number = len(self._chunks) - 1
        for channel_id, offset in index.message_index_offsets.items():
            start = offset + _RECORD.size + 6  # behind the channel's id and the array's length
            size = struct.unpack_from("<I", self._map, start - 4)[0]
            entries = self._entries.setdefault(channel_id, {})
            for time_ns, at in struct.iter_unpack("<QQ", self._map[start : start + size]):
                entries[time_ns] = (number, at)

    def _chunk_place(self, at: int) -> _ChunkPlace:
        _, _, _, _, size, crc = CHUNK_HEADER.unpack_from(self._map, at)
        name_at = at + CHUNK_HEADER.size
        name_size = struct.unpack_from("<I", self._map, name_at)[0]
        name = self._map[name_at + 4 : name_at + 4 + name_size].decode()
        data_size = struct.unpack_from("<Q", self._map, name_at + 4 + name_size)[0]
        return _ChunkPlace(
            data_start=name_at + 12 + name_size,
            data_size=data_size,
            compression=name,
            uncompressed_size=size,
            crc=crc,
        )

    def _scan(self) -> None:
        """Takes the whole records from the front of a file without a summary."""
        for opcode, start, _ in self._records(len(MAGIC), len(self._map)):
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
            opcode, length = _RECORD.unpack_from(self._map, start)
            start += _RECORD.size
            if start + length > end:
                return
            yield opcode, start, length
            start += length

    def _stream(self, at: int) -> ReadDataStream:
        length = _RECORD.unpack_from(self._map, at - _RECORD.size)[1]
        return ReadDataStream(io.BytesIO(self._map[at : at + length]))

    def _unpack(self, number: int) -> bytes:
        place = self._chunks[number]
        data = self._map[place.data_start : place.data_start + place.data_size]
        if place.compression == "zstd":
            try:
                data = zstandard.ZstdDecompressor().decompress(data, max_output_size=place.uncompressed_size)
            except zstandard.ZstdError as error:
                raise CaptureError(f"{self.path} is damaged ({error}): record the scene anew") from None
        elif place.compression:
            raise CaptureError(f"{self.path}: a chunk is compressed by {place.compression}, which is unknown")
        if zlib.crc32(data) != place.crc:
            raise CaptureError(f"{self.path} is damaged (a chunk's checksum is wrong): record it anew")
        return data


def _walk(data: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """(channel id, time, offset, payload) of the messages in a chunk."""
    at = 0
    while at < len(data):
        opcode, length = _RECORD.unpack_from(data, at)
        if opcode == Opcode.MESSAGE:
            _, _, channel_id, _, time_ns, _ = MESSAGE_HEADER.unpack_from(data, at)
            yield channel_id, time_ns, at, data[at + MESSAGE_HEADER.size : at + _RECORD.size + length]
        at += _RECORD.size + length
