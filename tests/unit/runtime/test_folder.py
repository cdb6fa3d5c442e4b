"""The run folder."""

from __future__ import annotations

from pathlib import Path

from drivegen.runtime import folder as folders
from drivegen.runtime.folder import RunFolder, write_atomically


def test_what_a_killed_writer_left_is_swept_and_nothing_else(tmp_path: Path, monkeypatch) -> None:
    folder = RunFolder(tmp_path)
    folder.create()
    kept = [folder.plan("scene-0001"), folder.capture("scene-0001"), folder.root / ".hidden", folder.config]
    for path in kept:
        path.write_text("whole")
    folder.partial_capture("scene-0002").write_text("half")
    with monkeypatch.context() as killed:
        # A writer that is killed neither gives its file its name nor removes it.
        killed.setattr(folders.Path, "replace", lambda self, target: None)
        write_atomically(folder.plan("scene-0003"), "half")
    assert len([p for p in folder.root.rglob("*") if p.is_file()]) == len(kept) + 2
    folder.sweep()
    assert sorted(p for p in folder.root.rglob("*") if p.is_file()) == sorted(kept)
