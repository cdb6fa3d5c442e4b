"""Localisation errors by sky, their growth under covers, and what is claimed."""

import math
from dataclasses import replace

import numpy as np
import pytest

from drivegen.core.agents import Localisation, Sky
from drivegen.core.geometry import Pose
from drivegen.opendrive.model import Cubic, RoadNetwork, Structure, StructureKind
from drivegen.v2x import localisation
from drivegen.v2x.covers import Covers
from drivegen.v2x.draws import Draws
from drivegen.v2x.localisation import SKIES, GaussMarkov, PoseErrors
from tests.unit.v2x.street import network

FIRST_NS = 2_000_000_000
SPEED_MPS = 15.0


def drive(
    sky: Sky,
    seconds: float,
    covered_s: tuple[float, float] = (0.0, 0.0),
    seed: int = 1,
    scale: float = 1.0,
    step_s: float = 0.5,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Errors (x, y, z, heading) and claims of an agent that drives east, two a second."""
    errors = PoseErrors(seed, "vehicle_1", Localisation(sky=sky, scale=scale), FIRST_NS)
    out, claims = [], []
    times = np.arange(0.0, seconds, step_s)
    for t in times:
        true = Pose.from_xyz_rpy(SPEED_MPS * t, 3.0, 0.5, yaw_rad=0.3)
        fix = errors.fix(FIRST_NS + round(t * 1e9), true, bool(covered_s[0] <= t < covered_s[1]))
        off = fix.map_agent.position_m - true.position_m
        out.append([*off, math.remainder(fix.map_agent.yaw_rad - 0.3, 2 * math.pi)])
        claims.append(fix.position_sigma_m)
    return times, np.array(out), np.array(claims)


def test_the_process_has_unit_variance_and_the_planned_correlation() -> None:
    process = GaussMarkov(Draws(3, "x"), (2.0, 0.5))
    values = np.array([process.at(k * 100_000_000) for k in range(8_000)])
    assert values.std(axis=0) == pytest.approx([1.0, 1.0], abs=0.12)
    for column, tau in ((0, 2.0), (1, 0.5)):
        found = np.corrcoef(values[10:, column], values[:-10, column])[0, 1]
        assert found == pytest.approx(math.exp(-1.0 / tau), abs=0.08)


def test_the_process_is_the_same_whenever_it_is_asked() -> None:
    early, late = GaussMarkov(Draws(3, "x"), (2.0,)), GaussMarkov(Draws(3, "x"), (2.0,))
    for k in range(40):
        early.at(k * 10_000_000)
    assert early.at(55_555_555_555) == late.at(55_555_555_555)


def test_surveyed_agents_are_where_they_are() -> None:
    _, error, claim = drive(Sky.EXACT, 2.0, covered_s=(0.5, 1.5))
    assert np.abs(error).max() < 1e-12 and not claim.any()


@pytest.mark.parametrize("sky", [Sky.OPEN, Sky.CANYON])
def test_errors_have_the_size_of_their_sky(sky: Sky) -> None:
    runs = [drive(sky, 8.1, seed=seed, step_s=8.0)[1][-1] for seed in range(250)]
    size = np.sqrt(np.mean(np.square(runs), axis=0))
    model = SKIES[sky]
    horizontal = math.hypot(model.position_m, model.position_white_m)
    heading = math.hypot(model.heading_rad, model.heading_white_rad)
    assert size[:2] == pytest.approx([horizontal] * 2, rel=0.15)
    assert size[3] == pytest.approx(heading, rel=0.15)


def test_a_canyon_is_worse_than_open_sky_and_scale_scales() -> None:
    canyon, open_sky = drive(Sky.CANYON, 3.0)[1], drive(Sky.OPEN, 3.0)[1]
    assert np.abs(canyon[:, :2]).mean() > 3.0 * np.abs(open_sky[:, :2]).mean()
    assert drive(Sky.OPEN, 3.0, scale=2.0)[1] == pytest.approx(2.0 * open_sky, abs=1e-9)


def test_dead_reckoning_grows_with_the_way_and_recovers() -> None:
    """From the closed form: the scale's part is 0.4 % of the way, the heading's grows with way and time."""
    covered = (10.0, 40.0)
    size = []
    for seed in range(40):
        size.append(np.linalg.norm(drive(Sky.OPEN, 60.0, covered, seed=seed)[1][:, :2], axis=1))
    rms = np.sqrt(np.mean(np.square(size), axis=0))
    before, middle, end, after = (rms[int(2 * t)] for t in (9.5, 25.0, 39.5, 59.0))
    way = SPEED_MPS * 29.5
    along = localisation.ODOMETER_SCALE * way
    heading = SKIES[Sky.OPEN].heading_rad * way
    bias = 0.5 * localisation.GYRO_BIAS_RADPS * 30.0 * way
    start = math.sqrt(2.0) * SKIES[Sky.OPEN].position_m
    assert before < middle < end
    assert end == pytest.approx(math.sqrt(start**2 + along**2 + heading**2 + bias**2), rel=0.25)
    assert after < 2.0 * before
    # Without an exit it does not recover.
    assert np.linalg.norm(drive(Sky.OPEN, 60.0, (10.0, 60.0))[1][-1, :2]) > 2.0 * after


def test_a_wrong_heading_leads_astray_across_the_way() -> None:
    """After a canyon the heading's part is several times what the error was at the entry."""
    ends = [drive(Sky.CANYON, 40.0, (10.0, 60.0), seed=seed, step_s=2.0)[1][-1] for seed in range(60)]
    way = SPEED_MPS * 28.0
    sky = SKIES[Sky.CANYON]
    bias = 0.5 * localisation.GYRO_BIAS_RADPS * 28.0 * way
    expected = math.hypot(math.hypot(sky.position_m, sky.heading_rad * way), bias)
    assert np.sqrt(np.mean(np.square(ends), axis=0))[1] == pytest.approx(expected, rel=0.25)


def test_who_stands_under_a_cover_does_not_drift() -> None:
    errors = PoseErrors(2, "a", Localisation(sky=Sky.OPEN), FIRST_NS)
    still = Pose.from_xyz_rpy(5.0, 0.0, 0.0)
    at = [errors.fix(FIRST_NS + k * 100_000_000, still, True).map_agent.position_m for k in range(100)]
    assert np.ptp([p[0] for p in at]) < 0.2


def test_the_claim_is_of_the_right_size_and_sometimes_too_small() -> None:
    ratio = {}
    for sky in (Sky.OPEN, Sky.CANYON):
        model = SKIES[sky]
        claims = np.array([drive(sky, 1.0, seed=seed, step_s=1.0)[2][-1] for seed in range(200)])
        ratio[sky] = claims / math.hypot(model.position_m, model.position_white_m)
    assert 0.85 < np.median(ratio[Sky.OPEN]) < 1.05
    assert 0.5 < np.median(ratio[Sky.CANYON]) < 0.8
    assert (ratio[Sky.OPEN] < 0.8).mean() > 0.1
    _, _, covered = drive(Sky.OPEN, 30.0, (5.0, 30.0))
    assert covered[-1] > 5.0 * covered[8]


def with_structure(kind: StructureKind, s_m: float, length_m: float, height_m: float = 0.0) -> RoadNetwork:
    road = network().roads[0]
    structure = Structure(id="1", kind=kind, s_m=s_m, length_m=length_m, type="concrete")
    raised = replace(road, structures=(structure,), elevations=(Cubic(s_m=0.0, a=height_m),))
    return replace(network(), roads=(raised,))


@pytest.mark.parametrize(
    ("kind", "height_m", "x_m", "y_m", "z_m", "covered"),
    [
        (StructureKind.TUNNEL, 0.0, 50.0, -3.0, 0.0, True),
        (StructureKind.TUNNEL, 0.0, 50.0, -9.0, 0.0, False),
        (StructureKind.TUNNEL, 0.0, -20.0, -3.0, 0.0, False),
        (StructureKind.TUNNEL, 0.0, 50.0, -3.0, 9.0, False),
        (StructureKind.BRIDGE, 6.0, 50.0, -3.0, 0.0, True),
        (StructureKind.BRIDGE, 6.0, 50.0, -3.0, 6.0, False),
        (StructureKind.BRIDGE, 6.0, 120.0, -3.0, 0.0, False),
    ],
)
def test_tunnels_and_bridges_cover_what_is_in_and_under_them(
    kind: StructureKind, height_m: float, x_m: float, y_m: float, z_m: float, covered: bool
) -> None:
    covers = Covers(with_structure(kind, 400.0, 100.0, height_m))
    assert covers.over(np.array([x_m, y_m, z_m])) is covered


def test_a_map_without_structures_covers_nothing() -> None:
    covers = Covers(network())
    assert len(covers) == 0 and not covers.over(np.zeros(3))
