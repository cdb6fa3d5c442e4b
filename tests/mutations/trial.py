"""A process with an error planted in one of its modules, and what it finds."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import io
import os
import select
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutations.planted import EXPORTERS, Mutation
from tests.round_trip.formats import FORMATS, PLAIN, captures_of, export

ROOT = Path(__file__).parents[2]
UNIT_TESTS = {"dair_v2x": "test_paired.py"}
"""Of formats whose unit tests are not called as they are."""
LONGEST_S = 300.0
BROKE = "the trial broke"


class Planted(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from a changed text."""

    def __init__(self, mutation: Mutation) -> None:
        self._mutation = mutation
        path = Path(mutation.file).relative_to(Path(EXPORTERS).parent).with_suffix("")
        self._name = ".".join(path.parts)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Its own for that module, nothing for all others."""
        if fullname != self._name:
            return None
        found = importlib.machinery.PathFinder.find_spec(fullname, path)
        assert found is not None and found.origin is not None
        self._file = Path(found.origin)
        return importlib.util.spec_from_file_location(fullname, self._file, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """Runs the changed text."""
        text = self._mutation.planted(self._file.read_text())
        exec(compile(text, str(self._file), "exec"), module.__dict__)


class Trials:
    """Runs trials, each in a process of its own, on captures that are made once.

    Args:
        folder: For captures and data sets.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._captures: dict[str, list[Path]] = {}

    def find(self, mutation: Mutation) -> str:
        """Who found the error: quantities of the round trip, or a unit test; nothing if nobody did."""
        return self.round_trip(mutation.format, mutation) or self.unit(mutation.format, mutation)

    def round_trip(self, form: str, mutation: Mutation | None) -> str:
        """What of the format's round trip is off."""
        forms = [f for f in FORMATS if f.exporter == form]
        for each in forms:
            if each.world not in self._captures:
                self._captures[each.world] = captures_of(each.world, self._folder / each.world)

        def run() -> str:
            for each in forms:
                captures = self._captures[each.world]
                with tempfile.TemporaryDirectory(dir=self._folder) as folder:
                    try:
                        export(each, captures, Path(folder) / "set", PLAIN)
                        far = [r.quantity for r in each.rows(Path(folder) / "set", captures) if not r.holds]
                    except Exception as error:
                        return f"round trip: {_first_line(error)}"
                    if far:
                        return f"round trip: {', '.join(far[:2])}"
            return ""

        return self._apart(mutation, run)

    def unit(self, form: str, mutation: Mutation | None) -> str:
        """The first of the format's unit tests that fails."""
        path = ROOT / "tests/unit/exporters" / UNIT_TESTS.get(form, f"test_{form}.py")
        if not path.is_file():
            return ""

        def run() -> str:
            said = io.StringIO()
            with redirect_stdout(said), redirect_stderr(said):
                status = pytest.main(
                    ["-n0", "-x", "-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT), str(path)]
                )
            if status == pytest.ExitCode.OK:
                return ""
            failed = [w for w in said.getvalue().splitlines() if w.startswith(("FAILED", "ERROR"))]
            return f"`{failed[0].split('::')[1].split(' - ')[0]}`" if failed else f"pytest: {status!r}"

        return self._apart(mutation, run)

    def _apart(self, mutation: Mutation | None, run: Callable[[], str]) -> str:
        """What a process says that is forked from this one and loads the error."""
        assert not [n for n in sys.modules if n.startswith("drivegen_exporters")], "exporters are loaded"
        read, write = os.pipe()
        child = os.fork()
        if not child:
            said = BROKE
            try:
                if mutation is not None:
                    sys.meta_path.insert(0, Planted(mutation))
                said = run()
            except BaseException:
                said = f"{BROKE}: {traceback.format_exc(limit=2)}"
            finally:
                os.write(write, said.encode()[:4000])
                os._exit(0)
        os.close(write)
        try:
            ready, _, _ = select.select([read], [], [], LONGEST_S)
            if not ready:
                os.kill(child, signal.SIGKILL)
                return f"nothing within {LONGEST_S:g} s"
            said = os.read(read, 5000).decode()
            assert not said.startswith(BROKE), said
            return said
        finally:
            os.close(read)
            os.waitpid(child, 0)


def _first_line(error: BaseException) -> str:
    text = str(error).splitlines()
    return f"{type(error).__name__}: {text[0][:90] if text else ''}".replace("|", "/")
