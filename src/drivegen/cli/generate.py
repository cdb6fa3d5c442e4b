"""`drivegen generate`: Hydra composes, the runtime runs."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence

import hydra
from omegaconf import DictConfig

from drivegen.core.errors import ConfigError, DrivegenError
from drivegen.data import data_root
from drivegen.runtime.config import Config, config_from, register_schema

TEXT = "--text"
_OVERRIDE = re.compile(r"[~+]*[\w./@]+=\S*")


def sentence_in(words: Sequence[str]) -> tuple[str | None, list[str]]:
    """A sentence that the job is to follow, and the overrides.

    The first word is a sentence if it has no `=` and does not begin with `-`, and holds a blank or letters
    beyond ASCII, or is empty; `--text` says of any word but an override that it is one. Raises ConfigError
    for `--text` without a word.
    """
    if words and words[0] == TEXT:
        if len(words) < 2 or _OVERRIDE.fullmatch(words[1]):
            raise ConfigError(f'{TEXT} wants a sentence: drivegen generate {TEXT} "fog on an expressway"')
        return words[1], list(words[2:])
    if words and "=" not in words[0] and words[0][:1] not in ("-", "~", "+"):
        first = words[0]
        if not first or not first.isascii() or any(c.isspace() for c in first):
            return first, list(words[1:])
    return None, list(words)


def run(words: Sequence[str]) -> int:
    """Runs the job that a sentence and overrides describe; `--help` and `--cfg job` are Hydra's."""
    sentence, overrides = sentence_in(words)
    register_schema()
    code = 0
    failure: DrivegenError | None = None

    def job(composed: DictConfig) -> None:
        nonlocal code, failure
        # Hydra prints what escapes from here in its own words; ours are shorter.
        try:
            code = max(code, _run(composed) if sentence is None else _run_spoken(sentence, composed))
        except DrivegenError as error:
            failure = error

    arguments = sys.argv
    sys.argv = ["drivegen generate", *overrides]
    os.environ.setdefault("HYDRA_FULL_ERROR", "0")
    try:
        hydra.main(version_base="1.3", config_path=str(data_root() / "conf"), config_name="config")(job)()
    finally:
        sys.argv = arguments
    if failure is not None:
        raise failure
    return code


def _run(composed: DictConfig) -> int:
    return _run_job(config_from(composed))


def _run_spoken(sentence: str, composed: DictConfig) -> int:
    from hydra.core.hydra_config import HydraConfig  # noqa: PLC0415  (so that --help stays quick)

    from drivegen.runtime.words.kept import keep  # noqa: PLC0415
    from drivegen.runtime.words.scenes import came, job_from  # noqa: PLC0415
    from drivegen.runtime.words.table import table  # noqa: PLC0415

    job = job_from(sentence, composed, list(HydraConfig.get().overrides.task))
    understood = job.understood
    sys.stderr.write("".join(f"drivegen: {line}\n" for line in table(understood)))
    if not (job.config.job.dry_run and understood.is_grammar):
        # What a model answered is kept even so: the job that follows is then the one that was forecast.
        job.folder.create()
        keep(job.folder.root, understood)
    if job.config.job.dry_run:
        return _run_job(job.config)
    code = _run_job(job.config)
    keep(job.folder.root, understood, achieved=came(job.folder))
    return code


def _run_job(config: Config) -> int:
    from drivegen.runtime.job import forecast_job, run_job  # noqa: PLC0415  (so that --help stays quick)

    if config.job.dry_run:
        sys.stdout.write("\n".join(forecast_job(config).lines()) + "\n")
        return 0
    summary = run_job(config)
    text = (
        f"drivegen: {summary.scenes} scenes: {summary.recorded} recorded, {summary.skipped} there already, "
        f"{summary.set_aside} set aside, in {summary.seconds:.0f} s\n"
    )
    for scene in summary.named:
        text += f"drivegen: {scene} kept failing; its log is {summary.folder.log(scene)}\n"
    for scene, causes in sorted(summary.stages_set_aside.items()):
        for stage, cause in causes.items():
            text += f"drivegen: {scene} is recorded, but its {stage} kept failing: {cause}\n"
    more = summary.set_aside - len(summary.named)
    if more > 0:
        text += f"drivegen: and {more} more: drivegen status {summary.folder.root}\n"
    sys.stderr.write(text)
    return 1 if summary.set_aside or summary.stages_set_aside else 0
