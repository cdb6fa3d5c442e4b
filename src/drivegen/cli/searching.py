"""`drivegen replay --sweep search`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from drivegen.core.errors import ConfigError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drivegen.runtime.replay.outcome import Outcome
    from drivegen.runtime.replay.run import Options
    from drivegen.runtime.search.search import Search

FOUND, NOTHING_PLAYED = 1, 2


def run_search(
    arguments: argparse.Namespace,
    options: Options,
    given: Mapping[str, str],
    workers: int,
    told: Callable[[Outcome, int, int], None],
) -> int:
    """Searches in each logical scenario that the words name."""
    from drivegen.runtime.replay.cases import logical_of  # noqa: PLC0415  (shapely, cv2: only where used)
    from drivegen.runtime.replay.junit import write_junit  # noqa: PLC0415
    from drivegen.runtime.replay.outcome import Status, plain  # noqa: PLC0415
    from drivegen.runtime.replay.replay import JUNIT, OUTCOMES, PAGE, how_of  # noqa: PLC0415
    from drivegen.runtime.search.page import write_search_page, write_table  # noqa: PLC0415
    from drivegen.runtime.search.search import JOURNALS, search  # noqa: PLC0415

    if arguments.repeat != 1:
        raise ConfigError("--repeat is not for searches: each failure is played again from its file anyway")
    out: Path = arguments.out
    found: list[Search] = []
    for logical in logical_of(arguments.paths):
        each = search(
            logical, given, options, out, runs=arguments.runs, seed=arguments.seed, workers=workers, told=told
        )
        write_table(out / JOURNALS / f"{each.name}.csv", each)
        found.append(each)
        _tell(each)
    outcomes = [t.outcome for each in found for t in each.tries]
    write_junit(out / JUNIT, outcomes, "drivegen.search")
    write_search_page(out / PAGE, found, out.resolve().name, how_of(options))
    try:
        text = json.dumps([plain(o) for o in outcomes], ensure_ascii=False, indent=1)
        (out / OUTCOMES).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{out / OUTCOMES}: cannot be written ({error.strerror})") from error
    sys.stderr.write(f"drivegen: {out / PAGE}\n")
    if all(o.status is Status.ERROR for o in outcomes):
        return NOTHING_PLAYED
    return FOUND if any(o.status is Status.FAILED for o in outcomes) else 0


def _tell(found: Search) -> None:
    failed = [t.number for t in found.tries if t.failed]
    said = f": the first was try {failed[0]}, {len(found.failures)} different ones are kept" if failed else ""
    other = [f.file.name for f in found.failures if not f.same]
    sys.stderr.write(f"drivegen: {found.name}: {len(found.tries)} tries, {len(failed)} failures{said}\n")
    if found.exhausted:
        sys.stderr.write(f"drivegen: {found.name}: there were no other values to try\n")
    for file in found.failures:
        sys.stderr.write(f"  {file.file}: {'; '.join(file.found.kinds)}\n")
    for name in other:
        sys.stderr.write(f"drivegen: {name} did not fail in the same way when it was played from its file\n")
