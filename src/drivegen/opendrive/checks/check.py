"""All checks of a map, in their order."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from drivegen.core.errors import MapError
from drivegen.opendrive.checks.client import TIMEOUT_S, check_client
from drivegen.opendrive.checks.document import check_document
from drivegen.opendrive.checks.finding import Finding, Severity, has_errors, in_order
from drivegen.opendrive.checks.lane_links import check_lane_links
from drivegen.opendrive.checks.lanes import check_roads
from drivegen.opendrive.checks.links import check_links
from drivegen.opendrive.checks.outside import check_with_netconvert
from drivegen.opendrive.checks.quality import check_with_asam
from drivegen.opendrive.checks.signals import check_signals
from drivegen.opendrive.elements import parse_xml
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.reader import read_network

LARGEST_BYTES = 256 * 2**20
"""A city is some tens of megabytes; more is no map that anybody drives on."""
_PLACE = re.compile(r"^:(\d+):\s*")


def read_map_text(path: Path) -> str:
    """The text of an .xodr or .xodr.gz file. Raises MapError where it cannot be read or is too large."""
    try:
        with path.open("rb") as plain:
            packed = plain.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise MapError(f"{path}: {reason}. Give the path of an OpenDRIVE file (.xodr).") from None
    if len(data) > LARGEST_BYTES:
        limit = LARGEST_BYTES // 2**20
        raise MapError(f"{path}: larger than {limit} MiB. Cut the map into pieces.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MapError(f"{path}: not UTF-8 text. Save the file as UTF-8.") from None


def check_file(
    path: Path,
    *,
    client_timeout_s: float | None = TIMEOUT_S,
    netconvert: bool = False,
    asam: bool = False,
) -> tuple[Finding, ...]:
    """Findings of a file; raises MapError if there is no such file, or it is not text."""
    text = read_map_text(path)
    return check_text(text, str(path), client_timeout_s=client_timeout_s, netconvert=netconvert, asam=asam)


def check_text(
    text: str,
    source: str,
    *,
    client_timeout_s: float | None = TIMEOUT_S,
    netconvert: bool = False,
    asam: bool = False,
) -> tuple[Finding, ...]:
    """Findings of an OpenDRIVE text, errors first.

    Args:
        text: The file's content.
        source: Its name.
        client_timeout_s: How long `carla.Map` may take in a process of its own; None: it is not asked.
        netconvert: Ask SUMO's reader too, where it is installed.
        asam: Ask ASAM's checker too, where it is installed.
    """
    findings: list[Finding] = []
    network: RoadNetwork | None = None
    try:
        findings += check_document(parse_xml(text, source))
        network = read_network(text, source)
    except MapError as error:
        if not has_errors(findings):
            findings.append(_unreadable(error, source))
    if network is not None:
        geometry = NetworkGeometry(network)
        findings += check_links(network)
        findings += check_roads(geometry)
        findings += check_lane_links(geometry)
        findings += check_signals(network)
        if client_timeout_s is not None:
            findings += check_client(text, network, client_timeout_s)
        if netconvert:
            findings += check_with_netconvert(text)
        if asam:
            findings += check_with_asam(text, network)
    return in_order(findings)


def _unreadable(error: MapError, source: str) -> Finding:
    """The reader's message, its place apart."""
    message = str(error).removeprefix(source)
    place = _PLACE.match(message)
    what, _, mend = message[place.end() if place else 0 :].lstrip(": ").partition(". ")
    return Finding(
        severity=Severity.ERROR,
        kind="unreadable",
        what=what,
        mend=mend.rstrip(".") or "correct the file",
        line=int(place[1]) if place else None,
    )
