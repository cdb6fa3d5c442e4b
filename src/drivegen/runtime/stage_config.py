"""Configuration of what is made of recorded scenes: looks, and what stages take of a machine."""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass, field
from typing import Any

from drivegen.capture.judged_looks import Judging
from drivegen.capture.jury import Rules
from drivegen.capture.looks import LookOrder
from drivegen.core.errors import ConfigError
from drivegen.core.looks import Style
from drivegen.core.rng import derive_seed
from drivegen.core.verdicts import Action


@dataclass(slots=True, kw_only=True)
class StyleConfig:
    """What images are to look like; back ends read what they understand (`drivegen.core.looks.Style`)."""

    prompt: str = ""
    negative_prompt: str = ""
    weather: str = ""
    time: str = ""
    season: str = ""
    strength: float = 1.0


@dataclass(slots=True, kw_only=True)
class VerdictsConfig:
    """What follows from the judges' verdicts on a look; docs/verdicts.md."""

    lost: str = "drop_label"
    """keep, restore (lay the simulator's pixels back), drop_label or drop_frame (exports leave it out)."""
    moved: str = "keep"
    """The same four."""
    invented: str = "keep"
    """keep, restore or drop_frame."""
    unsure: str = "keep"
    """The same four as of lost."""
    restored: list[str] = field(default_factory=list)
    """Classes that are laid back whatever the verdict; also traffic_light, traffic_sign and plate."""
    least_pixels: int = 100
    """Objects that an image shows less of are not judged."""
    strengths: list[float] = field(default_factory=list)
    """With which a scene's look is made again, one after the other, while too much of it is wrong."""
    retry_above: float = 0.05
    """Too much: the share of objects lost or moved, with inventions, above this."""


@dataclass(slots=True, kw_only=True)
class LookConfig:
    """One look that every scene gets beside the simulator's."""

    plugin: str = "procedural"
    params: dict[str, Any] = field(default_factory=dict)
    style: StyleConfig = field(default_factory=StyleConfig)
    jpeg_quality: int = 92
    judges: dict[str, Any] = field(default_factory=dict)
    """Parameters of judges by name (edges, segmenter, fixtures, detector); without any, nobody judges."""
    verdicts: VerdictsConfig = field(default_factory=VerdictsConfig)


@dataclass(slots=True, kw_only=True)
class StageResources:
    """What a stage's task takes of Ray."""

    cpus: float = 1.0
    gpus: float = 0.0
    memory_mb: float = 0.0


def look_orders(looks: dict[str, LookConfig], job_seed: int) -> list[LookOrder]:
    """The looks that a job makes, by name."""
    return [
        LookOrder(
            name=name,
            plugin=look.plugin,
            params=dict(look.params),
            style=Style(**asdict(look.style)),
            seed=derive_seed(job_seed, "looks"),
            jpeg_quality=look.jpeg_quality,
            judging=_judging(look),
        )
        for name, look in sorted(looks.items())
    ]


def _judging(look: LookConfig) -> Judging:
    """Raises ConfigError for what cannot be."""
    asked = look.verdicts
    actions = {}
    for verdict in ("lost", "moved", "invented", "unsure"):
        word = getattr(asked, verdict)
        try:
            actions[verdict] = Action(word)
        except ValueError:
            there = ", ".join(a.value for a in Action)
            raise ConfigError(f"{verdict}={word!r}: one of {there} is wanted") from None
    rules = Rules(restored=tuple(asked.restored), least_pixels=asked.least_pixels, **actions)
    return Judging(
        judges={name: dict(params or {}) for name, params in look.judges.items()},
        rules=rules,
        strengths=tuple(asked.strengths),
        retry_above=asked.retry_above,
    )


def check_looks(looks: dict[str, LookConfig]) -> None:
    """Raises ConfigError for a look that cannot be."""
    for name, look in sorted(looks.items()):
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
            raise ConfigError(f"look {name!r}: a name of letters, digits, dot, dash, _ is wanted")
        if not 1 <= look.jpeg_quality <= 100:
            raise ConfigError(
                f"look.{name}.jpeg_quality={look.jpeg_quality}: a value from 1 to 100 is wanted"
            )
        try:
            Style(**asdict(look.style))
        except ConfigError as error:
            raise ConfigError(f"look.{name}.style.{error}") from None
        try:
            _judging(look)
        except ConfigError as error:
            raise ConfigError(f"look.{name}.verdicts.{error}") from None


def check_resources(key: str, resources: StageResources) -> None:
    """Raises ConfigError for what is negative or not finite."""
    for name, value in asdict(resources).items():
        if not (math.isfinite(value) and value >= 0.0):
            raise ConfigError(f"{key}.{name}={value}: a value from 0 is wanted")
