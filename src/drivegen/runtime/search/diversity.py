"""Which failures of a search are kept: the worst ones, no two of a kind beside one another.

Two failures are of one kind if the same measures failed against the same entities. Of one kind, those are
neighbours that are at most `APART` apart in the space (`Space.apart`).
"""

from __future__ import annotations

from collections.abc import Sequence

from drivegen.runtime.search.space import Space
from drivegen.runtime.search.tries import Try

APART = 0.15


def kept(tries: Sequence[Try], space: Space, most: int, apart: float = APART) -> list[Try]:
    """The failures to keep, the most critical first; at most `most`."""
    out: list[Try] = []
    for each in sorted((t for t in tries if t.failed), key=lambda t: (-t.criticality, t.number)):
        if len(out) < most and not any(_neighbours(each, other, space, apart) for other in out):
            out.append(each)
    return out


def worth(tries: Sequence[Try], space: Space, apart: float = APART) -> list[float]:
    """What each try is worth to a search: its criticality, shared with the neighbours that came before it.

    So a place that has failed already draws the search less than one that has not. Sharing by niche:
    Goldberg and Richardson, Genetic algorithms with sharing for multimodal function optimization, Proc. 2nd
    Int. Conf. on Genetic Algorithms (1987).
    """
    out = []
    failures: list[Try] = []
    for each in tries:
        near = sum(_neighbours(each, other, space, apart) for other in failures) if each.failed else 0
        out.append(each.criticality / (1.0 + near))
        if each.failed:
            failures.append(each)
    return out


def _neighbours(one: Try, other: Try, space: Space, apart: float) -> bool:
    return one.kinds == other.kinds and space.apart(one.point, other.point) <= apart
