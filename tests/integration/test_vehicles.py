"""What vehicles do in a recording: enter, ride, park, obey, leave. The same bytes each time."""

from __future__ import annotations

import json
import math
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader
from drivegen.core.plans import Deed, Drive, Order, PlacedPose, ScenePlan, VehiclePlan
from drivegen.core.sensors import Camera, Imu, Lidar, Rig
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.reader import read_network
from drivegen.record.lamps import BEACON, HAZARD
from drivegen.record.session import Endpoint, SceneResult, record_scene
from drivegen_exporters.nuscenes.exporter import NuScenes
from tests.scenes import make_scene, small_rig, start_server

WARMUP_S, DURATION_S = 1.0, 8.0
OFFSET_M = 0.6

pytestmark = pytest.mark.timeout(300)


class Road:
    """The test junction: arms 0 to 3 with three lanes and a bicycle lane each way."""

    def __init__(self, path: Path) -> None:
        self.geometry = NetworkGeometry(read_network(path.read_text(encoding="utf-8"), str(path)))

    def points(self, arm: int, way: str, lane: int, first_m: float, last_m: float) -> list[tuple[float, ...]]:
        """Of a lane's middle, every 2 m of its travel; `way` is in or out."""
        curve = self.geometry.curve(10 * arm + (3 if way == "in" else 1))
        step = 2.0 if last_m > first_m else -2.0
        along = curve.lane_centre(0, lane, np.arange(first_m, last_m, step)).position_m
        return [tuple(round(v, 3) for v in p) for p in along.tolist()]


def vehicle(points: list[tuple[float, ...]], **changes: Any) -> VehiclePlan:
    """At the first of some points, headed for the second."""
    (x, y, z), (to_x, to_y, _) = points[:2]
    values: dict[str, Any] = {
        "blueprint": "vehicle.tesla.model3",
        "color_rgb": (180, 30, 30),
        "start": PlacedPose(x_m=x, y_m=y, z_m=z, yaw_rad=round(math.atan2(to_y - y, to_x - x), 6)),
        "speed_difference_percent": 40.0,
        "following_distance_m": 3.0,
        "lane_changes": False,
    }
    return VehiclePlan(**{**values, **changes})


def rider(points: list[tuple[float, ...]], **changes: Any) -> VehiclePlan:
    return vehicle(
        points,
        **{
            "blueprint": "vehicle.vespa.zx125",
            "drive": Drive.RIDER,
            "route": tuple(points[1:]),
            "speed_difference_percent": 70.0,
            **changes,
        },
    )


NAMES = (
    "cutter", "stopper", "aside", "leaver", "late", "crowded", "parked", "rider", "brief", "against", "lit",
)  # fmt: skip


def company(road: Road) -> dict[str, VehiclePlan]:
    """One vehicle of each kind, by name."""
    leaving = road.points(1, "out", -2, 20.0, 60.0)
    late = road.points(2, "out", -2, 20.0, 40.0)
    taken = road.points(3, "in", -3, 10.0, 20.0)
    stop, go = Order(deed=Deed.STOP, at_s=1.0), Order(deed=Deed.GO, at_s=7.5)
    cut = Order(deed=Deed.LANE_LEFT, ego_within_m=12.0)
    made = {
        "cutter": vehicle(
            road.points(0, "in", -3, 34.0, 60.0),
            speed_difference_percent=70.0,
            orders=(cut,),
            roles=("cut_in",),
        ),
        "stopper": vehicle(
            road.points(1, "in", -3, 10.0, 20.0), orders=(stop, go), roles=("illegal_stop",), beacon=True
        ),
        "aside": vehicle(road.points(2, "in", -2, 10.0, 20.0), lane_offset_m=OFFSET_M),
        "leaver": vehicle(leaving, route=tuple(leaving[2::3]), leaves=True, speed_difference_percent=20.0),
        "late": vehicle(late, enters_s=3.0),
        "crowded": vehicle(taken, enters_s=2.0),
        "parked": vehicle(taken, drive=Drive.PARKED, roles=("parked",)),
        "rider": rider(road.points(2, "in", -5, 5.0, 65.0), roles=("rider",)),
        "brief": rider(road.points(3, "in", -5, 5.0, 25.0), leaves=True, roles=("rider",)),
        "against": rider(road.points(0, "out", -5, 100.0, 40.0), roles=("rider", "wrong_way")),
        "lit": vehicle(road.points(3, "out", -1, 30.0, 50.0), beacon=True, roles=("emergency",)),
    }
    assert tuple(made) == NAMES
    return made


def make_plan(folder: Path) -> tuple[ScenePlan, Path]:
    plan, path = make_scene(folder, seed=11, vehicles=0, walkers=0)
    road = Road(path)
    ego = vehicle(road.points(0, "in", -2, 6.0, 20.0)).start
    parts = {s.name: s for s in small_rig(96, 54).sensors}
    front, top, imu = parts["FRONT"], parts["TOP"], parts["IMU"]
    assert isinstance(front, Camera)
    assert isinstance(top, Lidar)
    assert isinstance(imu, Imu)
    sensors = (
        replace(front, period_s=1.0),
        replace(top, name="LIDAR_TOP", period_s=0.5, columns=90),
        replace(imu, period_s=0.1),
    )
    plan = replace(
        plan,
        ego=replace(plan.ego, start=ego, rig=Rig(name="few", sensors=sensors)),
        vehicles=tuple(company(road).values()),
        warmup_s=WARMUP_S,
        duration_s=DURATION_S,
        keyframe_s=1.0,
        label_range_m=500.0,
    )
    return plan, path


@dataclass
class Seen:
    """What a watch saw: rows of time, x, y, z, speed by vehicle; lights by vehicle."""

    rows: dict[str, list[tuple[float, ...]]] = field(default_factory=dict)
    lights: dict[str, list[tuple[float, int]]] = field(default_factory=dict)

    def of(self, name: str) -> np.ndarray:
        return np.array(self.rows[name])


@dataclass(frozen=True)
class Told:
    """What a recording in a process of its own sends back."""

    content: str
    result: SceneResult
    seen: Seen


def play(folder: Path) -> Told:
    folder.mkdir()
    plan, road = make_plan(folder)
    names = {id(p): name for p, name in zip(plan.vehicles, NAMES, strict=True)}
    seen = Seen()

    def watch(time_s: float, observed: Any, _: Any, vehicles: Any) -> None:
        for each in observed[1:]:
            name = names[id(vehicles.plans[each.tracked.track_id])]
            speed = float(np.linalg.norm(each.velocity_mps[:2]))
            seen.rows.setdefault(name, []).append((time_s, *each.map_actor.position_m.tolist(), speed))
            if name in ("stopper", "lit", "late") and round(time_s * 20) % 10 == 0:
                state = int(each.tracked.actor.get_light_state())
                seen.lights.setdefault(name, []).append((time_s, state))

    with start_server(plan, road, folder) as server:
        result = record_scene(
            plan,
            map_path=road,
            endpoint=Endpoint(port=server.port, call_timeout_s=60.0),
            capture_path=folder / "scene.mcap",
            provenance={"made by": "a test"},
            watch=watch,
        )
    return Told(content=result.capture.content_sha256, result=result, seen=seen)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Told, Told]:
    """The scene twice, each in a process and on a server of its own."""
    folder = tmp_path_factory.mktemp("vehicles")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=2, mp_context=context) as pool:
        runs = [pool.submit(play, folder / name) for name in "ab"]
        first, second = (run.result(timeout=200) for run in runs)
    return first, second


@pytest.fixture(scope="module")
def seen(told: tuple[Told, Told]) -> Seen:
    return told[0].seen


def test_the_same_plan_gives_the_same_bytes(told):
    assert told[0].content == told[1].content
    assert told[0].result.achieved == told[1].result.achieved


def test_who_is_parked_stands_still(seen):
    places = seen.of("parked")[:, 1:3]
    assert np.ptp(places[10:], axis=0).max() < 0.02
    assert len(places) > 150


def test_riders_ride_and_leave_at_the_end_of_their_route(told, seen):
    assert seen.of("rider")[60:, 4].min() > 2.5
    brief = seen.of("brief")
    assert np.linalg.norm(brief[-1, 1:3] - brief[0, 1:3]) == pytest.approx(18.0, abs=2.5)
    assert brief[-1, 0] < WARMUP_S + DURATION_S - 1.0
    against = seen.of("against")
    assert against[-1, 4] > 2.5
    metres = np.linalg.norm(against[-1, 1:3] - against[0, 1:3])
    assert told[0].result.achieved["wrong_way_m"] == pytest.approx(metres, rel=0.2)


def test_who_is_due_later_enters_then_if_its_place_is_free(told, seen):
    late = seen.of("late")
    assert 3.0 < late[0, 0] <= 3.1
    assert late[5:, 4].min() > 3.0
    assert "crowded" not in seen.rows
    assert [line for line in told[0].result.spawn_failures if "found its place taken" in line]
    assert len(told[0].result.spawn_failures) == 1


def test_who_leaves_does_so_at_the_end_of_its_route(seen):
    leaver = seen.of("leaver")
    assert np.linalg.norm(leaver[-1, 1:3] - leaver[0, 1:3]) == pytest.approx(32.0, abs=3.5)
    assert leaver[-1, 0] < WARMUP_S + DURATION_S - 0.5
    assert leaver[-1, 4] > 5.0  # and does not stop for it


def test_who_is_told_to_stop_stands_with_hazard_lights_until_told_to_go(told, seen):
    stopper = seen.of("stopper")
    stands = stopper[(stopper[:, 0] > 4.4) & (stopper[:, 0] < 7.5)]
    assert stands[:, 4].max() < 0.05
    assert stopper[-1, 4] > 1.5
    states = dict(seen.lights["stopper"])
    assert states[0.5] & HAZARD == 0
    assert states[4.0] & HAZARD == HAZARD
    assert states[8.5] & HAZARD != HAZARD
    assert told[0].result.achieved["illegal_stops"] == 1.0


def test_beacons_stay_on(seen):
    for name in ("stopper", "lit"):
        assert all(state & BEACON == BEACON for time_s, state in seen.lights[name] if time_s >= 0.5)
    assert not any(state & BEACON for _, state in seen.lights["late"])


def test_offsets_are_kept_to_the_left(seen, tmp_path):
    _, path = make_scene(tmp_path, seed=11, vehicles=0, walkers=0)
    middle = np.array(Road(path).points(2, "in", -2, 2.0, 68.0))[:, :2]
    places = seen.of("aside")[60:, 1:3]
    along = middle[-1] - middle[0]
    along /= np.linalg.norm(along)
    off = [
        float(along[0] * (p - m)[1] - along[1] * (p - m)[0])
        for p in places
        for m in [middle[np.argmin(np.linalg.norm(middle - p, axis=1))]]
        if np.linalg.norm(p - m) < 1.5
    ]
    assert np.median(off) == pytest.approx(OFFSET_M, abs=0.2)


def test_who_is_told_to_change_lanes_cuts_in(told):
    assert told[0].result.achieved["cut_ins"] == 1.0


def test_roles_and_incidents_are_counted(told):
    achieved = told[0].result.achieved
    roles = {name: n for name, n in achieved.items() if name.startswith("role ")}
    assert roles == {
        "role cut_in": 1.0,
        "role emergency": 1.0,
        "role illegal_stop": 1.0,
        "role parked": 1.0,
        "role rider": 3.0,
        "role wrong_way": 1.0,
    }
    assert achieved["vehicles"] == 10.0
    assert achieved["collisions"] == 0.0
    assert achieved["vehicle_km"] > 0.2


def test_tracks_begin_and_end_in_the_capture(told):
    with CaptureReader(told[0].result.capture.path) as capture:
        frames = [f.load([]) for f in capture.frames()]
    by_frame = [{o.track_id for o in f.objects} for f in frames]
    assert len(frames) == 80
    assert all(f.agents[EGO] for f in frames)
    came = set.union(*by_frame) - by_frame[0]
    went = set.union(*by_frame) - by_frame[-1]
    assert len(came) == 1
    assert len(went) == 2
    assert not came & went
    assert seen_once(by_frame, came | went)


def seen_once(by_frame: list[set[int]], tracks: set[int]) -> bool:
    """Whether each is there without a gap, from its beginning or to its end."""
    for track in tracks:
        there = np.array([track in ids for ids in by_frame])
        if np.count_nonzero(np.diff(there.astype(int))) != 1:
            return False
    return True


def test_exports_chain_tracks_that_begin_and_end(told, tmp_path):
    NuScenes({"hidden": True}).export([told[0].result.capture.path], tmp_path / "out")
    tables = tmp_path / "out" / "v1.0-drivegen"
    rows = {
        name: json.loads((tables / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("sample", "sample_annotation", "instance")
    }
    order = {s["token"]: i for i, s in enumerate(sorted(rows["sample"], key=lambda s: s["timestamp"]))}
    annotations = {a["token"]: a for a in rows["sample_annotation"]}
    assert len(order) == 8
    spans = []
    for instance in rows["instance"]:
        chain = [annotations[instance["first_annotation_token"]]]
        while chain[-1]["next"]:
            chain.append(annotations[chain[-1]["next"]])
        assert len(chain) == instance["nbr_annotations"]
        places = [order[a["sample_token"]] for a in chain]
        assert places == list(range(places[0], places[-1] + 1))
        spans.append((places[0], places[-1]))
    assert len(spans) == 10
    assert sum(first > 0 for first, _ in spans) == 1
    assert sum(last < 7 for _, last in spans) == 2
