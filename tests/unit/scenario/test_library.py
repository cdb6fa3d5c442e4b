"""The scenario library: index, files, coverage."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from drivegen.core.errors import ScenarioError
from drivegen.scenario.coverage import Runs, cover, runs_of
from drivegen.scenario.coverage_pages import as_html, as_markdown
from drivegen.scenario.library import Library, files_below, library_folder, read_library, read_yaml
from drivegen.scenario.validation import Kind, broken, validate, validate_library

DOCS = Path(__file__).parents[3] / "docs"
SOME = "signals/ebike_runs_red.xosc"


@pytest.fixture(scope="module")
def library() -> Library:
    return read_library()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A library of two scenarios to break."""
    source = library_folder()
    for part in ("catalogs", "roads"):
        (tmp_path / part).symlink_to(source / part)
    (tmp_path / "signals").mkdir()
    content = read_yaml((source / "index.yaml").read_text(encoding="utf-8"))
    kept = [e for e in content["scenarios"] if e["name"] in ("ebike_runs_red", "stop_sign_gap")]
    for entry in kept:
        shutil.copy(source / entry["file"], tmp_path / entry["file"])
        shutil.copy(source / entry["distribution"], tmp_path / entry["distribution"])
    (tmp_path / "index.yaml").write_text(yaml.safe_dump({"scenarios": kept}), encoding="utf-8")
    shutil.copy(source / "requirements.yaml", tmp_path)
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_every_scenario_is_valid(library: Library) -> None:
    found = [validate(entry.file) for entry in library.entries]
    # Reading each scenario again with values of its distribution takes time: `drivegen scenarios validate`
    # does so for all of them.
    found += [validate(entry.distribution) for entry in library.entries[::6]]
    assert [problem for each in found for problem in each.problems] == []
    assert [notice for each in found for notice in each.notices] == []
    kinds = [each.kind for each in found]
    count = len(library.entries)
    assert set(kinds[:count]) == {Kind.SCENARIO} and set(kinds[count:]) == {Kind.DISTRIBUTION}


def test_tags_filter_with_and_without_their_kind(library: Library) -> None:
    both = library.tagged(("zone=unmanned_delivery", "6.3"))
    assert {"occluded_child", "delivery_vehicle_crossing"} <= {entry.name for entry in both}
    assert all(
        "unmanned_delivery" in e.tags["zone"] and any("6.3" in values for values in e.tags.values())
        for e in both
    )
    assert library.tagged(()) == library.entries
    with pytest.raises(ScenarioError, match="did you mean 'robotaxi'"):
        library.tagged(("robotax",))
    with pytest.raises(ScenarioError, match="no scenario is tagged 'classes=robotaxi'"):
        library.tagged(("classes=robotaxi",))


def test_an_unknown_name_gets_a_near_one(library: Library) -> None:
    assert library.entry("occluded_child").road.name == "parking_street.xodr"
    with pytest.raises(ScenarioError, match="did you mean 'occluded_child'"):
        library.entry("ocluded_child")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("scenarios:", "scenarioz:", "list `scenarios`"),
        ("name: stop_sign_gap", "name: ebike_runs_red", "two scenarios are named"),
        ("file: signals/stop_sign_gap.xosc", "file: ../../etc/passwd", "leads out of"),
        ("title: The ego stops", "tilte: The ego stops", "`title` must be a text"),
        ("most: 0", "at_most: 0", "`least` or `most`"),
        ("name: stop_sign_gap", "expected: perhaps\n  name: stop_sign_gap", "must be one of pass, fail"),
        ("scenarios:", "scenarios: [", "not YAML"),
    ],
)
def test_a_broken_index_is_told(small: Path, old: str, new: str, message: str) -> None:
    change(small / "index.yaml", old, new)
    with pytest.raises(ScenarioError, match=message) as caught:
        read_library(small)
    assert "index.yaml" in str(caught.value)


def test_a_folder_without_an_index_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"index\.yaml: the library's index cannot be read"):
        read_library(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('entryName="ebike"', 'entryName="ebyke"', "ebyke"),
        (
            "signal_junction.xodr",
            "signal_function.xodr",
            "there is no road at '../roads/signal_function.xodr'",
        ),
        ('name="pass.collisions.most"', 'name="pass.colisions.most"', "is no criterion"),
        (
            'name="pass.distance_m.least" value="0.5"',
            'name="pass.distance_m.least" value="9"',
            "different criteria",
        ),
        ("<Entities>", "<Entities", "not well-formed"),
    ],
)
def test_a_broken_scenario_is_told(small: Path, old: str, new: str, message: str) -> None:
    change(small / SOME, old, new)
    wrong = broken(validate_library(read_library(small)))
    assert len(wrong) in (1, 2), "the scenario, and its distribution where it cannot be read"
    assert message in " ".join(wrong[0].problems)
    assert SOME in wrong[0].problems[0]


def test_a_distribution_of_a_parameter_that_is_not_there_is_told(small: Path) -> None:
    path = small / SOME.replace(".xosc", ".distribution.xosc")
    change(path, 'parameterName="EbikeSpeed_kmh"', 'parameterName="Speed"')
    found = validate(path)
    assert found.kind is Kind.DISTRIBUTION
    assert "Speed" in found.problems[0]


def test_files_below_folders_are_found_once(small: Path) -> None:
    files = files_below([small / "signals", small / SOME])
    assert len(files) == 4
    with pytest.raises(ScenarioError, match="no such file or folder"):
        files_below([small / "nothing"])
    (small / "empty").mkdir()
    with pytest.raises(ScenarioError, match=r"no \.xosc file"):
        files_below([small / "empty"])


def test_documentation_tells_the_coverage(library: Library) -> None:
    page = (DOCS / "scenario-coverage.md").read_text(encoding="utf-8")
    runs = runs_of([DOCS / "scenario-runs.xml"], library)
    command = "drivegen scenarios coverage --runs docs/scenario-runs.xml --out docs/scenario-coverage.md"
    assert page == as_markdown(cover(library, runs)), command


def test_the_run_of_the_documentation_is_one_of_every_scenario_with_the_verdicts_of_the_index(
    library: Library,
) -> None:
    runs = runs_of([DOCS / "scenario-runs.xml"], library)
    expected = {
        entry.name: Runs(passed=int(entry.expected == "pass"), failed=int(entry.expected == "fail"))
        for entry in library.entries
    }
    assert runs == expected


def test_gaps_are_named(small: Path) -> None:
    matrix = cover(read_library(small))
    gaps = {row.tag for section in matrix.sections for row in section.gaps}
    assert {"6.7", "6.5", "occupants.state", "CPNCO", "child"} <= gaps
    assert not gaps & {"6.1", "6.3", "junction.signalised", "motorcycle", "robotaxi"}
    page = as_html(matrix)
    assert "Intervention and takeover (a person behind the wheel is not simulated)" in page
    assert "<script" not in page and "http" not in page


def test_an_unknown_tag_is_refused(small: Path) -> None:
    change(small / "index.yaml", "robotaxi", "robotaksi")
    with pytest.raises(ScenarioError, match="zone=robotaksi, which is none of the requirements"):
        cover(read_library(small))


def test_runs_are_counted_from_junit(small: Path, tmp_path: Path) -> None:
    junit = tmp_path / "junit.xml"
    junit.write_text(
        '<testsuites><testsuite><testcase name="signals/ebike_runs_red.xosc"/>'
        '<testcase name="ebike_runs_red[EgoSpeed_kmh=60]"><failure message="collision"/></testcase>'
        '<testcase name="my_ebike_runs_red_2"/>'
        '<testcase name="stop_sign_gap"><skipped/></testcase></testsuite></testsuites>',
        encoding="utf-8",
    )
    library = read_library(small)
    runs = runs_of([junit], library)
    assert runs == {"ebike_runs_red": Runs(passed=1, failed=1)}
    row = next(r for s in cover(library, runs).sections for r in s.rows if r.tag == "6.1")
    assert row.runs == Runs(passed=1, failed=1)
    matrix = cover(library, runs)
    assert '2 runs: <span class="pass">1 passed</span>, <span class="fail">1 failed</span>' in as_html(matrix)
    assert "| 2 runs: 1 passed, 1 failed |" in as_markdown(matrix)
    # Of the small library the other scenario was not run: what only it stands for has no run.
    idle = {row.tag for section in matrix.sections for row in section.idle}
    assert "6.1" not in idle
    assert idle == {
        row.tag
        for section in matrix.sections
        for row in section.rows
        if [entry.name for entry in row.entries] == ["stop_sign_gap"]
    }
    assert idle
    assert "No run for: " in as_markdown(matrix)
    assert "No run for: " not in as_markdown(cover(library))
    junit.write_text("<testsuites>", encoding="utf-8")
    with pytest.raises(ScenarioError, match="not a JUnit file"):
        runs_of([junit], library)
