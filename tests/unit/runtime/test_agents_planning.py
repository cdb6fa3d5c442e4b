"""Which vehicles and poles become agents, what they get wrong, and what is refused before any simulation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
import shapely.affinity

from drivegen.core.agents import Clock, Sky
from drivegen.core.errors import ConfigError
from drivegen.core.plans import Drive, PlacedPose, ScenePlan, TrafficDraw, VehiclePlan
from drivegen.core.rng import derive_rng
from drivegen.opendrive.model import RoadNetwork, RoadObject
from drivegen.opendrive.sites import roadside_sites
from drivegen.runtime.agents_planning import AgentPlanner
from drivegen.runtime.carriers import choose_cars, size_of
from drivegen.runtime.config import Config
from drivegen.runtime.planning import Planner
from drivegen.runtime.poles import UnitSite, junction_ahead
from drivegen.runtime.rig_config import make_rig
from drivegen_generators.roads.junction import SignalisedJunction
from tests.agent_scenes import composed

NETWORK = SignalisedJunction().generate(derive_rng(3, "map"), "lit")
SITES = roadside_sites(NETWORK)
JUNCTION = SITES[0].junction_id
MKZ = "vehicle.lincoln.mkz_2020"


@pytest.fixture(scope="module")
def planner() -> Planner:
    return Planner(composed("agents.connected.count=2", "agents.roadside.count=4"))


@pytest.fixture(scope="module")
def plan(planner: Planner) -> ScenePlan:
    return planner.plan(0)


def car(x_m: float, y_m: float, **changes: object) -> VehiclePlan:
    values: dict[str, object] = {
        "blueprint": "vehicle.audi.a2",
        "color_rgb": (9, 9, 9),
        "start": PlacedPose(x_m=x_m, y_m=y_m, z_m=0.0, yaw_rad=0.0),
        "speed_difference_percent": 5.0,
        "following_distance_m": 2.0,
        "lane_changes": False,
    }
    return VehiclePlan(**{**values, **changes})


def draw(*vehicles: VehiclePlan) -> TrafficDraw:
    return TrafficDraw(ego=PlacedPose(x_m=0.0, y_m=0.0, z_m=0.0, yaw_rad=0.0), vehicles=vehicles)


def choose(traffic: TrafficDraw, count: int, **changes: object) -> tuple[int, ...]:
    values = {"goal": (60.0, 0.0), "within_m": 50.0, "lasts_s": 10.0, **changes}
    return choose_cars("scene-0001", traffic, MKZ, count=count, **values)


def test_cars_nearest_to_the_way_are_chosen_and_no_others() -> None:
    traffic = draw(
        car(30.0, 20.0),
        car(20.0, 4.0),
        car(40.0, -3.0, blueprint="vehicle.mitsubishi.fusorosa"),
        car(10.0, 3.5, drive=Drive.PARKED),
        car(12.0, -4.0, enters_s=2.0),
        car(14.0, 8.0, roles=("convoy",)),
        car(15.0, -8.0, leaves=True, route=((50.0, -8.0, 0.0),)),
        car(55.0, 7.0),
        car(10.0, 80.0),
    )
    assert choose(traffic, 3) == (1, 7, 0)


def test_a_car_that_would_overlap_its_neighbour_is_passed_over() -> None:
    length, _ = size_of(MKZ)
    short, _ = size_of("vehicle.audi.a2")
    gap = (length + short) / 2 - 0.2
    traffic = draw(car(20.0, 4.0), car(20.0 + gap, 4.0), car(40.0, 9.0))
    assert choose(traffic, 1) == (2,)
    assert choose(draw(*traffic.vehicles[::2]), 1) == (0,)
    with pytest.raises(ConfigError, match=r"agents\.connected\.count=2.*1 have room.*within_m"):
        choose(traffic, 2)


def test_too_few_cars_are_said_with_what_was_found() -> None:
    with pytest.raises(ConfigError, match=r"scene-0001: agents\.connected\.count=4, but of 1 cars"):
        choose(draw(car(20.0, 4.0), car(10.0, 80.0)), 4)


def test_vehicles_become_the_rigs_and_keep_their_drivers(planner: Planner, plan: ScenePlan) -> None:
    before = Planner(composed("agents=none")).plan(0)
    assert [c.name for c in plan.connected] == ["vehicle_1", "vehicle_2"]
    assert [u.name for u in plan.roadside] == [f"roadside_{k}" for k in (1, 2, 3, 4)]
    chosen = {c.vehicle for c in plan.connected}
    for row, (vehicle, was) in enumerate(zip(plan.vehicles, before.vehicles, strict=True)):
        if row in chosen:
            assert vehicle == replace(
                was, blueprint=MKZ, color_rgb=(225, 227, 230), variant=0, stand_in="", leaves=False
            )
        else:
            assert vehicle == was
    assert plan.requested["connected vehicles"] == 2.0
    assert ScenePlan.from_json(plan.to_json()).to_json() == plan.to_json()
    assert planner.plan(0).to_json() == plan.to_json()
    assert "connected vehicles" not in before.requested


def test_sensors_sit_at_the_mounts_of_their_poles(planner: Planner, plan: ScenePlan) -> None:
    assert len({u.junction_id for u in plan.roadside}) == 1
    assert len({u.site for u in plan.roadside}) == 4
    sites = {s.id: s for s in roadside_sites(planner.map(0).network)}
    for unit in plan.roadside:
        at = unit.map_agent @ unit.rig.cameras[0].agent_sensor
        np.testing.assert_allclose(at.position_m, sites[unit.site].mounts["camera_1"].position_m, atol=1e-9)
        assert at.position_m[2] - unit.map_agent.position_m[2] > 5.0
        # camera_1 looks from the stop line over the junction, the unit's x back along its arm.
        assert at.rotation[:, 0] @ unit.map_agent.rotation[:, 0] < -0.8


def test_a_second_lidar_sits_where_one_would_be() -> None:
    two = next(s for s in SITES if "lidar_1" in s.mounts)
    bare = replace(two, mounts={k: v for k, v in two.mounts.items() if k != "lidar_1"})
    real, made = (UnitSite(site=s).agent_mount("lidar_1") for s in (two, bare))
    np.testing.assert_allclose(made.matrix, real.matrix, atol=1e-9)


def test_the_junction_is_the_one_that_lanes_lead_to(planner: Planner, plan: ScenePlan) -> None:
    network, junction = planner.map(0).network, plan.roadside[0].junction_id
    assert junction is not None
    assert junction_ahead(network, plan.ego.start, [junction]) == junction
    assert junction_ahead(network, plan.ego.start, [junction + 1]) is None
    away = PlacedPose(x_m=1e4, y_m=0.0, z_m=0.0, yaw_rad=0.0)
    assert junction_ahead(network, away, [junction]) is None


def units(config: Config, network: RoadNetwork = NETWORK):
    traffic = draw()
    return AgentPlanner(config).plan("scene-0001", 1, "lit", network, traffic, make_rig(config.rig)).roadside


ALONE = ("agents.connected.count=0",)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (("agents.roadside.count=5",), r"agents\.roadside\.count=5, but junction \d+ of lit has 4 poles"),
        (("agents.roadside.junction=7",), r"agents\.roadside\.junction=7: lit has none there, but at"),
        (("agents.roadside.poles=['77']",), r"agents\.roadside\.poles: lit has no pole '77'; it has \d+"),
    ],
)
def test_poles_that_are_not_there_are_refused(overrides: tuple[str, ...], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        units(composed(*ALONE, *overrides))


def test_a_road_without_poles_is_refused() -> None:
    bare = SignalisedJunction(roadside_sites=False).generate(derive_rng(3, "map"), "bare")
    with pytest.raises(ConfigError, match=r"has no roadside poles at a junction; set map\.params"):
        units(composed(*ALONE), bare)


def test_a_unit_without_lights_is_refused_where_it_is_to_send_spat() -> None:
    dark = replace(NETWORK, roads=tuple(replace(r, signals=(), signal_references=()) for r in NETWORK.roads))
    with pytest.raises(ConfigError, match=r"has no signal group for its SPAT.*spat=where_signals"):
        units(composed(*ALONE), dark)
    assert units(composed(*ALONE, "agents.roadside.spat=where_signals"), dark)
    assert units(composed(*ALONE, "agents.v2x.enabled=false"), dark)


def test_a_pole_in_a_building_of_the_map_is_refused() -> None:
    pole = SITES[0]

    def with_building(shift_m: float) -> RoadNetwork:
        road = NETWORK.road_by_id[pole.road_id]
        item = next(o for o in road.objects if o.id == pole.id)
        house = RoadObject(
            id="house",
            name="Hall",
            type="building",
            s_m=item.s_m + shift_m,
            t_m=item.t_m,
            length_m=12.0,
            width_m=12.0,
            height_m=9.0,
        )
        new = replace(road, objects=(*road.objects, house))
        return replace(NETWORK, roads=tuple(new if r is road else r for r in NETWORK.roads))

    config = composed(*ALONE, f"agents.roadside.poles=['{pole.id}']")
    with pytest.raises(ConfigError, match=rf"pole {pole.id} of lit stands at .* in the building house Hall"):
        units(config, with_building(0.0))
    assert units(config, with_building(-30.0))


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("agents.connected.count=-1", "agents.connected.count=-1"),
        ("agents.roadside.poles=['1','1']", "two units at pole 1"),
        ("agents.roadside.poles=['1','2','3']", "agents.roadside.poles names 3"),
        ("+agents.errors={vehicle_9:{}}", "agents.errors.vehicle_9: no such agent; there are ego, vehicle_1"),
        ("agents.connected.errors.localisation.sky=cloudy", "one of exact, open, canyon, covered"),
        ("agents.roadside.errors.clock.jitter_ms=-1", "agents.roadside.errors.clock.jitter_ms"),
        ("agents.connected.phases=odd", "one of rig, agent, sensor"),
        ("agents.roadside.spat=never", "one of required, where_signals"),
        ("agents.v2x.rate_hz=7", "multiple of scene.tick_s"),
        ("agents.v2x.detector.miss_rate=2", "agents.v2x.detector.miss_rate=2"),
        ("agents.v2x.channel.cloud_loss=-1", "agents.v2x.channel.cloud_loss"),
        ("agents.roadside.rig.lidars.lidar.name=CAM", "agents.roadside.rig: two sensors are named 'CAM'"),
        ("agents.roadside.rig.lidars.lidar.mount=roof", "mount='roof': no pole has it; there are camera_0"),
        ("agents.roadside.rig.lidars.lidar.mount=camera_1", "are both at mount camera_1"),
        ("agents.roadside.rig.cameras.cam.phase_s=0.5", "below the period of 0.5 s"),
        ("agents.connected.rig.cameras.cam_front.phase_s=0.07", "a multiple of scene.tick_s"),
        ("rig.cameras.cam_front.phase_s=0.1", "the ego's sensors have no phase"),
        ("agents.connected.rig=null", "rig@agents.connected.rig=NAME"),
    ],
)
def test_configurations_that_cannot_be_name_key_and_mend(override: str, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        composed(override)
    assert words in str(error.value)


def test_errors_are_drawn_for_each_agent_and_scene_and_can_be_said_for_one() -> None:
    config = composed(
        "agents.connected.count=2",
        "traffic.vehicles=12",
        "+agents.errors={vehicle_2:{clock:{offset_ms:40}},ego:{localisation:{sky:canyon}}}",
    )
    plan, other = Planner(config).plan(0), Planner(config).plan(1)
    first, second = (c.errors for c in plan.connected)
    assert second.clock == Clock(offset_ns=40_000_000)
    assert first.clock.offset_ns != 0
    assert first.clock.offset_ns != other.connected[0].errors.clock.offset_ns
    assert first.localisation.sky is Sky.OPEN
    assert plan.ego.errors.localisation.sky is Sky.CANYON
    moved = [
        np.linalg.norm(mount.position_m - s.agent_sensor.position_m)
        for s in plan.connected[0].rig.sensors
        for mount in [first.mount(plan.connected[0].rig, s.name)]
    ]
    assert 0.0 < max(moved) < 0.1
    assert not second.believed_mounts


def test_phases_are_drawn_below_the_period_in_ticks() -> None:
    config = composed("agents.roadside.phases=sensor", "agents.roadside.count=4", *ALONE)
    found = units(config)
    phases = [(s.phase_s, s.period_s) for u in found for s in u.rig.sensors]
    for phase, period in phases:
        assert 0.0 <= phase < period
        assert phase / 0.05 == pytest.approx(round(phase / 0.05))
    assert len({p for p, _ in phases}) > 2


def test_vehicles_of_a_plan_do_not_overlap(plan: ScenePlan) -> None:
    shapes = []
    for vehicle in plan.vehicles:
        if vehicle.enters_s <= 0.0:
            length, width = size_of(vehicle.blueprint, vehicle.variant)
            at = vehicle.start
            box = shapely.box(-length / 2, -width / 2, length / 2, width / 2)
            turned = shapely.affinity.rotate(box, at.yaw_rad, origin=(0.0, 0.0), use_radians=True)
            shapes.append(shapely.affinity.translate(turned, at.x_m, at.y_m))
    for agent in plan.connected:
        others = [s for k, s in enumerate(shapes) if k != agent.vehicle]
        assert not any(shapes[agent.vehicle].intersects(s) for s in others)
