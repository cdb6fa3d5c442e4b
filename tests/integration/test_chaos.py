"""Chaos in small; `make chaos` is the whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos import chaos


@pytest.mark.stress
@pytest.mark.timeout(600)
def test_a_job_whose_processes_are_killed_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    verdict = chaos(tmp_path, scenes=2, workers=2, kills=3, every_s=1.5, words=["export=none"], seed=1)
    assert verdict.kills.total() == 3
    assert verdict.is_good, (verdict, verdict.left)
