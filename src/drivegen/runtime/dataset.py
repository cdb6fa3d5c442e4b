"""What is made from captures: the index, data sets, the report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from drivegen.capture.export.dataset import check_replaceable
from drivegen.capture.export.exporter import Exporter, ExportSummary
from drivegen.capture.export.part import PartShelf
from drivegen.capture.index import build_index
from drivegen.core.errors import ConfigError
from drivegen.report.html import write_report
from drivegen.runtime import plugins
from drivegen.runtime.folder import RunFolder


def captures_of(folder: RunFolder, scenes: Sequence[str] | None = None) -> list[Path]:
    """The captures of a run, by scene name. Raises ConfigError where there is none."""
    if scenes is not None:
        return [folder.capture(s) for s in scenes]
    found = sorted((folder.root / "captures").glob("*.mcap"))
    if not found:
        raise ConfigError(f"{folder.root}: no captures; give the folder of a run (runs/NAME)")
    return found


def index_run(folder: RunFolder, scenes: Sequence[str] | None = None) -> None:
    """Writes the Parquet index of a run beside its captures."""
    build_index(captures_of(folder, scenes), folder.root / "index")


def export_run(
    folder: RunFolder,
    format_name: str,
    out: Path,
    options: dict[str, Any],
    scenes: Sequence[str] | None = None,
) -> ExportSummary:
    """Writes a data set from the run's captures, as the exporter that the format names does it.

    The parts of the scenes stay beside it, so that only what is new is made another time.
    """
    exporter: Exporter[Any] = plugins.make("exporters", format_name, {"options": options}, "format")
    check_replaceable(out)
    shelf = PartShelf.beside(out)
    shelf.sweep()
    keys = [exporter.make_part(path, shelf) for path in captures_of(folder, scenes)]
    return exporter.join_parts(shelf, [k.scene for k in keys], out)


def report_run(folder: RunFolder, out: Path | None = None) -> Path:
    """Writes the HTML report of a run and returns its path."""
    captures_of(folder)
    path = out or folder.report
    write_report(folder.root, path)
    return path
