"""Thousands of broken scenario files: each is one clear error or a correct read, soon.

`python -m benchmarks scenario_fuzz` breaks the files of scenarios/, or those of `DRIVEGEN_SCENARIOS`.
The first file whose error is no message, names no place or another one, or takes too long ends it; the
tests do the same with fewer (tests/unit/scenario/test_mutations.py).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.scenario_mutations import Breaker, complaint, judged

FOLDER = Path(os.environ.get("DRIVEGEN_SCENARIOS") or Path(__file__).parents[1] / "scenarios")
MUTANTS = int(os.environ.get("DRIVEGEN_FUZZ_INPUTS", "5000"))
SEED = int(os.environ.get("DRIVEGEN_FUZZ_SEED", "1"))
MOST_S = 60.0


def rows() -> list[dict[str, Any]]:
    """How many were read and refused, and the slowest."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "scenarios"
        shutil.copytree(FOLDER, copy)
        counts, slowest_s = _broken(copy)
    rest: dict[str, Any] = {"ratio": None, "against": None}
    return [
        {
            "name": f"{FOLDER.name}: broken files",
            "value": float(sum(counts.values())),
            "unit": "files",
            **rest,
        },
        *(
            {"name": f"{FOLDER.name}: {outcome}", "value": float(count), "unit": "files", **rest}
            for outcome, count in sorted(counts.items())
        ),
        {"name": f"{FOLDER.name}: the slowest", "value": slowest_s, "unit": "s", **rest},
    ]


def _broken(copy: Path) -> tuple[Counter[str], float]:
    files = sorted(copy.rglob("*.xosc"))
    catalogs = [f for f in files if "<Catalog " in f.read_text(encoding="utf-8-sig")]
    scenarios = [f for f in files if f not in catalogs]
    breaker = Breaker(SEED)
    counts: Counter[str] = Counter()
    slowest_s = 0.0
    for number in range(MUTANTS):
        path = scenarios[number % len(scenarios)]
        broken = breaker.random.choice(catalogs) if catalogs and number % 5 == 0 else path
        whole = broken.read_bytes()
        mutant = breaker.broken(whole.decode("utf-8-sig"))
        broken.write_bytes(mutant.text.encode("utf-8", "surrogatepass"))
        verdict = judged(path)
        mutant = replace(mutant, fails=mutant.fails and broken is path)
        wrong = complaint(verdict, mutant, broken)
        if wrong is not None or verdict.seconds > MOST_S:
            raise AssertionError(f"{path.name}, number {number}, {mutant.kind}: {wrong or verdict.seconds}")
        broken.write_bytes(whole)
        counts["read" if verdict.message is None else "refused"] += 1
        slowest_s = max(slowest_s, verdict.seconds)
    return counts, slowest_s
