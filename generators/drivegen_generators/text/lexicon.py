"""The words of `lexicon.yaml`, compiled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TypeVar

import yaml

from drivegen_generators.text.scene import (
    Actor,
    EgoKind,
    Form,
    Maneuver,
    Season,
    Sky,
    Time,
    What,
    Zone,
)

Name = TypeVar("Name", bound=StrEnum)
PATH = Path(__file__).with_name("lexicon.yaml")


class Language(StrEnum):
    """Of a sentence."""

    ENGLISH = "en"
    CHINESE = "zh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Patterns of one language, in the order in which they are tried."""

    forms: tuple[tuple[Form, re.Pattern[str]], ...]
    zones: tuple[tuple[Zone, re.Pattern[str]], ...]
    place_flags: tuple[tuple[str, re.Pattern[str]], ...]
    skies: tuple[tuple[Sky, re.Pattern[str]], ...]
    times: tuple[tuple[Time, re.Pattern[str]], ...]
    seasons: tuple[tuple[Season, re.Pattern[str]], ...]
    actors: tuple[tuple[Actor, re.Pattern[str]], ...]
    deeds: tuple[tuple[What, re.Pattern[str]], ...]
    ego_kinds: tuple[tuple[EgoKind, re.Pattern[str]], ...]
    maneuvers: tuple[tuple[Maneuver, re.Pattern[str]], ...]
    words: Mapping[str, str]
    """Parts of patterns: many, few, none, traffic, people, riders, ego, three_arms."""
    numbers: Mapping[str, int]
    empty: re.Pattern[str]
    """Words that ask for nothing by themselves."""


@cache
def lexicon(language: Language) -> Lexicon:
    """The words of a language."""
    data = yaml.safe_load(PATH.read_text(encoding="utf-8"))

    def compiled(section: str, kind: type[Name]) -> tuple[tuple[Name, re.Pattern[str]], ...]:
        return tuple(
            (kind(name), pattern(both[language], language))
            for name, both in data[section].items()
            if both[language]
        )

    empty = data["empty"][language]
    return Lexicon(
        forms=compiled("forms", Form),
        zones=compiled("zones", Zone),
        place_flags=tuple(
            (str(name), pattern(both[language], language)) for name, both in data["place_flags"].items()
        ),
        skies=compiled("skies", Sky),
        times=compiled("times", Time),
        seasons=compiled("seasons", Season),
        actors=compiled("actors", Actor),
        deeds=compiled("deeds", What),
        ego_kinds=compiled("ego_kinds", EgoKind),
        maneuvers=compiled("maneuvers", Maneuver),
        words={name: both[language] for name, both in data["words"].items()},
        numbers={
            str(word): int(number)
            for word, number in data["numbers"].items()
            if str(word).isascii() is (language is Language.ENGLISH)
        },
        empty=pattern("|".join(empty.split()) if language is Language.ENGLISH else empty, language),
    )


def pattern(text: str, language: Language) -> re.Pattern[str]:
    """A pattern of a language: English ones match whole words."""
    return re.compile(
        rf"(?<![a-z0-9])(?:{text})(?![a-z0-9])" if language is Language.ENGLISH else f"(?:{text})"
    )
