import numpy as np
import pytest
from scipy import stats

from drivegen.core.errors import ConfigError
from drivegen.core.rng import derive_rng
from drivegen_generators.vehicles.draws import Spread, constant
from drivegen_generators.vehicles.styles import SHARES, STYLES, Styles


def test_a_spread_is_a_normal_distribution_cut_off_at_both_ends():
    spread = Spread(mean=10.0, deviation=6.0, least=4.0, most=13.0)
    rng = derive_rng(1)
    drawn = np.array([spread.draw(rng) for _ in range(3000)])
    law = stats.truncnorm((4 - 10) / 6, (13 - 10) / 6, loc=10, scale=6)
    assert stats.kstest(drawn, law.cdf).pvalue > 0.01
    assert drawn.min() >= 4.0
    assert drawn.max() <= 13.0
    assert constant(3.0).draw(rng) == 3.0


def test_styles_are_as_frequent_as_their_shares_and_as_they_are_described():
    rng = derive_rng(2)
    drawn = [Styles({"cautious": 1.0, "aggressive": 3.0}).draw(rng) for _ in range(1200)]
    slow = [b for b in drawn if b.speed_difference_percent > 5.0]
    assert len(slow) / len(drawn) == pytest.approx(0.25, abs=0.04)
    assert all(b.following_distance_m >= 3.0 for b in slow)
    fast = [b for b in drawn if b.speed_difference_percent <= 5.0]
    assert all(b.lane_changes for b in fast)
    assert max(b.following_distance_m for b in fast) <= 2.5
    assert {b.ignores_lights_percent for b in drawn} == {0.0}


def test_all_styles_differ():
    speeds = [STYLES[name].speed_difference_percent.mean for name in SHARES]
    assert speeds == sorted(speeds, reverse=True)
    assert len(set(speeds)) == len(speeds)


def test_a_style_can_have_distributions_of_its_own():
    styles = Styles({"tourist": {"share": 1.0, "speed_difference_percent": [40, 5, 30, 50]}})
    drawn = [styles.draw(derive_rng(k)) for k in range(50)]
    assert all(30 <= b.speed_difference_percent <= 50 for b in drawn)
    assert {b.keeps_right_percent for b in drawn} == {0.0}  # as normal drivers


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sleepy": 1.0}, "'sleepy' is none of cautious"),
        ({"normal": 0.0}, "at least one share"),
        ({"normal": {"share": 1.0, "colour": 3}}, "styles.normal: 'colour' is unknown"),
        ({"normal": {"share": 1.0, "following_distance_m": [1, 2]}}, "mean, deviation, least, most"),
        ({"normal": {"share": 1.0, "following_distance_m": [9, 1, 2, 4]}}, "must lie in 2.0..4.0"),
    ],
)
def test_bad_styles_are_named(options, message):
    with pytest.raises(ConfigError, match=message):
        Styles(options)
