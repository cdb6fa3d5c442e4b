"""What a job is said to cost, and what a machine's own jobs teach."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import pytest

from drivegen import __version__
from drivegen.cli.main import main
from drivegen.runtime.costs import (
    PARTS,
    SHIPPED,
    SHIPPED_WALL,
    Calibration,
    Learner,
    modelled,
    read_calibration,
)
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.forecast import Accountant, compared, comparison, foresee, kind_of_server
from drivegen.runtime.ledger import FINISHED, Ledger, Mark
from drivegen.runtime.planning import Planner
from drivegen.runtime.worker import Assigned
from drivegen.runtime.workload import Workload, workload_of
from tests.unit.runtime.test_planning import FACTORS, job

KIND = "embedded auto"
LOAD = Workload(
    scenes=1,
    frames=80,
    keyframes=8,
    ticks=100,
    actor_ticks=3000,
    images=48,
    actor_images=1440,
    megapixels=17.0,
    drawn_megapixels=17.0,
    lens_megapixels=3.0,
    megabeams=1.4,
)


def mark(factor: float, load: Workload = LOAD) -> Mark:
    """A scene that cost `factor` times what the shipped figures say."""
    cpu = {part: factor * modelled(part, load) for part in PARTS}
    size = int(cpu.pop("bytes"))
    cpu["server, not rendering"] = cpu.pop("server")
    seconds = SHIPPED_WALL * sum(cpu.values())
    return Mark(
        index=0, status=FINISHED, plan_sha256="", version=__version__, attempts=1, seconds=seconds,
        cpu_seconds=cpu, bytes=size, frames=80, load={name: getattr(load, name) for name in FIELDS},
    )  # fmt: skip


FIELDS = tuple(field.name for field in fields(Workload))


def test_work_is_counted_from_the_plan() -> None:
    plan = Planner(job({}, "scene.duration_s=2", "scene.warmup_s=1", "traffic.vehicles=3")).plan(0)
    load = workload_of(plan)
    assert (load.frames, load.ticks, load.keyframes) == (40, 60, 4)
    # One camera of 320x180 every half second, one LiDAR of 16 x 360 every tenth.
    assert (load.images, load.megapixels) == (4, pytest.approx(4 * 0.0576))
    assert load.megabeams == pytest.approx(20 * 16 * 360 / 1e6)
    actors = 1 + len(plan.vehicles) + len(plan.walkers)
    assert load.actor_ticks == 60 * actors
    assert (load + load).times(2).frames == 160


def test_fisheyes_draw_more_than_they_show() -> None:
    load = workload_of(Planner(job({}, "rig=surround_fisheye")).plan(0))
    assert load.drawn_megapixels > 2.0 * load.megapixels


def test_every_rate_is_of_something_that_is_counted() -> None:
    assert set(SHIPPED) == set(PARTS)
    for rates in SHIPPED.values():
        assert rates
        assert all(name in FIELDS and rate > 0.0 for name, rate in rates.items())


def test_a_forecast_grows_with_scenes_and_pixels() -> None:
    few = foresee(*_job("job.scenes=10"))
    many = foresee(*_job("job.scenes=1000"))
    assert many.estimate.bytes == pytest.approx(100 * few.estimate.bytes, rel=0.1)
    large = foresee(*_job("job.scenes=10", "rig=nuscenes"))
    assert large.estimate.bytes > 5 * few.estimate.bytes
    assert large.duration_s > few.duration_s
    two = foresee(*_job("job.scenes=10", "job.workers=2", "job.pool=ray"))
    one = foresee(*_job("job.scenes=10", "job.workers=1", "job.pool=ray"))
    assert one.duration_s / 2 <= two.duration_s < one.duration_s


def _job(*words: str) -> tuple[object, Planner, Ledger]:
    config = job(FACTORS, *words)
    return config, Planner(config), Ledger(RunFolder(Path("/nowhere")))


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_a_machine_s_jobs_put_the_figures_right() -> None:
    before = read_calibration(KIND).estimate(LOAD)
    learner = Learner(KIND, workers=2)
    for factor in (40.0, 40.0, 3.0, 3.0, 3.0, 3.0, 3.0):
        # Each worker's first scene on a new machine also compiles.
        learner.add(mark(factor), LOAD, alone=True)
    learner.enter()
    known = read_calibration(KIND)
    assert known.scenes == 5
    assert known.estimate(LOAD).bytes == pytest.approx(3.0 * before.bytes, rel=1e-3)
    assert known.estimate(LOAD).worker_s == pytest.approx(3.0 * before.worker_s, rel=1e-3)
    assert read_calibration("carla gpu") == Calibration()
    # A week later everything takes half as long: old scenes count less and less.
    for _ in range(4):
        learner = Learner(KIND)
        for _ in range(1000):
            learner.add(mark(1.5), LOAD, alone=True)
        learner.enter()
    known = read_calibration(KIND)
    assert known.factors["rendering"] == pytest.approx(1.5, rel=1e-2)
    assert known.scenes == 4005


def test_wall_time_is_learnt_from_a_worker_alone() -> None:
    learner = Learner(KIND, workers=1)
    for _ in range(2):
        learner.add(replace(mark(1.0), seconds=1e6), LOAD, alone=False)
    learner.enter()
    assert read_calibration(KIND).scenes == 1
    assert "wall" not in read_calibration(KIND).factors


def test_scenes_without_accounts_teach_nothing(tmp_path: Path) -> None:
    learner = Learner(KIND)
    learner.add(replace(mark(1.0), cpu_seconds={"recorder": 3.0}), LOAD, alone=True)
    learner.enter()
    assert learner.scenes == 0
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"embedded auto": {"told": {"bytes": 3}}}'])
def test_a_spoilt_calibration_is_as_good_as_none(text: str, tmp_path: Path) -> None:
    path = tmp_path / "cache" / "drivegen" / "calibration.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert read_calibration(KIND).factors == {}


def test_the_estimate_stands_beside_the_truth() -> None:
    config, planner, ledger = _job("job.scenes=4")
    forecast = foresee(config, planner, ledger)
    accountant = Accountant(config)
    for index in range(3):
        accountant.recorded(Assigned(index=index, scene=""), mark(1.0))
    accountant.close()
    figures = compared(forecast, accountant, 60.0)
    assert figures["estimate"]["scenes"] == figures["truth"]["scenes"] == 3
    assert figures["truth"]["bytes"] == 3 * mark(1.0).bytes
    assert figures["truth"]["frames"] == 240
    assert "and came 1 min 00 s" in comparison(figures)
    assert read_calibration(kind_of_server(config)).scenes == 2, "the first one is cold"


def test_a_dry_run_tells_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["generate", "experiment=demo", "job.scenes=50", "job.dry_run=true"]) == 0
    text = capsys.readouterr().out
    for word in ("50 planned, 0 there, 50 to record", "frames: 4000", " GB", "CPU-hours", "duration: "):
        assert word in text, text
    assert "0 GPU-hours" in text
    assert not list(tmp_path.iterdir())
    assert main(["generate", "experiment=demo", "job.dry_run=true", "job.workers=0"]) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["look=remote", "look.remote.params.base_url=ftp://x"], "base_url"),
        (["look=fog", "+look.fog.judges={nobody: {}}"], "nobody"),
        (["export=nuscenes", "export.look=fog"], "the job makes no such look"),
    ],
)
def test_a_dry_run_refuses_what_the_job_would_refuse(
    words: list[str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["generate", "experiment=tiny", *words, "job.dry_run=true"]) == 2
    assert said in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_the_manifest_is_json_of_plain_figures() -> None:
    figures = foresee(*_job("job.scenes=4")).as_plain()
    assert json.loads(json.dumps(figures)) == figures
