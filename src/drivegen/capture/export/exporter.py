"""What a format implements, and the two steps of every export: parts of captures, and a data set of parts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from drivegen import __version__
from drivegen.capture.export.about import about_scene
from drivegen.capture.export.carriers import Carrier, Wanted, carriers_of
from drivegen.capture.export.dataset import DatasetWriter, Parts, check_replaceable, failed
from drivegen.capture.export.description import describe
from drivegen.capture.export.options import read_options
from drivegen.capture.export.part import PartKey, PartShelf, PartWriter
from drivegen.capture.export.request import Asked, is_name, take_request
from drivegen.capture.export.selected import SelectedCapture
from drivegen.capture.export.signing import SceneSigner
from drivegen.capture.export.verdict_table import join_verdicts, keep_verdicts, told
from drivegen.capture.place import CapturePlace
from drivegen.capture.reader import CaptureReader
from drivegen.core.agents import EGO
from drivegen.core.errors import ExportError

__all__ = ["ExportSummary", "Exporter", "Joined", "is_name"]

Options = TypeVar("Options")


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What an exporter says when parts have become a data set."""

    counts: dict[str, int] = field(default_factory=dict)
    """Of the format's own things, for example samples and annotations."""
    mark: dict[str, Any] = field(default_factory=dict)
    """What the data set's mark says beside format, options and captures."""
    front_matter: dict[str, Any] = field(default_factory=dict)
    """YAML on top of the card (README.md), for formats whose readers look for it there."""
    notes: str = ""
    """Markdown of the format's own for the card: what its files are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSummary:
    """A data set that was written."""

    format: str
    out: Path
    scenes: int
    files: int
    bytes: int
    counts: dict[str, int] = field(default_factory=dict)
    root_sha256: str = ""
    """Root of the manifest: it stands for every byte of the data set."""


class Exporter(ABC, Generic[Options]):
    """A format. Subclasses name it and implement `part` and `join`; docs/exporters.md shows how.

    Args:
        options: Values for the fields of the format's `Options`, and what all formats know
            (`drivegen.capture.export.request`).

    Raises:
        ExportError: An option is unknown or wrong.
    """

    format: ClassVar[str]
    """Its name, that of the entry point."""
    version: ClassVar[int] = 1
    """To be raised when equal captures give other bytes than before: parts that lie there are made again."""
    takes_agents: ClassVar[bool] = False
    """Whether it has the option `agents`: its `part` asks `carriers` whose sensors to take."""
    Options: ClassVar[type]
    """A frozen dataclass, every field with a default of type bool, int, float or str."""

    def __init__(self, options: Mapping[str, Any] | None = None) -> None:
        given = dict(options or {})
        self.request = take_request(given, self.format)
        """What is asked of any format; `part` and `join` see what follows from it."""
        if self.request.agents != EGO and not self.takes_agents:
            raise ExportError(
                f"{self.format}: agents={self.request.agents}: this format does not take the sensors of each"
                " agent as a set of their own; leave agents=... out, or take a format that does"
                " (docs/formats/index.md)"
            )
        self.options: Options = read_options(self.Options, given, self.format)
        self.check()

    @property
    def look(self) -> str:
        """Name of the look whose images are exported; empty: the simulator's."""
        return self.request.look

    def check(self) -> None:
        """Raises ExportError for an option that is out of range. To be overridden where that can be."""

    @abstractmethod
    def part(self, capture: CaptureReader, part: PartWriter) -> None:
        """Makes a scene's part of the data set: writes files, and tells `part.facts` what the whole needs.

        Equal captures must give equal bytes: no clock, no random number, no order of a set. Parts are made
        in any order, in several processes, and made again when the process ends on the way.
        """

    @abstractmethod
    def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
        """Makes the data set: takes the files of the parts that it wants and writes what spans scenes.

        What grows with the scenes is to be streamed (`DatasetWriter.open`), not gathered.
        """

    def carriers(self, capture: CaptureReader, part: PartWriter, wanted: Wanted) -> tuple[Carrier, ...]:
        """The agents whose sensors a scene's part takes: the ego, or those that were asked for.

        Without one, the scene is no part of the data set. Raises ExportError, see `carriers_of`.
        """
        found = carriers_of(capture, self.request.agents, wanted, self.format)
        if self.request.agents != EGO:
            part.about["agents"] = [c.agent for c in found]
        return found

    def key(self, scene: str, capture_sha256: str | None, look_sha256: str | None = None) -> PartKey:
        """What a scene's part follows from."""
        return PartKey(
            format=self.format,
            format_version=self.version,
            drivegen=__version__,
            options=asdict(self.options),  # type: ignore[call-overload]
            scene=scene,
            capture_sha256=capture_sha256 or "",
            look_sha256=look_sha256 or "",
            request=self.request.of_parts,
        )

    def make_part(self, capture: CapturePlace, shelf: PartShelf) -> PartKey:
        """Makes a capture's part, unless it is there, and returns what it follows from.

        Raises:
            ExportError: The capture lacks what the format needs, or the disk is full.
            CaptureError: The capture, or its look, cannot be read.
            MapError: The capture's road cannot be read.
        """
        with SelectedCapture(capture, self.request.selection, look=self.look) as reader:
            key = self.key(reader.scene, reader.content_sha256, reader.look_sha256)
            if not is_name(key.scene):
                raise ExportError(f"{capture}: scene {key.scene!r} cannot be part of file names")
            if not shelf.has(key):
                try:
                    with shelf.new(key, self.request.marking) as part:
                        part.about = about_scene(reader)
                        if len(reader):
                            self.part(reader, part)
                            keep_verdicts(reader, part)
                except OSError as error:
                    raise failed(shelf.root, error) from error
        return key

    def signer(self) -> SceneSigner | None:
        """Who signs the scenes; none where none does. Raises ExportError when it cannot be."""
        return None if self.request.signing is None else SceneSigner(self.request.signing)

    def join_parts(self, shelf: PartShelf, scenes: Sequence[str], out: Path) -> ExportSummary:
        """Makes the data set of the parts of these scenes.

        Args:
            shelf: Where the parts lie.
            scenes: Their order does not matter.
            out: Made new, or replaced if it is an earlier export; never left half.

        Raises:
            ExportError: A part is missing, `out` holds something else, or the disk is full.
        """
        if not scenes:
            raise ExportError(f"{self.format}: there is no capture to export")
        parts = Parts(shelf, scenes, self.request.splits)
        if not len(parts):
            agents = "" if self.request.agents == EGO else f" and of agents={self.request.agents}"
            raise ExportError(
                f"{self.format}: none of {len(scenes)} scenes has a frame that is selected{agents}"
            )
        signer = self.signer()
        with DatasetWriter(out) as dataset:
            joined = self.join(parts, dataset)
            options = asdict(self.options)  # type: ignore[call-overload]
            mark = {"format": self.format, "options": options, **self.request.plain, **joined.mark}
            asked = Asked(format=self.format, options=options, request=self.request)
            rates = join_verdicts(parts, dataset)
            notes = "\n\n".join(n for n in (joined.notes.rstrip(), told(rates) if rates else "") if n)
            describe(dataset, parts, asked, joined.counts, joined.front_matter, notes)
            dataset.finish(mark, parts, signer)
        return ExportSummary(
            format=self.format,
            out=out,
            scenes=len(parts),
            files=dataset.files,
            bytes=dataset.bytes,
            counts=joined.counts,
            root_sha256=dataset.root_sha256,
        )

    def export(self, captures: Sequence[CapturePlace], out: Path) -> ExportSummary:
        """Both steps, one capture after the other, without keeping the parts.

        Raises:
            ExportError: A scene comes twice; and what `make_part` and `join_parts` raise.
        """
        check_replaceable(out)
        shelf = PartShelf(out.with_name(f".{out.name}.parts.once"))
        shelf.remove()
        found: dict[str, CapturePlace] = {}
        try:
            for path in captures:
                scene = self.make_part(path, shelf).scene
                if scene in found:
                    raise ExportError(
                        f"{self.format}: scene {scene} is in {found[scene]} and in {path}; give it once"
                    )
                found[scene] = path
            return self.join_parts(shelf, list(found), out)
        except ExportError as error:
            if isinstance(error.__cause__, OSError):
                raise failed(out, error.__cause__) from error.__cause__
            raise
        finally:
            shelf.remove()
