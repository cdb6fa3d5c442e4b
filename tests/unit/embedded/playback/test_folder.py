"""Recordings stay in their folder."""

from pathlib import Path

import pytest

from drivegen.embedded.playback import LogFolder, default_log_folder
from drivegen.embedded.playback.log import LogError


@pytest.fixture
def folder(tmp_path: Path) -> LogFolder:
    (tmp_path / "logs" / "sub").mkdir(parents=True)
    (tmp_path / "logs" / "out").symlink_to(tmp_path)
    (tmp_path / "logs" / "link.log").symlink_to("/etc/hostname")
    (tmp_path / "outside.log").write_bytes(b"")
    return LogFolder(tmp_path / "logs")


def test_names_within(folder: LogFolder) -> None:
    assert folder.file("a.log") == folder.folder.resolve() / "a.log"
    assert folder.file("sub/a.log") == folder.folder.resolve() / "sub" / "a.log"
    assert folder.file("sub/../a.log") == folder.file("a.log")
    assert folder.file(str(folder.file("a.log"))) == folder.file("a.log")


@pytest.mark.parametrize(
    "name",
    ["../outside.log", "/etc/passwd", "sub/../../outside.log", "out/outside.log", "link.log", "/", "..", "."],
)
def test_names_that_lead_out(folder: LogFolder, name: str) -> None:
    with pytest.raises(LogError, match=r"outside the folder .* --log-folder"):
        folder.file(name)


@pytest.mark.parametrize("name", ["", "a\0b", "sub", "x" * 5000])
def test_names_that_are_none(folder: LogFolder, name: str) -> None:
    with pytest.raises(LogError, match=r"no name of a recording|is a folder"):
        folder.file(name)


def test_the_default_is_in_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_log_folder() == tmp_path / "drivegen" / "recordings"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_log_folder() == tmp_path / ".cache" / "drivegen" / "recordings"
