"""SUMO's netconvert, from the optional extra `osm`."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from drivegen.core.errors import MapError

TIMEOUT_S = 1800.0
"""A city takes minutes."""
_KERB_RADIUS_M = "8"
"""netconvert's 4 m make buses leave their lanes."""
_TYPES = ("osmNetconvert", "osmNetconvertPedestrians", "osmNetconvertBicycle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """What netconvert wrote."""

    opendrive: str
    """Its OpenDRIVE text."""
    network: Path
    """SUMO's own network, which knows where crossings lie."""
    warnings: tuple[str, ...]


def find_netconvert() -> Path | None:
    """The program: of the package eclipse-sumo, below $SUMO_HOME, or on the path; None if there is none."""
    spec = importlib.util.find_spec("sumo")
    homes = [Path(p) for p in (spec.submodule_search_locations or ())] if spec is not None else []
    if os.environ.get("SUMO_HOME"):
        homes.append(Path(os.environ["SUMO_HOME"]))
    for home in homes:
        program = home / "bin" / "netconvert"
        if program.is_file():
            return program
    found = shutil.which("netconvert")
    return Path(found) if found else None


def require_netconvert() -> Path:
    """The program; MapError that names the extra if there is none."""
    program = find_netconvert()
    if program is None:
        raise MapError(
            "maps import needs SUMO's netconvert, which is not installed. "
            'Install the optional extra: pip install "drivegen[osm]", or set SUMO_HOME.'
        )
    return program


def environment_of(program: Path) -> tuple[dict[str, str], Path]:
    """(variables, folder of SUMO's data)."""
    home = program.resolve().parent.parent
    if not (home / "data" / "typemap").is_dir() and os.environ.get("SUMO_HOME"):
        home = Path(os.environ["SUMO_HOME"])
    if not (home / "data" / "typemap").is_dir():
        raise MapError(f"{program}: SUMO's folder data/typemap is not beside it. Set SUMO_HOME.")
    out = dict(os.environ, SUMO_HOME=str(home))
    if (home / "data" / "proj").is_dir():
        out["PROJ_DATA"] = out["PROJ_LIB"] = str(home / "data" / "proj")
    return out, home / "data"


def convert(
    osm: Path, projection: str, folder: Path, name: str, *, timeout_s: float = TIMEOUT_S
) -> Converted:
    """Runs netconvert on an .osm file. Raises MapError where it is missing, fails, or takes too long.

    Args:
        osm: The extract as XML, already found to be sound.
        projection: PROJ string of the plane.
        folder: Where to write; files there are overwritten.
        name: The extract's name in messages.
        timeout_s: How long it may take.
    """
    program = require_netconvert()
    environment, data = environment_of(program)
    out, network = folder / "raw.xodr", folder / "raw.net.xml"
    types = ",".join(str(data / "typemap" / f"{t}.typ.xml") for t in _TYPES)
    options = {
        "--osm-files": str(osm),
        "--opendrive-output": str(out),
        "--output-file": str(network),
        "--type-files": types,
        "--proj": projection,
        "--offset.disable-normalization": "true",
        "--osm.sidewalks": "true",
        "--osm.crossings": "true",
        "--osm.bike-access": "true",
        "--sidewalks.guess": "true",
        "--crossings.guess": "true",
        "--tls.join": "true",
        "--tls.discard-simple": "true",
        "--junctions.join": "true",
        "--junctions.join-dist": "15",
        "--default.junctions.radius": _KERB_RADIUS_M,
        "--roundabouts.guess": "true",
        "--geometry.remove": "true",
        "--no-turnarounds": "true",
        "--output.street-names": "true",
        "--opendrive-output.straight-threshold": "1",
    }
    command = [str(program), *(word for pair in options.items() for word in pair)]
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise MapError(
            f"{name}: netconvert did not finish in {timeout_s:g} s. Cut out a smaller area."
        ) from None
    except OSError as error:
        raise MapError(
            f"{program}: {error.strerror}. Install the optional extra osm of drivegen again."
        ) from None
    said = [line.strip() for line in done.stderr.splitlines()]
    if done.returncode != 0 or not out.is_file():
        words = next((s.removeprefix("Error:").strip() for s in said if s.startswith("Error:")), "")
        raise MapError(
            f"{name}: netconvert gave up: {words or f'exit code {done.returncode}'}. Correct the extract."
        )
    warnings = tuple(s.removeprefix("Warning:").strip() for s in said if s.startswith("Warning:"))
    return Converted(opendrive=out.read_text(encoding="utf-8"), network=network, warnings=warnings)
