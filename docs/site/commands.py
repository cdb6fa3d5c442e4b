"""The commands in the pages: found, and run as a reader runs them.

`python -m docs.site.commands [PAGE ...]` runs those of all pages, or of some, in a clone of this checkout,
and tells what came of each. What is marked `elsewhere` is left out; what is marked `dry` becomes a forecast.
The tests run the cheap ones (tests/integration/test_documents.py).
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LANGUAGES = ("sh", "python")
MARKS = ("dry", "by-hand", "elsewhere", "needs", "exit", "fragment", "background", "file")
_FENCE = re.compile(r"^```(\S+)[ ]*([^\n]*)\n(.*?)^```[ ]*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block of a page."""

    page: str
    """Path below the checkout's root."""
    line: int
    """Of the fence."""
    language: str
    marks: dict[str, str]
    text: str

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{self.page}:{self.line}"

    @property
    def exit_code(self) -> int:
        """How its last command ends."""
        return int(self.marks.get("exit", "0"))


def pages(root: Path = ROOT) -> list[Path]:
    """The README, its translation, and all pages."""
    return [*sorted(root.glob("README*.md")), *sorted((root / "docs").rglob("*.md"))]


def blocks(page: Path, root: Path = ROOT) -> Iterator[Block]:
    """The blocks of a page that hold commands. Raises ValueError for marks that do not exist."""
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        if found[1] not in LANGUAGES:
            continue
        marks = dict(word.partition("=")[::2] for word in shlex.split(found[2]))
        place = f"{page.relative_to(root)}:{text.count(chr(10), 0, found.start()) + 1}"
        wrong = [name for name in marks if name not in MARKS]
        if wrong:
            raise ValueError(f"{place}: unknown marks {wrong}; there are {', '.join(MARKS)}")
        yield Block(
            page=str(page.relative_to(root)),
            line=text.count("\n", 0, found.start()) + 1,
            language=found[1],
            marks=marks,
            text=found[3],
        )


def lines(text: str) -> Iterator[str]:
    """The commands of a shell block, continued lines joined, comments and empty lines left out."""
    open_text = ""
    for line in text.splitlines():
        open_text += ("\n" if open_text else "") + line
        if line.endswith("\\"):
            open_text = open_text[:-1]
            continue
        try:
            words = shlex.split(open_text, comments=True)
        except ValueError:  # a quotation that goes on in the next line
            continue
        if words:
            yield open_text
        open_text = ""
    if open_text:
        raise ValueError(f"a quotation that does not end: {open_text}")


def words_of(command: str) -> list[str] | None:
    """The words behind `drivegen` of a plain call of it; none where the shell has more to do."""
    words = shlex.split(command, comments=True)
    bare = re.sub(r"'[^']*'|\"[^\"$]*\"", "", command)
    if words[:1] != ["drivegen"] or re.search(r"[|<>`]|\$\(|&&|;\s", bare):
        return None
    return [os.path.expandvars(word) for word in words[1:]]


def dry(command: str) -> str:
    """A `drivegen generate` as a forecast; other commands as they are."""
    bare = command.split("  #", maxsplit=1)[0].rstrip()
    if "drivegen generate" not in bare or "job.dry_run" in bare:
        return command
    return f"{bare} job.dry_run=true"


def _run(block: Block, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    if block.language == "python":
        command = ["python", "-c", block.text]
    else:
        wanted = [dry(line) if "dry" in block.marks else line for line in lines(block.text)]
        command = ["bash", "-e", "-o", "pipefail", "-c", "\n".join(wanted)]
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def _run_all(chosen: Iterable[Path], folder: Path) -> int:
    """Runs the blocks page by page, and returns how many failed; servers of a page end with it."""
    environment = dict(os.environ)
    environment["PATH"] = f"{folder / '.venv' / 'bin'}{os.pathsep}{environment['PATH']}"
    environment["DRIVEGEN_CHECKOUT"] = str(folder)
    environment.pop("PYTHONPATH", None)
    failed = ran = left_out = 0
    for page in chosen:
        behind: list[subprocess.Popen[bytes]] = []
        try:
            for block in blocks(page, folder):
                if "elsewhere" in block.marks or "fragment" in block.marks:
                    left_out += 1
                    continue
                if "file" in block.marks:
                    (folder / block.marks["file"]).write_text(block.text, encoding="utf-8")
                    continue
                if "background" in block.marks:
                    behind.append(_start(block, folder, environment))
                    continue
                began = time.monotonic()
                done = _run(block, folder, environment)
                ran += 1
                good = done.returncode == block.exit_code
                failed += not good
                word = "ok  " if good else f"exit {done.returncode}"
                first = block.text.strip().splitlines()[0]
                sys.stdout.write(f"{word:7} {time.monotonic() - began:7.1f} s  {block.place}  {first[:90]}\n")
                if not good:
                    sys.stdout.write((done.stdout + done.stderr)[-2000:] + "\n")
                sys.stdout.flush()
        finally:
            for process in behind:
                process.terminate()
                process.wait()
    sys.stdout.write(f"{ran} blocks run, {failed} failed, {left_out} left out\n")
    return failed


def _start(block: Block, folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        ["bash", "-c", f"exec {next(lines(block.text))}"],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(30.0)
    return process


def main() -> int:
    """Runs the pages that are named, or all; returns 1 where a command failed."""
    parser = argparse.ArgumentParser(prog="python -m docs.site.commands", description=__doc__)
    parser.add_argument("pages", metavar="PAGE", nargs="*", help="README.md, docs/jobs.md, ...; default: all")
    parser.add_argument("--folder", type=Path, help="a clone to work in; default: a new one, removed again")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="drivegen-pages-") as scratch:
        folder = (arguments.folder or Path(scratch) / "drivegen").resolve()
        if not folder.exists():
            subprocess.run(["git", "clone", "-q", str(ROOT), str(folder)], check=True)
        # The Chinese README has the commands of the English one; a test sees to that.
        chosen = [folder / name for name in arguments.pages] or [
            page for page in pages(folder) if page.name != "README.zh.md"
        ]
        return 1 if _run_all(chosen, folder) else 0


if __name__ == "__main__":
    sys.exit(main())
