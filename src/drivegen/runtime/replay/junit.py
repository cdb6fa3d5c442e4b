"""Outcomes as JUnit XML, for the pages of a CI."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from lxml import etree

from drivegen.core.errors import StorageError
from drivegen.runtime.replay.outcome import Outcome, Status
from drivegen.scenario.verdicts.judge import Judged


def write_junit(path: Path, outcomes: Sequence[Outcome], name: str = "drivegen.replay") -> None:
    """Writes one test case an outcome. Raises StorageError."""
    suite = etree.Element(
        "testsuite",
        name=name,
        tests=str(len(outcomes)),
        failures=str(sum(o.status is Status.FAILED for o in outcomes)),
        errors=str(sum(o.status is Status.ERROR for o in outcomes)),
        skipped="0",
        time=f"{sum(o.wall_s for o in outcomes):.3f}",
    )
    for outcome in outcomes:
        case = etree.SubElement(
            suite,
            "testcase",
            classname=_words(outcome.case.path.stem),
            name=_words(outcome.case.name),
            time=f"{outcome.wall_s:.3f}",
        )
        if outcome.status is Status.ERROR:
            etree.SubElement(case, "error", message=_words(outcome.message), type="ScenarioError")
        elif outcome.status is Status.FAILED:
            said = reasons(outcome)
            failure = etree.SubElement(case, "failure", message=_words("; ".join(said)), type="Verdict")
            failure.text = _words("\n".join(said))
    root = etree.Element("testsuites")
    root.append(suite)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))
    except OSError as error:
        raise StorageError(f"{path}: the JUnit file cannot be written ({error.strerror})") from error


def reasons(outcome: Outcome) -> list[str]:
    """Why a case failed, a line each."""
    failed = outcome.verdict.failed if outcome.verdict else ()
    said = [reason(judged) for judged in failed]
    for parted in outcome.parted:
        apart = f"{parted.apart_m:.3g} m apart" if math.isfinite(parted.apart_m) else "other numbers"
        said.append(f"run {parted.run} parts from the first at {parted.time_s:g} s: {parted.name}, {apart}")
    return said


def reason(judged: Judged) -> str:
    """What was asked and what came."""
    finding = judged.finding
    value = "never" if finding.measure == "goal_s" and math.isinf(finding.value) else f"{finding.value:.4g}"
    when = "" if finding.time_s is None else f" at {finding.time_s:.2f} s"
    who = f" ({finding.who})" if finding.who else ""
    return f"{judged.bound}: it was {value}{when}{who}"


def _words(text: str) -> str:
    """Without what XML cannot hold."""
    return "".join(c if c in "\t\n" or ord(c) >= 0x20 else "?" for c in text)
