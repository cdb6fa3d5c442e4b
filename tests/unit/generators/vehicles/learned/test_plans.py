"""The plugins: plans are valid, repeatable, and say what they are."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

from drivegen.core.errors import ConfigError
from drivegen.core.plans import Drive, TrafficDraw
from drivegen.core.rng import derive_rng
from drivegen.opendrive.model import RoadNetwork
from drivegen.runtime import plugins
from drivegen_generators.pedestrians.learned import Learned as LearnedWalkers
from drivegen_generators.roads.midblock import MidblockCrossing
from drivegen_generators.vehicles.learned.generator import MORE_TRACK_S, Learned
from drivegen_generators.vehicles.learned.kinematics import Limits

LASTS_S = 5.0


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    return MidblockCrossing(signalised=True).generate(derive_rng(3, "map"), "road")


def draw(network: RoadNetwork, seed: int = 1) -> TrafficDraw:
    plugin = Learned(lasts_s=LASTS_S, samples=2, keep_s=5.0, parked=0.2, riders={"count": 3})
    return plugin.plan(derive_rng(seed, "vehicles"), network, 7)


@pytest.fixture(scope="module")
def drawn(network: RoadNetwork) -> TrafficDraw:
    pytest.importorskip("torch")
    pytest.importorskip("diffusers")
    return draw(network)


def test_equal_seeds_give_equal_plans(network: RoadNetwork, drawn: TrafficDraw) -> None:
    assert draw(network) == drawn
    assert draw(network, 2).ego_track != drawn.ego_track


def test_all_but_the_parked_have_tracks_within_the_limits(drawn: TrafficDraw) -> None:
    drives = {v.drive for v in drawn.vehicles}
    assert Drive.TRACK in drives
    assert drives <= {Drive.TRACK, Drive.PARKED}
    assert drawn.ego_track is not None
    limits = Limits()
    moved = 0.0
    for track in (drawn.ego_track, *(v.track for v in drawn.vehicles if v.track)):
        assert track.begins_s == 0.0
        assert track.ends_s <= LASTS_S + MORE_TRACK_S + 1e-9
        step = np.hypot(np.diff(track.x_m), np.diff(track.y_m))
        moved += float(step.sum())
        speed = step / np.diff(track.times_s)
        change = np.diff(speed) / 0.2
        assert change.max(initial=0.0) < max(limits.acceleration_mps2) + 0.1
        assert change.min(initial=0.0) > -max(limits.braking_mps2) - 0.1
        assert np.abs(np.diff(track.z_m)).max() < 0.5
    assert moved > 30.0
    assert drawn.ego_track.ends_s == pytest.approx(LASTS_S + MORE_TRACK_S)
    assert drawn.requested["tracks"] == sum(v.track is not None for v in drawn.vehicles) + 1
    assert {"tracks that overlap", "tracks off the road"} <= set(drawn.requested)
    assert drawn.signals


def test_walkers_get_tracks_that_know_the_vehicles(network: RoadNetwork, drawn: TrafficDraw) -> None:
    plugin = LearnedWalkers(lasts_s=LASTS_S, samples=2, keep_s=5.0)
    made = [plugin.plan(derive_rng(4), network, 4, near=drawn.ego, vehicles=drawn.vehicles) for _ in range(2)]
    assert made[0] == made[1]
    assert len(made[0].walkers) == 4
    for walker in made[0].walkers:
        assert walker.track is not None
        assert not walker.waypoints
        speed = np.hypot(np.diff(walker.track.x_m), np.diff(walker.track.y_m)) / 0.2
        assert speed.max() < Limits().walking_mps + 0.05


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"violations": {"red_light": 0.1}}, "violations"),
        ({"guidance": {"wit": 1.0}}, "wit"),
        ({"ego": "none"}, "ego"),
        ({"samples": 0}, "samples"),
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, object], told: str) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("diffusers")
    with pytest.raises(ConfigError, match=told):
        Learned(**wrong)  # type: ignore[arg-type]


def test_without_torch_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda n, *a: None if n == "torch" else real(n, *a))
    for plugin in (Learned, LearnedWalkers):
        with pytest.raises(ConfigError, match=r"torch.*drivegen\[diffusion\]"):
            plugin()


def test_looking_a_plugin_up_loads_no_torch() -> None:
    code = (
        "import sys\n"
        "from drivegen_generators.vehicles.learned.generator import Learned\n"
        "from drivegen_generators.pedestrians.learned import Learned as Walkers\n"
        "assert 'torch' not in sys.modules and 'diffusers' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_plugins_are_installed() -> None:
    for kind in ("vehicles", "pedestrians"):
        assert "learned" in plugins.names(f"generators.{kind}")
