"""Scenes that kept failing, set aside with what tells why: plan, log, the last attempt's frames."""

from __future__ import annotations

import shutil

from drivegen.runtime.folder import RunFolder

PLAN, LOG, FRAMES = "plan.json", "scene.log", "last_frames.mcap"


def put_in_quarantine(folder: RunFolder, scene: str) -> None:
    """Gathers them in the scene's folder of the quarantine."""
    target = folder.quarantine(scene)
    target.mkdir(parents=True, exist_ok=True)
    for source, name in ((folder.plan(scene), PLAN), (folder.log(scene), LOG)):
        if source.is_file():
            shutil.copyfile(source, target / name)
    if folder.partial_capture(scene).is_file():
        folder.partial_capture(scene).replace(target / FRAMES)
    # What an earlier configuration made of it must not pass for this one's.
    folder.capture(scene).unlink(missing_ok=True)


def release_from_quarantine(folder: RunFolder, scene: str) -> None:
    """Forgets a scene that was set aside by an earlier run and is there now."""
    shutil.rmtree(folder.quarantine(scene), ignore_errors=True)
