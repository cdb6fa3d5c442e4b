"""A search from a file to kept failures: the same whatever its workers, and when it is gone on with."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from lxml import etree

from drivegen.cli.main import main
from drivegen.core.errors import ScenarioError
from drivegen.runtime.replay.cases import Case
from drivegen.runtime.replay.outcome import Outcome, Status
from drivegen.runtime.replay.run import Options, run
from drivegen.runtime.search import search as module
from drivegen.runtime.search.diversity import APART, kept, worth
from drivegen.runtime.search.sampler import AT_ONCE, FIRST, next_points
from drivegen.runtime.search.search import Search, search
from drivegen.runtime.search.space import Point, space_of
from drivegen.runtime.search.tries import Try
from drivegen.scenario.verdicts.criticality import Criticality
from tests.unit.runtime.search.crossing import write

RUNS = 18
QUICK = Options(dt_s=0.2, films="none")


@contextmanager
def here(options: Options, folder: Path, workers: int) -> Iterator[module.Play]:
    """Plays in this process: the others are tried by the command."""
    yield lambda cases: [run(case, options, folder / case.name) for case in cases]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("optuna")
    monkeypatch.setattr(module, "players", here)


def found(path: Path, out: Path, runs: int = RUNS, seed: int = 1) -> Search:
    return search(Case(name="crossing", path=path), {}, QUICK, out, runs=runs, seed=seed)


def tried(path: Path, number: int, point: Point, value: float, *kinds: str) -> Try:
    outcome = Outcome(
        case=Case(name=f"t{number}", path=path),
        status=Status.FAILED if kinds else Status.PASSED,
        criticality=Criticality(value=value, parts={}, kinds=kinds),
    )
    return Try(number=number, point=point, outcome=outcome)


@pytest.mark.usefixtures("quick")
def test_failures_are_found_and_saved_as_scenarios_that_fail_alike(tmp_path: Path) -> None:
    path = write(tmp_path)
    result = found(path, tmp_path / "out")
    assert len(result.tries) == RUNS
    failed = [t for t in result.tries if t.failed]
    assert failed and result.failures
    assert all(t.criticality >= 1.0 for t in failed)
    assert all(0.0 <= t.criticality < 1.0 for t in result.tries if not t.failed)
    for failure in result.failures:
        assert failure.same and failure.found.kinds == ("collisions: Crossing",)
        assert failure.again.digest == failure.found.outcome.digest
        assert failure.again.case.parameters == {}
        alone = run(Case(name="alone", path=failure.file), QUICK, tmp_path / "alone")
        assert alone.status is Status.FAILED and alone.criteria_are_its_own
        text = failure.file.read_text(encoding="utf-8")
        assert f'name="found.Start_s" value="{failure.found.outcome.case.parameters["Start_s"]}"' in text


@pytest.mark.usefixtures("quick")
def test_a_search_that_was_ended_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    path = write(tmp_path)
    whole = found(path, tmp_path / "whole")
    for runs in (3, 14, RUNS):
        parts = found(path, tmp_path / "parts", runs)
        journal = tmp_path / "parts" / "search" / "crossing.jsonl"
        if runs == 14:
            # Killed while it wrote: half a line.
            journal.write_text(journal.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    assert [(t.point, t.outcome.digest) for t in parts.tries] == [
        (t.point, t.outcome.digest) for t in whole.tries
    ]
    assert [f.file.read_bytes() for f in parts.failures] == [f.file.read_bytes() for f in whole.failures]
    assert [t.point for t in found(path, tmp_path / "other", 6, seed=2).tries] != [
        t.point for t in whole.tries[:6]
    ]


@pytest.mark.usefixtures("quick")
def test_a_folder_with_another_search_is_not_gone_on_with(tmp_path: Path) -> None:
    path = write(tmp_path)
    found(path, tmp_path / "out", 2)
    with pytest.raises(
        ScenarioError, match=r"another search was begun here \(other: seed\): choose another --out"
    ):
        found(path, tmp_path / "out", 2, seed=5)
    path.write_text(path.read_text(encoding="utf-8").replace('x="60"', 'x="61"'), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"other: scenario\)"):
        found(path, tmp_path / "out", 2)
    (tmp_path / "out" / "search" / "crossing.jsonl").write_text("{\n")
    with pytest.raises(ScenarioError, match="no journal of a search"):
        found(path, tmp_path / "out", 2)


def test_the_estimator_goes_where_it_is_critical(tmp_path: Path) -> None:
    """On a made-up scenario that fails in 1 of 100 draws it needs far fewer tries."""
    pytest.importorskip("optuna")
    path = write(tmp_path)
    space = space_of(path, {})
    needed = []
    for seed in range(5):
        tries: list[Try] = []
        while not any(t.failed for t in tries) and len(tries) < 100:
            for point in next_points(space, tries, seed):
                away = abs(point[0] - 0.37)
                kinds = ("collisions: Crossing",) if away < 0.005 else ()
                tries.append(tried(path, len(tries) + 1, point, 1.0 - away + len(kinds), *kinds))
        needed.append(next((t.number for t in tries if t.failed), 100))
    assert sum(needed) / len(needed) < 60.0, needed


def test_first_points_fill_the_space(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    path = write(tmp_path)
    space = space_of(path, {})
    tries: list[Try] = []
    while len(tries) < FIRST:
        points = next_points(space, tries, 3)
        assert len(points) == AT_ONCE
        tries += [tried(path, len(tries) + k, p, 0.0) for k, p in enumerate(points, 1)]
    assert sorted(int(t.point[0] * FIRST) for t in tries) == list(range(FIRST))


def test_no_values_are_tried_twice_and_the_search_ends_with_them(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    path = write(tmp_path)
    space = space_of(path, {"Start_s": "1"})
    tries: list[Try] = []
    while points := next_points(space, tries, 0):
        tries += [tried(path, len(tries) + k, p, 0.1) for k, p in enumerate(points, 1)]
    assert sorted(space.parameters(t.point)["Across"] for t in tries) == ["2", "3", "4"]


def test_kept_failures_are_the_worst_and_different(tmp_path: Path) -> None:
    path = write(tmp_path)
    space = space_of(path, {})
    near = APART / 2.0
    tries = [
        tried(path, 1, (0.5, 0.5), 1.2, "collisions: A"),
        tried(path, 2, (0.5, 0.5 + near), 1.4, "collisions: A"),
        tried(path, 3, (0.5, 0.5), 1.1, "collisions: B"),
        tried(path, 4, (0.9, 0.5), 1.1, "collisions: A"),
        tried(path, 5, (0.1, 0.1), 0.9),
    ]
    assert [t.number for t in kept(tries, space, 10)] == [2, 3, 4]
    assert [t.number for t in kept(tries, space, 1)] == [2]
    assert worth(tries, space) == pytest.approx([1.2, 0.7, 1.1, 1.1, 0.9])


def test_without_the_extra_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    words = ["replay", str(write(tmp_path)), "--sweep", "search", "--out", str(tmp_path / "out")]
    assert main(words) == 2
    assert "pip install 'drivegen[search]'" in capsys.readouterr().err


def test_the_command_writes_tables_and_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("optuna")
    path, out = write(tmp_path), tmp_path / "out"
    words = ["replay", str(path), "--sweep", "search", "--server", "none", "--out", str(out), "--step", "0.2"]
    words += ["--runs", "14", "--seed", "1", "--films", "none"]
    assert main(words) == 1
    said = capsys.readouterr().err
    assert "crossing: 14 tries" in said and "crossing-" in said and "did not fail" not in said
    monkeypatch.setattr(module, "players", here)
    by_one = search(Case(name="crossing", path=path), {}, QUICK, tmp_path / "one", runs=2, seed=1)
    outcomes = json.loads((out / "outcomes.json").read_text(encoding="utf-8"))
    assert [o["trajectories_sha256"] for o in outcomes][:2] == [t.outcome.digest for t in by_one.tries]
    with (out / "search" / "crossing.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["number"] for row in rows] == [str(k) for k in range(1, 15)]
    files = [row["file"] for row in rows if row["file"]]
    assert files and all((out / "failures" / name).is_file() for name in files)
    suite = etree.parse(str(out / "junit.xml")).getroot()[0]
    assert suite.get("tests") == "14"
    assert suite.get("failures") == str(sum(row["status"] == "failed" for row in rows))
    page = (out / "index.html").read_text(encoding="utf-8")
    assert f"failures/{files[0]}" in page and "http" not in page
    assert page.count("<circle") == 3 * 14  # by number and by each parameter
