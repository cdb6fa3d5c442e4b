"""A look's own file: other images of a capture's frames, and nothing of its labels.

A look of a run lies beside the captures, `looks/NAME/SCENE.mcap` beside `captures/SCENE.mcap`, and refers to
its capture by content hash. It is an MCAP file whose metadata records are `drivegen.look` (name, scene,
content hash of the capture, and how it was made, as canonical JSON) and `drivegen.summary` (its own content
hash). Its topics (A an agent, C a camera):

| topic | message | |
| --- | --- | --- |
| /A/C/looks/NAME | foxglove.CompressedImage | JPEG; log time, size and optics are /A/C/image's |
| /A/C/looks/NAME/verdicts | JSON | `drivegen.core.verdicts`, one message an image that was judged |

The metadata record `drivegen.making` says as JSON how the images came about: the warp errors of the look and
of the simulator's images (`drivegen.capture.flow`), and what the back end reports. It is no part of the
content hash. Where it was judged, the record `drivegen.verdicts` has the rates of the scene, as JSON.

Its content hash is that of `drivegen.capture.schema`, with the JSON of `drivegen.look` for the plan's.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, overload
from uuid import uuid4

from drivegen.capture import messages, schema
from drivegen.capture.mcap_file import Lane, McapFile
from drivegen.capture.mcap_source import McapSource
from drivegen.capture.place import CapturePlace, RemoteFile
from drivegen.core import verdicts
from drivegen.core.errors import CaptureError
from drivegen.core.verdicts import ImageVerdicts, VerdictRates

PROFILE = "drivegen-look"
SCHEMA_VERSION = "1.0"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LookOrigin:
    """What a look follows from: equal origins, equal bytes."""

    name: str
    scene: str
    capture_sha256: str
    """Content hash of the capture whose frames it shows."""
    plugin: str
    plugin_version: int
    style: dict[str, Any] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    jpeg_quality: int = 92
    drivegen: str = ""
    """Version of the package."""
    judging: dict[str, Any] = field(default_factory=dict)
    """Who judges and what follows, with the judges' versions; empty where nobody judges."""
    facts: dict[str, str] = field(default_factory=dict)
    """What a back end says that its images follow from beside the above, as the hash of weights; `licence` is
    the weights'."""

    def to_json(self) -> str:
        """Canonical."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@overload
def look_path(capture: Path, name: str) -> Path: ...
@overload
def look_path(capture: RemoteFile, name: str) -> RemoteFile: ...
def look_path(capture: CapturePlace, name: str) -> CapturePlace:
    """Where a look of a run's capture lies."""
    return capture.parent.parent / "looks" / name / capture.name


def look_topic(agent: str, channel: str, name: str) -> str:
    """Topic of a camera's images in a look."""
    return schema.sensor_topic(agent, channel, f"looks/{name}")


def verdicts_topic(agent: str, channel: str, name: str) -> str:
    """Topic of the verdicts on a camera's images in a look."""
    return look_topic(agent, channel, name) + "/verdicts"


class LookFile:
    """A look opened for reading. Raises CaptureError when it is missing, damaged, or no look."""

    def __init__(self, path: CapturePlace) -> None:
        self.path = path
        try:
            self._source = McapSource(path, False)
        except CaptureError as error:
            raise CaptureError(f"look {path.parent.name!r}: {error}; make the look (look=...)") from None
        try:
            if self._source.profile != PROFILE:
                raise CaptureError(f"{path} is no look of a capture")
            origin = json.loads(self._source.metadata["drivegen.look"]["json"])
            self.origin = LookOrigin(**origin)
            self.content_sha256 = self._source.metadata["drivegen.summary"]["content_sha256"]
        except (KeyError, ValueError, TypeError):
            self.close()
            raise CaptureError(f"{path} is not a whole look, or another version's; make it again") from None
        except BaseException:
            self.close()
            raise

    def jpeg(self, agent: str, channel: str, time_ns: int) -> bytes:
        """A camera's image as the file it is kept as."""
        payload = self._source.payload(look_topic(agent, channel, self.origin.name), time_ns)
        return messages.decode_image(payload)

    def verdicts(self, agent: str, channel: str, time_ns: int) -> ImageVerdicts | None:
        """On a camera's image; none where nobody judged it."""
        topic = verdicts_topic(agent, channel, self.origin.name)
        if not self._source.has(topic, time_ns):
            return None
        return verdicts.from_plain(json.loads(self._source.payload(topic, time_ns)))

    def all_verdicts(self) -> Iterator[ImageVerdicts]:
        """On all images, camera by camera, each camera's by time."""
        for topic in sorted(self._source.topics):
            if topic.endswith(f"/looks/{self.origin.name}/verdicts"):
                for payload in self._source.small_payloads(topic):
                    yield verdicts.from_plain(json.loads(payload))

    @property
    def making(self) -> dict[str, Any]:
        """How the images came about (`drivegen.making`)."""
        found: dict[str, Any] = json.loads(self._source.metadata.get("drivegen.making", {}).get("json", "{}"))
        return found

    @property
    def rates(self) -> VerdictRates | None:
        """How often each verdict was given; none where nobody judged."""
        found = self._source.metadata.get("drivegen.verdicts")
        return None if found is None else verdicts.rates_from_plain(json.loads(found["json"]))

    def close(self) -> None:
        """Gives the file back."""
        self._source.close()

    def __enter__(self) -> LookFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class LookWriter:
    """Writes a look; the file has its name when the `with` block ends well, else nothing is left.

    Args:
        path: Where it will lie.
        origin: What it follows from.
        cameras: (agent, channel) of all cameras that it shows.

    Raises:
        CaptureError: The file cannot be written.
    """

    def __init__(self, path: Path, origin: LookOrigin, cameras: list[tuple[str, str]]) -> None:
        self._path = path
        self._origin = origin
        self._cameras = cameras
        self._hash = schema.ContentHash()
        self._images = 0
        self._rates: VerdictRates | None = None
        self.making: dict[str, Any] = {}
        """How the images came about, to be set before the end; not hashed."""
        self.tries = 1
        """How many times the look was made, for the rates."""
        self.content_sha256 = ""
        """Known when the file is whole."""

    @property
    def rates(self) -> VerdictRates | None:
        """Of the verdicts that were written; none without any."""
        return None if self._rates is None else replace(self._rates, tries=self.tries)

    def write(self, agent: str, channel: str, time_ns: int, frame: int, jpeg: bytes) -> None:
        """Appends an image; of one camera by ascending time."""
        topic = look_topic(agent, channel, self._origin.name)
        payload = messages.encode_image(jpeg, "jpeg", messages.sensor_frame(agent, channel), time_ns)
        self._hash.add(topic, time_ns, payload)
        self._file.add_message(self._channels[agent, channel], time_ns, frame, payload)
        self._images += 1
        if self._file.open_bytes >= _CHUNK_BYTES:
            self._file.end_chunks()

    def write_verdicts(self, image: ImageVerdicts) -> None:
        """Appends the verdicts on an image; of one camera by ascending time."""
        key = (image.agent, image.channel)
        topic = verdicts_topic(*key, self._origin.name)
        if key not in self._verdict_channels:
            self._verdict_channels[key] = self._file.add_channel(topic, schema.VERDICTS, Lane.ZSTD)
        payload = messages.to_json(verdicts.to_plain(image))
        self._hash.add(topic, image.time_ns, payload)
        self._file.add_message(self._verdict_channels[key], image.time_ns, image.frame, payload)
        found = verdicts.rates_of([image])
        if image.drops_frame:
            # A frame counts once, however many of its images would drop it.
            found = replace(found, frames_dropped=int(image.frame not in self._dropped))
            self._dropped.add(image.frame)
        self._rates = found if self._rates is None else self._rates + found

    def __enter__(self) -> LookWriter:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # A name of its own: another process that was given up may still be at the same look.
            self._part = self._path.with_name(f".{self._path.name}.{uuid4().hex}.part")
            self._stream = self._part.open("wb", buffering=0)
        except OSError as error:
            raise self._refused(error) from error
        self._file = McapFile(self._stream, PROFILE, "drivegen")
        self._file.add_metadata(
            "drivegen.look", {"schema_version": SCHEMA_VERSION, "json": self._origin.to_json()}
        )
        self._channels = {
            (agent, channel): self._file.add_channel(
                look_topic(agent, channel, self._origin.name), schema.IMAGE, Lane.PLAIN
            )
            for agent, channel in self._cameras
        }
        self._verdict_channels: dict[tuple[str, str], int] = {}
        self._dropped: set[int] = set()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        except OSError as refused:
            raise self._refused(refused) from refused
        finally:
            with contextlib.suppress(OSError):
                self._stream.close()
            self._part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise self._refused(error) from error

    def _finish(self) -> None:
        self.content_sha256 = self._hash.hexdigest(self._origin.to_json())
        self._file.end_chunks()
        if self.rates is not None:
            plain = json.dumps(self.rates.plain(), separators=(",", ":"))
            self._file.add_metadata("drivegen.verdicts", {"json": plain})
        if self.making:
            self._file.add_metadata("drivegen.making", {"json": json.dumps(self.making, sort_keys=True)})
        self._file.add_metadata(
            "drivegen.summary", {"content_sha256": self.content_sha256, "images": str(self._images)}
        )
        self._file.finish()
        os.fsync(self._stream.fileno())
        self._stream.close()
        self._part.replace(self._path)

    def _refused(self, error: OSError) -> CaptureError:
        return CaptureError(
            f"{self._path} could not be written: {error.strerror or error}; the partial file was removed."
            " Free space or choose another folder, then run again"
        )
