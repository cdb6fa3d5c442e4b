"""The receiver of a LiDAR: of all echoes of a beam, those that it finds and reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numba
import numpy as np
from jaxtyping import Bool, Float32, Float64, Int32, Int64, UInt8

from drivegen.capture.frame import Clutter
from drivegen.core.sensors import Lidar
from drivegen.record.degradation.dice import gamma4, normal, uniform
from drivegen.record.degradation.particles import STEP_M, Finds
from drivegen.record.degradation.spray import LIDAR_RATIO_SR, SprayPath
from drivegen.record.lidar_parts import Beams

if TYPE_CHECKING:
    from drivegen.record.lidar_model import Weathering

THRESHOLD = 4.0
"""Of detection, in standard deviations of the receiver's noise: one false alarm in 30 000."""
SIGNAL_AT_LIMIT = THRESHOLD + 1.2816
"""An echo of P_min exceeds the threshold with a probability of 0.9."""
SEPARATION_M = 0.5
"""Echoes nearer to each other are one; about c / 2 times the pulse's width."""
SURE_SIGNAL = 10.0
"""A LiDAR without a stated sensitivity hears every surface at least so well in clear air."""
LEAST_NOISE = 0.25
"""Noise of the range to a strong target, over that at the limit of detection: what timing leaves."""
PULSE_LENGTH_M = 0.75
"""c / 2 times the pulse's width: how deep a cloud is seen at once."""

_SPRAY, _FOG, _DUST, _RAIN, _SNOW = (
    int(c) for c in (Clutter.SPRAY, Clutter.FOG, Clutter.DUST, Clutter.RAIN, Clutter.SNOW)
)
_CANDIDATES = 8
"""Four surfaces, spray, fog, a drop and a flake."""

_Table = tuple[Float64[np.ndarray, "k"], Float64[np.ndarray, "k"], float, float]
"""Of `Finds`: expected, least, slope, reflectance; empty for nothing that falls."""
_Out = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""The arrays of `Echoes` in their order."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Soft:
    """Fog and dust as a LiDAR sees them, by range in steps of `step_m` from `step_m` on."""

    power: Float64[np.ndarray, "k"]
    cumulative: Float64[np.ndarray, "k"]
    """Of the range that an echo is taken to come from; ends at 1."""
    step_m: float
    dust_share: float
    """Of the backscatter."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Echoes:
    """What the receiver reports: of each beam the strongest echo, and in column 1 the other one."""

    found: Bool[np.ndarray, "beams returns"]
    range_m: Float32[np.ndarray, "beams returns"]
    power: Float32[np.ndarray, "beams returns"]
    """After weather."""
    kind: UInt8[np.ndarray, "beams returns"]
    """`Clutter`."""
    source: Int32[np.ndarray, "beams returns"]
    """Row of the point that a surface's echo came from; -1 for clutter."""
    moved: Float32[np.ndarray, "beams returns"]
    """What noise added to the range."""

    @property
    def arrays(self) -> _Out:
        """All of them, for compiled loops."""
        return self.found, self.range_m, self.power, self.kind, self.source, self.moved


def listen(
    lidar: Lidar,
    beams: Beams,
    distance_m: Float32[np.ndarray, "n"],
    reflectivity: Float32[np.ndarray, "n"],
    weathering: Weathering,
    path: SprayPath | None,
    least_power: float,
    floor: float,
    seed: int,
) -> Echoes:
    """The echoes of a sweep.

    Args:
        lidar: What it is.
        beams: What the rays met.
        distance_m: Of each point.
        reflectivity: Reflectance x cosine of each point.
        weathering: Tables of the weather.
        path: Ways through spray.
        least_power: P_min.
        floor: Least reflectivity (power x range^2) of weather that is reported.
        seed: Of this sweep.
    """
    count = beams.met.shape[1]
    shape = (count, lidar.returns)
    out = Echoes(
        found=np.zeros(shape, np.bool_),
        range_m=np.zeros(shape, np.float32),
        power=np.zeros(shape, np.float32),
        kind=np.zeros(shape, np.uint8),
        source=np.full(shape, -1, np.int32),
        moved=np.zeros(shape, np.float32),
    )
    soft, none = weathering.soft, np.zeros(0)
    clouds = path or SprayPath(
        enter_m=none.astype(np.float32),
        leave_m=none.astype(np.float32),
        extinction_per_m=none.astype(np.float32),
    )
    _listen(
        beams.met,
        distance_m,
        reflectivity,
        lidar.range_m,
        weathering.alpha_per_m,
        least_power,
        floor,
        0.0 if lidar.range_at_10_percent_m > 0.0 else SURE_SIGNAL / SIGNAL_AT_LIMIT,
        lidar.range_noise_m,
        none if soft is None else soft.power,
        none if soft is None else soft.cumulative,
        0.1 if soft is None else soft.step_m,
        0.0 if soft is None else soft.dust_share,
        _table(weathering.drops),
        _table(weathering.flakes),
        clouds.enter_m,
        clouds.leave_m,
        clouds.extinction_per_m,
        np.uint64(seed),
        out.arrays,
    )
    return out


def _table(finds: Finds | None) -> _Table:
    if finds is None:
        return np.zeros(0), np.zeros(0), 1.0, 0.0
    return finds.expected, finds.least_mm, finds.slope_per_mm, finds.reflectance


# Compiled from here on. A candidate is a row (power, range, kind, source) of `echo`.


@numba.njit(cache=True, error_model="numpy")
def _surfaces(
    met: Int32[np.ndarray, "subrays"],
    distance: Float32[np.ndarray, "n"],
    reflectivity: Float32[np.ndarray, "n"],
    alpha: float,
    floor_power: float,
    echo: Float64[np.ndarray, "8 4"],
) -> int:
    """Surfaces that the rays of a beam met, near ones together; sorted by range. Returns how many."""
    subrays = len(met)
    count = 0
    for s in range(subrays):
        if met[s] < 0:
            continue
        r = float(distance[met[s]])
        clear = float(reflectivity[met[s]]) / (r * r)
        power = max(clear, floor_power) / subrays * np.exp(-2.0 * alpha * r)
        at = count
        while at > 0 and echo[at - 1, 1] > r:
            echo[at] = echo[at - 1]
            at -= 1
        echo[at, 0], echo[at, 1], echo[at, 2], echo[at, 3] = power, r, 0.0, met[s]
        count += 1
    if count < 2:
        return count
    kept = 0
    best = echo[0, 0]
    for k in range(1, count):
        last = echo[kept]
        if echo[k, 1] - last[1] < SEPARATION_M:
            total = last[0] + echo[k, 0]
            last[1] = (last[0] * last[1] + echo[k, 0] * echo[k, 1]) / max(total, 1e-300)
            if echo[k, 0] > best:
                best = echo[k, 0]
                last[3] = echo[k, 3]
            last[0] = total
        else:
            kept += 1
            best = echo[k, 0]
            for column in range(4):
                echo[kept, column] = echo[k, column]
    return kept + 1


@numba.njit(cache=True, error_model="numpy")
def _fog(
    power: Float64[np.ndarray, "k"],
    cumulative: Float64[np.ndarray, "k"],
    step: float,
    dust_share: float,
    end: float,
    seed: np.uint64,
    beam: np.uint64,
    row: Float64[np.ndarray, "4"],
) -> bool:
    """The echo of fog and dust before the first surface."""
    last = min(int(end / step), len(power)) - 1
    if last < 0:
        return False
    at = np.searchsorted(cumulative[: last + 1], uniform(seed, beam) * cumulative[last])
    at = min(at, last)
    row[0] = power[at] * gamma4(seed + np.uint64(1), beam)
    row[1] = (at + uniform(seed + np.uint64(2), beam)) * step
    row[2] = float(_DUST if uniform(seed + np.uint64(3), beam) < dust_share else _FOG)
    row[3] = -1.0
    return row[1] < end


@numba.njit(cache=True, error_model="numpy")
def _particle(
    expected: Float64[np.ndarray, "k"],
    least_mm: Float64[np.ndarray, "k"],
    slope: float,
    reflectance: float,
    least_power: float,
    floor: float,
    end: float,
    seed: np.uint64,
    beam: np.uint64,
    row: Float64[np.ndarray, "4"],
) -> bool:
    """The first drop or flake before `end` that is strong enough."""
    wanted = -np.log(1.0 - uniform(seed, beam))
    if wanted >= expected[-1]:
        return False
    k = max(np.searchsorted(expected, wanted), 1)
    share = (wanted - expected[k - 1]) / max(expected[k] - expected[k - 1], 1e-300)
    r = (k - 1 + share) * STEP_M
    if r >= end:
        return False
    least = max(least_mm[k], 1e-6)
    diameter = least - np.log(1.0 - uniform(seed + np.uint64(1), beam)) / slope
    power = max(least_power, floor / (r * r)) * (diameter / least) ** 2
    row[0] = min(power, reflectance / (r * r))
    row[1] = r
    row[3] = -1.0
    return True


@numba.njit(cache=True, error_model="numpy")
def _through_spray(
    enter: float, leave: float, alpha: float, echo: Float64[np.ndarray, "8 4"], count: int, draw: float
) -> int:
    """Weakens what lies behind a cloud, and adds the cloud's own echo. Returns how many candidates."""
    first = np.inf
    for k in range(count):
        inside = min(max(echo[k, 1] - enter, 0.0), leave - enter)
        echo[k, 0] *= np.exp(-2.0 * alpha * inside)
        first = min(first, echo[k, 1])
    depth = min(leave, first) - enter
    r = enter - np.log(1.0 - draw) / (2.0 * alpha)
    if depth > 0.0 and 0.5 < r < enter + depth:
        share = np.pi * alpha / LIDAR_RATIO_SR * PULSE_LENGTH_M
        echo[count, 0] = share * np.exp(-2.0 * alpha * (r - enter)) / (r * r)
        echo[count, 1], echo[count, 2], echo[count, 3] = r, float(_SPRAY), -1.0
        return count + 1
    return count


@numba.njit(cache=True, error_model="numpy")
def _heard(
    echo: Float64[np.ndarray, "8 4"],
    count: int,
    least_power: float,
    floor: float,
    range_m: float,
    seed: np.uint64,
    beam: np.uint64,
) -> int:
    """Keeps the candidates that exceed the threshold; returns how many."""
    kept = 0
    for k in range(count):
        power, r = echo[k, 0], echo[k, 1]
        if r > range_m or (echo[k, 2] > 0.0 and power * r * r < floor):
            continue
        signal = SIGNAL_AT_LIMIT * power / least_power
        # Noise cannot lift or hide what is ten deviations away from the threshold.
        if abs(signal - THRESHOLD) < 10.0:
            noise = normal(seed + np.uint64(k) * np.uint64(0xD1B54A32D192ED03), beam)
            if signal + noise <= THRESHOLD:
                continue
        elif signal < THRESHOLD:
            continue
        if kept != k:
            for column in range(4):
                echo[kept, column] = echo[k, column]
        kept += 1
    return kept


@numba.njit(cache=True, error_model="numpy")
def _rank(echo: Float64[np.ndarray, "8 4"], count: int, chosen: Int64[np.ndarray, "2"]) -> int:
    """The strongest, and the last or the second strongest if that is the strongest; returns how many."""
    if count <= 1:
        chosen[0] = 0
        return count
    strongest, last = 0, 0
    for k in range(count):
        if echo[k, 0] > echo[strongest, 0]:
            strongest = k
        if echo[k, 1] > echo[last, 1]:
            last = k
    other = last
    if last == strongest:
        other = -1
        for k in range(count):
            if k != strongest and (other < 0 or echo[k, 0] > echo[other, 0]):
                other = k
    chosen[0], chosen[1] = strongest, other
    return 1 if other < 0 else 2


@numba.njit(cache=True, error_model="numpy")
def _listen(
    met: Int32[np.ndarray, "subrays beams"],
    distance: Float32[np.ndarray, "n"],
    reflectivity: Float32[np.ndarray, "n"],
    range_m: float,
    alpha: float,
    least_power: float,
    floor: float,
    least_signal: float,
    noise_m: float,
    soft_power: Float64[np.ndarray, "s"],
    soft_cumulative: Float64[np.ndarray, "s"],
    soft_step: float,
    dust_share: float,
    drops: _Table,
    flakes: _Table,
    enter: Float32[np.ndarray, "c"],
    leave: Float32[np.ndarray, "c"],
    spray_alpha: Float32[np.ndarray, "c"],
    seed: np.uint64,
    out: _Out,
) -> None:
    found, out_range, out_power, out_kind, out_source, out_moved = out
    returns = found.shape[1]
    echo = np.zeros((_CANDIDATES, 4))
    chosen = np.zeros(2, np.int64)
    floor_power = least_signal * least_power
    for beam in range(met.shape[1]):
        number = np.uint64(beam)
        if met.shape[0] > 1:
            count = _surfaces(met[:, beam], distance, reflectivity, alpha, floor_power, echo)
        elif met[0, beam] >= 0:
            at = met[0, beam]
            r = float(distance[at])
            power = max(float(reflectivity[at]) / (r * r), floor_power)
            echo[0, 0] = power * np.exp(-2.0 * alpha * r) if alpha > 0.0 else power
            echo[0, 1], echo[0, 2], echo[0, 3] = r, 0.0, float(at)
            count = 1
        else:
            count = 0
        end = echo[0, 1] if count else range_m
        if len(enter) and spray_alpha[beam] > 0.0:
            draw = uniform(seed + np.uint64(11), number)
            count = _through_spray(enter[beam], leave[beam], spray_alpha[beam], echo, count, draw)
        if len(soft_power):
            count += _fog(
                soft_power,
                soft_cumulative,
                soft_step,
                dust_share,
                end,
                seed + np.uint64(21),
                number,
                echo[count],
            )
        for kind, table, salt in ((_RAIN, drops, np.uint64(31)), (_SNOW, flakes, np.uint64(41))):
            expected, least, slope, reflectance = table
            if len(expected) and _particle(
                expected, least, slope, reflectance, least_power, floor, end, seed + salt, number, echo[count]
            ):
                echo[count, 2] = float(kind)
                count += 1
        count = _heard(echo, count, least_power, floor, range_m, seed + np.uint64(51), number)
        for rank in range(min(_rank(echo, count, chosen), returns)):
            best = chosen[rank]
            power, r, kind_of, source = echo[best, 0], echo[best, 1], echo[best, 2], echo[best, 3]
            moved = 0.0
            if noise_m > 0.0:
                loud = max(LEAST_NOISE, 1.0 / np.sqrt(max(power / least_power, 1e-3)))
                moved = noise_m * loud * normal(seed + np.uint64(61 + rank), number)
            found[beam, rank] = True
            out_range[beam, rank] = r + moved
            out_power[beam, rank] = power
            out_kind[beam, rank] = np.uint8(kind_of)
            out_source[beam, rank] = np.int32(source)
            out_moved[beam, rank] = moved


@numba.njit(cache=True, error_model="numpy")
def collect(
    out: _Out,
    directions: Float32[np.ndarray, "beams 3"],
    points: Float32[np.ndarray, "n 3"],
    distance: Float32[np.ndarray, "n"],
    single: bool,
    places: Float32[np.ndarray, "k 3"],
    beams: Int64[np.ndarray, "k"],
    ranks: UInt8[np.ndarray, "k"],
    sources: Int64[np.ndarray, "k"],
    kinds: UInt8[np.ndarray, "k"],
    reflectivity: Float32[np.ndarray, "k"],
) -> None:
    """Reported echoes as points, beam by beam and the strongest first.

    A point of a single return is where it came over the wire, to the bit, unless noise has moved it.
    """
    found, out_range, out_power, out_kind, out_source, out_moved = out
    k = 0
    for beam in range(found.shape[0]):
        for rank in range(found.shape[1]):
            if not found[beam, rank]:
                continue
            source = out_source[beam, rank]
            r = out_range[beam, rank]
            beams[k], ranks[k], sources[k], kinds[k] = beam, rank, source, out_kind[beam, rank]
            reflectivity[k] = out_power[beam, rank] * r * r
            scale = np.float32(1.0)
            if single and source >= 0 and out_moved[beam, rank] != 0.0:
                scale = np.float32(r / distance[source])
            for axis in range(3):
                if single and source >= 0:
                    places[k, axis] = points[source, axis] * scale
                else:
                    places[k, axis] = directions[beam, axis] * r
            k += 1
