"""Runs the benchmarks one after the other, prints one table, writes benchmarks/latest.json."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

MODULES = ("renderer", "raycast", "ticks", "job")


def main() -> int:
    names = sys.argv[1:] or MODULES
    rows = [row for name in names for row in importlib.import_module(f"benchmarks.{name}").rows()]
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
