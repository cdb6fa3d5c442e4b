"""Splits: which scenes are for training and which for testing, the same kinds of scenes in each.

Scenes are dealt one after the other, in the order of their names, by minimisation (Pocock and Simon,
"Sequential treatment assignment with balancing for prognostic factors in the controlled clinical trial",
Biometrics 31, 1975): each goes to the split that lacks most scenes, in all and among those that share a trait
with it (weather, map, time of day, levels of the job's factors); the seed and the scene's name decide where
splits lack about the same. So every trait is spread over the splits by their shares even where no two scenes
have all traits in common. What was dealt before stays: scenes with later names move none of the earlier.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from drivegen.core.errors import ExportError
from drivegen.core.plans import ScenePlan
from drivegen.core.rng import derive_seed

_MOST_LEVELS = 4096
"""Of a trait; scenes of further levels (every one on a road of its own, say) are dealt without it."""
_CHANCE = 0.5
"""Scenes by which a split may lack less than another and still be chosen."""
_TWILIGHT_DEG = 6.0
"""Of the sun: below the horizon the end of civil twilight; as far above it, the light is still low."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Splits:
    """How scenes are to be split."""

    shares: Mapping[str, float] = field(default_factory=lambda: {"train": 0.8, "val": 0.1, "test": 0.1})
    """By name, in the order that formats list them; they make up 1."""
    seed: int = 0
    known: Mapping[str, str] = field(default_factory=dict)
    """Splits that scenes have already, by scene; the others are dealt."""
    known_sha256: str = ""
    """Of the file that told them."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of all splits."""
        return tuple(self.shares)


def read_splits(shares: Any, seed: Any, where: str) -> Splits:
    """Checked splits; without shares the usual ones. Raises ExportError.

    Args:
        shares: By name: numbers from 0 that make up 1.
        seed: A whole number.
        where: For messages.
    """
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise ExportError(f"{where}: split_seed={seed!r}: a whole number is wanted")
    if shares is None:
        return Splits(seed=seed)
    if not isinstance(shares, Mapping) or not shares:
        raise ExportError(f"{where}: splits={shares!r}: shares by name are wanted, for example train: 0.8")
    for name, share in shares.items():
        if not isinstance(share, int | float) or isinstance(share, bool) or not 0.0 <= share <= 1.0:
            raise ExportError(f"{where}: splits.{name}={share!r}: a share from 0 to 1 is wanted")
        check_split_name(str(name), where)
    total = math.fsum(float(s) for s in shares.values())
    if abs(total - 1.0) > 1e-6:
        raise ExportError(f"{where}: splits: the shares make up {total:g}; 1 is wanted")
    return Splits(shares={str(n): float(s) for n, s in shares.items()}, seed=seed)


def check_split_name(name: str, where: str) -> None:
    """Raises ExportError for what cannot be part of the names of files and splits of all formats."""
    if not name.replace("_", "").isalnum() or not name.isascii():
        raise ExportError(f"{where}: splits.{name}: letters, digits and _ are wanted in the name of a split")


def traits_of(plan: ScenePlan) -> dict[str, str]:
    """What scenes are told apart by."""
    levels = {f"level {factor}": level for factor, level in plan.levels.items()}
    return {
        "weather": plan.weather.preset,
        "time": time_of_day(plan.weather.parameters.sun_altitude_deg),
        "map": plan.map.name,
        **levels,
    }


def time_of_day(sun_altitude_deg: float) -> str:
    """day, twilight or night."""
    if sun_altitude_deg >= _TWILIGHT_DEG:
        return "day"
    return "twilight" if sun_altitude_deg >= -_TWILIGHT_DEG else "night"


class Dealer:
    """Deals scenes to splits, in the order in which they come; a few numbers a trait are kept."""

    def __init__(self, splits: Splits) -> None:
        self._splits = splits
        self._counts: dict[tuple[str, str], array[int]] = {}
        self._levels: dict[str, int] = {}

    def deal(self, scene: str, traits: Mapping[str, str]) -> str:
        """The split of the next scene."""
        tallies = [self._tally("", ""), *(self._tally(*trait) for trait in sorted(traits.items()))]
        known = self._splits.known.get(scene)
        best = self._choose(scene, tallies) if known is None else self._splits.names.index(known)
        for tally in tallies:
            if tally is not None:
                tally[best] += 1
        return self._splits.names[best]

    def _choose(self, scene: str, tallies: Sequence[array[int] | None]) -> int:
        """The split that lacks most."""
        best, most = 0, -math.inf
        for i, (name, share) in enumerate(self._splits.shares.items()):
            if share == 0.0:
                continue
            lacks = [share * (sum(tally) + 1) - tally[i] for tally in tallies if tally is not None]
            chance = derive_seed(self._splits.seed, "split", scene, name) / 2**63
            score = lacks[0] + math.fsum(lacks[1:]) / max(1, len(lacks) - 1) + _CHANCE * chance
            if score > most:
                best, most = i, score
        return best

    def _tally(self, trait: str, level: str) -> array[int] | None:
        found = self._counts.get((trait, level))
        if found is None and self._levels.get(trait, 0) < _MOST_LEVELS:
            self._levels[trait] = self._levels.get(trait, 0) + 1
            found = self._counts[trait, level] = array("q", bytes(8 * len(self._splits.shares)))
        return found
