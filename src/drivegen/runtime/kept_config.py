"""The configuration that a run folder was made with, how another one differs, and what becomes of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from drivegen import __version__
from drivegen.core.errors import ConfigError
from drivegen.runtime.config import Config
from drivegen.runtime.folder import RunFolder

JOB_MAY_CHANGE = (
    *("workers", "pool", "max_attempts", "scene_timeout_s", "runs_dir", "scenes", "least_free_gb"),
    *("stage_workers", "stage_backlog", "stage_timeout_s"),
    *("on_change", "dry_run", "verify", "plans"),
)
MAY_CHANGE = ("server", "ray", "look", "export", "report", "storage", "words")
"""How the work is done may differ between runs of one job; what is made may not."""
VERSION, FIRST_PLAN = "drivegen", "first_plan_sha256"
"""Keys beside the configuration's own."""


def kept_text(config: Config, first_plan_sha256: str) -> str:
    """What decides which scenes a job makes, as YAML: configuration, version, the first plan drawn so."""
    data = asdict(config)
    for key in JOB_MAY_CHANGE:
        del data["job"][key]
    for key in MAY_CHANGE:
        del data[key]
    data |= {VERSION: __version__, FIRST_PLAN: first_plan_sha256}
    return OmegaConf.to_yaml(OmegaConf.create(data), sort_keys=True)


def change_of(config: Config, folder: RunFolder, text: str) -> str:
    """How the folder's job has changed: "" when it has not, else `job.on_change`, keep or redo.

    Args:
        config: Of the job as it is now.
        folder: Its run folder.
        text: Of `kept_text`, as it is now.

    Raises:
        ConfigError: It has changed and `job.on_change` is refuse; the whole difference is told.
    """
    if not folder.config.is_file():
        return ""
    before = folder.config.read_text(encoding="utf-8")
    if before == text:
        return ""
    if config.job.on_change != "refuse":
        return config.job.on_change
    lines = "".join(f"\n    {line}" for line in differences(before, text))
    raise ConfigError(
        f"{folder.root} holds a job that was made with another configuration:{lines}\n"
        "give this one another job.name, or say what becomes of the scenes that are there: "
        "job.on_change=keep leaves them, job.on_change=redo records those again whose plans differ"
    )


def differences(before: str, after: str) -> list[str]:
    """A line for each key in which two kept configurations differ."""
    old, new = _values(before), _values(after)
    keys = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
    if keys == [FIRST_PLAN]:
        return ["the first scene is planned differently: a generator has changed"]
    return [f"{key} {_was(old, key)}, {_is(new, key)}" for key in keys if key != FIRST_PLAN] or [
        "its form differs"
    ]


def _was(values: Mapping[str, Any], key: str) -> str:
    return f"was {values[key]!r}" if key in values else "was not there"


def _is(values: Mapping[str, Any], key: str) -> str:
    return f"is {values[key]!r}" if key in values else "is gone"


def _values(text: str) -> dict[str, Any]:
    """Values by dotted key; none of what is no YAML."""
    try:
        node: Any = OmegaConf.to_container(OmegaConf.create(text))
    except (OmegaConfBaseException, YAMLError):
        return {}
    out: dict[str, Any] = {}
    _flatten(node, "", out)
    return out


def _flatten(node: Any, key: str, out: dict[str, Any]) -> None:
    if isinstance(node, dict) and node:
        for name, value in node.items():
            _flatten(value, f"{key}.{name}" if key else str(name), out)
    else:
        out[key] = node
