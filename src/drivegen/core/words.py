"""What a sentence came to: values of a configuration or files of a scenario, and what of it could be had."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

LONGEST_SENTENCE = 2000
"""Characters."""


class Target(StrEnum):
    """What a sentence is compiled to."""

    SCENES = "scenes"
    SCENARIO = "scenario"


class Had(StrEnum):
    """Whether something that was asked for came."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Something that was asked for, and what came."""

    asked: str
    got: str
    had: Had = Had.YES


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to a language model. Keys are never in it."""

    url: str
    model: str
    messages: tuple[Mapping[str, str], ...]
    """Role and content, as they were sent."""
    answer: str
    """As it came, cut at the limit; empty where none came."""
    outcome: str
    """accepted, or what was wrong with it."""
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What a sentence came to."""

    sentence: str
    target: Target
    by: str
    """Who read it: the keyword grammar, or a model."""
    is_grammar: bool
    scene: Mapping[str, Any]
    """What was understood, as plain data of the schema."""
    wishes: tuple[Wish, ...]
    unknown: tuple[str, ...] = ()
    """Words that had no meaning to the reader."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """Of `Target.SCENES`: plain values by dotted key of the configuration."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Of `Target.SCENARIO`: texts by path below the folder that they are written into."""
    main: str = ""
    """Which of the files is the scenario."""
    happens: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Events of the scenario that must begin, by the deed that they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a dry run showed."""

    problems: tuple[str, ...] = ()
    """Why it cannot be done; none if it can."""
    wishes: tuple[Wish, ...] = ()
    """What it was seen to come to."""


Prove = Callable[[Understood], Proof]
Log = Callable[[Call], None]


class Reader(Protocol):
    """A plugin of `drivegen.generators.text`."""

    def read(
        self, sentence: str, target: Target, prove: Prove, log: Log, kept: Mapping[str, Any] | None = None
    ) -> Understood:
        """Reads a sentence.

        Args:
            sentence: In English or Chinese.
            target: What it is compiled to.
            prove: A dry run; what it finds is added to the wishes.
            log: Told of each call to a model.
            kept: A scene that was understood before, which is compiled instead of asking again.

        Raises:
            ConfigError: It could not be understood, or what it came to cannot be made.
        """
        ...
