"""A street that stands still: vehicles and people are put where a camera sees them, as often as wanted.

What is rendered is exact: the same moment with an object more, less, or somewhere else, with its shadows and
reflections.
"""

from __future__ import annotations

import math
import queue
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import carla
import numpy as np
from jaxtyping import Float32, UInt8, UInt16

from benchmarks.lockstep import lockstep
from drivegen.core.rng import derive_rng
from drivegen.opendrive.writer import write_network
from drivegen.runtime import plugins

KINDS = ("rgb", "depth", "instance_segmentation")
WAIT_S = 120.0
AWAY = carla.Transform(carla.Location(3000.0, 3000.0, -400.0))
VEHICLES, WALKERS, TWINS = 30, 22, 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """What a camera has at one moment; what judges call controls."""

    bgr: UInt8[np.ndarray, "h w 3"]
    depth_m: Float32[np.ndarray, "h w"]
    """Along the axis; 0 beyond 256 m."""
    tag: UInt8[np.ndarray, "h w"]
    instance: UInt16[np.ndarray, "h w"]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A camera's place and lens."""

    at: carla.Transform
    ground_z_m: float
    """Of the lane below it."""
    fov_deg: float
    width_px: int
    height_px: int

    @property
    def focal_px(self) -> float:
        """Of the pinhole."""
        return self.width_px / (2.0 * math.tan(math.radians(self.fov_deg) / 2.0))


@dataclass(slots=True)
class Cast:
    """Actors, and where they stand in the scene."""

    places: dict[int, carla.Transform] = field(default_factory=dict)
    """By actor id; who is not there is away."""


class Street:
    """A world in lock-step, with a cast that is placed anew for every scene."""

    def __init__(self, client: carla.Client, world: carla.World, rng: np.random.Generator) -> None:
        self.client, self.world = client, world
        self._cameras: list[tuple[carla.Actor, queue.SimpleQueue[Any]]] = []
        self._key: tuple[int, int, float] | None = None
        self.lanes = world.get_map().generate_waypoints(4.0)
        library = world.get_blueprint_library()
        self.actors: dict[int, carla.Actor] = {}
        self.vehicles: list[int] = []
        self.walkers: list[int] = []
        self.twin: dict[int, int] = {}
        """The same vehicle in another paint."""
        kinds = sorted(library.filter("vehicle.drivegen.*"), key=lambda b: b.id)
        people = sorted(library.filter("walker.drivegen.*"), key=lambda b: b.id)
        for number in range(VEHICLES):
            blueprint = kinds[int(rng.integers(len(kinds)))]
            first = self._spawn(blueprint, rng, number)
            self.vehicles.append(first)
            if number < TWINS:
                self.twin[first] = self._spawn(blueprint, rng, VEHICLES + number, again=True)
        for number in range(WALKERS):
            found = self._spawn(people[int(rng.integers(len(people)))], rng, 100 + number)
            self.walkers.append(found)
        self._now: dict[int, carla.Transform] = {}
        world.tick(WAIT_S)
        self.put(Cast())

    def _spawn(
        self, blueprint: carla.ActorBlueprint, rng: np.random.Generator, slot: int, *, again: bool = False
    ) -> int:
        if blueprint.has_attribute("color"):
            known = blueprint.get_attribute("color").recommended_values
            if known:
                blueprint.set_attribute("color", known[int(rng.integers(len(known)))])
            if again:
                blueprint.set_attribute("color", ",".join(str(int(v)) for v in rng.integers(0, 256, 3)))
        if blueprint.has_attribute("variant") and not again:
            blueprint.set_attribute("variant", str(int(rng.integers(40))))
        at = carla.Transform(carla.Location(2000.0 + 30.0 * (slot % 12), 2000.0 + 30.0 * (slot // 12), 0.5))
        actor = self.world.spawn_actor(blueprint, at)
        actor.set_simulate_physics(False)
        self.actors[actor.id] = actor
        return int(actor.id)

    def weather(self, rng: np.random.Generator, presets: Sequence[str]) -> str:
        """Draws one and sets it."""
        name = presets[int(rng.integers(len(presets)))]
        plan = plugins.make("generators.weather", "preset", {}, "weather").plan(
            rng, name, float(rng.uniform(7.0, 18.0)), int(rng.integers(1, 366)), 39.795, 116.506
        )
        self.world.set_weather(carla.WeatherParameters(*plan.parameters.values()))
        return name

    def scene(
        self, rng: np.random.Generator, fov_deg: float, width_px: int, height_px: int
    ) -> tuple[View, Cast]:
        """A camera's place and a cast before it."""
        lane = self.lanes[int(rng.integers(len(self.lanes)))]
        at, right = lane.transform, lane.transform.get_right_vector()
        high = rng.random() < 0.3
        side = rng.uniform(-1.5, 1.5) * (4.0 if high else 1.0)
        eye = carla.Location(
            at.location.x + side * right.x,
            at.location.y + side * right.y,
            at.location.z + (rng.uniform(4.0, 7.0) if high else rng.uniform(1.3, 2.3)),
        )
        turn = rng.choice([0.0, 0.0, 0.0, 180.0, 90.0, -90.0]) + rng.uniform(-12.0, 12.0)
        pitch = -rng.uniform(10.0, 25.0) if high else rng.uniform(-4.0, 2.0)
        view = View(
            at=carla.Transform(eye, carla.Rotation(yaw=at.rotation.yaw + turn, pitch=pitch)),
            ground_z_m=at.location.z,
            fov_deg=fov_deg,
            width_px=width_px,
            height_px=height_px,
        )
        cast = Cast()
        taken: list[tuple[float, float, float]] = [(eye.x, eye.y, 3.5)]
        near = [w for w in self.lanes if self._before(view, w.transform.location, 6.0, 60.0)]
        near.sort(key=lambda w: (w.transform.location.distance(eye), w.id))
        for number in rng.permutation(len(self.vehicles))[: int(rng.integers(3, 15))]:
            self._place(cast, self.vehicles[number], near, taken, rng)
        for number in rng.permutation(len(self.walkers))[: int(rng.integers(2, 14))]:
            self._place(cast, self.walkers[number], near, taken, rng)
        return view, cast

    def _before(self, view: View, where: carla.Location, least_m: float, most_m: float) -> bool:
        x, y = where.x - view.at.location.x, where.y - view.at.location.y
        ahead = view.at.get_forward_vector()
        along = x * ahead.x + y * ahead.y
        return least_m < along < most_m and abs(-x * ahead.y + y * ahead.x) < along * math.tan(
            math.radians(view.fov_deg / 2.0)
        )

    def _place(
        self,
        cast: Cast,
        actor_id: int,
        near: list[carla.Waypoint],
        taken: list[tuple[float, float, float]],
        rng: np.random.Generator,
    ) -> None:
        extent = self.actors[actor_id].bounding_box.extent
        walks = actor_id in self.walkers
        for _ in range(6 if near else 0):
            # More of them near than the growing width of the view would give.
            lane = near[int(len(near) * rng.random() ** 1.8)]
            at, right = lane.transform, lane.transform.get_right_vector()
            if walks:
                side, yaw = rng.choice([-1.0, 1.0]) * rng.uniform(1.5, 9.0), rng.uniform(0.0, 360.0)
                lift = extent.z + 0.1
            else:
                small = extent.y < 0.6
                side = rng.uniform(-1.3, 3.0) if small else rng.uniform(-0.3, 0.3)
                if rng.random() < 0.2:
                    side = rng.uniform(2.5, 4.5)
                yaw, lift = at.rotation.yaw + rng.normal(0.0, 4.0), 0.0
            x, y = at.location.x + side * right.x, at.location.y + side * right.y
            reach = math.hypot(extent.x, extent.y) * 0.85
            if any(math.hypot(x - a, y - b) < reach + r for a, b, r in taken):
                continue
            taken.append((x, y, reach))
            cast.places[actor_id] = carla.Transform(
                carla.Location(x, y, at.location.z + lift), carla.Rotation(yaw=float(yaw))
            )
            return

    def put(self, cast: Cast) -> None:
        """Everybody to their places; the next picture shows it."""
        for actor_id, actor in self.actors.items():
            at = cast.places.get(actor_id, AWAY)
            if self._now.get(actor_id) is not at:
                actor.set_transform(at)
                self._now[actor_id] = at

    def take(self, view: View, cast: Cast) -> Picture:
        """A picture of them."""
        self.put(cast)
        key = (view.width_px, view.height_px, view.fov_deg)
        if key != self._key:
            self.close()
            self._cameras = [self._camera(kind, view) for kind in KINDS]
            self._key = key
        for camera, _ in self._cameras:
            camera.set_transform(view.at)
        frame = self.world.tick(WAIT_S)
        rgb, depth, ids = (_of_frame(inbox, frame) for _, inbox in self._cameras)
        code = depth.astype(np.float64) @ (65536.0, 256.0, 1.0) * (1000.0 / (2**24 - 1))
        return Picture(
            bgr=np.ascontiguousarray(rgb),
            depth_m=np.where(code < 256.0, code, 0.0).astype(np.float32),
            tag=np.ascontiguousarray(ids[..., 2]),
            instance=ids[..., 1].astype(np.uint16) + 256 * ids[..., 0].astype(np.uint16),
        )

    def _camera(self, kind: str, view: View) -> tuple[carla.Actor, queue.SimpleQueue[Any]]:
        blueprint = self.world.get_blueprint_library().find(f"sensor.camera.{kind}")
        for name, value in (
            ("image_size_x", view.width_px),
            ("image_size_y", view.height_px),
            ("fov", view.fov_deg),
        ):
            blueprint.set_attribute(name, str(value))
        camera = self.world.spawn_actor(blueprint, view.at)
        inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        camera.listen(inbox.put)
        return camera, inbox

    def close(self) -> None:
        """Takes the cameras away."""
        for camera, _ in self._cameras:
            camera.stop()
            camera.destroy()
        self._cameras, self._key = [], None


@contextmanager
def street(road: str, seed: int) -> Iterator[Street]:
    """A street on a generated map, its server ended afterwards.

    Args:
        road: A plugin of `drivegen.generators.roads`.
        seed: Of the map and the cast.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "street.xodr"
        network = plugins.make("generators.roads", road, {}, "map.plugin").generate(
            derive_rng(seed, "map", road), "street"
        )
        path.write_text(write_network(network), encoding="utf-8")
        with lockstep(path) as session:
            found = Street(session.client, session.world, derive_rng(seed, "cast", road))
            try:
                yield found
            finally:
                found.close()


def _of_frame(inbox: queue.SimpleQueue[Any], frame: int) -> UInt8[np.ndarray, "h w 3"]:
    while (image := inbox.get(timeout=WAIT_S)).frame < frame:
        pass
    return np.frombuffer(image.raw_data, np.uint8).reshape(image.height, image.width, 4)[..., :3]
