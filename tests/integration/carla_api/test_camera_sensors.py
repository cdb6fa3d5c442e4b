"""Normals, flow, events and lenses, read by the real client."""

from __future__ import annotations

import math
import queue
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

carla = pytest.importorskip("carla")

Listen = Callable[[Any], "queue.Queue[Any]"]
SIZE = {"image_size_x": 320, "image_size_y": 180}
EVENT = np.dtype([("x", "<u2"), ("y", "<u2"), ("t", "<i8"), ("pol", "?")])


class Rig:
    """Cameras at one place of a car that drives straight on, with what it drives past."""

    def __init__(self, world: Any, car: Any, other: Any, listen: Listen) -> None:
        self.world, self.car, self.other = world, car, other
        self._listen = listen
        self.queues: list[queue.Queue[Any]] = []

    def add(self, kind: str, **values: object) -> None:
        blueprint = self.world.get_blueprint_library().find(f"sensor.camera.{kind}")
        for name, value in {**SIZE, **values}.items():
            blueprint.set_attribute(name, str(value))
        mount = carla.Transform(carla.Location(x=1.0, z=1.8))
        sensor = self.world.spawn_actor(blueprint, mount, attach_to=self.car)
        self.queues.append(self._listen(sensor))

    def tick(self) -> list[Any]:
        frame = self.world.tick()
        out = [q.get(timeout=20.0) for q in self.queues]
        assert [data.frame for data in out] == [frame] * len(out)
        return out


@pytest.fixture
def rig(world: Any, car: Any, listen: Listen) -> Rig:
    """A rig on a car at 8 m/s, behind another at 5 m/s."""
    ahead = world.get_map().get_waypoint(car.get_location()).next(14.0)[0].transform
    ahead.location.z += 0.4
    other = world.spawn_actor(world.get_blueprint_library().find("vehicle.mini.cooper_s"), ahead)
    for actor, speed in ((car, 8.0), (other, 5.0)):
        actor.enable_constant_velocity(carla.Vector3D(speed, 0.0, 0.0))
    for _ in range(4):
        world.tick()
    return Rig(world, car, other, listen)


def pixels(image: Any) -> np.ndarray:
    return np.frombuffer(image.raw_data, np.uint8).reshape(image.height, image.width, 4)


def flow_px(image: Any) -> np.ndarray:
    """As CARLA's users turn it into pixels (carla issue 4795): halves of the image, y down."""
    raw = np.frombuffer(image.raw_data, np.float32).reshape(image.height, image.width, 2)
    return raw * np.array([image.width / 2, -image.height / 2])


def depth_m(image: Any) -> np.ndarray:
    b, g, r = (pixels(image)[..., k].astype(float) for k in range(3))
    return 1000.0 * (r + 256.0 * g + 65536.0 * b) / (256.0**3 - 1)


def world_points(depth: np.ndarray, sensor: Any, fov_deg: float) -> np.ndarray:
    """CARLA world points of the pixels, (h, w, 3)."""
    height, width = depth.shape
    f = width / 2 / math.tan(math.radians(fov_deg) / 2)
    u, v = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    local = np.stack([np.ones_like(u), (u - width / 2) / f, -(v - height / 2) / f], -1) * depth[..., None]
    matrix = np.array(sensor.get_matrix())
    return local @ matrix[:3, :3].T + matrix[:3, 3]


def project_px(points: np.ndarray, sensor: Any, size: tuple[int, int], fov_deg: float) -> np.ndarray:
    local = (np.concatenate([points, np.ones((*points.shape[:-1], 1))], -1)) @ np.array(
        sensor.get_inverse_matrix()
    ).T
    f = size[0] / 2 / math.tan(math.radians(fov_deg) / 2)
    return np.stack(
        [size[0] / 2 + f * local[..., 1] / local[..., 0], size[1] / 2 - f * local[..., 2] / local[..., 0]], -1
    )


def test_flow_follows_the_road_and_the_car_ahead(rig: Rig) -> None:
    for kind in ("optical_flow", "depth", "instance_segmentation"):
        rig.add(kind)
    flow, depth, _ = rig.tick()
    assert type(flow).__name__ == "OpticalFlowImage"
    assert not np.frombuffer(flow.raw_data, np.float32).any(), "the first image has nothing to compare with"
    before, other_before = flow.transform, rig.other.get_transform()
    for _ in range(3):
        flow, depth, instance = rig.tick()
        other_now = rig.other.get_transform()
        points = world_points(depth_m(depth), depth.transform, depth.fov)
        way = np.array(other_before.get_matrix()) @ np.array(other_now.get_inverse_matrix())
        tag, b, g = (pixels(instance)[..., k].astype(int) for k in (2, 0, 1))
        on_car = (b * 256 + g) == rig.other.id
        was = np.where(on_car[..., None], points @ way[:3, :3].T + way[:3, 3], points)
        size = (depth.width, depth.height)
        expected = project_px(points, flow.transform, size, flow.fov) - project_px(
            was, before, size, flow.fov
        )
        # Wheels turn; trunks and walls stand; the sky is further than depth can say.
        body = on_car & (np.arange(depth.height)[:, None] < np.nonzero(on_car)[0].mean())
        still = (tag != 11) & (b + g == 0) & (depth_m(depth) < 200)
        assert body.sum() > 200
        assert still.sum() > 10_000
        error = np.abs(flow_px(flow) - expected)
        assert error[body].max() < 0.1
        # The client reads poses as float32, and depth in steps: far less than that.
        assert np.quantile(error[still], 0.999) < 0.1
        assert np.abs(expected[still]).max() > 5.0
        before, other_before = flow.transform, other_now
    coded = flow.get_color_coded_flow()
    assert (coded.width, coded.height) == (320, 180)
    assert pixels(coded)[..., :3].any()


def test_normals_are_those_of_the_road_and_of_the_car_ahead(rig: Rig) -> None:
    rig.add("normals")
    rig.add("semantic_segmentation")
    normals, semantic = rig.tick()
    tag = pixels(semantic)[..., 2]
    n = pixels(normals)[..., 2::-1].astype(float) / 127.5 - 1.0
    assert np.median(n[tag == 1], axis=0) == pytest.approx([0.0, 0.0, 1.0], abs=0.02)
    assert np.linalg.norm(n[tag != 11], axis=-1) == pytest.approx(1.0, abs=0.02)
    assert (pixels(normals)[tag == 11][:, :3] == 128).all()
    # The back of the car ahead looks at us, in the world's axes: against the way that we drive.
    back = np.median(n[tag == 14], axis=0)
    forward = rig.other.get_transform().get_forward_vector()
    assert back[:2] @ [forward.x, forward.y] < -0.6


def test_events_come_from_what_moves_and_lie_within_the_tick(rig: Rig) -> None:
    rig.add("dvs", positive_threshold=0.3, negative_threshold=0.3)
    rig.add("rgb")
    events, last = rig.queues
    stamps, shots = [], []
    for _ in range(4):
        rig.world.tick()
        shots.append(last.get(timeout=20.0))
        stamps.append(shots[-1].timestamp)
    arrays = [events.get(timeout=20.0) for _ in range(3)]
    assert events.empty(), "nothing can have changed before the first image"
    for k, data in enumerate(arrays):
        assert type(data).__name__ == "DVSEventArray"
        assert (data.width, data.height) == (320, 180)
        assert data.timestamp == stamps[k + 1]
        found = np.frombuffer(data.raw_data, EVENT)
        assert len(found) == len(data) > 500
        assert (np.diff(found["t"]) >= 0).all()
        assert stamps[k] * 1e9 - 1 <= found["t"][0] <= found["t"][-1] <= stamps[k + 1] * 1e9 + 1
        # Where an event is, the picture has changed, and the way that it says.
        then, now = (pixels(shots[k + j])[..., :3].astype(float) @ [0.114, 0.587, 0.2989] for j in (0, 1))
        change = np.log(0.001 + now / 255) - np.log(0.001 + then / 255)
        assert (np.sign(change[found["y"], found["x"]]) == np.where(found["pol"], 1, -1)).all()
    assert (data[0].x, data[0].y, data[0].t, data[0].pol) == tuple(found[0].tolist())


def test_nothing_moves_no_event(world: Any, car: Any, listen: Listen) -> None:
    rig = Rig(world, car, None, listen)
    rig.add("dvs")
    for _ in range(30):
        world.tick()
    settled = rig.queues[0].qsize()
    for _ in range(5):
        world.tick()
    assert rig.queues[0].qsize() == settled


def test_a_lens_bends_pictures_and_labels_alike(rig: Rig) -> None:
    lens = {"lens_circle_multiplier": 3.0, "lens_circle_falloff": 3.0}
    for values in ({}, lens):
        for kind in ("semantic_segmentation", "instance_segmentation", "depth", "rgb"):
            rig.add(kind, **values)
    images = rig.tick()
    straight, bent = images[:4], images[4:]
    # Tags of the two label cameras are of the same pixels, and so is depth: the sky is where it is furthest.
    assert (pixels(bent[0])[..., 2] == pixels(bent[1])[..., 2]).all()
    assert ((depth_m(bent[2]) > 999.0) == (pixels(bent[0])[..., 2] == 11)).all()
    moved = pixels(bent[0])[..., 2] != pixels(straight[0])[..., 2]
    assert moved[60:120, 120:200].mean() < 0.01
    assert moved.mean() > 0.01
    assert (pixels(bent[3]) != pixels(straight[3])).any()


def test_effects_are_seen_and_defaults_are_the_plain_picture(rig: Rig) -> None:
    settings: list[dict[str, object]] = [
        {},
        {"temp": 9000},
        {"temp": 4000},
        {"exposure_mode": "manual", "shutter_speed": 500},
        {"exposure_mode": "manual", "shutter_speed": 8000},
        {"motion_blur_intensity": 1.0},
        {"gamma": 3.0},
        {"enable_postprocess_effects": "false", "temp": 9000},
    ]
    for values in settings:
        rig.add("rgb", **values)
    rig.tick()
    plain, warm, cold, open_, closed, blurred, light, off = (
        pixels(image)[..., :3].astype(float) for image in rig.tick()
    )
    assert (warm[..., 2] - warm[..., 0]).mean() > (plain[..., 2] - plain[..., 0]).mean() + 5
    assert (cold[..., 2] - cold[..., 0]).mean() < (plain[..., 2] - plain[..., 0]).mean() - 5
    assert open_.mean() > plain.mean() + 10 > closed.mean() + 40
    assert light.mean() > plain.mean() + 5
    assert np.abs(np.diff(blurred, axis=1)).mean() < 0.8 * np.abs(np.diff(plain, axis=1)).mean()
    assert (off == plain).all()
