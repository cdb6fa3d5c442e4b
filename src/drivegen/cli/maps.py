"""`drivegen maps import` and `drivegen maps check`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drivegen.core.errors import ConfigError

if TYPE_CHECKING:
    from drivegen.opendrive.checks import Finding

ERRORS_FOUND = 1
_TOLD_OF_A_KIND = 5


def add_parser(verbs: argparse._SubParsersAction[Any]) -> None:
    """Adds the verb `maps`."""
    verb = verbs.add_parser("maps", help="import a map from OpenStreetMap, or check an OpenDRIVE file")
    deeds = verb.add_subparsers(dest="deed", required=True, metavar="DEED")

    deed = deeds.add_parser("check", help="tell what is wrong with OpenDRIVE files, by place")
    deed.add_argument("files", metavar="FILE", nargs="+", type=Path, help="an .xodr or .xodr.gz file")
    deed.add_argument("--json", action="store_true", help="print findings as JSON")
    deed.add_argument(
        "--client-timeout",
        metavar="SECONDS",
        type=float,
        default=120.0,
        help="how long carla.Map may take to read a file; 0: do not ask it (default: %(default)g)",
    )
    deed.add_argument(
        "--netconvert", action="store_true", help="ask SUMO's reader too, where it is installed"
    )
    deed.add_argument("--asam", action="store_true", help="ask ASAM's checker too, where it is installed")
    deed.set_defaults(run=check)

    deed = deeds.add_parser("import", help="make an OpenDRIVE file of an OSM extract (extra: drivegen[osm])")
    deed.add_argument("file", metavar="FILE", type=Path, help="an .osm or .osm.pbf file")
    deed.add_argument("--out", type=Path, help="default: the extract's name with .xodr, in this folder")
    deed.add_argument("--json", action="store_true", help="print what was made, and findings, as JSON")
    deed.set_defaults(run=import_)


def check(arguments: argparse.Namespace) -> int:
    """Tells findings; 1 if one of them is an error."""
    from drivegen.opendrive.checks import check_file, has_errors  # noqa: PLC0415

    seconds: float = arguments.client_timeout
    if not seconds >= 0.0:
        raise ConfigError(f"--client-timeout {seconds:g}: give a number of seconds, 0 or more")
    results: list[tuple[Path, tuple[Finding, ...]]] = []
    for path in arguments.files:
        findings = check_file(
            path,
            client_timeout_s=seconds or None,
            netconvert=arguments.netconvert,
            asam=arguments.asam,
        )
        results.append((path, findings))
        if not arguments.json:
            sys.stdout.write(f"{path}: {_sum(findings)}\n{_table(findings)}")
    if arguments.json:
        _print_json([{"file": str(p), "findings": _plain(f)} for p, f in results])
    return ERRORS_FOUND if any(has_errors(f) for _, f in results) else 0


def import_(arguments: argparse.Namespace) -> int:
    """Imports an extract and tells the findings of the result; 1 if one of them is an error."""
    from drivegen.opendrive.checks import has_errors  # noqa: PLC0415
    from drivegen.opendrive.osm import import_osm  # noqa: PLC0415

    source: Path = arguments.file
    stem = source.name.removesuffix(".pbf").removesuffix(".osm")
    made = import_osm(source, arguments.out or Path(f"{stem}.xodr"))
    network = made.network
    counts = {
        "roads": sum(road.junction is None for road in network.roads),
        "junctions": len(network.junctions),
        "lights": sum(len(c.signal_ids) for c in network.controllers),
        "crossings": sum(o.type == "crosswalk" for road in network.roads for o in road.objects),
    }
    if arguments.json:
        told = {"file": str(made.path), **counts, "warnings": list(made.warnings)}
        _print_json({**told, "findings": _plain(made.findings)})
    else:
        for line in made.warnings:
            sys.stdout.write(f"netconvert: {line}\n")
        amount = ", ".join(f"{count} {name}" for name, count in counts.items())
        sys.stdout.write(f"{made.path}: {amount}; {_sum(made.findings)}\n{_table(made.findings)}")
    return ERRORS_FOUND if has_errors(made.findings) else 0


def _print_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def _plain(findings: Sequence[Finding]) -> list[dict[str, object]]:
    return [{k: v for k, v in dataclasses.asdict(f).items() if v is not None} for f in findings]


def _sum(findings: Sequence[Finding]) -> str:
    if not findings:
        return "nothing found"
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.severity.value] = counts.get(finding.severity.value, 0) + 1
    return ", ".join(f"{n} {name}{'s' if n > 1 else ''}" for name, n in counts.items())


def _table(findings: Sequence[Finding]) -> str:
    """The first findings of each kind; the rest as a number."""
    by_kind: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        by_kind.setdefault((finding.severity.value, finding.kind), []).append(finding)
    lines = []
    for (severity, kind), found in by_kind.items():
        lines.append(f"  {severity} {kind}: {found[0].mend}")
        lines += [f"    {f.place or 'the whole file'}: {f.what}" for f in found[:_TOLD_OF_A_KIND]]
        if len(found) > _TOLD_OF_A_KIND:
            lines.append(f"    ... {len(found) - _TOLD_OF_A_KIND} more; --json tells all")
    return "".join(f"{line}\n" for line in lines)
