"""From an OSM file to an OpenDRIVE file, checked."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from drivegen.core.errors import MapError
from drivegen.opendrive.checks import Finding, check_text
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.netconvert import convert, require_netconvert
from drivegen.opendrive.osm.crossings import read_crossings
from drivegen.opendrive.osm.extract import read_extract, unpack_pbf
from drivegen.opendrive.osm.normalise import normalise
from drivegen.opendrive.reader import read_network
from drivegen.opendrive.writer import write_network


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImportedMap:
    """What became of an extract."""

    path: Path
    network: RoadNetwork
    findings: tuple[Finding, ...]
    """Of the file that was written."""
    warnings: tuple[str, ...]
    """What netconvert said about the extract."""


def import_osm(source: Path, out: Path) -> ImportedMap:
    """Writes an OpenDRIVE file in CARLA's dialect; `out` appears whole or not at all.

    Raises MapError for an extract that is broken, empty, or has no roads, and where netconvert is missing
    (the optional extra `osm`) or gives up.
    """
    if not source.is_file():
        raise MapError(f"{source}: no such file. Give the path of an OSM extract (.osm or .osm.pbf).")
    if not out.parent.is_dir():
        raise MapError(f"{out.parent}: no such folder. Make it first.")
    with tempfile.TemporaryDirectory(prefix="drivegen-osm-") as name:
        folder = Path(name)
        xml = source
        if source.suffix == ".pbf":
            xml = folder / "unpacked.osm"
            unpack_pbf(source, xml)
        try:
            extract = read_extract(xml)
        except MapError as error:
            raise MapError(str(error).replace(str(xml), str(source))) from None
        require_netconvert()
        converted = convert(xml, extract.projection, folder, str(source))
        raw = read_network(converted.opendrive, f"{source} (as netconvert wrote it)")
        crossings = read_crossings(converted.network)
    network = normalise(raw, out.name.removesuffix(".xodr"), extract.projection, crossings)
    text = write_network(network)
    findings = check_text(text, str(out))
    _write(out, text)
    return ImportedMap(path=out, network=network, findings=findings, warnings=converted.warnings)


def _write(out: Path, text: str) -> None:
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(out)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise MapError(f"{out}: {error.strerror}. Choose another place with --out.") from None
