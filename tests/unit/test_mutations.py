"""Planted errors fit the code as it is, and the harness finds them and nothing else.

All of them are tried by `make mutations`, which takes minutes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutations.planted import Mutation, mutations

ROOT = Path(__file__).parents[2]
TRY = """
import tempfile
from pathlib import Path
from tests.mutations.planted import Mutation, mutations
from tests.mutations.trial import Trials

rounding = next(m for m in mutations() if m.error == "rounding to float32" and m.format == "yolo")
with tempfile.TemporaryDirectory() as folder:
    trials = Trials(Path(folder))
    assert trials.round_trip("yolo", Mutation("none", "yolo", rounding.file, "rows = ", "rows =  ")) == ""
    print(trials.find(rounding))
"""


@pytest.mark.parametrize("mutation", mutations(), ids=lambda m: f"{m.error}-{m.format}".replace(" ", "_"))
def test_every_error_fits(mutation: Mutation) -> None:
    text = mutation.planted((ROOT / mutation.file).read_text())
    compile(text, mutation.file, "exec")


def test_there_are_ten_errors_in_many_formats() -> None:
    errors = {m.error for m in mutations()}
    assert len(errors) == 10
    for error in errors:
        assert {"nuscenes", "kitti"} <= {m.format for m in mutations() if m.error == error}


def test_a_planted_error_is_found_and_what_is_none_is_not() -> None:
    # Exporters must not have been loaded before, so it is a process of its own.
    done = subprocess.run(
        [sys.executable, "-c", TRY],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "round trip: rectangles"
