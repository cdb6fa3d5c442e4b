"""What was checked, and how it came out: the first thing that a reader wants to know."""

from __future__ import annotations

from dataclasses import dataclass

from drivegen.report.evidence import Evidence
from drivegen.report.repeats import Repeats
from drivegen.report.sensors import Sensors
from drivegen.report.strange.choose import Strangeness

OK, LOOK, WRONG = "ok", "look", "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the list."""

    name: str
    state: str
    """`OK`, `LOOK` (worth a look), `WRONG`."""
    found: str
    link: str
    """Id of the section that tells more."""


def checks_of(
    sensors: Sensors | None, repeats: Repeats, strange: Strangeness, seen: Evidence | None
) -> list[Check]:
    """All checks of a report."""
    out = []
    if sensors is not None:
        missing = sensors.due - sensors.delivered
        out.append(
            Check(
                name="Every sensor delivered what was due",
                state=OK if not missing else WRONG,
                found=f"{sensors.delivered:,} of {sensors.due:,}",
                link="sensors",
            )
        )
        out.append(
            Check(
                name="Calibrations can be as they say",
                state=OK if not sensors.doubts else LOOK,
                found="nothing odd" if not sensors.doubts else f"{len(sensors.doubts)} to look at",
                link="sensors",
            )
        )
    if seen is not None:
        compared = [p for p in sensors.pairings if p.enough] if sensors is not None else []
        if compared:
            worst = max(compared, key=lambda p: p.median_m)
            out.append(
                Check(
                    name="LiDAR and cameras agree",
                    state=OK if all(p.ok for p in compared) else WRONG,
                    found=f"at most {100 * worst.median_m:.1f} cm apart in the median"
                    f" ({worst.agent}/{worst.camera})",
                    link="sensors",
                )
            )
        recounts = seen.labels_in_images + seen.labels_in_sweeps
        out.append(
            Check(
                name="Labels count what images and points show",
                state=OK if not seen.findings else WRONG,
                found=f"{recounts:,} recounted in {seen.frames} frames, {len(seen.findings)} differ",
                link="strange",
            )
        )
    out.append(_repeats(repeats))
    out.append(
        Check(
            name="No empty frames",
            state=OK if not repeats.empty_count else LOOK,
            found=f"{repeats.empty_count} of {repeats.keyframes:,} keyframes",
            link="repeats",
        )
    )
    state = WRONG if strange.wrong else LOOK if strange.doubtful else OK
    found = f"{strange.wrong} that cannot be, {strange.doubtful} to look at" if state != OK else "none found"
    out.append(Check(name="Labels that cannot be so", state=state, found=found, link="strange"))
    return out


def _repeats(repeats: Repeats) -> Check:
    twice = repeats.wrong + len(repeats.same_scenes)
    state = WRONG if twice else LOOK if repeats.alike else OK
    scenes = f"{len(repeats.same_scenes)} groups of scenes"
    found = f"{repeats.wrong} of {repeats.compared:,} images and sweeps, {scenes}"
    return Check(name="Nothing is there twice", state=state, found=found, link="repeats")
