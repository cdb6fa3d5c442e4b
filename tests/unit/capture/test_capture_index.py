"""The Parquet index and questions to it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from synthetic_capture import make_plan, write_capture

from drivegen.capture import index
from drivegen.capture.frame import EGO
from drivegen.capture.index import TABLES, build_index, query
from drivegen.capture.reader import CaptureReader
from drivegen.capture.writer import CaptureSummary
from drivegen.core.errors import CaptureError


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, summary: CaptureSummary) -> Path:
    """A run's folder with two scenes and their index."""
    root = tmp_path_factory.mktemp("run's folder")
    (root / "captures").mkdir()
    shutil.copy(summary.path, root / "captures/scene-0001.mcap")
    write_capture(root / "captures/scene-0002.mcap", make_plan("scene-0002", 0.6))
    build_index(sorted((root / "captures").iterdir()), root / "index")
    return root


def test_a_row_for_every_object_and_frame(run: Path) -> None:
    rows = query(
        run,
        "select scene, frame, track_id, class, distance_m, ego_x_m, ego_y_m, speed_mps, lidar_points,"
        " visible_fraction, length_m, width_m, height_m, len(cameras) from objects order by 1, 2, 3",
    ).rows
    expected = []
    for scene in ("scene-0001", "scene-0002"):
        with CaptureReader(run / f"captures/{scene}.mcap") as reader:
            for frame in reader.frames():
                ego = frame.agents[EGO].map_agent
                for o in frame.objects:
                    in_ego = (ego.inverse() @ o.box.pose).position_m
                    fractions = [c.visible_fraction for c in o.cameras.values()]
                    expected.append(
                        (
                            scene, frame.index, o.track_id, o.object_class.value,
                            pytest.approx(float(np.linalg.norm(in_ego))), pytest.approx(in_ego[0]),
                            pytest.approx(in_ego[1]), pytest.approx(float(np.linalg.norm(o.velocity_mps))),
                            sum(o.lidar_points.values()) if frame.index % 2 == 0 else None,
                            pytest.approx(max(fractions, default=0.0), abs=1e-6) if frame.keyframe else None,
                            *o.box.size_m, len(o.cameras),
                        )
                    )  # fmt: skip
    assert rows == expected


def test_scenes_and_frames(run: Path, summary: CaptureSummary) -> None:
    answer = query(run, "select scene, frames, keyframes, tracks, map, weather, content_sha256 from scenes")
    assert answer.columns[:2] == ["scene", "frames"]
    assert answer.rows[0] == ("scene-0001", 30, 3, 11, "plain_road", "clear", summary.content_sha256)
    assert "scene-0002" in str(answer)
    found = query(
        run, "select scene, count(*), sum(keyframe::int), sum(objects) from frames group by 1 order by 1"
    )
    assert found.rows == [("scene-0001", 30, 3, 330), ("scene-0002", 12, 2, 132)]
    signals = query(run, "select signals['101'], delivered from frames where frame = 1 limit 1").rows[0]
    assert signals == ("red", ["ego/IMU"])


def test_same_captures_same_bytes(run: Path, tmp_path: Path) -> None:
    build_index(iter(sorted((run / "captures").iterdir())), tmp_path / "again")
    for name in TABLES:
        assert (tmp_path / f"again/{name}.parquet").read_bytes() == (
            run / f"index/{name}.parquet"
        ).read_bytes()
    build_index(sorted((run / "captures").iterdir(), reverse=True), tmp_path / "back")
    shutil.move(tmp_path / "back", tmp_path / "index")
    assert query(tmp_path, "select scene from scenes").rows == [("scene-0002",), ("scene-0001",)]


def test_rows_are_written_in_groups_of_whole_scenes(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "_ROWS_OF_A_GROUP", 10)
    build_index(sorted((run / "captures").iterdir()), tmp_path / "index")
    for name in TABLES:
        assert query(tmp_path, f"from {name}").rows == query(run, f"from {name}").rows
    assert pq.ParquetFile(tmp_path / "index/frames.parquet").num_row_groups == 5


@pytest.mark.parametrize(
    "sql",
    [
        "create table x as select 1",
        "drop view objects",
        "copy scenes to 'x.csv'",
        "attach 'x.db'",
        "install httpfs",
        "set enable_external_access = true",
        "select 1; select 2",
        "",
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/hostname')",
        "select * from glob('/etc/*')",
        "select * from no_such_table",
        "selec 1",
    ],
)
def test_only_questions_over_the_index_are_answered(run: Path, sql: str) -> None:
    with pytest.raises(CaptureError, match="the query was refused"):
        query(run, sql)


def test_no_index_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="there is no index"):
        query(tmp_path, "select 1")


def test_a_scene_in_two_captures_is_an_error(run: Path, tmp_path: Path) -> None:
    path = run / "captures/scene-0002.mcap"
    with pytest.raises(CaptureError, match="scene scene-0002 is in two captures"):
        build_index([path, path], tmp_path)
    assert not list(tmp_path.iterdir())


def test_no_capture_gives_empty_tables(tmp_path: Path) -> None:
    build_index([], tmp_path / "index")
    assert query(tmp_path, "select count(*) from objects").rows == [(0,)]
