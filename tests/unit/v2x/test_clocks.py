"""Clocks and draws: what was planned comes out."""

import numpy as np
import pytest

from drivegen.core.agents import Clock
from drivegen.v2x.clocks import AgentClock
from drivegen.v2x.draws import Draws

FIRST_NS = 3_000_000_000


def clock(**values: float) -> AgentClock:
    return AgentClock(4, "vehicle_1", Clock(**values), FIRST_NS)  # type: ignore[arg-type]


def test_an_exact_clock_shows_simulation_time() -> None:
    assert clock().stamp_ns(FIRST_NS + 123_456_789) == FIRST_NS + 123_456_789


def test_the_offset_holds_at_the_first_frame_and_the_drift_grows_from_there() -> None:
    late = clock(offset_ns=-7_000_000, drift_ppm=50.0)
    assert late.stamp_ns(FIRST_NS) == FIRST_NS - 7_000_000
    # 50 ppm are 50 microseconds a second: half a millisecond in ten.
    assert late.stamp_ns(FIRST_NS + 10_000_000_000) == FIRST_NS + 10_000_000_000 - 7_000_000 + 500_000


def test_jitter_is_normal_with_the_planned_deviation_and_independent() -> None:
    shaky = clock(jitter_ns=40_000)
    times = FIRST_NS + 50_000_000 * np.arange(4000)
    off = np.array([shaky.stamp_ns(int(t), "LIDAR") - int(t) for t in times], dtype=float)
    assert abs(off.mean()) < 3 * 40_000 / np.sqrt(4000)
    assert off.std() == pytest.approx(40_000, rel=0.05)
    assert abs(np.corrcoef(off[1:], off[:-1])[0, 1]) < 0.05
    other = np.array([shaky.stamp_ns(int(t), "CAM") - int(t) for t in times[:500]], dtype=float)
    assert abs(np.corrcoef(off[:500], other)[0, 1]) < 0.15


def test_a_stamp_is_the_same_however_often_it_is_read() -> None:
    shaky = clock(jitter_ns=40_000)
    again = clock(jitter_ns=40_000)
    again.stamp_ns(FIRST_NS + 1)
    assert shaky.stamp_ns(FIRST_NS + 5, "A") == again.stamp_ns(FIRST_NS + 5, "A")


@pytest.mark.parametrize("elapsed_ns", [0, 1, 999_999_999, 20_000_000_000])
def test_the_inverse_gives_the_time_of_a_stamp(elapsed_ns: int) -> None:
    fast = clock(offset_ns=12_345_678, drift_ppm=-80.0)
    assert abs(fast.time_ns(fast.stamp_ns(FIRST_NS + elapsed_ns)) - FIRST_NS - elapsed_ns) <= 1


def test_draws_are_uniform_normal_and_each_by_its_key() -> None:
    draws = Draws(1, "test")
    u = draws.uniforms(np.arange(20_000), 3)
    assert u.min() > 0.0 and u.max() < 1.0
    counts, _ = np.histogram(u, bins=20, range=(0.0, 1.0))
    # Chi-square with 19 degrees of freedom: 43.8 is passed once in a thousand times.
    assert float(((counts - 1000.0) ** 2 / 1000.0).sum()) < 43.8
    n = draws.normals(np.arange(20_000), 4)
    assert abs(n.mean()) < 0.03 and n.std() == pytest.approx(1.0, abs=0.02)
    assert abs(np.corrcoef(u[1:], u[:-1])[0, 1]) < 0.03
    assert [draws.uniform(k, 3) for k in range(50)] == u[:50].tolist()
    assert draws.normal(17, 4) == n[17]
    assert draws.uniform(-3) == draws.uniforms(np.array([-3]))[0]
    assert np.array_equal(
        draws.uniforms(np.arange(5)[:, None], np.arange(3)[None, :])[:, 1], draws.uniforms(np.arange(5), 1)
    )
    assert draws.uniform(3, 17) != draws.uniform(17, 3)
    assert Draws(2, "test").uniform(17, 3) != draws.uniform(17, 3)
