"""Runs the benchmarks one after the other, prints one table, writes benchmarks/latest.json."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

MODULES = (
    "renderer",
    "gpu",
    "raycast",
    "cameras",
    "ticks",
    "crowd",
    "streams",
    "planning",
    "pedestrians",
    "job",
    "exports",
    "report",
    "readers",
    "index_query",
    "determinism",
    "memory",
    "fuzz",
)
INTO = "--into"


def main() -> int:
    """With names of modules only these run, and latest.json stays as it is."""
    if sys.argv[1:2] == [INTO]:
        rows = importlib.import_module(f"benchmarks.{sys.argv[3]}").rows()
        Path(sys.argv[2]).write_text(json.dumps(rows), encoding="utf-8")
        return 0
    rows = [row for name in sys.argv[1:] or MODULES for row in _rows(name)]
    print(f"{'':66} {'value':>10} {'unit':18} {'ratio':>7}  against")
    for row in rows:
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
        print(f"{row['name']:66} {row['value']:10.2f} {row['unit']:18} {ratio:>7}  {row['against'] or ''}")
    if not sys.argv[1:]:
        path = Path(__file__).parent / "latest.json"
        path.write_text(json.dumps({"rows": rows}, indent=1) + "\n", encoding="utf-8")
    return 0


def _rows(name: str) -> list[dict[str, Any]]:
    """Each benchmark in a process of its own: none inherits the clients, contexts or memory of another."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.json"
        subprocess.run([sys.executable, "-m", "benchmarks", INTO, str(path), name], check=True)
        rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return rows


if __name__ == "__main__":
    sys.exit(main())
