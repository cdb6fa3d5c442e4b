"""A sentence as an OpenSCENARIO file, proven by playing it with the reference ego."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from drivegen.core.errors import ConfigError, DrivegenError
from drivegen.core.words import Call, Had, Proof, Target, Understood, Wish
from drivegen.opendrive.reader import read_network
from drivegen.runtime.words.kept import add_call, keep, kept_scene
from drivegen.runtime.words.readers import check_sentence, reader_of
from drivegen.runtime.words_config import WordsConfig
from drivegen.scenario.library import library_folder
from drivegen.scenario.player.drivers import SimpleDriver
from drivegen.scenario.player.simulate import Course, simulate
from drivegen.scenario.reader import read_scenario
from drivegen.scenario.validation import validate
from drivegen.scenario.verdicts.criteria import criteria_of
from drivegen.scenario.verdicts.judge import evidence_of, judge, subject_of

CATALOGUES = "catalogs"
_LIMIT_S = 150.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenScenario:
    """A scenario that a sentence asked for."""

    path: Path
    understood: Understood


def scenario_from(sentence: str, folder: Path, words: WordsConfig) -> SpokenScenario:
    """Reads a sentence, proves its scenario, and writes it with its road and catalogues.

    Raises:
        ConfigError: It was not understood, its scenario does not play, or the folder cannot be written.
    """
    check_sentence(sentence)
    reader = reader_of(words)

    def log(call: Call) -> None:
        _make(folder)
        add_call(folder, sentence, call)

    understood = reader.read(sentence, Target.SCENARIO, prove, log, kept_scene(folder, sentence))
    _make(folder)
    try:
        _write(folder, understood.files)
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be written ({error.strerror})") from None
    keep(folder, understood, file=understood.main)
    return SpokenScenario(path=folder / understood.main, understood=understood)


def prove(understood: Understood) -> Proof:
    """Validates the files, plays them without a simulator, and tells what of the deeds began."""
    with tempfile.TemporaryDirectory(prefix="drivegen-words-") as name:
        folder = Path(name)
        _write(folder, understood.files)
        problems = [
            p for file in understood.files if file.endswith(".xosc") for p in validate(folder / file).problems
        ]
        if problems:
            return Proof(problems=tuple(p.replace(f"{folder}/", "") for p in problems))
        try:
            return _played(folder / understood.main, understood)
        except DrivegenError as error:
            return Proof(problems=(str(error).replace(f"{folder}/", ""),))


def _played(path: Path, understood: Understood) -> Proof:
    scenario = read_scenario(path)
    road = scenario.logic_file
    assert road is not None, "the compiler writes one"
    network = read_network(road.read_text(encoding="utf-8"), str(road))
    subject = subject_of([each.name for each in scenario.entities.scenario_objects])
    course = simulate(scenario, network, limit_s=_LIMIT_S, simple={subject: SimpleDriver()})
    verdict = judge(evidence_of(scenario, network, course, subject), criteria_of(scenario), only_asked=True)
    wishes = [_began(course, deed, events) for deed, events in understood.happens.items()]
    wishes.append(
        Wish(
            asked="a dry run",
            got=f"played {course.time_s:.1f} s without a simulator; the reference ego "
            f"{'passes' if verdict.passed else 'fails'}",
        )
    )
    return Proof(wishes=tuple(wishes))


def _began(course: Course, deed: str, events: tuple[str, ...]) -> Wish:
    started = {
        h.path.rpartition("::")[2]: h.time_s
        for h in reversed(course.happened)
        if h.kind == "event" and h.transition == "startTransition"
    }
    times = sorted(started[event] for event in events if event in started)
    if not times:
        return Wish(asked=deed, got="did not begin in the dry run", had=Had.NO)
    return Wish(asked=deed, got=f"began after {times[0]:.1f} s in the dry run")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be made ({error.strerror})") from None


def _write(folder: Path, files: Mapping[str, str]) -> None:
    """All files below a folder, with the library's catalogues. Raises OSError; ConfigError for a way out."""
    root = folder.resolve()
    for path, text in files.items():
        target = (root / path).resolve()
        if not target.is_relative_to(root):
            raise ConfigError(f"{path!r} leads out of {folder}")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
    shutil.copytree(library_folder() / CATALOGUES, folder / CATALOGUES, dirs_exist_ok=True)
