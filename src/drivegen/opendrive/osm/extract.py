"""OSM files are read here first: whatever is wrong with one is told before a converter sees it."""

from __future__ import annotations

import importlib
import math
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from drivegen.core.errors import MapError

LARGEST_BYTES = 1024 * 2**20
"""A city's extract has some hundred megabytes as XML."""
WIDEST_DEG = 2.0
"""Of latitude or longitude; one transverse Mercator plane does not serve more."""
_ROADS = frozenset(
    {
        "motorway",
        "motorway_link",
        "trunk",
        "trunk_link",
        "primary",
        "primary_link",
        "secondary",
        "secondary_link",
        "tertiary",
        "tertiary_link",
        "unclassified",
        "residential",
        "living_street",
        "service",
        "road",
        "busway",
    }
)
_EXTRA = 'the optional extra: pip install "drivegen[osm]"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What an OSM file holds."""

    roads: int
    """Ways that motor traffic uses."""
    south_deg: float
    west_deg: float
    north_deg: float
    east_deg: float

    @property
    def projection(self) -> str:
        """A PROJ string of a plane in metres around the middle, rounded to about a metre."""
        lat = round(0.5 * (self.south_deg + self.north_deg), 5)
        lon = round(0.5 * (self.west_deg + self.east_deg), 5)
        return f"+proj=tmerc +lat_0={lat:g} +lon_0={lon:g} +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"


def read_extract(path: Path) -> Extract:
    """Reads an .osm file (OSM XML 0.6) without keeping it. Raises MapError for what cannot be imported."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise MapError(f"{path}: larger than {LARGEST_BYTES // 2**20} MiB. Cut out a smaller area.")
        with path.open("rb") as file:
            if not file.read(4096).strip():
                raise MapError(f"{path}: the file is empty. Give an OSM extract.")
            file.seek(0)
            return _scan(
                etree.iterparse(file, ("start", "end"), resolve_entities=False, no_network=True), path
            )
    except OSError as error:
        raise MapError(f"{path}: {error.strerror}. Give the path of an OSM extract.") from None
    except etree.XMLSyntaxError as error:
        raise MapError(
            f"{path}:{error.lineno or 1}: not well-formed XML: {error.msg}. Download or export it again."
        ) from None


def _scan(events: etree.iterparse, path: Path) -> Extract:
    used: set[str] = set()
    points: dict[str, tuple[float, float]] = {}
    roads = 0
    first = True
    for event, element in events:
        if first:
            _check_root(element, path)
            first = False
        if event != "end" or element.tag not in {"node", "way", "relation"}:
            continue
        if element.tag == "node":
            points[element.get("id", "")] = _position(element, path)
        elif element.tag == "way":
            tags = {str(t.get("k")): str(t.get("v")) for t in element.iterchildren("tag")}
            if tags.get("highway") in _ROADS:
                roads += 1
                used.update(str(r.get("ref")) for r in element.iterchildren("nd"))
        element.clear()
        while (before := element.getprevious()) is not None:
            element.getparent().remove(before)
    if not roads:
        raise MapError(
            f"{path}: no way in it is a road (highway=...). Give an extract with roads, with their nodes."
        )
    known = [points[ref] for ref in used if ref in points]
    if not known:
        raise MapError(f"{path}: the nodes of its roads are missing. Give a complete extract.")
    lats, lons = [p[0] for p in known], [p[1] for p in known]
    if max(lats) - min(lats) > WIDEST_DEG or max(lons) - min(lons) > WIDEST_DEG:
        raise MapError(f"{path}: wider than {WIDEST_DEG:g} degrees. Cut out a smaller area.")
    return Extract(
        roads=roads, south_deg=min(lats), west_deg=min(lons), north_deg=max(lats), east_deg=max(lons)
    )


def _check_root(root: etree._Element, path: Path) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise MapError(
            f"{path}:1: the file declares a document type, which could define entities. Remove the DOCTYPE."
        )
    if root.tag != "osm":
        raise MapError(f"{path}: the root element is <{root.tag}>, not <osm>. Give an OSM extract.")


def _position(node: etree._Element, path: Path) -> tuple[float, float]:
    try:
        lat, lon = float(node.get("lat", "")), float(node.get("lon", ""))
    except ValueError:
        lat = lon = math.nan
    if not (abs(lat) <= 90.0 and abs(lon) <= 180.0):
        raise MapError(
            f"{path}:{node.sourceline}: node {node.get('id')} has no position on the Earth. "
            "Correct its lat and lon."
        )
    return lat, lon


def unpack_pbf(path: Path, out: Path) -> None:
    """Writes an .osm.pbf file as OSM XML, with osmium. Raises MapError where either is missing or broken."""
    try:
        osmium = importlib.import_module("osmium")
    except ImportError:
        raise MapError(
            f"{path}: reading .pbf needs osmium, which is not installed. Install {_EXTRA}, "
            "or convert the file to .osm."
        ) from None
    if not path.is_file():
        raise MapError(f"{path}: no such file. Give the path of an OSM extract.")
    try:
        with osmium.SimpleWriter(str(out)) as writer:
            for item in osmium.FileProcessor(str(path)):
                writer.add(item)
    except RuntimeError as error:
        raise MapError(f"{path}: not a readable OSM file: {error}. Download or export it again.") from None
