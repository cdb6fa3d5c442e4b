"""What ASAM's own checker says of an OpenSCENARIO file (asam-qc-openscenarioxml), where it is installed.

It is a program of its own because its libraries cannot stand beside drivegen's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from xml.sax.saxutils import quoteattr

from lxml import etree

from drivegen.core.errors import ConfigError, ScenarioError

PROGRAM = "qc_openscenario"
PLACE = "QC_OPENSCENARIO"
"""Environment variable with the program's path, where it is not on the path of programs."""
TIMEOUT_S = 120.0
_BUNDLE = "xoscBundle"


def find_checker() -> Path:
    """The program. Raises ConfigError if there is none."""
    named = os.environ.get(PLACE, "")
    found = named if named and Path(named).is_file() else shutil.which(PROGRAM)
    if not found:
        raise ConfigError(
            f"asam-qc-openscenarioxml is not installed: install it in an environment of its own and name its "
            f"{PROGRAM} in {PLACE}"
        )
    return Path(found)


def asam_problems(path: Path, program: Path, timeout_s: float = TIMEOUT_S) -> tuple[str, ...]:
    """Its issues with a file, each with its rule.

    Raises ScenarioError if the program gives no result in time.
    """
    with tempfile.TemporaryDirectory() as folder:
        result, settings = (Path(folder) / name for name in ("result.xqar", "settings.xml"))
        given = f'<Param name="InputFile" value={quoteattr(str(path.resolve()))}/>'
        wanted = f'<Param name="resultFile" value={quoteattr(str(result))}/>'
        bundle = f'<CheckerBundle application="{_BUNDLE}">{wanted}</CheckerBundle>'
        settings.write_text(f"<Config>{given}{bundle}</Config>", encoding="utf-8")
        try:
            done = subprocess.run(
                [str(program), "-c", str(settings)],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ScenarioError(f"{path}: {PROGRAM} gave no result in {timeout_s:g} s") from None
        except OSError as error:
            raise ScenarioError(f"{program} cannot be run: {error.strerror}") from error
        if not result.is_file():
            last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
            raise ScenarioError(f"{path}: {PROGRAM} gave no result: {last[0]}")
        report = etree.fromstring(result.read_bytes())
    unfinished = [
        f"{path}: ASAM's checker did not finish {checker.get('checkerId')}: {checker.get('summary')}"
        for checker in report.iter("Checker")
        if checker.get("status") == "error"
    ]
    return (*(_issue(path, issue) for issue in report.iter("Issue")), *unfinished)


def _issue(path: Path, issue: etree._Element) -> str:
    line = next((place.get("row") for place in issue.iter("FileLocation")), None)
    where = f"{path}:{line}" if line else str(path)
    places = [place.get("description", "") for place in issue.iter("Locations")]
    said = " ".join(filter(None, (issue.get("description", ""), *places)))
    return f"{where}: ASAM {issue.get('ruleUID', '').rsplit(':', 1)[-1]}: {said}"
