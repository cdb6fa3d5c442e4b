"""Compilation is told of once, before it begins; what is on disk is no compilation."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from drivegen.embedded.server.compiling import telling_of_compilation

SOURCE = """
from numba import njit

@njit(cache=True)
def one_more(x):
    return x + 1

@njit(cache=True)
def two_more(x):
    return one_more(one_more(x))
"""


def _fresh(folder: Path) -> Any:
    """The functions as a new process has them."""
    file = folder / "functions.py"
    if not file.exists():
        file.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("functions", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_is_told_once_and_not_of_what_is_on_disk(tmp_path: Path) -> None:
    told: list[str] = []
    with telling_of_compilation(lambda: told.append("cold")):
        assert _fresh(tmp_path).two_more(1) == 3
    with telling_of_compilation(lambda: told.append("warm")):
        assert _fresh(tmp_path).two_more(1) == 3
    assert told == ["cold"]
    assert _fresh(tmp_path).two_more(1.5) == 3.5
    assert told == ["cold"], "nobody listens any more"


def test_what_goes_wrong_meanwhile_ends_the_telling(tmp_path: Path) -> None:
    told: list[str] = []
    with pytest.raises(KeyError), telling_of_compilation(lambda: told.append("")):
        raise KeyError("map")
    assert _fresh(tmp_path).one_more(1) == 2
    assert not told
