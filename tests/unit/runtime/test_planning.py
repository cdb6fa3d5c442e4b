from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from drivegen.core.errors import ConfigError
from drivegen.core.plans import ScenePlan
from drivegen.data import data_root
from drivegen.runtime import planning
from drivegen.runtime.config import Config, config_from, register_schema
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.planning import Planner

FACTORS = {
    "weather": {"fog": {"weather.presets": ["fog"]}, "rain": {"weather.presets": ["heavy_rain"]}},
    "hour": {"noon": {"weather.hours": [12.0]}, "evening": {"weather.hours": [18.0]}},
    "traffic": {
        "thin": {"traffic.vehicles": 2},
        "bikes": {"traffic.vehicles": 4, "traffic.params": {"mix": {"bicycle": 1.0}}},
    },
}
ROADS = {
    "road": {
        "narrow": {"map.params": {"lanes_per_direction": 2}},
        "wide": {"map.params": {"lanes_per_direction": 4}},
    }
}


def job(factors: object, *overrides: str, strategy: str = "pairwise") -> Config:
    register_schema()
    with initialize_config_dir(str(data_root() / "conf"), version_base="1.3"):
        composed = compose("config", overrides=["rig=tiny", "pedestrians.pedestrians=2", *overrides])
    composed.job.coverage.strategy = strategy
    composed.job.coverage.factors = factors
    return config_from(composed)


def test_levels_become_scenes_and_equal_seeds_equal_plans() -> None:
    config = job(FACTORS, "job.seed=5")
    planner, again = Planner(config), Planner(config)
    plans = [planner.plan(i) for i in range(6)]
    assert again.plan(4).to_json() == plans[4].to_json()
    for plan in plans:
        assert plan.weather.preset == {"fog": "fog", "rain": "heavy_rain"}[plan.levels["weather"]]
        assert plan.weather.hour == {"noon": 12.0, "evening": 18.0}[plan.levels["hour"]]
        bikes = plan.levels["traffic"] == "bikes"
        assert plan.requested["vehicles"] == (4.0 if bikes else 2.0)
        assert ScenePlan.from_json(plan.to_json()).to_json() == plan.to_json()
        if bikes:
            assert plan.vehicles
            assert all("bicycle" in v.blueprint or "bike" in v.blueprint for v in plan.vehicles)
    assert len({tuple(p.levels.items()) for p in plans}) >= 4


def test_more_scenes_leave_the_first_as_they_are() -> None:
    few = Planner(job(FACTORS, "job.scenes=2")).plan(1)
    many = Planner(job(FACTORS, "job.scenes=300")).plan(1)
    assert few.to_json() == many.to_json()


def test_plans_lie_in_the_folder_with_their_hash(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.create()
    planner = Planner(job(FACTORS, "job.scenes=3"))
    laid: set[str] = set()
    planned = [planner.write_scene(folder, index, laid) for index in range(3)]
    assert [p.scene for p in planned] == ["scene-0001", "scene-0002", "scene-0003"]
    for each in planned:
        plan = ScenePlan.from_json(folder.plan(each.scene).read_text(encoding="utf-8"))
        assert (plan.sha256, plan.levels, plan.map.name) == (each.sha256, each.levels, each.map)
        assert (folder.maps / plan.map.opendrive).is_file()


def test_roads_of_levels_are_kept_apart() -> None:
    planner = Planner(job(ROADS))
    plans = [planner.plan(i) for i in range(2)]
    names = {p.levels["road"]: p.map.name for p in plans}
    assert names == {
        "narrow": "beijing_junction_narrow_0001",
        "wide": "beijing_junction_wide_0001",
    }
    lanes = {p.levels["road"]: planner.map(i).text.count('type="driving"') for i, p in enumerate(plans)}
    assert lanes["wide"] > lanes["narrow"]


def test_jobs_without_factors_are_as_before() -> None:
    config = job({}, "weather.presets=[clear,fog]", strategy="independent")
    assert [Planner(config).plan(i).weather.preset for i in range(3)] == ["clear", "fog", "clear"]
    assert Planner(config).plan(0).levels == {}


@pytest.mark.parametrize(
    ("factors", "words"),
    [
        ({"a": {"x": {"job.seed": 3}}}, "'job.seed' must be a key below map"),
        ({"a": {"x": {"traffic.vehicels": 3}}}, "a.x: traffic.vehicels"),
        ({"a": {"x": {"traffic.vehicles": -1}}}, "a=x: traffic.vehicles=-1"),
        ({"a": {"x": {"weather.plugin": "storms"}}}, "no such plugin"),
        ({"a": {"x y": {"traffic.vehicles": 1}}}, "'x y'"),
        ({"a": {}}, "levels and their overrides"),
        ({"a": {"x": 3}}, "a mapping of keys"),
        (
            {"a": {"x": {"traffic.vehicles": 1}}, "b": {"y": {"traffic.vehicles": 2}}},
            "set by the factor a too",
        ),
    ],
)
def test_refusals_name_factor_and_level(factors: object, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        Planner(job(factors))
    assert words in str(error.value)


def test_a_length_that_is_null_is_that_of_the_scene(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, dict[str, object]] = {}
    real = planning.plugins.make

    def note(kind: str, name: str, params: dict[str, object], where: str) -> object:
        given[where] = params
        return real(kind, name, params, where)

    monkeypatch.setattr(planning.plugins, "make", note)
    scene = ("scene.duration_s=7.0", "scene.warmup_s=2.0")
    Planner(job({}, "+traffic.params.lasts_s=null", *scene))
    assert given["traffic.plugin"]["lasts_s"] == 9.0
    Planner(job({}, "+traffic.params.lasts_s=20.0", *scene))
    assert given["traffic.plugin"]["lasts_s"] == 20.0


def test_memory_is_that_of_a_few_maps_and_repetitions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "KEPT_MAPS", 2)
    planner = Planner(job({}, "map.variants=5", "job.scenes=1000000"))
    first = planner.map(0).text
    for index in range(1, 5):
        planner.map(index)
    assert len(planner._maps) == 2
    assert planner.map(0).text == first
    drawn = Planner(job(FACTORS, "job.scenes=1000000")).assignment
    drawn.levels(999_999)  # any scene's levels are there at once, and nothing of those before it is kept
    assert len(drawn._array) == len(drawn._block[1]) < 20
