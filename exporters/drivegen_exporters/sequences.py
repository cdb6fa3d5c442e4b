"""Sequences that get their numbers when scenes are joined: what stands for them in a scene's part."""

from __future__ import annotations

import re
from collections.abc import Mapping

from drivegen.core.agents import EGO

_PLACEHOLDER = re.compile(r"SEQUENCE(?:-\w+)?")


def placeholder(agent: str) -> str:
    """In names of files of a part: the sequence of an agent."""
    return "SEQUENCE" if agent == EGO else f"SEQUENCE-{agent}"


def numbered(name: str, numbers: Mapping[str, str]) -> str:
    """The name in the data set.

    Args:
        name: In the part.
        numbers: By agent.
    """
    by_place = {placeholder(agent): number for agent, number in numbers.items()}
    return _PLACEHOLDER.sub(lambda found: by_place[found[0]], name, count=1)
