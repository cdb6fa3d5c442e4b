"""The resource pool of PC5 and how its senders get into each other's way.

Collisions follow the analytical model of LTE-V2X mode 4's sensing-based semi-persistent scheduling by
Gonzalez-Martin, Sepulcre, Molina-Masegosa and Gozalvez: Analytical Models of the Performance of C-V2X Mode 4
Vehicular Communications, IEEE Trans. Vehicular Technology 68(2), 2019 (arXiv 1807.06508). Agents of a scene
are near one another, so that all of them sense the same resources: its common excluded resources (30) are all
excluded ones, and the chance that one certain other sender takes the same resource, (23) with (24), (26) and
(27), becomes 1 / (tau Na).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

SUBCHANNELS = 10
"""Of 20 MHz (5905 to 5925 MHz, China's band for direct communication since 2018): 100 resource blocks."""
BLOCKS = 10
"""Resource blocks of a subchannel; a choice among those of TS 36.331."""
CONTROL_BLOCKS = 2
"""Of each message, for the control information beside it (TS 36.213, section 14.1)."""
BITS_PER_BLOCK = 108
"""QPSK at rate 1/2 on 12 carriers and 9 symbols that are no pilots and no guard (TS 36.211, section 9)."""
OVERHEAD_BYTES = 120
"""Network header, signature and the certificate's digest around a message; a choice."""
PERIOD_MS = 100
"""Subframes that a reservation repeats after."""
TAU = 10.0
"""How many times a reservation is used until it is chosen anew, as the paper has it at 10 Hz."""
CANDIDATES = 0.2
"""At least this share of the resources stays eligible (TS 36.213, section 14.1.1.6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a message takes of the pool."""

    subchannels: int
    """In each of its subframes."""
    subframes: int

    @property
    def blocks(self) -> int:
        """Resource blocks that its power is spread over."""
        return self.subchannels * BLOCKS


def grant(payload_bytes: int) -> Grant:
    """The smallest that holds a message; more subframes than one where a subframe does not hold it."""
    bits = 8 * (payload_bytes + OVERHEAD_BYTES)
    most = (SUBCHANNELS * BLOCKS - CONTROL_BLOCKS) * BITS_PER_BLOCK
    if bits > most:
        return Grant(subchannels=SUBCHANNELS, subframes=math.ceil(bits / most))
    blocks = math.ceil(bits / BITS_PER_BLOCK) + CONTROL_BLOCKS
    return Grant(subchannels=math.ceil(blocks / BLOCKS), subframes=1)


def assignable(resources: float, others: float) -> float:
    """Na: resources that sensing leaves, of `resources` in all, with `others` taken around (equation 29)."""
    half = min(others / 2.0, resources)
    room = resources - half
    fitting = min(half, room)
    apart = fitting - fitting * (fitting + 1.0) / (2.0 * room) if room > 0.0 else 0.0
    excluded = half + max(apart, 0.0)
    return max(resources - excluded, CANDIDATES * resources)


def same_resource(resources: float, others: float) -> float:
    """The chance that one certain other sender has chosen the same resource (equation 23)."""
    return 1.0 / (TAU * assignable(resources, others))


def collision(resources: float, others: float, harm: float) -> float:
    """Probability that a message is lost to one of the other senders (equations 14 and 15).

    `resources`: of the message's size, in a period. `others`: how many of them others take. `harm`: the
    chance that a receiver loses the message when another takes the same resource, the mean over those others.
    """
    return 1.0 - (1.0 - same_resource(resources, others) * harm) ** others


def half_duplex(own_subframes: float) -> float:
    """The chance that a receiver was sending itself (equation 7): subframes it sends in, in a period."""
    return min(own_subframes / PERIOD_MS, 1.0)
