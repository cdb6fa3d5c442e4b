"""What other readers of OpenDRIVE say, where they are installed."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from drivegen.opendrive.checks.finding import Finding, Severity
from drivegen.opendrive.netconvert import environment_of, find_netconvert

TIMEOUT_S = 120.0
_TOLD = 20


def check_with_netconvert(text: str, timeout_s: float = TIMEOUT_S) -> Iterator[Finding]:
    """Does SUMO read the map? A note where netconvert is not installed."""
    program = find_netconvert()
    if program is None:
        yield _finding(
            Severity.NOTE, "netconvert is not installed, and was not asked", "install drivegen[osm]"
        )
        return
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "map.xodr", Path(folder) / "map.net.xml"
        source.write_text(text, encoding="utf-8")
        command = [str(program), "--opendrive-files", str(source), "--output-file", str(out)]
        try:
            done = subprocess.run(
                [*command, "--opendrive.import-all-lanes", "true"],
                env=environment_of(program)[0],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            what = f"netconvert did not read the map in {timeout_s:g} s"
            yield _finding(Severity.WARNING, what, "look at the other findings")
            return
        wrote = out.is_file() and out.stat().st_size > 0
    said = [line.strip() for line in done.stderr.splitlines()]
    if done.returncode != 0 or not wrote:
        words = next((s for s in said if s.startswith("Error:")), f"exit code {done.returncode}")
        yield _finding(Severity.WARNING, f"netconvert does not read the map: {words}", "mend what it names")
    warnings = [s for s in said if s.startswith("Warning:")]
    for line in warnings[:_TOLD]:
        yield _finding(Severity.NOTE, f"netconvert: {line.removeprefix('Warning:').strip()}", "see there")
    if len(warnings) > _TOLD:
        yield _finding(Severity.NOTE, f"netconvert: {len(warnings) - _TOLD} warnings more", "see there")


def _finding(severity: Severity, what: str, mend: str) -> Finding:
    return Finding(severity=severity, kind="netconvert", what=what, mend=mend)
