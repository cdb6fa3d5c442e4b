"""A capture as a Rerun recording (.rrd). The only module here that imports rerun.

Entities (A an agent, C a channel of its rig), in the world's frame and below it in their parents' frames:

| entity | archetypes |
| --- | --- |
| world/map/lanes, world/map/crossings | LineStrips3D, static |
| world/objects | Boxes3D with class and track id; values track_id, visible_fraction, speed_mps |
| world/A | Transform3D by frame |
| world/map/paths/A | LineStrips3D, static: where A goes |
| world/A/C | Transform3D and, of cameras, Pinhole: static |
| world/A/C/image, depth, semantic, boxes | EncodedImage, EncodedDepthImage, SegmentationImage, Boxes2D |
| world/A/C/points | Points3D of a LiDAR, coloured by tag |
| world/A/C/detections | Points3D and Arrows3D of a radar: the arrows are velocities over ground |
| signals/ID | TextLog when a traffic light changes |

Timelines: `tick` is the index of the frame, `time` simulation time. Nothing is on a clock of this machine.
A fisheye has no Pinhole, which it is not; its images are shown flat. Of other lenses the distortion is left
out of Pinhole, which knows none.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import rerun as rr
import rerun.blueprint as rrb

from drivegen.capture import messages, schema
from drivegen.capture.frame import EGO, RadarScan
from drivegen.capture.reader import CapturedAgent, CapturedFrame, CaptureReader
from drivegen.core.actors import PEOPLE, RIDDEN, ObjectClass
from drivegen.core.agents import label_key
from drivegen.core.errors import CaptureError
from drivegen.core.geometry import Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.sensors import Camera, Lidar, Radar, Sensor
from drivegen.core.tags import Tag
from drivegen.opendrive.reader import read_network
from drivegen.viewer.choice import Choice
from drivegen.viewer.map_lines import crossings, lane_borders

APPLICATION = "drivegen"
_WHITE, _YELLOW, _GREEN = (235, 235, 235), (250, 200, 60), (60, 220, 120)
_PEOPLE, _RIDDEN, _VEHICLE = (240, 90, 50), (50, 190, 240), (90, 215, 90)
_CLASS_IDS = {kind: i for i, kind in enumerate(ObjectClass)}
_TAG_COLOURS: dict[Tag, tuple[int, int, int]] = {
    Tag.NONE: (0, 0, 0), Tag.ROAD: (128, 64, 128), Tag.SIDEWALK: (244, 35, 232), Tag.BUILDING: (95, 95, 95),
    Tag.WALL: (102, 102, 156), Tag.FENCE: (190, 153, 153), Tag.POLE: (153, 153, 153),
    Tag.TRAFFIC_LIGHT: (250, 170, 30), Tag.TRAFFIC_SIGN: (220, 220, 0), Tag.VEGETATION: (107, 142, 35),
    Tag.TERRAIN: (152, 251, 152), Tag.SKY: (70, 130, 180), Tag.PEDESTRIAN: (220, 20, 60),
    Tag.RIDER: (255, 60, 30), Tag.CAR: (60, 60, 220), Tag.TRUCK: (30, 30, 140), Tag.BUS: (0, 110, 140),
    Tag.TRAIN: (0, 80, 100), Tag.MOTORCYCLE: (90, 60, 250), Tag.BICYCLE: (160, 40, 90),
    Tag.ROAD_LINE: (240, 240, 240), Tag.GROUND: (110, 80, 90), Tag.WATER: (45, 60, 150),
}  # fmt: skip
_OTHER = (170, 120, 50)


def write_rrd(reader: CaptureReader, path: Path, choice: Choice) -> int:
    """Writes a recording and returns how many frames it has.

    Args:
        reader: Of the capture.
        path: Of the recording; what lies there is replaced.
        choice: Which part.

    Raises:
        ConfigError: The choice is of nothing that is there.
        CaptureError: The capture cannot be read, or the recording not written.
        MapError: Its map cannot be read.
    """
    agents = choice.agents_of(reader)
    frames = list(choice.frames_of(reader))
    part = path.with_name(f".{path.name}.part")
    try:
        part.touch()
        stream = rr.RecordingStream(
            APPLICATION, recording_id=reader.content_sha256 or reader.scene, send_properties=False
        )
        stream.set_log_time_enabled(False)
        stream.save(part, default_blueprint=_blueprint(reader, agents))
        recording = _Recording(reader, stream, agents)
        recording.begin()
        for frame in frames:
            recording.add(frame)
        recording.end()
        stream.flush()
        stream.disconnect()
        part.replace(path)
    except OSError as error:
        raise CaptureError(f"{path} could not be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return len(frames)


class _Recording:
    """Puts frames into a stream."""

    def __init__(self, reader: CaptureReader, stream: rr.RecordingStream, agents: Sequence[str]) -> None:
        self._reader = reader
        self._stream = stream
        self._agents = agents
        self._paths: dict[str, list[np.ndarray]] = {name: [] for name in agents}
        self._signals: dict[str, str] = {}

    def begin(self) -> None:
        """What does not change: map, mounts, names of tags and classes."""
        reader, fixed = self._reader, self._fixed
        self._stream.send_recording_name(reader.scene)
        tags = [(int(t), t.name.lower(), _TAG_COLOURS.get(t, _OTHER)) for t in Tag]
        classes = [(number, kind.value, _colour(kind)) for kind, number in _CLASS_IDS.items()]
        fixed("world", rr.ViewCoordinates.RIGHT_HAND_Z_UP)
        fixed("world", rr.AnnotationContext(tags))
        fixed("world/objects", rr.AnnotationContext(classes))
        network = read_network(reader.opendrive, f"{reader.path}: {schema.MAP_ATTACHMENT}")
        fixed("world/map/lanes", rr.LineStrips3D(lane_borders(network), colors=[_WHITE], radii=[0.04]))
        if zebras := crossings(network):
            fixed("world/map/crossings", rr.LineStrips3D(zebras, colors=[_YELLOW], radii=[0.06]))
        for name in self._agents:
            for sensor in reader.rigs[name].sensors:
                self._place(f"world/{name}/{sensor.name}", sensor)
            for camera in reader.rigs[name].cameras:
                fixed(f"world/{name}/{camera.name}/boxes", rr.AnnotationContext(classes))

    def _place(self, entity: str, sensor: Sensor) -> None:
        if not isinstance(sensor, Camera):
            self._fixed(entity, _transform(sensor.agent_sensor))
            return
        self._fixed(entity, _transform(messages.camera_optical(sensor)))
        if not sensor.depth_along_ray:
            pinhole = rr.Pinhole(
                image_from_camera=sensor.intrinsic,
                resolution=[sensor.width_px, sensor.height_px],
                camera_xyz=rr.ViewCoordinates.RDF,
                image_plane_distance=2.0,
            )
            self._fixed(entity, pinhole)

    def add(self, frame: CapturedFrame) -> None:
        """A frame of all agents."""
        self._stream.set_time("tick", sequence=frame.index)
        self._stream.set_time("time", duration=np.timedelta64(frame.time_ns, "ns"))
        ego = frame.agents[EGO].body
        shown = (*frame.objects, *((ego,) if ego is not None else ()))
        self._log("world/objects", *_boxes(shown))
        for signal, state in frame.signals.items():
            if self._signals.get(signal) != state:
                self._signals[signal] = state
                self._log(f"signals/{signal}", rr.TextLog(state))
        for name in self._agents:
            agent = frame.agents[name]
            self._log(f"world/{name}", _transform(agent.map_agent))
            self._paths[name].append(agent.map_agent.position_m)
            for camera in agent.delivered_by(Camera):
                self._add_images(frame, agent, camera)
            for lidar in agent.delivered_by(Lidar):
                sweep = agent.sweep(lidar)
                cloud = rr.Points3D(sweep.points_m, class_ids=sweep.tag, radii=rr.Radius.ui_points(1.5))
                facts = rr.AnyValues(intensity=sweep.intensity, object_id=sweep.object_id)
                self._log(f"world/{name}/{lidar}/points", cloud, facts)
            for radar in agent.delivered_by(Radar):
                self._log(f"world/{name}/{radar}/detections", *_detections(agent.radar(radar)))

    def _add_images(self, frame: CapturedFrame, agent: CapturedAgent, channel: str) -> None:
        entity = f"world/{agent.name}/{channel}"
        jpeg = rr.EncodedImage(contents=agent.jpeg(channel), media_type="image/jpeg")
        self._log(f"{entity}/image", jpeg)
        topic = schema.sensor_topic(agent.name, channel, "depth")
        png = messages.decode_image(self._reader.payload(topic, frame.time_ns))
        depth = rr.EncodedDepthImage(blob=png, media_type="image/png", meter=schema.DEPTH_STEPS_PER_M)
        self._log(f"{entity}/depth", depth)
        self._log(f"{entity}/semantic", rr.SegmentationImage(agent.tag(channel), opacity=0.5))
        key = label_key(agent.name, channel)
        seen = [(o, o.cameras[key].visible_box_px) for o in frame.around(agent.name) if key in o.cameras]
        kept = [(label, box) for label, box in seen if box is not None]
        boxes = rr.Boxes2D(
            array=np.array([box for _, box in kept], np.float32).reshape(-1, 4),
            array_format=rr.Box2DFormat.XYXY,
            class_ids=[_CLASS_IDS[label.object_class] for label, _ in kept],
            labels=[_name(label) for label, _ in kept],
        )
        self._log(f"{entity}/boxes", boxes)

    def end(self) -> None:
        """The ways of the agents."""
        for name, points in self._paths.items():
            if len(points) > 1:
                line = rr.LineStrips3D([np.array(points)], colors=[_GREEN], radii=[0.1])
                self._fixed(f"world/map/paths/{name}", line)

    def _log(self, entity: str, *values: rr.AsComponents) -> None:
        self._stream.log(entity, *values)

    def _fixed(self, entity: str, *values: rr.AsComponents) -> None:
        self._stream.log(entity, *values, static=True)


def _boxes(labels: Sequence[ObjectLabel]) -> tuple[rr.AsComponents, ...]:
    wxyz = np.array([label.box.pose.orientation_wxyz for label in labels]).reshape(-1, 4)
    fractions = [max((c.visible_fraction for c in o.cameras.values()), default=0.0) for o in labels]
    boxes = rr.Boxes3D(
        centers=np.array([label.box.pose.position_m for label in labels]).reshape(-1, 3),
        half_sizes=np.array([label.box.size_m / 2 for label in labels]).reshape(-1, 3),
        quaternions=wxyz[:, [1, 2, 3, 0]],
        class_ids=[_CLASS_IDS[label.object_class] for label in labels],
        labels=[_name(label) for label in labels],
    )
    facts = rr.AnyValues(
        track_id=np.array([label.track_id for label in labels], np.int64),
        visible_fraction=np.array(fractions, np.float32),
        speed_mps=np.array([np.linalg.norm(o.velocity_mps) for o in labels], np.float32),
    )
    return boxes, facts


def _name(label: ObjectLabel) -> str:
    return f"{label.object_class.value} {label.track_id}"


def _colour(kind: ObjectClass) -> tuple[int, int, int]:
    return _PEOPLE if kind in PEOPLE else _RIDDEN if kind in RIDDEN else _VEHICLE


def _detections(scan: RadarScan) -> tuple[rr.AsComponents, ...]:
    points = scan.points_m
    away = points / np.maximum(scan.range_m[:, None], 1e-6)
    arrows = rr.Arrows3D(origins=points, vectors=away * scan.compensated_mps[:, None], colors=[_YELLOW])
    facts = rr.AnyValues(
        velocity_mps=scan.velocity_mps, rcs_dbsm=scan.rcs_dbsm, snr_db=scan.snr_db, object_id=scan.object_id
    )
    return rr.Points3D(points, colors=[_YELLOW], radii=rr.Radius.ui_points(4.0)), arrows, facts


def _transform(parent_child: Pose) -> rr.Transform3D:
    w, x, y, z = parent_child.orientation_wxyz.tolist()
    return rr.Transform3D(translation=parent_child.position_m, quaternion=rr.Quaternion(xyzw=[x, y, z, w]))


def _blueprint(reader: CaptureReader, agents: Sequence[str]) -> rrb.Blueprint:
    """The world beside the images of the first agents' cameras; depth and tags are a click away."""
    flat = [
        rrb.Spatial2DView(
            origin=f"world/{name}/{camera.name}",
            name=f"{name} {camera.name}",
            contents=["$origin/image", "$origin/boxes"],
        )
        for name in agents
        for camera in reader.rigs[name].cameras
    ]
    hidden = [
        f"- world/{name}/{camera.name}/{kind}"
        for name in agents
        for camera in reader.rigs[name].cameras
        for kind in ("depth", "semantic", "boxes")
    ]
    world = rrb.Spatial3DView(origin="world", name=reader.scene, contents=["world/**", *hidden])
    panels = [world, rrb.Grid(*flat)] if flat else [world]
    return rrb.Blueprint(
        rrb.Horizontal(*panels, column_shares=[3, 2][: len(panels)]),
        rrb.TimePanel(timeline="time", state="collapsed"),
        rrb.SelectionPanel(state="collapsed"),
    )
