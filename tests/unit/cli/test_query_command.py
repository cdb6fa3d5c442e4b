"""`drivegen query` as a new user meets it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from drivegen.capture.index import TABLES, build_index
from drivegen.cli.main import main
from tests.unit.capture.synthetic_capture import make_plan, make_rig, write_capture


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    (folder / "captures").mkdir()
    capture = write_capture(folder / "captures/s1.mcap", make_plan("s1", 0.1, make_rig(32, 18, 45))).path
    build_index([capture], folder / "index")
    return folder


def asked(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    code = main(["query", *map(str, words)])
    found = capsys.readouterr()
    assert code == 0, found.err
    return found.out


def refused(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    assert main(["query", *map(str, words)]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    return found.err


SQL = (
    'select class, count(*) n, sum(track_id) ids, list(frame order by frame) "at" from objects'
    " where class = 'car'"
)


def test_forms(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sql = f"{SQL} group by class"
    ids, at = 2 * (24 + 25 + 60), [0, 0, 0, 1, 1, 1]
    assert json.loads(asked(capsys, run, sql, "--format", "json")) == [
        {"class": "car", "n": 6, "ids": ids, "at": at}
    ]
    rows = list(csv.reader(io.StringIO(asked(capsys, run, sql, "--format=csv"))))
    assert rows == [["class", "n", "ids", "at"], ["car", "6", str(ids), str(at)]]
    assert "│ car" in asked(capsys, run, sql)


def test_no_rows_are_an_answer(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sql = "select scene from scenes where false"
    assert json.loads(asked(capsys, run, sql, "--format", "json")) == []
    assert asked(capsys, run, sql, "--format", "csv") == "scene\n"


def test_numbers_that_json_does_not_have(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = asked(
        capsys, run, "select 'nan'::double a, [1.5, 'inf'::double] b, 2.50::decimal(9,2) c", "--format=json"
    )
    assert json.loads(text, parse_constant=pytest.fail) == [{"a": None, "b": [1.5, None], "c": 2.5}]


@pytest.mark.parametrize("words", [[], ["--schema"]])
def test_tables_and_columns(run: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    text = asked(capsys, run, *words)
    assert [line.split(",")[0] for line in text.splitlines() if line and line[0] != " "] == list(TABLES)
    assert "objects, 22 rows" in text and "    distance_m         DOUBLE" in text
    rows = json.loads(asked(capsys, run, *words, "--format", "json"))
    assert {"table": "objects", "rows": 22, "column": "class", "type": "VARCHAR"} in rows


def test_an_empty_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no index; run the job to its end" in refused(capsys, tmp_path, "select 1")
    build_index([], tmp_path / "index")
    assert "scenes, 0 rows" in asked(capsys, tmp_path)
    assert json.loads(asked(capsys, tmp_path, "select count(*) n from objects", "--format=json")) == [
        {"n": 0}
    ]
    (tmp_path / "index/sightings.parquet").unlink()
    assert "sightings.parquet is missing: the index is of an older drivegen" in refused(capsys, tmp_path, "x")


def test_mistakes_are_explained(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = refused(capsys, run, "select * from object")
    assert 'Did you mean "objects"?' in text and "--schema" in text
    assert "distance_m" in refused(capsys, run, "select distance from objects")
    assert "no such run folder" in refused(capsys, run / "nothing", "select 1")


@pytest.mark.parametrize(
    "sql",
    [
        "copy (select 1) to '{out}'",
        "copy scenes to '{out}'",
        "select * from read_csv('{secret}')",
        "select * from '{secret}'",
        "select * from read_text('{secret}')",
        "from sniff_csv('{secret}')",
        "attach '{out}' as x",
        "pragma enable_external_access",
        "export database '{out}'",
        "with x as (select * from read_blob('{secret}')) select * from x",
        "load httpfs",
        "call pragma_version()",
        "explain analyze copy scenes to '{out}'",
        "set allowed_paths = ['{secret}']",
    ],
)
def test_files_are_out_of_reach(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], sql: str
) -> None:
    secret, out = tmp_path / "secret.csv", tmp_path / "out"
    secret.write_text("word\nxyzzy\n")
    index = {p.name: p.read_bytes() for p in (run / "index").iterdir()}
    assert "xyzzy" not in refused(capsys, run, sql.format(secret=secret, out=out))
    assert not out.exists()
    assert {p.name: p.read_bytes() for p in (run / "index").iterdir()} == index
