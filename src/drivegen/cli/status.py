"""`drivegen status`: what became of a run's scenes, as a person or a program reads it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from drivegen.runtime.folder import RunFolder
from drivegen.runtime.status import Attempt, Status, as_plain, of_scene, status


def run(path: Path, scene: str | None, as_json: bool) -> int:
    """Of the run, or of one scene of it."""
    folder = RunFolder(path.resolve())
    found = status(folder) if scene is None else of_scene(folder, scene)
    if as_json:
        text = json.dumps(as_plain(found), indent=1, ensure_ascii=False) + "\n"
    else:
        text = _of_run(found) if isinstance(found, Status) else "".join(map(_of_attempt, found))
    sys.stdout.write(text)
    return 0


def _of_run(found: Status) -> str:
    lines = [
        f"scenes: {found.planned} planned, {found.finished} finished, {found.set_aside} set aside, "
        f"{found.under_way} under way, {found.missing} missing",
        f"attempts: {found.attempts}, {found.failed_attempts} failed, {found.cut_off_attempts} cut off",
    ]
    for number, each in enumerate(found.runs, 1):
        changed = f", configuration changed ({each.change})" if each.change else ""
        lasted = "" if each.seconds is None else f" after {each.seconds:.0f} s"
        lines.append(f"run {number}: {each.began}, drivegen {each.version}{changed}: {each.how}{lasted}")
    lines += [f"failed {count} times: {cause}" for cause, count in found.causes.items()]
    lines += [f"set aside: {scene}" for scene in found.set_aside_scenes]
    if found.set_aside > len(found.set_aside_scenes):
        lines.append(f"set aside: {found.set_aside - len(found.set_aside_scenes)} more")
    lines += [f"slowest: {scene} {seconds:.1f} s" for scene, seconds in found.slowest.items()]
    return "\n".join(lines) + "\n"


def _of_attempt(found: Attempt) -> str:
    lasted = "" if found.seconds is None else f" after {found.seconds:.1f} s"
    why = f": {found.cause}" if found.cause else ""
    return (
        f"{found.scene}: run {found.run}, attempt {found.attempt}, worker {found.worker}: "
        f"{found.how}{lasted}{why}\n"
    )
