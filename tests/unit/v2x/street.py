"""A straight street with agents on it, frame by frame, whose labels hold evidence by the inverse square.

Two lanes each way along x; the ego and the connected vehicles drive east, roadside units stand to the north.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from drivegen.capture.frame import EGO, AgentFrame, Frame, Sweep
from drivegen.core.actors import ObjectClass
from drivegen.core.agents import AgentErrors, ConnectedVehicle, RoadsideUnit
from drivegen.core.geometry import Box, Pose
from drivegen.core.labels import CameraLabel, ObjectLabel
from drivegen.core.plans import EgoPlan, MapPlan, PlacedPose, ScenePlan, VehiclePlan, WeatherPlan
from drivegen.core.sensors import Camera, Lidar, Rig
from drivegen.core.v2x_plan import V2xPlan
from drivegen.core.weather import Weather
from drivegen.opendrive.model import LaneType, RoadNetwork
from drivegen.v2x.evidence import label_key
from tests.unit.opendrive.roads import lane, one_road

FIRST_NS = 2_000_000_000
TICK_NS = 50_000_000
EGO_TRACK = 100
POINTS_AT_1_M = 40_000.0
PIXELS_AT_1_M = 4_000_000.0


def rig(lidar: bool = True, camera: bool = True) -> Rig:
    sensors: list[Camera | Lidar] = []
    if camera:
        sensors.append(
            Camera(
                name="CAM_FRONT",
                agent_sensor=Pose.from_xyz_rpy(1.5, 0.0, 1.6),
                width_px=1600,
                height_px=900,
                fov_deg=70.0,
                period_s=0.1,
            )
        )
    if lidar:
        sensors.append(
            Lidar(
                name="LIDAR_TOP",
                agent_sensor=Pose.from_xyz_rpy(0.0, 0.0, 2.0),
                channels=32,
                upper_fov_deg=10.0,
                lower_fov_deg=-30.0,
                range_m=120.0,
                columns=1000,
                period_s=0.1,
            )
        )
    return Rig(name="test", sensors=tuple(sensors))


@dataclass(frozen=True, kw_only=True)
class Mover:
    """Something that goes straight on."""

    track_id: int
    object_class: ObjectClass = ObjectClass.CAR
    x_m: float = 0.0
    y_m: float = -1.75
    yaw_rad: float = 0.0
    speed_mps: float = 8.0
    size_m: tuple[float, float, float] = (4.6, 1.8, 1.5)
    hidden: bool = False

    def at(self, time_s: float) -> tuple[float, float]:
        way = self.speed_mps * time_s
        return self.x_m + way * math.cos(self.yaw_rad), self.y_m + way * math.sin(self.yaw_rad)

    def label(self, time_s: float) -> ObjectLabel:
        x, y = self.at(time_s)
        return ObjectLabel(
            track_id=self.track_id,
            object_class=self.object_class,
            blueprint="vehicle.test",
            rider=False,
            box=Box(
                pose=Pose.from_xyz_rpy(x, y, self.size_m[2] / 2, yaw_rad=self.yaw_rad),
                size_m=np.array(self.size_m),
            ),
            velocity_mps=self.speed_mps * np.array([math.cos(self.yaw_rad), math.sin(self.yaw_rad), 0.0]),
            acceleration_mps2=np.zeros(3),
            yaw_rate_radps=0.0,
        )


@dataclass(frozen=True, kw_only=True)
class Actor:
    """An agent: a mover that carries a rig, or a unit that stands."""

    name: str
    mover: Mover | None = None
    pose: Pose | None = None
    rig: Rig
    errors: AgentErrors = field(default_factory=AgentErrors)
    junction_id: int | None = None

    def map_agent(self, time_s: float) -> Pose:
        if self.pose is not None:
            return self.pose
        assert self.mover is not None
        x, y = self.mover.at(time_s)
        return Pose.from_xyz_rpy(x, y, 0.0, yaw_rad=self.mover.yaw_rad)


def ego(errors: AgentErrors | None = None, x_m: float = -60.0, speed_mps: float = 8.0) -> Actor:
    mover = Mover(track_id=EGO_TRACK, x_m=x_m, speed_mps=speed_mps)
    return Actor(name=EGO, mover=mover, rig=rig(), errors=errors or AgentErrors())


def vehicle(number: int, errors: AgentErrors | None = None, x_m: float = -30.0, y_m: float = -5.25) -> Actor:
    mover = Mover(track_id=200 + number, x_m=x_m, y_m=y_m)
    return Actor(name=f"vehicle_{number}", mover=mover, rig=rig(), errors=errors or AgentErrors())


def roadside(number: int, errors: AgentErrors | None = None, x_m: float = 0.0) -> Actor:
    return Actor(
        name=f"roadside_{number}",
        pose=Pose.from_xyz_rpy(x_m, 12.0, 0.0, yaw_rad=-math.pi / 2),
        rig=rig(),
        errors=errors or AgentErrors(),
    )


def crowd(count: int, first_track: int = 1) -> list[Mover]:
    """Cars, people and bicycles spread over 160 m."""
    kinds = (
        (ObjectClass.CAR, (4.6, 1.8, 1.5), 9.0),
        (ObjectClass.PEDESTRIAN, (0.6, 0.6, 1.75), 1.3),
        (ObjectClass.BICYCLE, (1.8, 0.6, 1.7), 4.0),
    )
    out = []
    for k in range(count):
        kind, size, speed = kinds[k % 3]
        west = k % 2 == 1
        out.append(
            Mover(
                track_id=first_track + k,
                object_class=kind,
                x_m=-80.0 + 160.0 * k / max(count - 1, 1),
                y_m=(1.75 if west else -1.75) + (7.0 if k % 3 == 1 else 0.0) * (1 if west else -1),
                yaw_rad=math.pi if west else 0.0,
                speed_mps=speed,
                size_m=size,
            )
        )
    return out


def network(length_m: float = 800.0) -> RoadNetwork:
    """From x = -400 on, with the road's middle at y = 0."""
    road = one_road(
        length_m=length_m,
        lanes=tuple(lane(i, LaneType.DRIVING, 3.5) for i in (2, 1, -1, -2)),
    ).roads[0]
    moved = replace(road.geometries[0], x_m=-length_m / 2)
    return RoadNetwork(name="street", geo_reference="", roads=(replace(road, geometries=(moved,)),))


def plan(actors: Sequence[Actor], v2x: V2xPlan | None = None, seed: int = 5) -> ScenePlan:
    start = PlacedPose(x_m=0.0, y_m=0.0, z_m=0.0, yaw_rad=0.0)
    by_name = {a.name: a for a in actors}
    car = VehiclePlan(
        blueprint="vehicle.test",
        color_rgb=(1, 2, 3),
        start=start,
        speed_difference_percent=0.0,
        following_distance_m=2.0,
        lane_changes=False,
    )
    return ScenePlan(
        scene="scene-0001",
        seed=seed,
        tick_s=0.05,
        warmup_s=0.0,
        duration_s=10.0,
        keyframe_s=0.5,
        label_range_m=200.0,
        map=MapPlan(name="street", opendrive="street.xodr", sha256="0", scenery_seed=1),
        weather=WeatherPlan(preset="clear", hour=10.0, parameters=Weather()),
        ego=EgoPlan(
            blueprint="vehicle.test",
            color_rgb=(1, 2, 3),
            start=start,
            speed_difference_percent=0.0,
            rig=by_name[EGO].rig,
            errors=by_name[EGO].errors,
        ),
        vehicles=(car, car, car, car),
        walkers=(),
        requested={},
        connected=tuple(
            ConnectedVehicle(name=a.name, vehicle=k, rig=a.rig, errors=a.errors)
            for k, a in enumerate(a for a in actors if a.mover is not None and a.name != EGO)
        ),
        roadside=tuple(
            RoadsideUnit(
                name=a.name,
                site=a.name,
                junction_id=a.junction_id,
                map_agent=a.pose,
                rig=a.rig,
                errors=a.errors,
            )
            for a in actors
            if a.pose is not None
        ),
        v2x=v2x,
    )


def _sweep() -> Sweep:
    return Sweep(
        points_m=np.zeros((0, 3), dtype=np.float32),
        intensity=np.zeros(0, dtype=np.float32),
        ring=np.zeros(0, dtype=np.uint16),
        object_id=np.zeros(0, dtype=np.uint32),
        tag=np.zeros(0, dtype=np.uint8),
    )


def _seen(label: ObjectLabel, mover: Mover, actors: Sequence[Actor], time_s: float, due: bool) -> ObjectLabel:
    points: dict[str, int] = {}
    cameras: dict[str, CameraLabel] = {}
    area = float(label.box.size_m[1] * label.box.size_m[2])
    for actor in actors:
        if not due or (actor.mover is not None and actor.mover.track_id == label.track_id):
            continue
        pose = actor.map_agent(time_s)
        away = label.box.pose.position_m - pose.position_m
        range_m = max(float(np.linalg.norm(away)), 1.0)
        share = 0.0 if mover.hidden else 1.0
        if actor.rig.lidars and range_m < 120.0:
            points[label_key(actor.name, "LIDAR_TOP")] = int(share * area * POINTS_AT_1_M / range_m**2)
        bearing = math.remainder(math.atan2(away[1], away[0]) - pose.yaw_rad, 2 * math.pi)
        if actor.rig.cameras and abs(bearing) < math.radians(35.0):
            cameras[label_key(actor.name, "CAM_FRONT")] = CameraLabel(
                visible_fraction=share,
                visible_pixels=int(share * area * PIXELS_AT_1_M / range_m**2),
                truncation=0.0,
                visible_box_px=None,
                full_box_px=(0.0, 0.0, 1.0, 1.0),
            )
    return replace(label, lidar_points=points, cameras=cameras)


def frames(
    actors: Sequence[Actor],
    movers: Sequence[Mover],
    count: int,
    tick_ns: int = TICK_NS,
    sensor_every: int = 2,
    signals: dict[str, str] | None = None,
) -> Iterator[Frame]:
    """`count` frames; sensors deliver in every `sensor_every`-th."""
    for k in range(count):
        time_s = k * tick_ns * 1e-9
        due = k % sensor_every == 0
        riding = [a.mover for a in actors if a.mover is not None and a.name != EGO]
        own = {a.name: a.mover.track_id for a in actors if a.mover is not None}
        labels = [_seen(m.label(time_s), m, actors, time_s, due) for m in (*movers, *riding)]
        carrier = next(a.mover for a in actors if a.name == EGO)
        assert carrier is not None
        body = _seen(carrier.label(time_s), carrier, actors, time_s, due)
        agents = {
            a.name: AgentFrame(
                map_agent=a.map_agent(time_s),
                velocity_mps=np.array([a.mover.speed_mps, 0.0, 0.0]) if a.mover else np.zeros(3),
                acceleration_mps2=np.zeros(3),
                angular_velocity_radps=np.zeros(3),
                sweeps={s.name: _sweep() for s in a.rig.lidars} if due else {},
                track_id=own.get(a.name),
                body=body if a.name == EGO and len(actors) > 1 else None,
            )
            for a in actors
        }
        yield Frame(
            index=k,
            time_ns=FIRST_NS + k * tick_ns,
            keyframe=k % 10 == 0,
            agents=agents,
            objects=tuple(sorted(labels, key=lambda o: o.track_id)),
            signals=dict(signals or {}),
        )
