"""docs/conformance.md names files and tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUITE = ROOT / "tests" / "integration" / "carla_api"
TEXT = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
FILES = sorted(set(re.findall(r"`((?:test|cases)_\w+\.py)`", TEXT)))
TESTS = sorted(set(re.findall(r"`((?:test|cases)_\w+\.py)::(test_\w+)`", TEXT)))


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_is_named_exists(file: str) -> None:
    assert (SUITE / file).is_file()


@pytest.mark.parametrize(("file", "name"), TESTS)
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    assert f"def {name}(" in (SUITE / file).read_text(encoding="utf-8")
