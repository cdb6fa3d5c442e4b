"""Files cut short, files changed, full disks."""

from __future__ import annotations

from pathlib import Path

import pytest
from synthetic_capture import XODR, make_frames, make_plan, write_capture

from drivegen.capture import schema
from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader
from drivegen.capture.writer import CaptureWriter
from drivegen.core.errors import CaptureError


@pytest.fixture(scope="session")
def small_chunks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A capture with many chunks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("drivegen.capture.writer._CHUNK_BYTES", 60_000)
        return write_capture(tmp_path_factory.mktemp("small") / "scene.mcap").path


def cut(path: Path, share: float, out: Path) -> Path:
    data = path.read_bytes()
    out.write_bytes(data[: int(len(data) * share)])
    return out


@pytest.mark.parametrize("share", [0.2, 0.45, 0.6, 0.83, 0.97, 0.9999])
def test_whole_frames_before_a_cut_are_recovered(small_chunks: Path, tmp_path: Path, share: float) -> None:
    broken = cut(small_chunks, share, tmp_path / "cut.mcap")
    with pytest.raises(CaptureError, match=r"was cut short.*recover=True"):
        CaptureReader(broken)
    with CaptureReader(small_chunks) as whole, CaptureReader(broken, recover=True) as reader:
        assert reader.recovered
        assert len(reader) >= int(30 * share) - 8
        assert len(reader) <= 30
        assert reader.opendrive == XODR
        assert reader.plan.scene == "scene-0001"
        if share < 0.9:
            assert reader.content_sha256 is None
        for frame, reference in zip(reader.frames(), whole.frames(), strict=False):
            found, wanted = frame.load(), reference.load()
            assert found.index == wanted.index
            assert [o.track_id for o in found.objects] == [o.track_id for o in wanted.objects]
            for channel, image in wanted.agents[EGO].images.items():
                assert (found.agents[EGO].images[channel].bgr == image.bgr).all()
            assert len(found.agents[EGO].sweeps) == len(wanted.agents[EGO].sweeps)


def test_every_cut_gives_whole_frames_or_one_error(small_chunks: Path, tmp_path: Path) -> None:
    data = small_chunks.read_bytes()
    kept = []
    for size in range(0, len(data), max(1, len(data) // 150)):
        broken = tmp_path / "cut.mcap"
        broken.write_bytes(data[:size])
        with pytest.raises(CaptureError):
            CaptureReader(broken)
        try:
            with CaptureReader(broken, recover=True) as reader:
                kept.append(len(reader))
                if len(reader):
                    assert reader.frame(len(reader) - 1).objects is not None
                    reader.frame(len(reader) - 1).load(channels=[])
        except CaptureError:
            assert not any(kept)
    assert kept == sorted(kept)
    assert kept[-1] >= 28


def test_a_changed_byte_is_found(capture: Path, tmp_path: Path) -> None:
    data = bytearray(capture.read_bytes())
    at = data.index(b"\xff\xd8\xff") + 200  # within a JPEG
    data[at] ^= 1
    changed = tmp_path / "changed.mcap"
    changed.write_bytes(data)
    with CaptureReader(changed) as reader, pytest.raises(CaptureError, match="checksum is wrong"):
        reader.verify()


def test_a_changed_summary_is_found(capture: Path, tmp_path: Path) -> None:
    data = bytearray(capture.read_bytes())
    data[-200] ^= 1
    changed = tmp_path / "changed.mcap"
    changed.write_bytes(data)
    with pytest.raises(CaptureError, match="summary's checksum"):
        CaptureReader(changed)


def test_other_files_are_refused(tmp_path: Path, capture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CaptureError, match="no such capture"):
        CaptureReader(tmp_path / "absent.mcap")
    other = tmp_path / "other.mcap"
    other.write_bytes(b"")
    with pytest.raises(CaptureError, match="cannot be read"):
        CaptureReader(other)
    other.write_bytes(b"PK" + bytes(500))
    with pytest.raises(CaptureError, match="not begin as MCAP"):
        CaptureReader(other)
    monkeypatch.setattr(schema, "PROFILE", "another")
    with pytest.raises(CaptureError, match="not a drivegen capture"):
        CaptureReader(capture)


def test_only_the_major_version_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "SCHEMA_VERSION", (1, 7))
    minor = write_capture(tmp_path / "minor.mcap", make_plan(duration_s=0.1)).path
    monkeypatch.setattr(schema, "SCHEMA_VERSION", (2, 0))
    major = write_capture(tmp_path / "major.mcap", make_plan(duration_s=0.1)).path
    monkeypatch.undo()
    with CaptureReader(minor) as reader:
        assert len(reader) == 2
    with pytest.raises(CaptureError, match=r"has capture schema 2\.0; this drivegen reads 1\.x"):
        CaptureReader(major)


def test_a_full_disk_gives_one_error_and_no_file(tmp_path: Path) -> None:
    part = tmp_path / "scene.mcap.part"
    part.symlink_to("/dev/full")  # every write to it fails with ENOSPC
    with pytest.raises(CaptureError, match=r"scene\.mcap could not be written: No space left on device"):
        CaptureWriter(tmp_path / "scene.mcap", make_plan(), {}, opendrive=XODR)
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fills_later_gives_one_error_and_no_file(tmp_path: Path) -> None:
    plan = make_plan()
    with (
        pytest.raises(CaptureError, match="No space left on device"),
        CaptureWriter(tmp_path / "scene.mcap", plan, {}, opendrive=XODR) as writer,
        Path("/dev/full").open("wb", buffering=0) as full,
    ):
        for frame in make_frames(plan):
            if frame.index == 3:
                writer._file._stream = full
            writer.write(frame)
        writer.close()
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="No such file or directory"):
        CaptureWriter(tmp_path / "absent" / "scene.mcap", make_plan(), {}, opendrive=XODR)


def test_an_exception_leaves_no_file(tmp_path: Path) -> None:
    plan = make_plan(duration_s=0.3)
    with (
        pytest.raises(KeyboardInterrupt),
        CaptureWriter(tmp_path / "scene.mcap", plan, {}, opendrive=XODR) as writer,
    ):
        writer.write(make_frames(plan)[0])
        assert (tmp_path / "scene.mcap.part").exists()
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())
    with pytest.raises(CaptureError, match="after the capture was closed"):
        writer.write(make_frames(plan)[0])


def test_an_older_capture_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    plan = make_plan(duration_s=0.1)
    path = tmp_path / "scene.mcap"
    path.write_bytes(b"old")
    writer = CaptureWriter(path, plan, {}, opendrive=XODR)
    for frame in make_frames(plan):
        writer.write(frame)
    assert path.read_bytes() == b"old"
    writer.close()
    writer.abort()
    with CaptureReader(path) as reader:
        assert len(reader) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["scene.mcap"]
