"""Two hundred broken and hostile scenarios through `drivegen replay`: each one clear error or a run, soon.

`python -m benchmarks scenario_play_fuzz` plants all of `tests/hostile_scenarios.py` (storyboards that never
end, huge numbers, roads that are devices or web sites, catalogues and OpenDRIVE files that are bombs) and
mutants of the library's scenarios and catalogues (`tests/scenario_mutations.py`), as many as make 200, and
gives them all to the command as a user would. It fails if one hangs for 60 s, brings a trace, or is answered
without a file's name. `DRIVEGEN_FUZZ_INPUTS` and `DRIVEGEN_FUZZ_SEED` change the number and the seed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from tests.hostile_scenarios import ALL, LIBRARY, plant
from tests.scenario_mutations import Breaker

FILES = int(os.environ.get("DRIVEGEN_FUZZ_INPUTS", "200"))
SEED = int(os.environ.get("DRIVEGEN_FUZZ_SEED", "1"))
MOST_S = 60.0
SIMULATED_S = "4"


def rows() -> list[dict[str, Any]]:
    """How many were played and refused, and the slowest."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        paths = [plant(name, root / name) for name in ALL]
        paths += _mutants(root, max(0, FILES - len(paths)))
        outcomes = replayed(paths, root / "out")
        complaints = [said for outcome in outcomes if (said := complaint(outcome)) is not None]
        if complaints:
            raise AssertionError(f"{len(complaints)} of {len(paths)}:\n" + "\n".join(complaints))
        counts = Counter("refused" if o["status"] == "error" else "played" for o in outcomes)
        slowest = max(o["wall_s"] for o in outcomes)
    rest: dict[str, Any] = {"ratio": None, "against": None}
    return [
        {
            "name": f"hostile and broken files, seed {SEED}",
            "value": float(len(paths)),
            "unit": "files",
            **rest,
        },
        {"name": "of them played", "value": float(counts["played"]), "unit": "files", **rest},
        {
            "name": "of them answered with one error",
            "value": float(counts["refused"]),
            "unit": "files",
            **rest,
        },
        {"name": "slowest", "value": slowest, "unit": "s", **rest},
    ]


def replayed(paths: list[Path], out: Path) -> list[dict[str, Any]]:
    """What the command said of them, in its own file; AssertionError for a trace."""
    words = ["--server", "none", "--films", "none", "--step", "0.1", "--limit", SIMULATED_S]
    command = [sys.executable, "-m", "drivegen.cli.main", "replay", *map(str, paths), *words]
    done = subprocess.run(
        [*command, "--time-limit", f"{MOST_S:g}", "--out", str(out)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if "Traceback" in done.stderr or done.returncode not in (0, 1, 2):
        raise AssertionError(f"the command ended with {done.returncode}: {done.stderr[-3000:]}")
    outcomes: list[dict[str, Any]] = json.loads((out / "outcomes.json").read_text(encoding="utf-8"))
    return outcomes


def complaint(outcome: dict[str, Any]) -> str | None:
    """Why an outcome is not as it must be, or None: one line that begins with a path, and no defect."""
    message = outcome["message"]
    if outcome["status"] != "error":
        return f"{outcome['name']}: it has a message: {message}" if message else None
    said = f"{outcome['name']}: {message[:400]!r}"
    if "\n" in message or ": " not in message:
        return f"not one line: {said}"
    if (
        "a defect of drivegen" in message
        or "it took longer" in message
        or "the process that played" in message
    ):
        return said
    return None if message.startswith("/") else f"no file is named: {said}"


def _mutants(root: Path, count: int) -> list[Path]:
    """Scenarios broken in one way, each in a folder of the library's shape; every fifth by a catalogue."""
    index = sorted(p for p in LIBRARY.rglob("*.xosc") if "catalogs" not in p.parts)
    scenarios = [p for p in index if not p.name.endswith(".distribution.xosc")]
    catalogs = sorted((LIBRARY / "catalogs").rglob("*.xosc"))
    breaker = Breaker(SEED)
    breaker.random.shuffle(scenarios)
    out = []
    for number in range(count):
        folder = root / f"mutant{number:03d}"
        path = scenarios[number % len(scenarios)]
        (folder / path.parent.name).mkdir(parents=True)
        (folder / "roads").symlink_to(LIBRARY / "roads")
        shutil.copytree(LIBRARY / "catalogs", folder / "catalogs")
        copy = folder / path.parent.name / path.name
        shutil.copyfile(path, copy)
        broken = folder / breaker.random.choice(catalogs).relative_to(LIBRARY) if number % 5 == 0 else copy
        mutant = breaker.broken(broken.read_bytes().decode("utf-8-sig"))
        broken.write_bytes(mutant.text.encode("utf-8", "surrogatepass"))
        out.append(copy.rename(copy.with_name(f"{folder.name}_{mutant.kind}.xosc")))
    return out
