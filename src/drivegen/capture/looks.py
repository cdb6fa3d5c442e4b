"""Making a look of a capture: a back end's images, stored beside the simulator's."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from drivegen import __version__
from drivegen.capture.clip import Clip, LookMaker
from drivegen.capture.images import encode_jpeg
from drivegen.capture.look_file import LookFile, LookOrigin, LookWriter, look_path
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import CaptureError
from drivegen.core.looks import Style
from drivegen.core.rng import derive_seed


@dataclass(frozen=True, slots=True, kw_only=True)
class LookOrder:
    """A look that captures are to get."""

    name: str
    plugin: str
    params: dict[str, Any] = field(default_factory=dict)
    """Of the plugin."""
    style: Style = field(default_factory=Style)
    seed: int = 0
    """Scenes draw from it and their own name."""
    jpeg_quality: int = 92

    def origin(self, scene: str, capture_sha256: str | None, maker: LookMaker) -> LookOrigin:
        """What the look of a scene follows from."""
        return LookOrigin(
            name=self.name,
            scene=scene,
            capture_sha256=capture_sha256 or "",
            plugin=self.plugin,
            plugin_version=maker.version,
            style=asdict(self.style),
            params=self.params,
            seed=derive_seed(self.seed, "look", self.name, scene),
            jpeg_quality=self.jpeg_quality,
            drivegen=__version__,
        )


def has_look(capture: Path, origin: LookOrigin) -> bool:
    """Whether the look that follows from this origin lies there."""
    return found_look(capture, origin) is not None


def found_look(capture: Path, origin: LookOrigin) -> str | None:
    """The content hash of the look that follows from this origin; none where it does not lie there."""
    try:
        with LookFile(look_path(capture, origin.name)) as look:
            return look.content_sha256 if look.origin == origin else None
    except CaptureError:
        return None


def make_look(capture: Path, order: LookOrder, maker: LookMaker) -> str:
    """Makes a look of a capture, unless it is there, and returns its content hash.

    Raises:
        CaptureError: The capture cannot be read, or the look cannot be written.
        ConfigError: The back end refuses the style.
    """
    with CaptureReader(capture) as reader:
        origin = order.origin(reader.scene, reader.content_sha256, maker)
        found = found_look(capture, origin)
        if found is not None:
            return found
        clip = Clip(reader)
        cameras = [(agent, camera.name) for agent, camera in clip.cameras]
        with LookWriter(look_path(capture, order.name), origin, cameras) as writer:
            for image, bgr in maker.images(clip, order.style, origin.seed):
                if bgr.shape != image.bgr.shape:
                    raise CaptureError(
                        f"{order.plugin}: an image of another size came back for {image.channel}"
                    )
                jpeg = encode_jpeg(bgr, order.jpeg_quality)
                writer.write(image.agent, image.channel, image.time_ns, image.frame, jpeg)
    return writer.content_sha256
