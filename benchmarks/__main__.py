"""Runs the benchmarks one after the other, prints one table, writes benchmarks/latest.json."""

from __future__ import annotations

import importlib
import json
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

MODULES = ("renderer", "raycast", "ticks", "job")


def _rows(name: str) -> list[dict[str, Any]]:
    """Each benchmark in a process of its own: none inherits the clients, contexts or memory of another."""
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_rows_here, name).result()


def _rows_here(name: str) -> list[dict[str, Any]]:
    return list(importlib.import_module(f"benchmarks.{name}").rows())


def main() -> int:
    names = sys.argv[1:] or MODULES
    rows = [row for name in names for row in _rows(name)]
    print(f"{'':44} {'value':>10} {'unit':18} {'ratio':>7}  against")
    for row in rows:
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
        print(f"{row['name']:44} {row['value']:10.2f} {row['unit']:18} {ratio:>7}  {row['against'] or ''}")
    if not sys.argv[1:]:
        path = Path(__file__).parent / "latest.json"
        path.write_text(json.dumps({"rows": rows}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
