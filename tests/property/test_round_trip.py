"""Boxes, poses, calibrations, points and classes read back from every format equal the captures."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests import round_trip
from tests.round_trip.formats import FORMATS, PLAIN, Format, captures_of, export

READERS = sorted(Path(round_trip.__file__).parent.glob("*_readers.py"))


@pytest.fixture(scope="module")
def captures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    folder = tmp_path_factory.mktemp("captures")
    return {world: captures_of(world, folder / world) for world in sorted({f.world for f in FORMATS})}


@pytest.mark.parametrize("form", FORMATS, ids=lambda f: f.name.replace(" ", "_"))
def test_what_is_read_back_is_the_captures(
    form: Format, captures: dict[str, list[Path]], tmp_path: Path
) -> None:
    if form.exporter == "osi":
        pytest.importorskip("osi3")
    export(form, captures[form.world], tmp_path / "set", PLAIN)
    far = [row for row in form.rows(tmp_path / "set", captures[form.world]) if not row.holds]
    assert not far


@pytest.mark.parametrize("path", READERS, ids=lambda p: p.stem)
def test_readers_share_nothing_with_exporters(path: Path) -> None:
    tree = ast.parse(path.read_text())
    names = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    names += [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    assert len(READERS) >= 3 and names
    assert not [n for n in names if n.split(".")[0].startswith("drivegen")]
