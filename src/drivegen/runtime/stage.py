"""Stages: what is made of a recorded scene, one task each. What a stage has done lies on disk, whole."""

from __future__ import annotations

import errno
import shutil
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from drivegen.capture.clip import GroupLookMaker, LookMaker
from drivegen.capture.export.exporter import Exporter
from drivegen.capture.export.part import PartShelf
from drivegen.capture.jury import Jury
from drivegen.capture.look_file import LookFile, LookOrigin, look_path
from drivegen.capture.looks import LookOrder, has_look, make_looks
from drivegen.capture.place import CapturePlace, RemoteFile, fetch
from drivegen.core.errors import CaptureError, ConfigError, DrivegenError
from drivegen.runtime import plugins
from drivegen.runtime.config import Config
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.stage_config import StageResources, look_orders
from drivegen.runtime.time_limit import time_limit

GB = 1e9
_NO_MEND = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS}


class Stage(Protocol):
    """Work on one scene after another. Plain data, so that it travels to a task."""

    @property
    def name(self) -> str:
        """For messages and the ledger, for example `export nuscenes`."""

    @property
    def resources(self) -> StageResources:
        """Of Ray."""

    @property
    def needs(self) -> str:
        """The stage that must have done its work on the scene before; empty when none must."""

    def sweep(self, folder: RunFolder) -> None:
        """Removes what ended processes left half; called before the stage's first work."""

    def is_done(self, capture: Path, content_sha256: str) -> bool:
        """Whether the work on this recording lies there already; quick."""

    @property
    def local(self) -> bool:
        """Whether the capture must lie on this machine; else it is read where it is."""

    def run(self, capture: CapturePlace) -> None:
        """Does it, unless it lies there. Raises whatever went wrong; nothing is left half then."""


@runtime_checkable
class GroupStage(Stage, Protocol):
    """A stage that does better on several scenes at once."""

    @property
    def scenes_at_once(self) -> int:
        """At most."""

    def run_all(self, captures: Sequence[CapturePlace]) -> list[Exception | None]:
        """As `run`, on several; what went wrong with each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookStage:
    """Gives scenes a look."""

    order: LookOrder
    resources: StageResources

    @property
    def name(self) -> str:
        """`look NAME`."""
        return look_stage_name(self.order.name)

    @property
    def needs(self) -> str:
        """Nothing."""
        return ""

    def maker(self) -> LookMaker:
        """The back end. Raises ConfigError when it is unknown or refuses its parameters or the style."""
        where = f"look.{self.order.name}.plugin"
        maker = plugins.make("generators.appearance", self.order.plugin, self.order.params, where)
        maker.check(self.order.style)
        found: LookMaker = maker
        return found

    def jury(self) -> Jury | None:
        """Who judges; none where nobody does. Raises ConfigError when a judge is unknown or cannot be."""
        judging = self.order.judging
        if not judging.judges:
            return None
        where = f"look.{self.order.name}.judges"
        judges = [
            plugins.make("generators.judges", name, dict(params), where)
            for name, params in sorted(judging.judges.items())
        ]
        return Jury(judges=tuple(judges), rules=judging.rules)

    def sweep(self, folder: RunFolder) -> None:
        """Removes looks that were not finished."""
        for path in look_path(folder.capture("any"), self.order.name).parent.glob(".*.part"):
            path.unlink(missing_ok=True)

    def is_done(self, capture: Path, content_sha256: str) -> bool:
        """Whether the look lies there."""
        return has_look(capture, self._origin(capture.stem, content_sha256))

    def _origin(self, scene: str, content_sha256: str) -> LookOrigin:
        return self.order.origin(scene, content_sha256, self.maker(), self.jury())

    @property
    def local(self) -> bool:
        """The look is laid beside it."""
        return True

    @property
    def scenes_at_once(self) -> int:
        """As many as the back end takes together."""
        maker = self.maker()
        return maker.clips_at_once if isinstance(maker, GroupLookMaker) else 1

    def run(self, capture: CapturePlace) -> None:
        """Makes it."""
        for error in self.run_all([capture]):
            if error is not None:
                raise error

    def run_all(self, captures: Sequence[CapturePlace]) -> list[Exception | None]:
        """Makes it of several scenes, which share the back end's batches."""
        here = [capture for capture in captures if isinstance(capture, Path)]
        assert len(here) == len(captures)
        made = make_looks(here, self.order, self.maker(), self.jury())
        return [look if isinstance(look, Exception) else None for look in made]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportStage:
    """Makes scenes' parts of a data set."""

    format: str
    options: dict[str, Any]
    out: str
    """Of the data set."""
    resources: StageResources

    @property
    def name(self) -> str:
        """`export FORMAT`."""
        return f"export {self.format}"

    @property
    def needs(self) -> str:
        """The look that is exported, if the job makes it."""
        look = self.options.get("look")
        return look_stage_name(str(look)) if look else ""

    @property
    def shelf(self) -> PartShelf:
        """Where the parts lie."""
        return PartShelf.beside(Path(self.out))

    def exporter(self) -> Exporter[Any]:
        """The exporter. Raises ConfigError or ExportError when it is unknown or refuses the options."""
        found: Exporter[Any] = plugins.make(
            "exporters", self.format, {"options": self.options}, "export.format"
        )
        return found

    def sweep(self, folder: RunFolder) -> None:  # noqa: ARG002
        """Removes parts that were not finished."""
        self.shelf.sweep()

    def is_done(self, capture: Path, content_sha256: str) -> bool:
        """Whether the part lies there."""
        exporter = self.exporter()
        look_sha256 = None
        if exporter.look:
            try:
                with LookFile(look_path(capture, exporter.look)) as look:
                    look_sha256 = look.content_sha256
            except CaptureError:
                return False
        return self.shelf.has(exporter.key(capture.stem, content_sha256, look_sha256))

    @property
    def local(self) -> bool:
        """No: also a look lies beside it, wherever that is."""
        return False

    def run(self, capture: CapturePlace) -> None:
        """Makes it."""
        self.exporter().make_part(capture, self.shelf)


def look_stage_name(look: str) -> str:
    """Name of the stage that makes a look."""
    return f"look {look}"


def export_stage(config: Config, folder: RunFolder) -> ExportStage | None:
    """The job's export; none when it has none. Raises a DrivegenError when it cannot be."""
    name = config.export.format
    if name is None:
        return None
    # What all formats know stands beside the format's own options.
    asked = {key: value for key, value in asdict(config.export).items() if key not in ("format", "options")}
    options = {**config.export.options, **asked}
    stage = ExportStage(
        format=name,
        options=options,
        out=str(folder.export(export_name(name, options))),
        resources=config.ray.export,
    )
    stage.exporter().signer()
    return stage


def export_name(format_name: str, options: dict[str, Any]) -> str:
    """Of a data set's folder: data sets of different looks lie beside each other."""
    look = options.get("look")
    return f"{format_name}_{look}" if look else format_name


def stages_of(config: Config, folder: RunFolder) -> list[Stage]:
    """What the job makes of each scene, in order. Raises a DrivegenError for what cannot be."""
    stages: list[Stage] = []
    for order in look_orders(config.look, config.job.seed):
        look = LookStage(order=order, resources=config.ray.look)
        look.maker()
        look.jury()
        stages.append(look)
    export = export_stage(config, folder)
    if export is not None:
        made = [s.name for s in stages]
        if export.needs and export.needs not in made and not _looks_there(folder, export):
            raise ConfigError(
                f"export.look={export.options['look']!r}: the job makes no such look"
                f" ({', '.join(sorted(config.look)) or 'it makes none'}); add look={export.options['look']}"
            )
        stages.append(export)
    return stages


def _looks_there(folder: RunFolder, export: ExportStage) -> bool:
    return (folder.root / "looks" / str(export.options["look"])).is_dir()


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """How one task of a stage ended."""

    seconds: float
    cause: str = ""
    """Empty when the work was done."""
    fatal: bool = False
    """Another scene would meet the same: the disk is full, for example."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageScene:
    """A scene that a stage works on."""

    scene: str
    capture: CapturePlace
    log: Path


def run_stage(
    stage: Stage, scenes: Sequence[StageScene], least_free_gb: float, limit_s: float
) -> list[StageResult]:
    """Does a stage's work on one scene, or on several together where it can.

    What goes wrong is in the results, with its trace in the scene's log.
    """
    start = time.monotonic()
    errors: list[Exception | None]
    try:
        errors = _work_of(stage, scenes, least_free_gb, limit_s)
    except Exception as error:  # whatever a plugin raises: the other scenes go on
        errors = [error] * len(scenes)
    seconds = (time.monotonic() - start) / len(scenes)
    return [_result(stage, s, error, seconds) for s, error in zip(scenes, errors, strict=True)]


def _work_of(
    stage: Stage, scenes: Sequence[StageScene], least_free_gb: float, limit_s: float
) -> list[Exception | None]:
    captures: list[CapturePlace] = []
    for each in scenes:
        capture = each.capture
        _check_room(each.log.parent if isinstance(capture, RemoteFile) else capture.parent, least_free_gb)
        if stage.local and isinstance(capture, RemoteFile):
            capture = fetch(capture, each.log.parent.parent / "captures" / capture.name)
        captures.append(capture)
    with time_limit(limit_s * len(scenes), "job.stage_timeout_s"):
        if len(captures) > 1 and isinstance(stage, GroupStage):
            return stage.run_all(captures)
        for capture in captures:
            stage.run(capture)
        return [None] * len(captures)


def _result(stage: Stage, scene: StageScene, error: Exception | None, seconds: float) -> StageResult:
    if error is None:
        return StageResult(seconds=seconds)
    with scene.log.open("a", encoding="utf-8") as file:
        file.write(f"{stage.name} failed\n{''.join(traceback.format_exception(error))}")
    cause = str(error) if isinstance(error, DrivegenError) else f"{type(error).__name__}: {error}"
    return StageResult(seconds=seconds, cause=cause, fatal=_is_fatal(error))


def _check_room(folder: Path, least_free_gb: float) -> None:
    free_gb = shutil.disk_usage(folder).free / GB
    if free_gb < least_free_gb:
        raise OSError(
            errno.ENOSPC,
            f"only {free_gb:.1f} GB are free, {least_free_gb:g} are wanted (job.least_free_gb); make room",
        )


def _is_fatal(error: BaseException) -> bool:
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, OSError) and chain.errno in _NO_MEND:
            return True
        chain = chain.__cause__ or chain.__context__
    return False
