"""What came of one case."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from drivegen.runtime.replay.cases import Case
from drivegen.scenario.player.rows import Row
from drivegen.scenario.player.simulate import Course
from drivegen.scenario.verdicts.criteria import Bound
from drivegen.scenario.verdicts.criticality import Criticality
from drivegen.scenario.verdicts.judge import Finding, Judged, Verdict

WORLD = "(the world)"
"""Stands for an entity where the world's actors differ and the rows do not."""


class Status(StrEnum):
    """How a case ended."""

    PASSED = "passed"
    FAILED = "failed"
    """A bound was not kept, or a repetition differed."""
    ERROR = "error"
    """It could not be played."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """Where a repetition left the first run."""

    run: int
    """Which run, from 2."""
    time_s: float
    name: str
    """Of the entity, or `WORLD`."""
    apart_m: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """One case after its runs."""

    case: Case
    status: Status
    message: str = ""
    """Of an error."""
    subject: str = ""
    verdict: Verdict | None = None
    time_s: float = 0.0
    """Simulated."""
    wall_s: float = 0.0
    digest: str = ""
    """SHA-256 of the trajectories; equal for equal runs."""
    parted: tuple[Parting, ...] = ()
    ignored: tuple[str, ...] = ()
    """What the scenario asks for and has no effect here."""
    criteria_are_its_own: bool = True
    """False where the file asks nothing and only collisions were judged."""
    criticality: Criticality | None = None
    """Where it was asked for."""


def digest_of(rows: Sequence[Row]) -> str:
    """SHA-256 over the exact numbers of all rows."""
    digest = hashlib.sha256()
    for row in rows:
        numbers = (row.time_s, row.x_m, row.y_m, row.z_m, row.h_rad, row.speed_mps)
        digest.update(f"{row.name} {' '.join(v.hex() for v in numbers)}\n".encode())
    return digest.hexdigest()


def parting(first: Course, other: Course, run: int) -> Parting | None:
    """The first thing in which a repetition is not the first run, or None.

    Rows of entities first; then, of runs in a world, what its server showed (all actors, and what of an
    entity the rows do not have).
    """
    for one, two in zip(first.rows, other.rows, strict=False):
        if one != two:
            apart = math.dist((one.x_m, one.y_m, one.z_m), (two.x_m, two.y_m, two.z_m))
            same = one.name == two.name
            return Parting(run=run, time_s=one.time_s, name=one.name, apart_m=apart if same else math.inf)
    if len(first.rows) != len(other.rows):
        longer, shorter = sorted((first.rows, other.rows), key=len, reverse=True)
        last = longer[len(shorter)]
        return Parting(run=run, time_s=last.time_s, name=last.name, apart_m=math.inf)
    for tick, (here, there) in enumerate(zip(first.shown, other.shown, strict=False)):
        if here != there:
            time_s = first.time_s * tick / max(len(first.shown) - 1, 1)
            return Parting(run=run, time_s=time_s, name=WORLD, apart_m=math.inf)
    return None


def plain(outcome: Outcome) -> dict[str, Any]:
    """For JSON; infinite values are null."""

    def number(value: float | None) -> float | None:
        return value if value is not None and math.isfinite(value) else None

    judged = outcome.verdict.judged if outcome.verdict else ()
    return {
        "name": outcome.case.name,
        "file": str(outcome.case.path),
        "parameters": dict(outcome.case.parameters),
        "status": str(outcome.status),
        "message": outcome.message,
        "subject": outcome.subject,
        "time_s": outcome.time_s,
        "wall_s": round(outcome.wall_s, 3),
        "trajectories_sha256": outcome.digest,
        "measures": {
            j.finding.measure: {
                "value": number(j.finding.value),
                "time_s": number(j.finding.time_s),
                "who": j.finding.who,
                "least": number(j.bound.least) if j.bound else None,
                "most": number(j.bound.most) if j.bound else None,
                "asked": j.bound is not None,
                "passed": j.passed,
            }
            for j in judged
        },
        "parted": [
            {"run": p.run, "time_s": p.time_s, "name": p.name, "apart_m": number(p.apart_m)}
            for p in outcome.parted
        ],
        "ignored": list(outcome.ignored),
        "criteria_are_its_own": outcome.criteria_are_its_own,
        "criticality": None
        if outcome.criticality is None
        else {
            "value": outcome.criticality.value,
            "parts": dict(outcome.criticality.parts),
            "kinds": list(outcome.criticality.kinds),
        },
    }


def from_plain(told: Mapping[str, Any]) -> Outcome:
    """The outcome that `plain` told. Raises KeyError, TypeError, ValueError for anything else."""

    def number(value: float | None, otherwise: float) -> float:
        return otherwise if value is None else float(value)

    judged = tuple(
        Judged(
            finding=Finding(
                measure=measure, value=number(m["value"], math.inf), time_s=m["time_s"], who=m["who"]
            ),
            bound=Bound(
                measure=measure, least=number(m["least"], -math.inf), most=number(m["most"], math.inf)
            )
            if m["asked"]
            else None,
        )
        for measure, m in told["measures"].items()
    )
    rated = told["criticality"]
    return Outcome(
        case=Case(name=told["name"], path=Path(told["file"]), parameters=dict(told["parameters"])),
        status=Status(told["status"]),
        message=told["message"],
        subject=told["subject"],
        verdict=Verdict(judged=judged) if judged else None,
        time_s=told["time_s"],
        wall_s=told["wall_s"],
        digest=told["trajectories_sha256"],
        parted=tuple(
            Parting(run=p["run"], time_s=p["time_s"], name=p["name"], apart_m=number(p["apart_m"], math.inf))
            for p in told["parted"]
        ),
        ignored=tuple(told["ignored"]),
        criteria_are_its_own=told["criteria_are_its_own"],
        criticality=None
        if rated is None
        else Criticality(value=rated["value"], parts=dict(rated["parts"]), kinds=tuple(rated["kinds"])),
    )
