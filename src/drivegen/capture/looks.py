"""Making a look of a capture: a back end's images, stored beside the simulator's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import UInt8

from drivegen import __version__
from drivegen.capture.clip import Clip, ClipImage, GroupLookMaker, LookMaker, ReportingLookMaker
from drivegen.capture.flow import WarpMeter
from drivegen.capture.images import encode_jpeg
from drivegen.capture.judged_looks import Judging, JuryInspector
from drivegen.capture.jury import Jury
from drivegen.capture.look_file import LookFile, LookOrigin, LookWriter, look_path
from drivegen.capture.overlap import Behind
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import CaptureError
from drivegen.core.looks import Style
from drivegen.core.rng import derive_seed
from drivegen.core.verdicts import ImageVerdicts

_BEHIND = 8
"""Images of a scene that wait to be written; the back end waits when there are more."""


@runtime_checkable
class Inspector(Protocol):
    """Sees images of a look before they are written."""

    def __call__(
        self, image: ClipImage, bgr: UInt8[np.ndarray, "h w 3"]
    ) -> tuple[UInt8[np.ndarray, "h w 3"], ImageVerdicts | None]:
        """The image as it is to be kept, and the verdicts on it. Called by a thread of each scene's own."""


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
    judging: Judging = field(default_factory=Judging)

    def origin(
        self, scene: str, capture_sha256: str | None, maker: LookMaker, jury: Jury | None = None
    ) -> LookOrigin:
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
            facts=maker.facts() if isinstance(maker, ReportingLookMaker) else {},
            judging=self.judging.plain(jury),
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


class _MadeAgainError(Exception):
    """Too much of a look was wrong."""


def make_look(
    capture: Path,
    order: LookOrder,
    maker: LookMaker,
    jury: Jury | None = None,
    inspector: Inspector | None = None,
) -> str:
    """Makes a look of a capture, unless it is there, and returns its content hash.

    Args: as of `make_looks`.

    Raises:
        CaptureError: The capture cannot be read, or the look cannot be written.
        ConfigError: The back end refuses the style.
    """
    made = make_looks([capture], order, maker, jury, inspector)[0]
    if isinstance(made, BaseException):
        raise made
    return made


def make_looks(
    captures: Sequence[Path],
    order: LookOrder,
    maker: LookMaker,
    jury: Jury | None = None,
    inspector: Inspector | None = None,
) -> list[str | Exception]:
    """Makes a look of several captures; a back end that can takes them together.

    Images are looked at, encoded and written beside the back end's work, for each scene in a thread of its
    own.

    Args:
        captures: Of scenes.
        order: The look.
        maker: The back end.
        jury: Who judges it, and what follows; nobody when absent.
        inspector: Sees each image before it is written, and may change it; instead of a jury.

    Returns:
        For each capture the content hash of its look, or why there is none. Nothing is left half.
    """
    made: list[str | Exception] = [CaptureError("nothing was tried")] * len(captures)
    with ExitStack() as stack:
        waiting: list[_Wanted] = []
        for at, capture in enumerate(captures):
            try:
                reader = stack.enter_context(CaptureReader(capture))
                origin = order.origin(reader.scene, reader.content_sha256, maker, jury)
                made[at] = found_look(capture, origin) or CaptureError("nothing was tried")
                if isinstance(made[at], Exception):
                    waiting.append(_Wanted(at=at, capture=capture, reader=reader, origin=origin))
            except Exception as error:
                made[at] = error
        strengths = (order.style.strength, *(order.judging.strengths if jury is not None else ()))
        for tries, strength in enumerate(strengths, 1):
            tried = replace(order, style=replace(order.style, strength=strength))
            sees = inspector if jury is None else JuryInspector(jury, tried.style)
            results = _attempt(waiting, tried, maker, sees, tries, last=tries == len(strengths))
            for wanted, result in results:
                made[wanted.at] = result
            waiting = [wanted for wanted, result in results if isinstance(result, _MadeAgainError)]
    return made


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Wanted:
    """A capture that has not got its look yet."""

    at: int
    capture: Path
    reader: CaptureReader
    origin: LookOrigin


def _attempt(
    waiting: Sequence[_Wanted],
    order: LookOrder,
    maker: LookMaker,
    inspector: Inspector | None,
    tries: int,
    *,
    last: bool,
) -> list[tuple[_Wanted, str | Exception]]:
    """Tries one strength. A result is _MadeAgainError where too much is wrong and it is not the last."""
    out: list[tuple[_Wanted, str | Exception]] = []
    together = maker.clips_at_once if isinstance(maker, GroupLookMaker) else 1
    for first in range(0, len(waiting), together):
        wanted = waiting[first : first + together]
        try:
            group = [_Making(w, inspector, order, tries, last=last) for w in wanted]
        except CaptureError as error:
            out += [(w, error) for w in wanted]
            continue
        out += zip(wanted, _make(group, order, maker), strict=True)
    return out


def _make(group: list[_Making], order: LookOrder, maker: LookMaker) -> list[str | Exception]:
    """The look of captures whose clips go to the back end at once."""
    try:
        for making in group:
            making.begin()
        for at, image, bgr in _images(group, order, maker):
            group[at].add(image, bgr)
        report = maker.report() if isinstance(maker, ReportingLookMaker) else {}
        return [making.end(report) for making in group]
    except Exception as error:
        return [error] * len(group)
    finally:
        for making in group:
            making.close()


def _images(
    group: list[_Making], order: LookOrder, maker: LookMaker
) -> Iterator[tuple[int, ClipImage, UInt8[np.ndarray, "h w 3"]]]:
    if len(group) > 1 and isinstance(maker, GroupLookMaker):
        yield from maker.images_of_all([(m.clip, m.origin.seed) for m in group], order.style)
        return
    for at, making in enumerate(group):
        for image, bgr in maker.images(making.clip, order.style, making.origin.seed):
            yield at, image, bgr


class _Making:
    """A look that is being made."""

    def __init__(
        self, wanted: _Wanted, inspector: Inspector | None, order: LookOrder, tries: int, *, last: bool
    ) -> None:
        self.clip = Clip(wanted.reader)
        self.origin = wanted.origin
        self._last = last
        self._order = order
        self._inspector = inspector
        self._meter = WarpMeter()
        self._given = 0
        cameras = [(agent, camera.name) for agent, camera in self.clip.cameras]
        self._writer = LookWriter(look_path(wanted.capture, order.name), wanted.origin, cameras)
        self._writer.tries = tries
        self._stack = ExitStack()

    def begin(self) -> None:
        self._stack.enter_context(self._writer)
        self._behind = self._stack.enter_context(Behind(self._take, _BEHIND, f"look {self.origin.scene}"))

    def add(self, image: ClipImage, bgr: UInt8[np.ndarray, "h w 3"]) -> None:
        self._given += 1
        self._behind.put((image, bgr))

    def _take(self, item: tuple[ClipImage, UInt8[np.ndarray, "h w 3"]]) -> None:
        image, bgr = item
        if bgr.shape != image.bgr.shape:
            raise CaptureError(
                f"{self._order.plugin}: an image of another size came back for {image.channel}"
            )
        verdicts = None
        if self._inspector is not None:
            bgr, verdicts = self._inspector(image, bgr)
        self._meter.add(image, bgr)
        jpeg = encode_jpeg(bgr, self._order.jpeg_quality)
        self._writer.write(image.agent, image.channel, image.time_ns, image.frame, jpeg)
        if verdicts is not None:
            self._writer.write_verdicts(verdicts)

    def end(self, report: dict[str, Any]) -> str | Exception:
        """Gives the file its name; or says why it is not whole, which is no other capture's trouble."""
        try:
            return self._end(report)
        except Exception as error:
            return error

    def _end(self, report: dict[str, Any]) -> str:
        self._behind.finish()
        if self._given != self.clip.image_count:
            raise CaptureError(
                f"{self._order.plugin}: {self._given} images came back for the"
                f" {self.clip.image_count} of {self.origin.scene}"
            )
        if not self._last and self._order.judging.too_much(self._writer.rates):
            raise _MadeAgainError
        errors = {"look": self._meter.look.mean, "simulator": self._meter.simulator.mean}
        self._writer.making = {
            "warp_error": {**errors, "samples": self._meter.look.samples},
            **({"back_end": report} if report else {}),
        }
        self._stack.close()
        return self._writer.content_sha256

    def close(self) -> None:
        """Removes what is not whole."""
        # An error told to the writer keeps it from giving the file its name.
        self._stack.__exit__(CaptureError, CaptureError("it was given up"), None)
