"""COCO's compressed run lengths.

Counts run down the columns. From the fourth on each is told by its difference to the one before the last; a
number is written in groups of 5 bits, low ones first, with a sixth bit where more follow, and 48 is added to
make it a printable character.
"""

from __future__ import annotations

from collections.abc import Iterable

_GROUP, _MORE, _SIGN, _FIRST = 0x1F, 0x20, 0x10, 48


def compress(runs: Iterable[int]) -> str:
    """The text of run lengths; the first run is one without the mask and may be 0."""
    counts = [int(r) for r in runs]
    out = bytearray()
    for i, count in enumerate(counts):
        rest = count - counts[i - 2] if i > 2 else count
        while True:
            group = rest & _GROUP
            rest >>= 5
            more = rest != -1 if group & _SIGN else rest != 0
            out.append(_FIRST + (group | _MORE if more else group))
            if not more:
                break
    return out.decode()
