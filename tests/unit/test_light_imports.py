"""What is heavy is loaded where it is used and nowhere else; without it, one error says what to install."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "diffusers", "transformers", "accelerate", "openai", "optuna", "rerun")

_WATCH = f"""
import sys
HEAVY = {HEAVY!r}
def loaded(): return sorted({{m.split('.')[0] for m in sys.modules}} & set(HEAVY))
"""
_BLOCK = """
import importlib.abc, sys
class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in ABSENT:
            raise ModuleNotFoundError(f'No module named {name!r}', name=name)
        return None
sys.meta_path.insert(0, Absent())
import importlib.util
_find = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: (
    None if name.split('.')[0] in ABSENT else _find(name, package))
"""


def in_child(code: str, *folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder[0] if folder else ROOT,
        env={**os.environ, "DRIVEGEN_NO_TYPECHECK": "1"},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )


def test_nothing_heavy_is_loaded_by_imports_plugins_and_help(tmp_path: Path) -> None:
    code = (
        _WATCH
        + """
import drivegen, drivegen.datasets
assert not loaded(), loaded()
from drivegen.cli.main import main
def said(*words):
    try:
        return main(list(words))
    except SystemExit as end:
        return end.code
assert said('--help') == 0
for verb in ('export', 'report', 'query', 'view', 'study', 'doctor', 'replay'):
    assert said(verb, '--help') == 0
assert not loaded(), loaded()
from drivegen.runtime import plugins
from importlib.metadata import entry_points
kinds = sorted(g for g in entry_points().groups if g.startswith('drivegen.'))
assert len(kinds) >= 6, kinds
for kind in kinds:
    for entry in entry_points(group=kind):
        entry.load()
    assert not loaded(), (kind, loaded())
assert said('generate', '--cfg', 'job', 'look=[rain,fog]', 'experiment=tiny') in (0, None)
assert not loaded(), loaded()
print('light')
"""
    )
    done = in_child(code, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.rstrip().endswith("light")


def test_the_watch_sees_what_is_loaded(tmp_path: Path) -> None:
    """Or the test above could not fail."""
    (tmp_path / "torch.py").write_text("")
    done = in_child(_WATCH + "import torch\nassert not loaded(), loaded()", tmp_path)
    assert done.returncode == 1 and "['torch']" in done.stderr


def _without(*absent: str) -> str:
    return f"ABSENT = {absent!r}\n{_BLOCK}"


def test_a_study_without_torch_says_what_to_install(tmp_path: Path) -> None:
    code = _without("torch") + (
        "from drivegen.cli.main import main\nimport sys\n"
        f"sys.exit(main(['study', {str(tmp_path)!r}, '--threads', '1']))"
    )
    done = in_child(code)
    assert done.returncode == 2, done.stderr
    assert done.stderr.strip().splitlines() == [
        "drivegen: configuration: drivegen study needs torch: pip install 'drivegen[train]'"
    ]


def test_the_back_ends_without_weights_need_nothing() -> None:
    code = _without(*HEAVY) + (
        "from drivegen.core.looks import Style\n"
        "from drivegen.runtime.plugins import make\n"
        "make('generators.appearance', 'procedural', {}, 'x').check(Style(weather='rain'))\n"
        "url = {'base_url': 'http://127.0.0.1:1/v1', 'model': 'm'}\n"
        "make('generators.appearance', 'remote', url, 'x').check(Style(weather='rain'))\n"
    )
    done = in_child(code)
    assert done.returncode == 0, done.stderr[-2000:]


def test_each_extra_that_is_missing_is_named_in_one_error() -> None:
    code = _without(*HEAVY, "pydantic") + (
        "from drivegen.core.errors import ConfigError\n"
        "from drivegen.core.looks import Style\n"
        "from drivegen.runtime.plugins import make\n"
        "from drivegen.runtime.search.sampler import check_extra\n"
        "from drivegen.runtime.words_config import WordsConfig\n"
        "from drivegen.runtime.words.readers import reader_of\n"
        "def said(deed):\n"
        "    try:\n"
        "        deed()\n"
        "    except ConfigError as error:\n"
        "        print(error)\n"
        "    else:\n"
        "        print('nothing was missing')\n"
        "said(check_extra)\n"
        "said(lambda: reader_of(WordsConfig(url='http://127.0.0.1:1/v1', model='m')))\n"
    )
    done = in_child(code)
    assert done.returncode == 0, done.stderr[-2000:]
    lines = done.stdout.strip().splitlines()
    assert len(lines) == 2, lines
    assert "drivegen[search]" in lines[0] and "optuna" in lines[0]
    assert "drivegen[words]" in lines[1]
