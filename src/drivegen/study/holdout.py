"""Which scenes are learnt from, and which are judged on: other maps, so other assets, and other weather."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from drivegen.core.errors import ConfigError
from drivegen.core.rng import derive_rng


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneTraits:
    """What a scene is told apart by."""

    map: str
    """Its houses, trees and furniture are the map's."""
    weather: str
    """Preset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdout:
    """Scenes by what they are for; those with a held-out map or weather, and not both, are for nothing."""

    train: tuple[str, ...]
    test: tuple[str, ...]
    maps: tuple[str, ...]
    """Held out."""
    weathers: tuple[str, ...]
    """Held out."""


def hold_out(
    scenes: Mapping[str, SceneTraits], maps: Collection[str], weathers: Collection[str], seed: int
) -> Holdout:
    """Scenes to learn from, none of whose maps and weathers the test scenes have.

    Args:
        scenes: By name.
        maps: Held out; none: a third of them, drawn.
        weathers: Held out; none: half of them, drawn.
        seed: Of the draws.

    Raises:
        ConfigError: Such a map or weather is not there, or nothing is left to learn from or to judge on.
    """
    all_maps = sorted({s.map for s in scenes.values()})
    all_weathers = sorted({s.weather for s in scenes.values()})
    held_maps = _held("maps", maps, all_maps, max(1, len(all_maps) // 3), seed)
    held_weathers = _held("weather", weathers, all_weathers, len(all_weathers) // 2, seed)
    train = [
        n for n, s in sorted(scenes.items()) if s.map not in held_maps and s.weather not in held_weathers
    ]
    test = [n for n, s in sorted(scenes.items()) if s.map in held_maps and s.weather in held_weathers]
    for kind, found in (("to learn from", train), ("to judge on", test)):
        if not found:
            raise ConfigError(
                f"no scene is left {kind} with the maps {', '.join(held_maps)} and the weather"
                f" {', '.join(held_weathers) or 'none'} held out; choose others (--hold-maps, --hold-weather)"
                f" of {', '.join(all_maps)} and {', '.join(all_weathers)}"
            )
    return Holdout(train=tuple(train), test=tuple(test), maps=held_maps, weathers=held_weathers)


def _held(kind: str, given: Collection[str], known: list[str], count: int, seed: int) -> tuple[str, ...]:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ConfigError(f"--hold-{kind}: no {', '.join(unknown)} in the run; there are {', '.join(known)}")
    if given:
        return tuple(sorted(given))
    drawn = derive_rng(seed, "study", kind).permutation(len(known))[:count]
    return tuple(sorted(known[i] for i in drawn))
