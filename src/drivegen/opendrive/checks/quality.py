"""What ASAM's own checker says (asam-qc-opendrive), where it is installed.

It is a program of its own because its libraries (numpy below 2, lxml below 6) cannot stand beside drivegen's.
Rules that are newer than the version which a file states are asked of a copy that states 1.7, then 1.8:
CARLA's dialect is 1.4, for which half of the rules would be passed over.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np

from drivegen.core.errors import MapError
from drivegen.opendrive.checks.finding import Finding, Severity
from drivegen.opendrive.elements import Element, parse_xml
from drivegen.opendrive.evaluate import RoadCurve
from drivegen.opendrive.model import DRIVABLE, Road, RoadNetwork

PROGRAM = "qc_opendrive"
PLACE = "QC_OPENDRIVE"
"""Environment variable with the program's path, where it is not on the path of programs."""
TIMEOUT_S = 300.0
_NEWER = ("1.7", "1.8")
_SCHEMA = "xml.valid_schema"
_NOTHING_M = 0.01
_KNOWN = (
    (
        _SCHEMA,
        re.compile(r"Element 'lane', attribute 'type': .*The value 'curb' is not"),
        "the type is younger than 1.4; CARLA reads it as none, which is what a kerb is to traffic",
    ),
)
"""What breaks a rule of 1.4 on purpose: rule, what the checker says, and why."""
_OF_DROPS = frozenset(
    {
        "road.lane.link.lanes_across_lane_sections",
        "road.lane.link.zero_width_at_end",
        "lane_smoothness.contact_point_no_horizontal_gaps",
    }
)
_WHY_DROPS = (
    "a lane that ends leads into the one beside it: CARLA's Traffic Manager needs something to follow"
)
_VERSION = re.compile(r'(<header\b[^>]*?\brevMajor=")\d+("[^>]*?\brevMinor=")\d+(")', re.DOTALL)
_ROAD = re.compile(r"^/OpenDRIVE/road(?:\[(\d+)\])?/")
_SEVERITY = {"1": Severity.ERROR, "2": Severity.WARNING, "3": Severity.NOTE}


def find_checker() -> Path | None:
    """The program; None if there is none."""
    named = os.environ.get(PLACE, "")
    if named:
        return Path(named) if Path(named).is_file() else None
    found = shutil.which(PROGRAM)
    return Path(found) if found else None


def check_with_asam(text: str, network: RoadNetwork, timeout_s: float = TIMEOUT_S) -> Iterator[Finding]:
    """Findings of ASAM's checker, one for each of its issues; a note where it is not installed.

    Args:
        text: The file.
        network: What it was read as.
        timeout_s: For each of the three runs.
    """
    program = find_checker()
    if program is None:
        what = "asam-qc-opendrive is not installed, and was not asked"
        mend = f"install asam-qc-opendrive in an environment of its own and name its {PROGRAM} in {PLACE}"
        yield _finding(Severity.NOTE, "", what, mend)
        return
    told: set[tuple[str, ...]] = set()
    for version in ("", *_NEWER):
        stated = _stating(text, version) if version else text
        try:
            report = _report(program, stated, timeout_s)
        except MapError as error:
            yield _finding(Severity.WARNING, "", str(error), "look at the other findings")
            return
        issues = list(_issues(report))
        broken = [issue for issue in issues if _rule(issue) == _SCHEMA]
        if version and broken:
            what = f"rules of {version} were not asked, as the file does not keep to its schema: "
            yield _finding(Severity.NOTE, "", what + _words(broken[0]), "nothing, if 1.4 does")
            continue
        for issue in issues:
            key = (_rule(issue), _words(issue), *(e.text("xpath", "") for e in _places(issue, "XMLLocation")))
            if key not in told:
                told.add(key)
                yield _of_issue(issue, network)


def _stating(text: str, version: str) -> str:
    major, minor = version.split(".")
    return _VERSION.sub(rf"\g<1>{major}\g<2>{minor}\g<3>", text, count=1)


def _report(program: Path, text: str, timeout_s: float) -> Element:
    with tempfile.TemporaryDirectory() as folder:
        source, result, settings = (Path(folder) / n for n in ("map.xodr", "result.xqar", "settings.xml"))
        source.write_text(text, encoding="utf-8")
        given = f'<Param name="InputFile" value={quoteattr(str(source))}/>'
        wanted = f'<Param name="resultFile" value={quoteattr(str(result))}/>'
        bundle = f'<CheckerBundle application="xodrBundle">{wanted}</CheckerBundle>'
        settings.write_text(f"<Config>{given}{bundle}</Config>", encoding="utf-8")
        try:
            done = subprocess.run(
                [str(program), "-c", str(settings)],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise MapError(f"{PROGRAM} did not check the map in {timeout_s:g} s") from None
        except OSError as error:
            raise MapError(f"{program} cannot be run: {error.strerror}") from None
        if not result.is_file():
            last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
            raise MapError(f"{PROGRAM} gave no result: {last[0]}")
        return parse_xml(result.read_text(encoding="utf-8"), PROGRAM)


def _issues(report: Element) -> Iterator[Element]:
    for bundle in report.children("CheckerBundle"):
        for checker in bundle.children("Checker"):
            yield from checker.children("Issue")


def _rule(issue: Element) -> str:
    """Without who made it and for which version: asam.net:xodr:1.4.0:road.lane... -> road.lane..."""
    return issue.text("ruleUID", "").rsplit(":", 1)[-1]


def _places(issue: Element, name: str) -> Iterator[Element]:
    for holder in issue.children("Locations"):
        yield from holder.children(name)


def _words(issue: Element) -> str:
    """What is wrong; for the schema that stands with the place."""
    if _rule(issue) == _SCHEMA:
        for holder in issue.children("Locations"):
            return holder.text("description", "")
    return issue.text("description", "")


def _of_issue(issue: Element, network: RoadNetwork) -> Finding:
    line = next((int(e.number("row")) for e in _places(issue, "FileLocation")), None)
    words = _words(issue)
    known = next((why for rule, said, why in _KNOWN if rule == _rule(issue) and said.search(words)), None)
    point = next(_places(issue, "InertialLocation"), None)
    paths = [e.text("xpath", "") for e in _places(issue, "XMLLocation")]
    road_id = next((road for path in paths if (road := _road(path, network)) is not None), None)
    if _rule(issue) in _OF_DROPS and road_id is not None and _drops_a_lane(network.road_by_id[road_id]):
        known = _WHY_DROPS
    what = words + (f" ({' and '.join(paths)})" if paths else "")
    return Finding(
        severity=Severity.NOTE if known else _SEVERITY.get(issue.text("level", "1"), Severity.ERROR),
        kind=f"asam {_rule(issue)}",
        what=what,
        mend=known or f"see the rule {issue.text('ruleUID', '')} of ASAM OpenDRIVE",
        line=line,
        road_id=road_id,
        x_m=point.number("x") if point is not None else None,
        y_m=point.number("y") if point is not None else None,
    )


def _road(path: str, network: RoadNetwork) -> int | None:
    found = _ROAD.match(path + "/")
    if found is None:
        return None
    index = int(found[1] or 1) - 1
    return network.roads[index].id if index < len(network.roads) else None


def _drops_a_lane(road: Road) -> bool:
    """Whether a driving lane narrows to nothing and is linked all the same."""
    curve = RoadCurve(road)
    for index, (section, following) in enumerate(pairwise(road.lane_sections)):
        end = np.array([following.s_m - 1e-6])
        for lane in section.lanes:
            linked = lane.type in DRIVABLE and lane.successor is not None
            if linked and float(curve.width(index, lane.id, end)[0][0]) < _NOTHING_M:
                return True
    return False


def _finding(severity: Severity, rule: str, what: str, mend: str) -> Finding:
    return Finding(severity=severity, kind=f"asam {rule}".strip(), what=what, mend=mend)
