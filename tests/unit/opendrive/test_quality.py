"""ASAM's checker is asked and understood; the real one too, where it is installed (QC_OPENDRIVE)."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from drivegen.core.rng import derive_rng
from drivegen.opendrive.checks.finding import Severity
from drivegen.opendrive.checks.quality import check_with_asam, find_checker
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.reader import read_network
from drivegen.opendrive.writer import write_network
from drivegen_generators.roads.junction import SignalisedJunction
from drivegen_generators.roads.midblock import MidblockCrossing
from drivegen_generators.roads.roundabout import Roundabout
from drivegen_generators.roads.unsignalised import UnsignalisedJunction
from tests.unit.opendrive.roads import STRAIGHT

REPORT = """<CheckerResults><CheckerBundle>
<Checker checkerId="a"><Issue issueId="0" description="lanes part" level="1"
  ruleUID="asam.net:xodr:1.4.0:road.lane.link.lanes_across_lane_sections">
  <Locations description="here"><XMLLocation xpath="/OpenDRIVE/road/lanes"/>
  <InertialLocation x="1" y="2" z="0"/></Locations></Issue></Checker>
<Checker checkerId="b">{more}</Checker>
</CheckerBundle></CheckerResults>"""
BROKEN = """<Issue issueId="1" description="flag" level="1" ruleUID="asam.net:xodr:1.0.0:xml.valid_schema">
  <Locations description="attribute missing"><FileLocation column="0" row="7"/></Locations></Issue>"""


def program(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> Path:
    """A stand-in that notes what it was asked and answers as told."""
    path = folder / "qc_opendrive"
    path.write_text(
        f"#!{sys.executable}\nimport re, sys, pathlib\n"
        "settings = pathlib.Path(sys.argv[2]).read_text()\n"
        'asked = pathlib.Path(re.search(\'InputFile" value="([^"]*)\', settings)[1]).read_text()\n'
        'answer = pathlib.Path(re.search(\'resultFile" value="([^"]*)\', settings)[1])\n'
        f"seen = pathlib.Path({str(folder)!r}) / 'seen.txt'\n"
        "minor = re.search('revMinor=\"(.)', asked)[1]\n"
        "seen.open('a').write(minor)\n" + body,
        encoding="utf-8",
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("QC_OPENDRIVE", str(path))
    return folder / "seen.txt"


def straight() -> RoadNetwork:
    return read_network(STRAIGHT, "straight")


def test_an_issue_is_told_once_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = program(tmp_path, monkeypatch, f"answer.write_text({REPORT.format(more='')!r})")
    (found,) = check_with_asam(STRAIGHT, straight())
    assert seen.read_text() == "478"
    assert (found.severity, found.road_id, found.x_m, found.y_m) == (Severity.ERROR, 1, 1.0, 2.0)
    assert found.kind == "asam road.lane.link.lanes_across_lane_sections"
    assert "lanes part" in found.what


def test_newer_schemas_are_not_held_against_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = REPORT.format(more=BROKEN)
    program(
        tmp_path, monkeypatch, f"answer.write_text({text!r} if minor != '4' else {REPORT.format(more='')!r})"
    )
    findings = list(check_with_asam(STRAIGHT, straight()))
    assert [f.severity for f in findings] == [Severity.ERROR, Severity.NOTE, Severity.NOTE]
    assert "rules of 1.8 were not asked" in findings[2].what and "attribute missing" in findings[2].what


def test_its_own_schema_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, monkeypatch, f"answer.write_text({REPORT.format(more=BROKEN)!r})")
    findings = list(check_with_asam(STRAIGHT, straight()))
    assert ("asam xml.valid_schema", 7, "attribute missing") in [(f.kind, f.line, f.what) for f in findings]


def test_what_the_dialect_does_on_purpose_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = (
        "Element &apos;lane&apos;, attribute &apos;type&apos;: The value &apos;curb&apos; is not of the set"
    )
    text = REPORT.format(more=BROKEN.replace("attribute missing", said))
    program(tmp_path, monkeypatch, f"answer.write_text({text!r})")
    findings = [f for f in check_with_asam(STRAIGHT, straight()) if f.kind == "asam xml.valid_schema"]
    assert [(f.severity, f.line) for f in findings] == [(Severity.NOTE, 7)]
    assert "CARLA reads it as none" in findings[0].mend


def dropping(width_m: float) -> str:
    """Lane -2 ends with this width, 50 m on, and is linked to lane -1."""
    text = STRAIGHT.replace(
        "</right>\n      </laneSection>",
        '<lane id="-2" type="driving"><link><successor id="-1"/></link>'
        f'<width sOffset="0" a="3.5" b="{(width_m - 3.5) / 50.0}" c="0" d="0"/></lane></right>\n'
        "      </laneSection>",
    )
    second = text[text.index('<laneSection s="0">') : text.index("</laneSection>")].split('<lane id="-2"')[0]
    return text.replace("</lanes>", second.replace('s="0"', 's="50"', 1) + "</right></laneSection></lanes>")


@pytest.mark.parametrize(("width_m", "severity"), [(0.0, Severity.NOTE), (3.5, Severity.ERROR)])
def test_only_lanes_that_end_may_lead_into_the_lane_beside(
    width_m: float, severity: Severity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, monkeypatch, f"answer.write_text({REPORT.format(more='')!r})")
    text = dropping(width_m)
    (found,) = check_with_asam(text, read_network(text, "drop"))
    assert found.severity is severity


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("sys.exit('no such thing')", "gave no result: no such thing"),
        ("import time; time.sleep(20)", "did not check the map in 1 s"),
    ],
)
def test_a_program_that_fails_is_told(
    body: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, monkeypatch, body)
    (found,) = check_with_asam(STRAIGHT, straight(), timeout_s=1.0)
    assert found.severity is Severity.WARNING and words in found.what


def test_without_the_program_a_note_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("QC_OPENDRIVE", str(tmp_path / "absent"))
    (found,) = check_with_asam(STRAIGHT, straight())
    assert found.severity is Severity.NOTE and "not installed" in found.what


@pytest.mark.skipif(find_checker() is None, reason="asam-qc-opendrive is not installed (QC_OPENDRIVE)")
@pytest.mark.parametrize(
    "make",
    [
        SignalisedJunction,
        lambda: SignalisedJunction(arms=3),
        UnsignalisedJunction,
        MidblockCrossing,
        Roundabout,
    ],
)
def test_the_real_checker_finds_nothing_in_our_forms(make: type) -> None:
    network = make().generate(derive_rng(3, "map"), "m")
    assert list(check_with_asam(write_network(network), network)) == []
