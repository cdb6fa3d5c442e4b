"""`drivegen scenarios`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drivegen.cli.main import main
from drivegen.scenario.library import library_folder


def test_list_tells_those_with_a_tag(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios", "list", "--tag", "zone=unmanned_retail"]) == 0
    told = capsys.readouterr().out
    assert "retail_customer" in told and "ebike_runs_red" not in told
    assert main(["scenarios", "list", "--tag", "unmanned_retail", "--json"]) == 0
    assert [e["name"] for e in json.loads(capsys.readouterr().out)] == ["retail_customer"]


def test_show_tells_all_of_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios", "show", "fog_bank_braking"]) == 0
    told = capsys.readouterr().out
    assert "团雾中车队连环制动" in told and "pass: stand_still_s at least 8" in told
    assert main(["scenarios", "show", "fog_bank"]) == 2
    assert "did you mean 'fog_bank_braking'" in capsys.readouterr().err


def test_validate_ends_with_2_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios", "validate", str(library_folder() / "parking")]) == 0
    assert "4 files, 0 with errors" in capsys.readouterr().out
    bad = tmp_path / "bad.xosc"
    bad.write_text("<OpenSCENARIO>\n<FileHeader/>\n</OpenSCENARIO>", encoding="utf-8")
    assert main(["scenarios", "validate", str(bad)]) == 2
    assert f"error: {bad}:2: " in capsys.readouterr().out
    assert main(["scenarios", "validate", "--json", str(bad)]) == 2
    assert json.loads(capsys.readouterr().out)[0]["problems"]


def test_validate_says_where_asams_checker_could_come_from(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("QC_OPENSCENARIO", raising=False)
    assert main(["scenarios", "validate", "--asam", str(library_folder() / "parking")]) == 2
    assert "QC_OPENSCENARIO" in capsys.readouterr().err


def test_coverage_is_one_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "coverage.html"
    assert main(["scenarios", "coverage", "--out", str(out)]) == 0
    assert "gaps" in capsys.readouterr().out
    page = out.read_text(encoding="utf-8")
    assert 'content="width=device-width,initial-scale=1"' in page and "场景覆盖矩阵" in page
    assert main(["scenarios", "coverage", "--out", str(tmp_path / "coverage.pdf")]) == 2
    assert "name an .html or an .md file" in capsys.readouterr().err
