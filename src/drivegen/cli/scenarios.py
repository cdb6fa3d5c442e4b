"""`drivegen scenarios list|show|validate|coverage|from-text|from-capture`."""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drivegen.core.errors import ConfigError

if TYPE_CHECKING:
    from drivegen.scenario.library import Entry

BROKEN = 2


def add_parser(verbs: argparse._SubParsersAction[Any]) -> None:
    """Adds the verb `scenarios`."""
    verb = verbs.add_parser(
        "scenarios", help="the scenario library: list, show, validate, coverage; from-text"
    )
    deeds = verb.add_subparsers(dest="deed", required=True, metavar="DEED")

    deed = deeds.add_parser("list", help="names and titles, of all scenarios or of those with tags")
    deed.add_argument(
        "--tag",
        action="append",
        default=[],
        metavar="TAG",
        help="robotaxi, zone=robotaxi, 6.3, ...; given again: those that carry all of them",
    )
    _add_common(deed)
    deed.set_defaults(run=list_)

    deed = deeds.add_parser("show", help="all that the index knows of a scenario")
    deed.add_argument("name", metavar="NAME")
    _add_common(deed)
    deed.set_defaults(run=show)

    deed = deeds.add_parser("validate", help="read files or folders, and tell all that is wrong, by line")
    deed.add_argument("paths", metavar="PATH", nargs="*", type=Path, help="default: the library")
    deed.add_argument("--asam", action="store_true", help="ask ASAM's checker too")
    _add_common(deed)
    deed.set_defaults(run=validate)

    deed = deeds.add_parser("from-capture", help="a recorded scene as a scenario that plays the same motion")
    deed.add_argument("capture", type=Path, metavar="CAPTURE", help="a capture (.mcap)")
    deed.add_argument(
        "-o", "--out", type=Path, required=True, metavar="FILE.xosc", help="its roads come beside it, .xodr"
    )
    deed.add_argument("--from-s", type=float, default=0.0, metavar="S", help="begin there")
    deed.add_argument("--to-s", type=float, default=math.inf, metavar="S", help="end there")
    deed.set_defaults(run=from_capture)

    deed = deeds.add_parser("coverage", help="the matrix of requirements, scenarios and runs")
    deed.add_argument(
        "--out", type=Path, metavar="FILE", help="an .html or .md file; default: print Markdown"
    )
    deed.add_argument(
        "--runs",
        action="append",
        default=[],
        type=Path,
        metavar="JUNIT",
        help="JUnit XML of `drivegen replay`, to count runs; can be repeated",
    )
    deed.add_argument("--library", type=Path, metavar="FOLDER", help="default: drivegen's own")
    deed.set_defaults(run=coverage)

    deed = deeds.add_parser(
        "from-text",
        help="make a scenario from a sentence in English or Chinese",
        description="Makes a scenario from a sentence: by a keyword grammar, or by a language model where "
        "--url or DRIVEGEN_WORDS_URL names an OpenAI-compatible endpoint (docs/words.md). The key is taken "
        "from the environment and written nowhere.",
    )
    deed.add_argument("sentence", metavar="SENTENCE")
    deed.add_argument("-o", "--out", type=Path, metavar="FOLDER", default=Path("runs/words"))
    deed.add_argument("--url", help="of the endpoint, as http://127.0.0.1:8000/v1")
    deed.add_argument("--model", help="its name there (default: DRIVEGEN_WORDS_MODEL)")
    deed.add_argument("--key-env", metavar="NAME", help="variable with its key (default: DRIVEGEN_WORDS_KEY)")
    deed.add_argument("--key-file", metavar="FILE", help="or a file whose first line is the key")
    deed.add_argument("--timeout", type=float, metavar="S", help="of a request (default: 60)")
    deed.add_argument("--retries", type=int, metavar="N", help="of requests that failed (default: 2)")
    deed.set_defaults(run=from_text)


def _add_common(deed: argparse.ArgumentParser) -> None:
    deed.add_argument("--library", type=Path, metavar="FOLDER", help="default: drivegen's own")
    deed.add_argument("--json", action="store_true", dest="as_json", help="for programs")


def list_(arguments: argparse.Namespace) -> int:
    """Prints a line for each scenario."""
    from drivegen.scenario.library import read_library  # noqa: PLC0415  (numpy and more: only where used)

    entries = read_library(arguments.library).tagged(arguments.tag)
    if arguments.as_json:
        _print_json([_plain(entry) for entry in entries])
    else:
        width = max((len(entry.name) for entry in entries), default=0)
        sys.stdout.write("".join(f"{e.name:<{width}}  {e.title}  {e.title_zh}\n" for e in entries))
        sys.stdout.write(f"{len(entries)} scenarios\n")
    return 0


def show(arguments: argparse.Namespace) -> int:
    """Prints all of one scenario."""
    from drivegen.scenario.library import read_library  # noqa: PLC0415

    entry = read_library(arguments.library).entry(arguments.name)
    if arguments.as_json:
        _print_json(_plain(entry))
        return 0
    lines = [entry.name, f"  {entry.title}", f"  {entry.title_zh}"]
    lines += [f"  {name}: {getattr(entry, name)}" for name in ("file", "distribution", "road")]
    lines += [f"  {kind}: {', '.join(values)}" for kind, values in entry.tags.items() if values]
    lines += [
        f"  pass: {measure} at {side} {value:g}"
        for measure, sides in entry.criteria.items()
        for side, value in sides.items()
    ]
    lines.append(f"  expected of the reference ego: {entry.expected or 'not measured'}")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def validate(arguments: argparse.Namespace) -> int:
    """Prints what is wrong; 2 if anything is."""
    from drivegen.scenario.library import files_below, read_library  # noqa: PLC0415
    from drivegen.scenario.quality import asam_problems, find_checker  # noqa: PLC0415
    from drivegen.scenario.reading.catalogs import CatalogFiles  # noqa: PLC0415
    from drivegen.scenario.validation import broken, validate_library  # noqa: PLC0415
    from drivegen.scenario.validation import validate as validate_file  # noqa: PLC0415

    if arguments.paths and arguments.library is not None:
        raise ConfigError("give paths or --library, not both")
    if arguments.paths:
        catalogs = CatalogFiles()
        found = tuple(validate_file(path, catalogs) for path in files_below(arguments.paths))
    else:
        found = validate_library(read_library(arguments.library))
    if arguments.asam:
        program = find_checker()
        found = tuple(
            replace(each, problems=(*each.problems, *asam_problems(each.path, program))) for each in found
        )
    wrong = broken(found)
    if arguments.as_json:
        _print_json(
            [
                {
                    "file": str(each.path),
                    "kind": each.kind.value,
                    "problems": list(each.problems),
                    "notices": list(each.notices),
                }
                for each in found
            ]
        )
        return BROKEN if wrong else 0
    for each in found:
        sys.stdout.write("".join(f"note: {notice}\n" for notice in each.notices))
        sys.stdout.write("".join(f"error: {problem}\n" for problem in each.problems))
    sys.stdout.write(f"{len(found)} files, {len(wrong)} with errors\n")
    return BROKEN if wrong else 0


def coverage(arguments: argparse.Namespace) -> int:
    """Writes the matrix."""
    from drivegen.scenario.coverage import cover, runs_of  # noqa: PLC0415
    from drivegen.scenario.coverage_pages import as_html, as_markdown  # noqa: PLC0415
    from drivegen.scenario.library import read_library  # noqa: PLC0415

    out: Path | None = arguments.out
    if out is not None and out.suffix not in (".html", ".md"):
        raise ConfigError(f"--out {out}: name an .html or an .md file")
    library = read_library(arguments.library)
    matrix = cover(library, runs_of(arguments.runs, library))
    text = as_html(matrix) if out is not None and out.suffix == ".html" else as_markdown(matrix)
    if out is None:
        sys.stdout.write(text)
        return 0
    try:
        out.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ConfigError(f"--out {out}: cannot be written ({error.strerror})") from error
    gaps = sum(len(section.gaps) for section in matrix.sections)
    sys.stdout.write(f"{out}: {len(matrix.entries)} scenarios, {gaps} gaps\n")
    return 0


def from_text(arguments: argparse.Namespace) -> int:
    """Writes the scenario that a sentence asks for."""
    from drivegen.runtime.words.scenarios import scenario_from  # noqa: PLC0415
    from drivegen.runtime.words.table import table  # noqa: PLC0415
    from drivegen.runtime.words_config import WordsConfig, check_words  # noqa: PLC0415

    given = {
        "url": arguments.url,
        "model": arguments.model,
        "key_env": arguments.key_env,
        "key_file": arguments.key_file,
        "timeout_s": arguments.timeout,
        "retries": arguments.retries,
    }
    words = WordsConfig(**{name: value for name, value in given.items() if value is not None})
    check_words(words)
    made = scenario_from(arguments.sentence, arguments.out, words)
    sys.stderr.write("".join(f"drivegen: {line}\n" for line in table(made.understood)))
    sys.stdout.write(f"{made.path}\n")
    return 0


def from_capture(arguments: argparse.Namespace) -> int:
    """Writes the scenario and its roads."""
    from drivegen.capture.reader import CaptureReader  # noqa: PLC0415
    from drivegen.scenario.from_recording import scenario_of  # noqa: PLC0415

    out: Path = arguments.out
    if out.suffix != ".xosc":
        raise ConfigError(f"--out {out}: name an .xosc file")
    road = out.with_suffix(".xodr")
    with CaptureReader(arguments.capture) as reader:
        try:
            text = scenario_of(reader, road.name, arguments.from_s, arguments.to_s)
        except ValueError as error:
            raise ConfigError(f"{arguments.capture}: {error}") from None
        roads = reader.opendrive
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        road.write_text(roads, encoding="utf-8", newline="\n")
        out.write_bytes(text)
    except OSError as error:
        raise ConfigError(f"--out {out}: cannot be written ({error.strerror})") from error
    sys.stdout.write(f"{out}, {road}\n")
    return 0


def _plain(entry: Entry) -> dict[str, object]:
    return {
        "name": entry.name,
        "title": entry.title,
        "title_zh": entry.title_zh,
        "file": str(entry.file),
        "distribution": str(entry.distribution),
        "road": str(entry.road),
        "tags": {kind: list(values) for kind, values in entry.tags.items()},
        "criteria": {measure: dict(sides) for measure, sides in entry.criteria.items()},
        "expected": entry.expected,
    }


def _print_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n")
