"""The commands in docs/ and the READMEs, run page by page; `docs.site.commands` tells of marks in fences.

One small scene is recorded for all pages, by the first command of the first tutorial; cooperative captures
are synthetic. `drivegen` runs in this process, where its imports are paid once; what needs a shell gets one.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import hydra
import pytest
from docs.site.commands import ROOT, Block, blocks, lines, pages, words_of

from drivegen.cli.generate import sentence_in
from drivegen.cli.main import main, parser
from drivegen.data import data_root
from drivegen.runtime import plugins
from drivegen.runtime.config import config_from, register_schema
from tests.cooperative_capture import make_cooperative_plan, write_cooperative_capture

FIRST = "drivegen generate experiment=tiny job.name=first"
PAGES = [page for page in pages() if any(True for _ in blocks(page))]
LEFT_OUT = ("by-hand", "elsewhere", "dry")


def run_here(words: list[str]) -> tuple[int, str]:
    """`drivegen WORDS` in this process: exit code, and what it said."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            code = main(words)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
    return code, said.getvalue()


def run_shell(command: list[str], folder: Path) -> tuple[int, str]:
    environment = dict(os.environ)
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    environment["DRIVEGEN_CHECKOUT"] = str(ROOT)
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stdout + done.stderr


def check_words(command: str) -> None:
    """What is not run: the words are the parsers', the keys the configuration's, the plugins are there."""
    words = words_of(command)
    if words is None:
        return
    if words[0] != "generate":
        parser().parse_args(words)
        return
    register_schema()
    with hydra.initialize_config_dir(version_base="1.3", config_dir=str(data_root() / "conf")):
        config = config_from(hydra.compose("config", overrides=sentence_in(words[1:])[1]))
    if config.map.plugin is not None:
        plugins.make("generators.roads", config.map.plugin, dict(config.map.params), "map.plugin")


def matters_where(words: list[str]) -> bool:
    """Commands that write what a page needs, or read what it wrote; others are run once for all pages."""
    return words[0] in {"export", "report", "verify"}


def run_block(block: Block, folder: Path, done: set[str]) -> None:
    if "file" in block.marks:
        (folder / block.marks["file"]).write_text(block.text, encoding="utf-8")
        return
    if block.language == "python":
        if not {"fragment", *LEFT_OUT} & set(block.marks):
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(block.text, block.place, "exec"), {"__name__": "__main__"})
        return
    commands = list(lines(block.text))
    for number, command in enumerate(commands):
        if set(LEFT_OUT) & set(block.marks) and not command.startswith(("mkdir", "sed")):
            try:
                check_words(command)
            except SystemExit:
                pytest.fail(f"{block.place}: {command}: not what the command line takes")
            continue
        words = words_of(command)
        if words is not None and not matters_where(words) and command in done:
            continue
        done.add(command)
        code, said = run_shell(["bash", "-c", command], folder) if words is None else run_here(words)
        expected = block.exit_code if number == len(commands) - 1 else 0
        assert code == expected, f"{block.place}: {command}\nexit {code}, not {expected}\n{said}"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders that pages speak of: runs/first, runs/demo, runs/v2x-demo."""
    folder = tmp_path_factory.mktemp("pages")
    with contextlib.chdir(folder):
        code, said = run_here(shlex.split(FIRST)[1:])
    assert code == 0, said
    shutil.copytree(folder / "runs" / "first", folder / "runs" / "demo")
    captures = folder / "runs" / "v2x-demo" / "captures"
    captures.mkdir(parents=True)
    for scene, seconds in (("scene-0001", 0.4), ("scene-0002", 0.2)):
        write_cooperative_capture(captures / f"{scene}.mcap", make_cooperative_plan(scene, seconds))
    from drivegen.runtime.dataset import index_run
    from drivegen.runtime.folder import RunFolder

    index_run(RunFolder(captures.parent), ("scene-0001", "scene-0002"))
    return folder


@pytest.fixture(scope="module")
def done() -> set[str]:
    """Commands that were run."""
    return set()


@pytest.fixture
def reader(runs: Path, tmp_path: Path) -> Iterator[Path]:
    """Where a reader stands who has the runs."""
    shutil.copytree(runs / "runs", tmp_path / "runs", copy_function=os.link)
    with contextlib.chdir(tmp_path):
        yield tmp_path


def test_the_shared_run_is_the_first_tutorial_s() -> None:
    assert FIRST in (ROOT / "docs" / "tutorials" / "launch-a-job.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_of_a_page(
    page: Path, reader: Path, done: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIVEGEN_CHECKOUT", str(ROOT))
    monkeypatch.setenv("PWD", str(reader))
    monkeypatch.syspath_prepend(reader)
    for block in blocks(page):
        if "needs" in block.marks and importlib.util.find_spec(block.marks["needs"]) is None:
            continue
        run_block(block, reader, done)
