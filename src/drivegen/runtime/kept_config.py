"""The configuration that a run folder was made with, and how another one differs from it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from omegaconf import OmegaConf

from drivegen.core.errors import ConfigError
from drivegen.runtime.config import Config
from drivegen.runtime.folder import RunFolder, write_atomically

JOB_MAY_CHANGE = (
    *("workers", "pool", "max_attempts", "scene_timeout_s", "runs_dir", "scenes", "least_free_gb"),
    *("stage_workers", "stage_backlog"),
)
MAY_CHANGE = ("server", "ray", "look", "export", "report")
"""How the work is done may differ between runs of one job; what is made may not."""


def keep_config(config: Config, folder: RunFolder) -> None:
    """Stores what the job is; raises ConfigError rather than mix two jobs in one folder."""
    text = kept_text(config)
    if not folder.config.is_file():
        write_atomically(folder.config, text)
        return
    before = folder.config.read_text(encoding="utf-8")
    if before != text:
        raise ConfigError(
            f"{folder.root} holds a job with another configuration ({'; '.join(differences(before, text))}); "
            "give this one another job.name, or remove that folder"
        )


def kept_text(config: Config) -> str:
    """The part of a configuration that says what is made, as YAML."""
    data = asdict(config)
    for key in JOB_MAY_CHANGE:
        del data["job"][key]
    for key in MAY_CHANGE:
        del data[key]
    return OmegaConf.to_yaml(OmegaConf.create(data), sort_keys=True)


def differences(before: str, after: str) -> list[str]:
    """A line for each key in which two kept configurations differ."""
    old, new = _flat(OmegaConf.create(before)), _flat(OmegaConf.create(after))
    keys = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
    return [f"{key} was {old.get(key)!r}, is {new.get(key)!r}" for key in keys] or ["its form differs"]


def _flat(config: Any) -> dict[str, Any]:
    """Values by dotted key."""
    out: dict[str, Any] = {}

    def visit(node: Any, key: str) -> None:
        if isinstance(node, dict):
            for name, value in node.items():
                visit(value, f"{key}.{name}" if key else str(name))
        else:
            out[key] = node

    visit(OmegaConf.to_container(config), "")
    return out
