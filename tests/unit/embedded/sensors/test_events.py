import numpy as np
import pytest

from drivegen.core.errors import ConfigError
from drivegen.core.rng import derive_rng
from drivegen.embedded.sensors.attributes import Attributes
from drivegen.embedded.sensors.events import EventDetector
from tests.unit.embedded.sensors.room import texts

WEIGHTS = (0.1140, 0.5870, 0.2989)


def detector(seed=1, **attributes):
    attributes = {"use_log": "false", "positive_threshold": 10, "negative_threshold": 10, **attributes}
    return EventDetector(Attributes("sensor.camera.dvs", texts(**attributes)), derive_rng(seed))


def picture(values):
    """Greys as a BGRA picture."""
    out = np.full((*np.shape(values), 4), 255, np.uint8)
    out[..., :3] = np.asarray(values, np.uint8)[..., None]
    return out


def rows(events):
    return [(int(e["x"]), int(e["y"]), int(e["t"]), int(e["pol"])) for e in events]


def test_light_that_rises_evenly_crosses_each_threshold_at_its_time():
    one = detector()
    # 0.2989 + 0.587 + 0.114 = 0.9999 of each step.
    assert rows(one.events(picture([[100, 100]]), 1.0)) == []
    events = rows(one.events(picture([[135, 100]]), 1.1))
    assert [(x, y, pol) for x, y, _, pol in events] == [(0, 0, 1)] * 3
    for (_, _, t, _), level in zip(events, (10, 20, 30), strict=True):
        assert t == pytest.approx(1.0e9 + 0.1e9 * level / (35 * 0.9999), abs=1e4)


def test_the_reference_waits_for_the_next_threshold():
    one = detector()
    one.events(picture([[100]]), 0.0)
    assert rows(one.events(picture([[108]]), 0.1)) == []
    # 108 to 112 passes 110.
    ((_, _, t, pol),) = rows(one.events(picture([[112]]), 0.2))
    assert pol == 1
    assert t == pytest.approx(0.15e9, rel=0.01)
    # Down again: the reference is 110, the next events lie at 100 and 90.
    down = rows(one.events(picture([[88]]), 0.3))
    assert [pol for *_, pol in down] == [0, 0]
    assert rows(one.events(picture([[88]]), 0.4)) == []


def test_events_come_by_time():
    one = detector()
    rng = np.random.default_rng(2)
    one.events(picture(rng.integers(0, 255, (40, 60))), 0.0)
    for k in range(1, 4):
        events = one.events(picture(rng.integers(0, 255, (40, 60))), k * 0.05)
        assert len(events) > 5000
        assert (np.diff(events["t"]) >= 0).all()
        assert events["t"].min() >= (k - 1) * 50_000_000
        assert events["t"].max() <= k * 50_000_000
        assert events["x"].max() == 59 and events["y"].max() == 39


def test_up_and_down_have_thresholds_of_their_own():
    one = detector(positive_threshold=5, negative_threshold=20)
    one.events(picture([[100, 100]]), 0.0)
    polarity = one.events(picture([[141, 59]]), 0.1)["pol"]
    assert ((polarity == 1).sum(), (polarity == 0).sum()) == (8, 2)


def test_a_pixel_rests_after_an_event():
    busy, tired = detector(), detector(refractory_period_ns=40_000_000)
    for one in (busy, tired):
        one.events(picture([[0]]), 0.0)
    steps = [rows(one.events(picture([[250]]), 0.1)) for one in (busy, tired)]
    assert len(steps[0]) == 24
    times = [t for _, _, t, _ in steps[1]]
    # 24 crossings 4 ms apart: the first, and those 40 ms after the last that counted.
    assert len(times) == 3
    assert (np.diff(times) >= 40_000_000).all()
    # The reference has moved on all the same.
    assert rows(tired.events(picture([[246]]), 0.2)) == []


def test_light_is_counted_by_its_logarithm():
    one = detector(use_log="true", positive_threshold=0.3, negative_threshold=0.3, log_eps=0.001)
    one.events(picture([[20, 200]]), 0.0)
    events = one.events(picture([[40, 220]]), 0.1)
    # ln(40 / 20) = 0.69 is two thresholds, ln(220 / 200) = 0.1 none.
    assert rows(events)[0][0] == 0
    assert len(events) == 2


def test_noisy_thresholds_are_drawn_from_the_seed():
    rng = np.random.default_rng(5)
    first, second = rng.integers(40, 200, (30, 30)), rng.integers(40, 200, (30, 30))

    def events(seed, **sigma):
        one = detector(seed, **sigma)
        one.events(picture(first), 0.0)
        return one.events(picture(second), 0.1)

    noise = {"sigma_positive_threshold": 3, "sigma_negative_threshold": 3}
    assert events(1, **noise).tobytes() == events(1, **noise).tobytes()
    assert events(1, **noise).tobytes() != events(2, **noise).tobytes()
    assert events(1).tobytes() == events(2).tobytes()
    only_up = events(1, sigma_positive_threshold=3)
    quiet = events(1)
    assert only_up[only_up["pol"] == 0].tobytes() == quiet[quiet["pol"] == 0].tobytes()


def test_an_event_is_thirteen_bytes():
    one = detector()
    one.events(picture([[100]]), 0.0)
    assert len(one.events(picture([[111]]), 0.1).tobytes()) == 13


def test_a_threshold_of_nothing_is_refused():
    with pytest.raises(ConfigError, match=r"positive_threshold is '0', expected a number not below 0\.01"):
        detector(positive_threshold=0)
