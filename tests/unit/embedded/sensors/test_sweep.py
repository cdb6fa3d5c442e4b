import numpy as np
import pytest

from drivegen.embedded.sensors.attributes import Attributes
from drivegen.embedded.sensors.sweep import ScanPattern, Spinner


def pattern(**attributes):
    return ScanPattern.read(Attributes("test", {k: str(v) for k, v in attributes.items()}))


def azimuth_deg(sweep):
    """Clockwise, as CARLA's yaw, of the first channel."""
    x, y, _ = sweep.directions[: sweep.columns].T
    return np.degrees(np.arctan2(-y, x))


def test_defaults_are_carlas():
    assert pattern() == ScanPattern(
        channels=32,
        range_m=10.0,
        points_per_second=56000,
        rotation_hz=10.0,
        upper_deg=10.0,
        lower_deg=-30.0,
        horizontal_deg=360.0,
    )


def test_a_full_turn_starts_behind_and_runs_clockwise():
    spinner = Spinner(pattern(channels=2, points_per_second=80, rotation_frequency=10))
    sweep = spinner.advance(0.1)
    assert sweep.columns == 4
    np.testing.assert_allclose(np.abs(azimuth_deg(sweep)), [180, 90, 0, 90], atol=1e-4)
    # Behind, then left (CARLA's -90 is drivegen's +y), ahead, right.
    np.testing.assert_allclose(np.sign(sweep.directions[[1, 3], 1]), [1, -1])
    assert spinner.horizontal_angle_rad == 0.0
    assert spinner.advance(0.1) == sweep


def test_channels_go_from_the_top_down():
    spinner = Spinner(pattern(channels=5, points_per_second=150, upper_fov=10, lower_fov=-30))
    sweep = spinner.advance(0.1)
    elevation = np.degrees(np.arcsin(sweep.directions[:, 2])).reshape(5, sweep.columns)
    np.testing.assert_allclose(elevation, np.tile([[10], [0], [-10], [-20], [-30]], (1, 3)), atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(sweep.directions, axis=1), 1.0, atol=1e-6)


def test_one_channel_points_at_the_upper_angle():
    sweep = Spinner(pattern(channels=1, points_per_second=100, upper_fov=7)).advance(0.1)
    np.testing.assert_allclose(np.degrees(np.arcsin(sweep.directions[:, 2])), 7.0, atol=1e-4)


def test_a_part_of_a_turn_goes_on_where_the_last_one_ended():
    spinner = Spinner(pattern(channels=1, points_per_second=300, rotation_frequency=5))
    ends, seen = [], []
    for _ in range(5):
        sweep = spinner.advance(0.05)
        assert sweep.columns == 15
        seen.append(azimuth_deg(sweep))
        ends.append(np.degrees(spinner.horizontal_angle_rad))
    np.testing.assert_allclose(ends, [90, 180, 270, 0, 90])
    np.testing.assert_allclose(seen[0], -180 + 6.0 * np.arange(15), atol=1e-4)
    np.testing.assert_allclose(seen[1], -90 + 6.0 * np.arange(15), atol=1e-4)
    np.testing.assert_allclose(seen[4], seen[0], atol=1e-4)


def test_more_than_a_turn_wraps_round():
    spinner = Spinner(pattern(channels=1, points_per_second=60, rotation_frequency=15))
    sweep = spinner.advance(0.1)
    assert sweep.columns == 6
    np.testing.assert_allclose(azimuth_deg(sweep), [-180, -90, 0, 90, -180, -90], atol=1e-4)
    assert np.degrees(spinner.horizontal_angle_rad) == pytest.approx(180)


def test_a_narrow_field_of_view_is_centred_ahead():
    spinner = Spinner(pattern(channels=1, points_per_second=120, rotation_frequency=10, horizontal_fov=120))
    sweep = spinner.advance(0.1)
    np.testing.assert_allclose(azimuth_deg(sweep), -60 + 10.0 * np.arange(12), atol=1e-4)
    assert spinner.horizontal_angle_rad == 0.0


@pytest.mark.parametrize(
    ("points", "channels", "dt_s", "columns"),
    [
        (56000, 32, 0.05, 88),
        (56000, 32, 0.1, 175),
        (694400, 32, 0.05, 1085),
        (10, 4, 0.1, 0),
        (50, 1, 0.05, 3),
    ],
)
def test_columns_are_rounded_half_up_as_carla_does(points, channels, dt_s, columns):
    assert Spinner(pattern(points_per_second=points, channels=channels)).advance(dt_s).columns == columns


def test_without_a_firing_the_head_stands_still():
    spinner = Spinner(pattern(points_per_second=1))
    sweep = spinner.advance(0.1)
    assert len(sweep.directions) == 0
    assert spinner.horizontal_angle_rad == 0.0


def test_long_runs_do_not_drift():
    spinner = Spinner(pattern(channels=1, points_per_second=7200, rotation_frequency=20))
    first = spinner.advance(0.05)
    for _ in range(20000):
        last = spinner.advance(0.05)
    assert last == first
    third = Spinner(pattern(channels=1, points_per_second=7200, rotation_frequency=10))
    starts = {third.advance(1 / 30).start_deg for _ in range(3000)}
    assert max(min(abs(s - t) for t in (0, 120, 240)) for s in starts) < 1e-5
