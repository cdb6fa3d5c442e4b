"""Direct radio between agents and the line to the cloud: when a message arrives where, or why it does not.

A message is lost to distance, to the receiver's own sending at the moment, to fading (by signal to noise) or
to congestion (by others in the same resource), in this order; each has a draw of its own by sender, message
and receiver, so that one agent more changes what others receive only by the load that it adds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from drivegen.core.cooperation import CLOUD, Reception
from drivegen.core.v2x_plan import ChannelPlan
from drivegen.v2x.draws import Draws, name_key
from drivegen.v2x.path_loss import LOS, Link, median_loss_db
from drivegen.v2x.scheduling import PERIOD_MS, SUBCHANNELS, Grant, collision, half_duplex

NOISE_DBM_PER_HZ = -174.0
"""k T at 290 K."""
NOISE_FIGURE_DB = 9.0
"""As the paper in `drivegen.v2x.scheduling` has it."""
ANTENNA_GAIN_DBI = 3.0
"""Of each end; a choice for antennas on roofs and poles."""
BLOCK_HZ = 180e3

BLER_SNR_DB = np.array([-2.0, 0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 20.0])
BLER = np.array([1.0, 0.9, 0.7, 0.3, 0.09, 0.02, 0.002, 0.001, 0.0001])
"""Block error rate of 190 bytes by QPSK at rate 1/2 in a fading channel at 280 km/h: R1-160284 (Huawei,
HiSilicon: DMRS enhancement of V2V, 3GPP RAN1 #84), as the paper in `drivegen.v2x.scheduling` reads it off.
Taken for messages of all sizes, which are sent with the same code."""

RANGE, FADING, CONGESTION, HALF_DUPLEX, NETWORK = "range", "fading", "congestion", "half_duplex", "network"

MIN_ACCESS_MS, MAX_ACCESS_MS = 1, 20
"""A resource is chosen within 20 subframes (T2 of TS 36.213, section 14.1.1.6, at its least)."""
_KEPT_FOR = 10
"""Messages that a chosen resource is used for, which is the mean of the standard's 5 to 15 at 10 Hz."""
_BACKGROUND_SUBCHANNELS = 2.0
"""Of a background radio's message, ten a second."""
_BACKGROUND_RINGS = 8


def block_error(snr_db: float) -> float:
    """The curve above, straight between its points and constant beyond."""
    return float(np.interp(snr_db, BLER_SNR_DB, BLER))


def noise_dbm(blocks: int) -> float:
    """Thermal noise in as many resource blocks, with the receiver's noise figure."""
    return NOISE_DBM_PER_HZ + 10.0 * math.log10(BLOCK_HZ * blocks) + NOISE_FIGURE_DB


class Channel:
    """The radio and the network of a scene."""

    def __init__(self, seed: int, plan: ChannelPlan) -> None:
        self._plan = plan
        self._fate = Draws(seed, "radio fate")
        self._latency = Draws(seed, "radio latency")
        self._access = Draws(seed, "radio access")
        self._network = Draws(seed, "network")
        rings = (np.arange(_BACKGROUND_RINGS) + 0.5) / _BACKGROUND_RINGS * plan.range_m
        self._background_dbm = np.array([self.received_dbm(median_loss_db(LOS, float(d))) for d in rings])

    def received_dbm(self, loss_db: float) -> float:
        """Power at a receiver."""
        return self._plan.power_dbm + 2.0 * ANTENNA_GAIN_DBI - loss_db

    def access_ns(self, sender: str, kind: str, count: int) -> int:
        """From a message's making to its first bit on the air: the place of the resource that was chosen.

        It stays for `_KEPT_FOR` messages of a kind, as a reservation does.
        """
        u = self._access.uniform(name_key(sender), name_key(kind), count // _KEPT_FOR)
        return round(1e6 * (MIN_ACCESS_MS + u * (MAX_ACCESS_MS - MIN_ACCESS_MS)))

    def receive(
        self,
        message: tuple[str, str, int],
        sent_ns: int,
        size: Grant,
        receiver: str,
        links: Mapping[str, Link],
        load: Mapping[str, float],
        subframes: float,
    ) -> Reception:
        """What becomes of a message at an agent.

        `message`: sender, kind and count, which are the key of its draws. `links`: of the receiver, by the
        agent at the other end. `load`: subchannels that each agent takes in a period. `subframes`: that the
        receiver itself sends in, in a period.
        """
        sender, kind, count = message
        link = links[sender]
        key = (name_key(sender), name_key(kind), count, name_key(receiver))
        if link.distance_m > self._plan.range_m:
            return Reception(receiver=receiver, time_ns=None, cause=RANGE, path=link.path)
        u = tuple(self._fate.uniform(*key, k) for k in range(3))
        lost = self._lost(u, size, sender, receiver, links, load, subframes)
        if lost:
            return Reception(receiver=receiver, time_ns=None, cause=lost, path=link.path)
        late_ms = self._plan.latency_ms * math.exp(self._plan.latency_spread * self._latency.normal(*key))
        return Reception(receiver=receiver, time_ns=sent_ns + round(1e6 * late_ms), path=link.path)

    def _lost(
        self,
        u: tuple[float, ...],
        size: Grant,
        sender: str,
        receiver: str,
        links: Mapping[str, Link],
        load: Mapping[str, float],
        subframes: float,
    ) -> str:
        if u[0] < 1.0 - (1.0 - half_duplex(subframes)) ** size.subframes:
            return HALF_DUPLEX
        signal, noise = self.received_dbm(links[sender].loss_db), noise_dbm(size.blocks)
        alone = 1.0 - (1.0 - block_error(signal - noise)) ** size.subframes
        if u[1] < alone:
            return FADING
        if u[2] < self._collided(signal, noise, alone, size, sender, receiver, links, load):
            return CONGESTION
        return ""

    def _collided(
        self,
        signal_dbm: float,
        noise: float,
        alone: float,
        size: Grant,
        sender: str,
        receiver: str,
        links: Mapping[str, Link],
        load: Mapping[str, float],
    ) -> float:
        """Probability of a collision that the message does not survive."""
        near = [
            (self.received_dbm(link.loss_db), load.get(name, 0.0))
            for name, link in sorted(links.items())
            if name not in (sender, receiver) and link.distance_m <= self._plan.range_m
        ]
        background = self._plan.background_senders * _BACKGROUND_SUBCHANNELS / _BACKGROUND_RINGS
        if background > 0.0:
            near += [(float(power), background) for power in self._background_dbm]
        taken = sum(share for _, share in near)
        if taken == 0.0:
            return 0.0
        harm = sum(share * self._harm(signal_dbm, noise, power, alone) for power, share in near) / taken
        resources = PERIOD_MS * (SUBCHANNELS // size.subchannels)
        once = collision(float(resources), taken / size.subchannels, harm)
        return 1.0 - (1.0 - once) ** size.subframes

    def _harm(self, signal_dbm: float, noise: float, other_dbm: float, alone: float) -> float:
        """Chance that an interferer spoils what would have come through (equation 18 of the paper)."""
        total = 10.0 * math.log10(10.0 ** (noise / 10.0) + 10.0 ** (other_dbm / 10.0))
        return max(0.0, (block_error(signal_dbm - total) - alone) / max(1.0 - alone, 1e-9))

    def upload(self, message: tuple[str, str, int], sent_ns: int) -> Reception:
        """What becomes of a message on the line to the cloud."""
        sender, kind, count = message
        key = (name_key(sender), name_key(kind), count)
        if self._network.uniform(*key, 0) < self._plan.cloud_loss:
            return Reception(receiver=CLOUD, time_ns=None, cause=NETWORK, path=NETWORK)
        late_ms = self._plan.cloud_latency_ms * math.exp(
            self._plan.latency_spread * self._network.normal(*key, 1)
        )
        return Reception(receiver=CLOUD, time_ns=sent_ns + round(1e6 * late_ms), path=NETWORK)


def heard_by(receiver: str, agents: Sequence[str], links: Mapping[tuple[str, str], Link]) -> dict[str, Link]:
    """The links of one agent by the other end's name."""
    out: dict[str, Link] = {}
    for other in agents:
        link = links.get((min(receiver, other), max(receiver, other)))
        if other != receiver and link is not None:
            out[other] = link
    return out
