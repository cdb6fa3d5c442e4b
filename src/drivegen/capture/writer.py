"""The writer: frames to one MCAP file, append-only."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from drivegen.capture import messages, schema
from drivegen.capture.completeness import FrameGate
from drivegen.capture.frame import Frame
from drivegen.capture.mcap_file import McapFile
from drivegen.capture.payloads import payloads_of
from drivegen.capture.topics import topics_of
from drivegen.core.errors import CaptureError, PlanError
from drivegen.core.plain import to_plain
from drivegen.core.plans import ScenePlan

T = TypeVar("T")

_CHUNK_BYTES = 1 << 20
_FRAMES_IN_FLIGHT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureSummary:
    """What a finished capture holds."""

    path: Path
    content_sha256: str
    """Over (topic, log time, payload) of all messages and the plan; see `drivegen.capture.schema`."""
    frames: int
    keyframes: int
    bytes: int
    sha256: str
    """Of the file."""
    encode_cpu_s: float
    """CPU time spent on encoding images, points and labels, all threads."""
    write_s: float
    """Wall time spent on hashing and in the file system."""


@dataclass(slots=True)
class _Message:
    channel_id: int
    topic: str
    payload: Future[tuple[bytes, float]]


@dataclass(slots=True)
class _PendingFrame:
    time_ns: int
    index: int
    messages: list[_Message] = field(default_factory=list)


class CaptureWriter:
    """Writes frames to `path` (scene.mcap); until `close` returns, the file is `path` + ".part".

    As a context manager it closes on success and aborts on an exception.

    Args:
        path: The capture; its folder must exist. An existing file is replaced when the new one is whole.
        plan: The scene's plan; its rigs say which sensors are due when.
        provenance: Versions and names of what made the capture. No wall clock: it is part of the bytes.
        opendrive: The road's text, so that the capture stands alone; must have `plan.map.sha256`.
        jpeg_quality: Of the colour images, 1..100, of cameras that have none of their own.
        threads: Encoders beside the caller's thread; 0 encodes in the caller's. The bytes are the same.
        keep_partial: After an exception inside the `with` block the frames so far stay in the partial file,
            for `CaptureReader(..., recover=True)`; never when the disk is full.

    Raises:
        CaptureError: The disk is full or the folder cannot be written; the partial file is gone.
        PlanError: `opendrive` is not the plan's, or the plan's agents cannot be (`FrameGate`).
    """

    def __init__(
        self,
        path: Path,
        plan: ScenePlan,
        provenance: Mapping[str, str],
        *,
        opendrive: str,
        jpeg_quality: int = 90,
        threads: int = 2,
        keep_partial: bool = False,
    ) -> None:
        digest = hashlib.sha256(opendrive.encode()).hexdigest()
        if digest != plan.map.sha256:
            raise PlanError(
                f"{plan.scene}: the road {plan.map.opendrive} has SHA-256 {digest[:12]}..., the plan wants"
                f" {plan.map.sha256[:12]}...; plan the scene anew or restore the file"
            )
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._plan = plan
        self._rigs = plan.rigs
        self._gate = FrameGate(plan, self._rigs)
        self._jpeg_quality = jpeg_quality
        self._hash = schema.ContentHash()
        self._pending: deque[_PendingFrame] = deque()
        self._frames = 0
        self._keyframes = 0
        self._encode_cpu_s = 0.0
        self._write_s = 0.0
        self._closed = False
        self._keep_partial = keep_partial
        self._pool = ThreadPoolExecutor(threads, "capture-encoder") if threads else None
        self._channels: dict[str, int] = {}
        with _Guard(self):
            # unbuffered: nothing is left to be written when a full disk ends the file
            self._stream = self._part.open("wb", buffering=0)
            self._file = McapFile(self._stream, schema.PROFILE, "drivegen")
            self._write_head(provenance, opendrive)

    def write(self, frame: Frame) -> None:
        """Appends a frame. Encoding goes on after the return: do not change the frame's arrays afterwards.

        Raises:
            FrameError: The frame is incomplete, out of order, or a due instant was passed over.
            CaptureError: The disk is full; the partial file is gone.
        """
        if self._closed:
            raise CaptureError(f"{self._path}: a frame was written after the capture was closed or given up")
        self._gate.check(frame)
        pending = _PendingFrame(time_ns=frame.time_ns, index=frame.index)
        for topic, encode in payloads_of(frame, self._rigs, self._jpeg_quality):
            self._submit(pending, topic, encode)
        self._pending.append(pending)
        self._frames += 1
        self._keyframes += frame.keyframe
        while len(self._pending) > (_FRAMES_IN_FLIGHT if self._pool else 0):
            self._drain_one()

    def close(self) -> CaptureSummary:
        """Finishes the file and gives it its name.

        Raises:
            FrameError: Frames end before the last instant at which a sensor was due.
            CaptureError: The disk is full; the partial file is gone.
        """
        self._gate.check_end()
        while self._pending:
            self._drain_one()
        content_sha256 = self._hash.hexdigest(self._plan.to_json())
        started = time.perf_counter()
        with _Guard(self):
            self._file.end_chunks()
            self._file.add_metadata(
                "drivegen.summary",
                {
                    "content_sha256": content_sha256,
                    "frames": str(self._frames),
                    "keyframes": str(self._keyframes),
                },
            )
            self._file.finish()
            os.fsync(self._stream.fileno())
            self._stream.close()
            self._part.replace(self._path)
            _sync_folder(self._path.parent)
        self._write_s += time.perf_counter() - started
        self._shut_down()
        return CaptureSummary(
            path=self._path,
            content_sha256=content_sha256,
            frames=self._frames,
            keyframes=self._keyframes,
            bytes=self._file.size_bytes,
            sha256=self._file.sha256,
            encode_cpu_s=self._encode_cpu_s,
            write_s=self._write_s,
        )

    def abort(self) -> None:
        """Removes the partial file. Harmless after `close` or a second time."""
        if self._closed:
            return
        self._pending.clear()
        self._shut_down()
        stream = getattr(self, "_stream", None)
        if stream is not None:
            stream.close()
            self._part.unlink(missing_ok=True)

    def __enter__(self) -> CaptureWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and not self._closed:
                self.close()
            elif self._keep_partial and not self._closed:
                self._leave_partial()
        finally:
            self.abort()

    def _leave_partial(self) -> None:
        """Ends the partial file after the last whole frame and leaves it."""
        self._shut_down()
        with contextlib.suppress(OSError):
            self._file.end_chunks()
            self._stream.close()

    def _shut_down(self) -> None:
        self._closed = True
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _write_head(self, provenance: Mapping[str, str], opendrive: str) -> None:
        file = self._file
        major, minor = schema.SCHEMA_VERSION
        others = {"agents": ",".join(self._rigs)} if len(self._rigs) > 1 else {}
        file.add_metadata(
            "drivegen.capture", {"schema_version": f"{major}.{minor}", "scene": self._plan.scene, **others}
        )
        file.add_metadata("drivegen.provenance", provenance)
        file.add_metadata("drivegen.plan", {"json": self._plan.to_json()})
        rigs = {name: messages.to_json(to_plain(rig)).decode() for name, rig in self._rigs.items()}
        file.add_metadata("drivegen.rigs", rigs)
        cameras = [(name, camera) for name, rig in self._rigs.items() for camera in rig.cameras]
        depth = {f"{name}/{c.name}": "ray" if c.depth_along_ray else "axis" for name, c in cameras}
        file.add_metadata("drivegen.depth", depth)
        believed = {
            name: messages.to_json(to_plain(dict(sorted(errors.believed_mounts.items())))).decode()
            for name, errors in self._plan.agent_errors.items()
            if errors.believed_mounts
        }
        if believed:
            file.add_metadata("drivegen.believed", believed)
        file.add_attachment(schema.MAP_ATTACHMENT, "application/xml", opendrive.encode())
        for topic, kind, lane in topics_of(self._plan):
            self._channels[topic] = file.add_channel(topic, kind, lane)

    def _submit(self, pending: _PendingFrame, topic: str, encode: Callable[[], bytes]) -> None:
        if self._pool is not None:
            future = self._pool.submit(_timed, encode)
        else:
            future = Future()
            future.set_result(_timed(encode))
        pending.messages.append(_Message(self._channels[topic], topic, future))

    def _drain_one(self) -> None:
        frame = self._pending.popleft()
        payloads = []
        for message in frame.messages:
            payload, cpu_s = message.payload.result()
            self._encode_cpu_s += cpu_s
            payloads.append(payload)
        started = time.perf_counter()
        with _Guard(self):
            for message, payload in zip(frame.messages, payloads, strict=True):
                self._hash.add(message.topic, frame.time_ns, payload)
                self._file.add_message(message.channel_id, frame.time_ns, frame.index, payload)
            if self._file.open_bytes >= _CHUNK_BYTES:
                self._file.end_chunks()
        self._write_s += time.perf_counter() - started


class _Guard:
    """Turns an OSError into one CaptureError and removes the partial file."""

    def __init__(self, writer: CaptureWriter) -> None:
        self._writer = writer

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, OSError):
            path = self._writer._path
            self._writer.abort()
            raise CaptureError(
                f"{path} could not be written: {error.strerror or error}; the partial file was removed."
                f" Free space or choose another folder, then run again"
            ) from error


def _timed(function: Callable[[], T]) -> tuple[T, float]:
    started = time.thread_time()
    return function(), time.thread_time() - started


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
