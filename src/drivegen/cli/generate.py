"""`drivegen generate`: Hydra composes, the runtime runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import hydra
from omegaconf import DictConfig

from drivegen.core.errors import DrivegenError
from drivegen.data import data_root
from drivegen.runtime.config import config_from, register_schema


def run(overrides: Sequence[str]) -> int:
    """Runs the job that the overrides describe; `--help` and `--cfg job` are Hydra's."""
    register_schema()
    code = 0
    failure: DrivegenError | None = None

    def job(composed: DictConfig) -> None:
        nonlocal code, failure
        # Hydra prints what escapes from here in its own words; ours are shorter.
        try:
            code = max(code, _run(composed))
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
    from drivegen.runtime.job import forecast_job, run_job  # noqa: PLC0415  (so that --help stays quick)

    config = config_from(composed)
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
