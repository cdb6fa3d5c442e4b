"""A small world of boxes on a plane, cast ray by ray: captures whose labels are right by construction.

What stands in the world are boxes 1 cm smaller on every side than the labels say, 2 cm above the ground, so a
return of an object is inside its label's box and a return of the ground is inside none.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from drivegen.capture.frame import EGO, AgentFrame, CameraImage, Frame, GnssFix, ImuReading, Sweep
from drivegen.capture.writer import CaptureSummary, CaptureWriter
from drivegen.core.actors import TAG_OF_CLASS, ObjectClass
from drivegen.core.geometry import Box, Pose
from drivegen.core.labels import CameraLabel, ObjectLabel
from drivegen.core.lenses import BrownConrady, KannalaBrandt
from drivegen.core.photography import Soiling
from drivegen.core.plans import EgoPlan, MapPlan, PlacedPose, ScenePlan, WeatherPlan
from drivegen.core.rng import derive_rng
from drivegen.core.sensors import OPTICAL_FROM_MOUNT, Camera, Gnss, Imu, Lidar, Rig
from drivegen.core.tags import Tag
from drivegen.core.weather import Weather

SKIN_M = 0.01
GROUND_GAP_M = 0.02
EGO_SPEED_MPS = 6.0
FIRST_NS = 3_000_000_000

XODR = """<?xml version="1.0"?>
<OpenDRIVE>
  <header revMajor="1" revMinor="4" name="plain" version="1" north="0" south="0" east="0" west="0"/>
  <road name="r" length="240" id="1" junction="-1">
    <type s="0" type="town"/>
    <planView><geometry s="0" x="-120" y="-5" hdg="0" length="240"><line/></geometry></planView>
    <elevationProfile><elevation s="0" a="0" b="0" c="0" d="0"/></elevationProfile>
    <lanes><laneSection s="0">
      <left>
        <lane id="2" type="sidewalk" level="false"><width sOffset="0" a="3" b="0" c="0" d="0"/></lane>
        <lane id="1" type="driving" level="false"><width sOffset="0" a="3.5" b="0" c="0" d="0"/></lane>
      </left>
      <center><lane id="0" type="none" level="false"/></center>
      <right>
        <lane id="-1" type="driving" level="false"><width sOffset="0" a="3.5" b="0" c="0" d="0"/></lane>
        <lane id="-2" type="sidewalk" level="false"><width sOffset="0" a="3" b="0" c="0" d="0"/></lane>
      </right>
    </laneSection></lanes>
  </road>
</OpenDRIVE>
"""


@dataclass(frozen=True)
class Thing:
    """A box that moves straight on."""

    track_id: int
    object_class: ObjectClass
    blueprint: str
    size_m: tuple[float, float, float]
    start: tuple[float, float]
    yaw_rad: float
    speed_mps: float
    rider: bool = False
    color: tuple[int, int, int] = (120, 120, 120)

    def box(self, time_s: float) -> Box:
        x = self.start[0] + math.cos(self.yaw_rad) * self.speed_mps * time_s
        y = self.start[1] + math.sin(self.yaw_rad) * self.speed_mps * time_s
        z = GROUND_GAP_M - SKIN_M + self.size_m[2] / 2
        return Box(pose=Pose.from_xyz_rpy(x, y, z, yaw_rad=self.yaw_rad), size_m=np.array(self.size_m))


C = ObjectClass
THINGS = (
    Thing(24, C.CAR, "vehicle.audi.a2", (3.7, 1.8, 1.5), (12, -6.7), 0.0, 5.0, color=(40, 40, 200)),
    Thing(
        25, C.CAR, "vehicle.mini.cooper_s", (3.8, 1.9, 1.5), (40, -3.2), math.pi, 8.0, color=(30, 160, 220)
    ),
    Thing(26, C.TRUCK, "vehicle.carlamotors.firetruck", (8.4, 2.9, 3.8), (22, -1.0), 0.02, 0.0),
    Thing(27, C.BUS, "vehicle.mitsubishi.fusorosa", (10.2, 3.9, 4.2), (-25, -6.7), 0.0, 5.0),
    Thing(
        30, C.PEDESTRIAN, "walker.pedestrian.0001", (0.4, 0.5, 1.8), (9, -10.5), 1.5, 1.2, color=(60, 180, 90)
    ),
    Thing(
        31, C.CHILD, "walker.pedestrian.0048", (0.4, 0.4, 1.2), (11, -10.5), 1.7, 0.0, color=(200, 80, 200)
    ),
    Thing(40, C.BICYCLE, "vehicle.bh.crossbike", (1.5, 0.6, 1.8), (8, -9.0), 0.3, 4.0, True, (200, 200, 40)),
    Thing(
        41, C.MOTORCYCLE, "vehicle.yamaha.yzf", (2.2, 0.9, 1.5), (16, -10.5), 0.4, 0.0, False, (90, 90, 90)
    ),
    Thing(50, C.VAN, "vehicle.volkswagen.t2", (4.5, 2.1, 2.0), (-14, -3.2), math.pi, 7.0),
    Thing(51, C.POLICE, "vehicle.dodge.charger_police", (5.0, 2.0, 1.6), (31, -6.7), 0.0, 5.0),
    Thing(60, C.CAR, "vehicle.tesla.model3", (4.8, 2.2, 1.5), (29, 1.5), 0.0, 0.0),
)
"""The last stands behind the truck."""


def make_rig(width: int = 160, height: int = 90, columns: int = 180) -> Rig:
    yaws = {"CAM_FRONT": 0, "CAM_FRONT_LEFT": 55, "CAM_FRONT_RIGHT": -55}
    yaws |= {"CAM_BACK": 180, "CAM_BACK_LEFT": 110, "CAM_BACK_RIGHT": -110}
    cameras = tuple(
        Camera(
            name=name,
            agent_sensor=Pose.from_xyz_rpy(
                0.7 * math.cos(math.radians(yaw)),
                0.5 * math.sin(math.radians(yaw)),
                1.51,
                0.0,
                0.01,
                math.radians(yaw),
            ),
            width_px=width,
            height_px=height,
            fov_deg=110.0 if name == "CAM_BACK" else 70.0,
            period_s=0.5,
        )
        for name, yaw in yaws.items()
    )
    lidar = Lidar(
        name="LIDAR_TOP",
        agent_sensor=Pose.from_xyz_rpy(-0.05, 0.0, 1.84),
        channels=24,
        upper_fov_deg=5.0,
        lower_fov_deg=-25.0,
        range_m=80.0,
        columns=columns,
        period_s=0.1,
    )
    gnss = Gnss(name="GNSS", agent_sensor=Pose.from_xyz_rpy(0.0, 0.0, 1.6), period_s=0.1)
    imu = Imu(name="IMU", agent_sensor=Pose.from_xyz_rpy(0.0, 0.0, 0.5), period_s=0.05)
    return Rig(name="nuscenes", sensors=(*cameras, lidar, gnss, imu))


def make_lens_rig(width: int = 200, height: int = 150) -> Rig:
    """A fisheye, a camera with distortion and one without, with dirt on the glass of the first."""
    at = Pose.from_xyz_rpy(0.7, 0.0, 1.51, 0.0, 0.05)
    common = {"agent_sensor": at, "width_px": width, "height_px": height, "period_s": 0.5}
    middle = {"cx_px": width / 2 + 3.0, "cy_px": height / 2 - 2.0}
    lenses = {
        "CAM_FISHEYE": KannalaBrandt(
            fx_px=width * 0.3, fy_px=width * 0.3, **middle, k1=0.03, k2=-0.018, k3=0.0035, k4=-0.0003
        ),
        "CAM_BROWN": BrownConrady(
            fx_px=width * 0.6, fy_px=width * 0.61, **middle, k1=-0.31, k2=0.11, p1=0.001, p2=-0.0007
        ),
        "CAM_PLAIN": None,
    }
    cameras = tuple(
        Camera(
            name=name,
            **common,  # type: ignore[arg-type]
            fov_deg=80.0,
            lens=lens,
            soiling=Soiling(drops=0.3, dirt=0.4) if name == "CAM_FISHEYE" else None,
            jpeg_quality={"CAM_FISHEYE": 35, "CAM_BROWN": 98}.get(name),
        )
        for name, lens in lenses.items()
    )
    return Rig(name="lenses", sensors=(*cameras, *make_rig().lidars))


def make_plan(scene: str = "scene-0001", duration_s: float = 1.5, rig: Rig | None = None) -> ScenePlan:
    return ScenePlan(
        scene=scene,
        seed=7,
        tick_s=0.05,
        warmup_s=2.0,
        duration_s=duration_s,
        keyframe_s=0.5,
        label_range_m=80.0,
        map=MapPlan(
            name="plain_road",
            opendrive="plain_road.xodr",
            sha256=hashlib.sha256(XODR.encode()).hexdigest(),
            scenery_seed=1,
        ),
        weather=WeatherPlan(preset="clear", hour=12.0, parameters=Weather()),
        ego=EgoPlan(
            blueprint="vehicle.lincoln.mkz_2020",
            color_rgb=(255, 255, 255),
            start=PlacedPose(x_m=-3.0, y_m=-6.7, z_m=0.0, yaw_rad=0.0),
            speed_difference_percent=0.0,
            rig=rig or make_rig(),
        ),
        vehicles=(),
        walkers=(),
        requested={"vehicles": 9.0, "pedestrians": 3.0},
    )


@dataclass(frozen=True)
class Hits:
    distance_m: np.ndarray
    object_id: np.ndarray
    tag: np.ndarray
    cos_incidence: np.ndarray


def entry_distance(origin: np.ndarray, rays: np.ndarray, box: Box) -> np.ndarray:
    """Distance at which each ray enters the shrunk box; infinity where it misses (Kay and Kajiya 1986)."""
    out = np.full(len(rays), np.inf)
    towards = np.flatnonzero(_may_meet(origin, rays, box))
    half = box.size_m / 2 - SKIN_M
    o = (origin - box.pose.position_m) @ box.pose.rotation
    d = rays[towards] @ box.pose.rotation
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = (-half - o) / d, (half - o) / d
    near = np.fmax.reduce(np.minimum(a, b), axis=1)
    far = np.fmin.reduce(np.maximum(a, b), axis=1)
    out[towards] = np.where((near <= far) & (near > 0), near, np.inf)
    return out


def _may_meet(origin: np.ndarray, rays: np.ndarray, box: Box) -> np.ndarray:
    """Which rays pass the sphere around a box: few, and most of the time goes into the others."""
    away = box.pose.position_m - origin
    slack = away @ away - (np.linalg.norm(box.size_m) / 2) ** 2
    if slack <= 0.0:
        return np.ones(len(rays), bool)
    along = rays @ away
    return (along > 0.0) & (along**2 >= 0.999 * slack * np.einsum("ij,ij->i", rays, rays))


def cast(origin: np.ndarray, rays: np.ndarray, boxes: dict[int, tuple[Thing, Box]]) -> Hits:
    with np.errstate(divide="ignore"):
        best = np.where(rays[:, 2] < -1e-6, -origin[2] / rays[:, 2], np.inf)
    ground = origin + np.where(np.isfinite(best), best, 0.0)[:, None] * rays
    tag = np.where(np.abs(ground[:, 1] + 5) < 3.5, Tag.ROAD, Tag.TERRAIN).astype(np.uint8)
    tag[np.isinf(best)] = Tag.SKY
    ids = np.zeros(len(rays), np.uint32)
    cos = np.abs(rays[:, 2]).astype(np.float32)
    for track_id, (thing, box) in boxes.items():
        near = entry_distance(origin, rays, box)
        closer = near < best
        best[closer], ids[closer], tag[closer] = near[closer], track_id, TAG_OF_CLASS[thing.object_class]
        cos[closer] = 0.7
    return Hits(best, ids, tag, cos)


def camera_rays(camera: Camera) -> np.ndarray:
    """Rays of the pixel centres in the mount frame, as long as depth 1 is; zeros where nothing is seen."""
    u, v = np.meshgrid(np.arange(camera.width_px) + 0.5, np.arange(camera.height_px) + 0.5)
    optical = np.nan_to_num(camera.optics.unproject(np.stack([u, v], axis=-1)))
    return optical.reshape(-1, 3) @ OPTICAL_FROM_MOUNT


def camera_view(
    camera: Camera, map_ego: Pose, boxes: dict[int, tuple[Thing, Box]]
) -> tuple[CameraImage, dict[int, CameraLabel]]:
    pose = map_ego @ camera.agent_sensor
    rays = camera_rays(camera) @ pose.rotation.T
    hits = cast(pose.position_m, rays, boxes)
    shape = (camera.height_px, camera.width_px)
    depth = np.where(np.isfinite(hits.distance_m), hits.distance_m, 0.0).astype(np.float32)
    depth[depth > 250] = 0
    shade = np.clip(230 - hits.distance_m * 2, 60, 255)
    bgr = np.repeat(shade[:, None], 3, axis=1)
    bgr[hits.tag == Tag.SKY] = (235, 200, 160)
    bgr[hits.tag == Tag.ROAD] *= 0.55
    bgr[hits.tag == Tag.TERRAIN] *= (0.5, 0.8, 0.6)
    labels = {}
    instance = hits.object_id.astype(np.uint16).reshape(shape)
    for track_id, (thing, box) in boxes.items():
        mine = hits.object_id == track_id
        bgr[mine] = np.array(thing.color)
        alone = np.isfinite(entry_distance(pose.position_m, rays, box)).reshape(shape)
        if not alone.any():
            continue
        visible = instance == track_id
        labels[track_id] = CameraLabel(
            visible_fraction=float(visible.sum() / alone.sum()),
            visible_pixels=int(visible.sum()),
            truncation=0.5 if touches_edge(alone) else 0.0,
            visible_box_px=bounds(visible) if visible.any() else None,
            full_box_px=bounds(alone),
        )
    mask = None
    if camera.soiling is not None:
        mask = np.tile(np.arange(camera.width_px) % 256, (camera.height_px, 1)).astype(np.uint8)
    return (
        CameraImage(
            soiling=mask,
            bgr=bgr.astype(np.uint8).reshape(*shape, 3),
            depth_m=depth.reshape(shape),
            tag=hits.tag.reshape(shape),
            instance=instance,
        ),
        labels,
    )


def touches_edge(mask: np.ndarray) -> bool:
    return bool(mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any())


def bounds(mask: np.ndarray) -> tuple[float, float, float, float]:
    rows, columns = np.nonzero(mask)
    return float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1)


def lidar_sweep(lidar: Lidar, map_ego: Pose, boxes: dict[int, tuple[Thing, Box]], index: int) -> Sweep:
    elevation = np.radians(np.linspace(lidar.lower_fov_deg, lidar.upper_fov_deg, lidar.channels))
    azimuth = np.linspace(0, 2 * np.pi, lidar.columns, endpoint=False)
    azimuth = azimuth + derive_rng(1, "sweep", index).uniform(0, 0.01)
    e, a = np.meshgrid(elevation, azimuth, indexing="ij")
    rays = np.stack([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)], axis=-1).reshape(-1, 3)
    pose = map_ego @ lidar.agent_sensor
    hits = cast(pose.position_m, rays @ pose.rotation.T, boxes)
    kept = hits.distance_m < lidar.range_m
    rings = np.repeat(np.arange(lidar.channels, dtype=np.uint16), lidar.columns)
    return Sweep(
        points_m=(rays[kept] * hits.distance_m[kept, None]).astype(np.float32),
        intensity=np.exp(-lidar.atmosphere_attenuation * hits.distance_m[kept]).astype(np.float32),
        ring=rings[kept],
        object_id=hits.object_id[kept],
        tag=hits.tag[kept],
        cos_incidence=hits.cos_incidence[kept],
    )


_MADE: dict[str, tuple[Frame, ...]] = {}


def make_frames(plan: ScenePlan) -> tuple[Frame, ...]:
    """Every tick of the plan. Frames are shared between calls: copy what you change."""
    world = replace(plan, scene="", seed=0, duration_s=0.0).sha256
    wanted = round(plan.duration_s / plan.tick_s)
    made = _MADE.get(world, ())
    if len(made) < wanted:
        made = _MADE[world] = made + tuple(_frames(plan, THINGS, len(made)))
    return made[:wanted]


def _frames(plan: ScenePlan, things: tuple[Thing, ...], first: int) -> Iterator[Frame]:
    rig = plan.ego.rig
    for index in range(first, round(plan.duration_s / plan.tick_s)):
        offset_s = index * plan.tick_s
        start = plan.ego.start
        map_ego = Pose.from_xyz_rpy(
            start.x_m + EGO_SPEED_MPS * offset_s, start.y_m, 0.0, yaw_rad=0.04 * offset_s
        )
        boxes = {t.track_id: (t, t.box(offset_s)) for t in sorted(things, key=lambda t: t.track_id)}
        due = {s.name: round(offset_s * 1000) % round(s.period_s * 1000) == 0 for s in rig.sensors}
        views = {c.name: camera_view(c, map_ego, boxes) for c in rig.cameras if due[c.name]}
        sweeps = {s.name: lidar_sweep(s, map_ego, boxes, index) for s in rig.lidars if due[s.name]}
        objects = tuple(
            ObjectLabel(
                track_id=i,
                object_class=thing.object_class,
                blueprint=thing.blueprint,
                rider=thing.rider,
                box=box,
                velocity_mps=box.pose.rotation[:, 0] * thing.speed_mps,
                acceleration_mps2=np.zeros(3),
                yaw_rate_radps=0.0,
                cameras={c: labels[i] for c, (_, labels) in views.items() if i in labels},
                lidar_points={c: int((s.object_id == i).sum()) for c, s in sweeps.items()},
            )
            for i, (thing, box) in boxes.items()
            if np.linalg.norm(box.pose.position_m - map_ego.position_m) < plan.label_range_m
        )
        agent = AgentFrame(
            map_agent=map_ego,
            velocity_mps=map_ego.rotation[:, 0] * EGO_SPEED_MPS,
            acceleration_mps2=np.zeros(3),
            angular_velocity_radps=np.array([0.0, 0.0, 0.04]),
            images={c: image for c, (image, _) in views.items()},
            sweeps=sweeps,
            gnss={
                s.name: GnssFix(latitude_deg=39.8, longitude_deg=116.5 + 1e-6 * index, altitude_m=30.0)
                for s in rig.sensors
                if isinstance(s, Gnss) and due[s.name]
            },
            imu={
                s.name: ImuReading(
                    acceleration_mps2=np.array([0.0, 0.0, 9.81]),
                    angular_velocity_radps=np.array([0.0, 0.0, 0.04]),
                    compass_rad=1.5,
                )
                for s in rig.sensors
                if isinstance(s, Imu) and due[s.name]
            },
        )
        yield Frame(
            index=index,
            time_ns=FIRST_NS + round(offset_s * 1e9),
            keyframe=round(offset_s * 1000) % round(plan.keyframe_s * 1000) == 0,
            agents={EGO: agent},
            objects=objects,
            signals={"101": "red", "102": "green"},
        )


def write_capture(path: Path, plan: ScenePlan | None = None, **options: object) -> CaptureSummary:
    """A whole capture of the synthetic world."""
    plan = plan or make_plan()
    with CaptureWriter(path, plan, {"drivegen": "test"}, opendrive=XODR, **options) as writer:  # type: ignore[arg-type]
        for frame in make_frames(plan):
            writer.write(frame)
        return writer.close()


def without_camera(frame: Frame, channel: str) -> Frame:
    """The frame as if one camera had not delivered."""
    agent = frame.agents[EGO]
    images = {k: v for k, v in agent.images.items() if k != channel}
    return replace(frame, agents={EGO: replace(agent, images=images)})
