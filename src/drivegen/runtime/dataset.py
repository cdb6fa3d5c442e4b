"""What is made from captures: the index, data sets, the report."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from drivegen.capture.export.dataset import MARK, check_replaceable
from drivegen.capture.export.exporter import ExportSummary
from drivegen.capture.index import build_index
from drivegen.capture.place import CapturePlace
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import ConfigError, ExportError
from drivegen.report.dataset.page import write_dataset_report
from drivegen.report.html import write_report
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.ledger import Ledger
from drivegen.runtime.stage import ExportStage, export_name
from drivegen.runtime.stage_config import StageResources
from drivegen.runtime.stages import InlineRunner, RayRunner, Stages


def captures_of(folder: RunFolder) -> list[CapturePlace]:
    """The captures of a run, by scene name. Raises ConfigError where there is none."""
    found = {p.stem for p in (folder.root / "captures").glob("*.mcap")} | set(folder.listed)
    if folder.remote is not None:
        found |= {mark.scene for mark in Ledger(folder).marks() if mark.stored}
    if not found:
        raise ConfigError(f"{folder.root}: no captures; give the folder of a run (runs/NAME)")
    return [folder.capture_place(s) for s in sorted(found)]


def index_run(folder: RunFolder, scenes: Iterable[str]) -> None:
    """Writes the Parquet index of a run beside its captures, of these scenes in this order."""
    build_index((folder.capture_place(scene) for scene in scenes), folder.root / "index")


def export_run(
    folder: RunFolder, format_name: str, out: Path | None, options: dict[str, Any], workers: int = 1
) -> ExportSummary:
    """Writes a data set from all captures of a run, as the exporter that the format names does it.

    The parts of the scenes stay beside it, so that only what is new is made another time.

    Args:
        folder: The run's.
        format_name: Of an exporter.
        out: Where; absent: in the run folder.
        options: Of the exporter.
        workers: Scenes at once; more than one are Ray tasks.

    Raises:
        ConfigError, ExportError: There is no such exporter, an option is wrong, there is no capture, `out`
            holds something else, the disk is full, or a scene cannot be exported.
    """
    out = out or folder.export(export_name(format_name, options))
    stage = ExportStage(format=format_name, options=options, out=str(out), resources=StageResources())
    stage.exporter().signer()
    check_replaceable(out)
    scenes = [path.stem for path in captures_of(folder)]
    runner = InlineRunner() if workers == 1 else RayRunner(workers)
    stages = Stages([stage], folder, runner, at_once=workers, backlog=len(scenes), max_attempts=1)
    with contextlib.closing(stages):
        for scene in scenes:
            stages.add(scene)
        while stages.busy() and not stages.set_aside:
            stages.step(wait_s=1.0)
    for scene, causes in stages.set_aside.items():
        raise ExportError(f"{scene}: {causes[stage.name]}")
    return join_run(stage, scenes)


def join_run(stage: ExportStage, scenes: Sequence[str]) -> ExportSummary:
    """Writes the data set of the parts that the stage has made of these scenes."""
    return stage.exporter().join_parts(stage.shelf, scenes, Path(stage.out))


def foreign_scenes(folder: RunFolder, scenes: Mapping[str, tuple[str, str]]) -> list[str]:
    """A sentence for each scene of a data set that is not this run's.

    Args:
        folder: The run's.
        scenes: Hashes of plan and capture by scene, from the data set's manifest.
    """
    captures = {place.stem: place for place in captures_of(folder)}
    found = []
    for scene, (plan_sha256, capture_sha256) in sorted(scenes.items()):
        if scene not in captures:
            found.append(f"{scene}: the run has no such scene")
            continue
        with CaptureReader(captures[scene]) as reader:
            if reader.content_sha256 != capture_sha256:
                found.append(f"{scene}: was made from another capture than {captures[scene]}")
            if reader.plan.sha256 != plan_sha256:
                found.append(f"{scene}: was made from another plan than {captures[scene]} holds")
    return found


def report_run(folder: RunFolder, out: Path | None = None) -> Path:
    """Writes the HTML report of a run and returns its path."""
    captures = captures_of(folder)
    path = out or folder.report
    ledger = [asdict(mark) | {"scene": mark.scene} for mark in Ledger(folder).marks()]
    write_report(folder.root, path, ledger, captures)
    return path


def is_dataset(root: Path) -> bool:
    """Whether a folder holds a data set that drivegen exported."""
    return (root / MARK).is_file()


def report_dataset(root: Path, out: Path | None = None) -> Path:
    """Writes the HTML report of a data set and returns its path: beside the folder, where it is not said.

    Inside it would be a file that the manifest does not know. Raises ExportError, CaptureError.
    """
    path = out or root.with_name(f"{root.name}.report.html")
    write_dataset_report(root, path)
    return path
