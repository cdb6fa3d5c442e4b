"""A sentence as a job: its values go over the configuration, and what the user sets by hand over those."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from drivegen.core.errors import ConfigError, DrivegenError
from drivegen.core.plans import ScenePlan
from drivegen.core.words import Call, Had, Proof, Reader, Target, Understood, Wish
from drivegen.runtime.config import Config, config_from
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.planning import Planner
from drivegen.runtime.words.kept import add_call, kept_scene
from drivegen.runtime.words.readers import check_sentence, reader_of
from drivegen.runtime.words.whitelist import check_values

GROUPS = ("map", "traffic", "pedestrians", "weather", "rig", "scene", "job")
_WHOLE = ("plugin", "file")
"""Who sets these by hand has chosen all of their group."""
COUNTED = {
    "vehicles": "traffic.vehicles",
    "pedestrians": "pedestrians.pedestrians",
    "role rider": "traffic.params.riders",
    "role wrong_way": "traffic.params.violations.wrong_way",
    "role red_light": "traffic.params.violations.red_light",
    "role queue": "traffic.params.queue_share",
    "role bus_stop": "traffic.params.bus_stops",
    "role dart_out": "pedestrians.params.dart_outs",
    "role jaywalking": "pedestrians.params.jaywalking_share",
}
"""What a plan counts, by the key by which words ask for it; what no words asked for is not told."""
STAGED = {
    "role red_light_rider": "red_light",
    "role cut_in": "cut_in",
    "role emergency": "emergency",
    "role illegal_stop": "illegal_stop",
}
"""The same of what is staged."""
SEEDS = 8
"""So many are tried, where none is named."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SpokenJob:
    """A job that a sentence asked for."""

    config: Config
    folder: RunFolder
    understood: Understood


def job_from(sentence: str, composed: DictConfig, overrides: Sequence[str]) -> SpokenJob:
    """Reads a sentence, and makes the configuration of its job.

    Args:
        sentence: In English or Chinese.
        composed: The configuration without it.
        overrides: Of the command line, as Hydra has them; they win.

    Raises:
        ConfigError: It was not understood, or cannot be planned.
    """
    check_sentence(sentence)
    given = _given(overrides)
    named = _named(composed, sentence, given)
    before = config_from(named)
    folder = RunFolder(Path(before.job.runs_dir).resolve() / before.job.name)
    reader: Reader = reader_of(before.words)

    trials = Trials(named, given)

    def log(call: Call) -> None:
        folder.create()
        add_call(folder.root, sentence, call)

    understood = reader.read(sentence, Target.SCENES, trials.prove, log, kept_scene(folder.root, sentence))
    merged = _merged(named, given, understood)[0]
    if trials.seed is not None:
        OmegaConf.update(merged, "job.seed", trials.seed)
    return SpokenJob(config=config_from(merged), folder=folder, understood=understood)


def _given(overrides: Sequence[str]) -> dict[str, str]:
    """The overrides by key, as they were written."""
    return {word.partition("=")[0].lstrip("+~").partition("@")[0]: word for word in overrides}


def _named(composed: DictConfig, sentence: str, given: dict[str, str]) -> DictConfig:
    """With a run folder of its own, unless one is named by hand."""
    if "job.name" in given:
        return composed
    named = composed.copy()
    OmegaConf.update(named, "job.name", "words-" + hashlib.sha256(sentence.encode()).hexdigest()[:10])
    return named


def _merged(
    composed: DictConfig, given: dict[str, str], understood: Understood
) -> tuple[DictConfig, tuple[Wish, ...]]:
    """The configuration with what the words ask for, and what of that the command line overrules."""
    check_values(understood.values)
    chosen = {group: given[group] for group in GROUPS if group in given}
    for key, word in given.items():
        group, _, rest = key.partition(".")
        if rest in _WHOLE:
            chosen.setdefault(group, word)
    out = composed.copy()
    overruled: dict[str, None] = {}
    try:
        with open_dict(out):
            for key, value in understood.values.items():
                by = chosen.get(key.partition(".")[0])
                if by is not None:
                    overruled[by] = None
                else:
                    OmegaConf.update(out, key, value, merge=False, force_add=True)
            for key, word in given.items():
                touched = any(
                    own == key or own.startswith(f"{key}.") or key.startswith(f"{own}.")
                    for own in understood.values
                )
                if "." in key and touched:
                    OmegaConf.update(out, key, OmegaConf.select(composed, key), merge=False, force_add=True)
                    overruled[word] = None
    except OmegaConfBaseException as error:
        raise ConfigError(f"words: {str(error).splitlines()[0]}") from None
    wishes = tuple(
        Wish(asked=f"{word} on the command line", got="wins over the sentence", had=Had.YES)
        for word in overruled
    )
    return out, wishes


class Trials:
    """Plans first scenes of what was understood, with one seed after the other until all is there that was
    asked for: whether a child can run out depends on what was drawn."""

    def __init__(self, composed: DictConfig, given: dict[str, str]) -> None:
        self._composed, self._given = composed, given
        self.seed: int | None = None
        """The one that was found by the last proof; none where the job's own will do, or is given."""

    def prove(self, understood: Understood) -> Proof:
        """Plans, and counts what is in the plan."""
        self.seed = None
        try:
            merged, overruled = _merged(self._composed, self._given, understood)
            wishes = _planned(merged, understood)
        except DrivegenError as error:
            return Proof(problems=(str(error),))
        own = int(merged.job.seed)
        fixed = "job.seed" in understood.values or not self._given.keys().isdisjoint(("job", "job.seed"))
        for seed in [] if fixed else range(own + 1, own + SEEDS):
            if not _missing(wishes):
                break
            OmegaConf.update(merged, "job.seed", seed)
            try:
                found = _planned(merged, understood)
            except DrivegenError:
                continue
            if _missing(found) < _missing(wishes):
                self.seed, wishes = seed, found
        if self.seed is not None:
            got = f"in place of {own}, whose plan has less of what was asked for"
            wishes = (Wish(asked=f"seed {self.seed}", got=got, had=Had.YES), *wishes)
        return Proof(wishes=(*overruled, *wishes))


def _planned(merged: DictConfig, understood: Understood) -> tuple[Wish, ...]:
    return _counted(Planner(config_from(merged)).plan(0), understood)


def _missing(wishes: tuple[Wish, ...]) -> int:
    return sum({Had.YES: 0, Had.PARTLY: 1, Had.NO: 2}[wish.had] for wish in wishes)


def _counted(plan: ScenePlan, understood: Understood) -> tuple[Wish, ...]:
    """Who is in a plan, beside who was asked for."""
    roles: Counter[str] = Counter()
    for each in [*(v.roles for v in plan.vehicles), *(w.roles for w in plan.walkers)]:
        roles.update(set(each))
    staged = understood.values.get("traffic.params.staged", {})
    planned = {f"role {role}": count for role, count in roles.items()}
    planned |= {"vehicles": len(plan.vehicles), "pedestrians": len(plan.walkers)}
    out = []
    for name, wanted in plan.requested.items():
        asked = COUNTED.get(name) in understood.values or STAGED.get(name) in staged
        if not asked or wanted <= 0.0:
            continue
        count = planned.get(name, 0)
        had = Had.YES if count >= wanted else (Had.PARTLY if count else Had.NO)
        said = name.removeprefix("role ").replace("_", " ")
        out.append(Wish(asked=f"{said}: {wanted:g}", got=f"{count} in the plan of the first scene", had=had))
    return tuple(out)


def came(folder: RunFolder) -> dict[str, float]:
    """What the manifest of a finished job says was achieved."""
    try:
        return dict(json.loads(folder.manifest.read_text(encoding="utf-8")).get("achieved", {}))
    except (OSError, ValueError):
        return {}
