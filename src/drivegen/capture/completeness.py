"""A frame is complete or absent: what each frame must hold, by the rigs and the plan's clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from drivegen.capture.cooperation_gate import CooperationGate
from drivegen.capture.frame import EGO, AgentFrame, CameraImage, Echo, Frame, RadarScan, Sweep
from drivegen.core.agents import label_key
from drivegen.core.errors import FrameError, PlanError
from drivegen.core.plans import ScenePlan
from drivegen.core.sensors import Camera, Gnss, Imu, Lidar, Radar, Rig, Sensor

_NS = 1_000_000_000
_IMAGE_TYPES = {"bgr": np.uint8, "depth_m": np.float32, "tag": np.uint8, "instance": np.uint16}
_SWEEP_EXTRAS = {
    "cos_incidence": np.float32,
    "clutter": np.uint8,
    "return_index": np.uint8,
    "time_offset_s": np.float32,
}
_RADAR_TYPES = {
    **dict.fromkeys(("range_m", "azimuth_rad", "elevation_rad", "velocity_mps"), np.float32),
    **dict.fromkeys(("compensated_mps", "rcs_dbsm", "snr_db"), np.float32),
    "object_id": np.uint32,
    "echo": np.uint8,
    "ambiguity": np.int8,
}


def nanoseconds(seconds: float) -> int:
    """Whole nanoseconds."""
    return round(seconds * _NS)


class FrameGate:
    """Lets whole frames pass, in order, and stops all others.

    A sensor is due when the time since the first frame, less its phase, is a multiple of its period. Every
    instant at which a sensor is due needs a frame, and so does every keyframe.

    Raises:
        PlanError: A phase is not a multiple of the tick below the period, or a sensor of the ego has one; an
            agent believes in a sensor that it has not.
    """

    def __init__(self, plan: ScenePlan, rigs: Mapping[str, Rig]) -> None:
        self._scene = plan.scene
        self._rigs = dict(rigs)
        self._tick_ns = nanoseconds(plan.tick_s)
        self._keyframe_ns = nanoseconds(plan.keyframe_s)
        self._duration_ns = nanoseconds(plan.duration_s)
        clocks = {(self._keyframe_ns, 0)}
        for name, rig in self._rigs.items():
            for sensor in rig.sensors:
                self._check_phase(name, sensor)
                clocks.add((nanoseconds(sensor.period_s), nanoseconds(sensor.phase_s)))
        _check_calibration(plan)
        self._clocks_ns = sorted(clocks)
        """Period and phase of all that comes regularly."""
        self._cooperation = CooperationGate(plan)
        self._first_ns: int | None = None
        self._last_ns = 0
        self._next_index = 0

    def check(self, frame: Frame) -> None:
        """Raises FrameError when the frame is not the next whole one."""
        where = f"{self._scene} frame {frame.index} at {frame.time_ns / _NS:.3f} s"
        self._check_time(frame, where)
        offset_ns = frame.time_ns - (self._first_ns or 0)
        if frame.keyframe != (offset_ns % self._keyframe_ns == 0):
            raise FrameError(f"{where}: keyframe is {frame.keyframe}, against the plan's keyframe_s")
        if set(frame.agents) != set(self._rigs):
            raise FrameError(f"{where}: agents are {sorted(frame.agents)}, the plan has {sorted(self._rigs)}")
        for name, rig in self._rigs.items():
            self._check_agent(frame.agents[name], rig, offset_ns, f"{where}: {name}")
        self._check_objects(frame, where)
        self._cooperation.check(frame, where)
        self._last_ns = frame.time_ns
        self._next_index += 1

    def check_end(self) -> None:
        """Raises FrameError when the frames end too early for the plan's duration."""
        if self._first_ns is None:
            raise FrameError(f"{self._scene}: no frame was recorded")
        for period, phase in self._clocks_ns:
            last_due = (self._duration_ns - 1 - phase) // period * period + phase
            if self._last_ns - self._first_ns < last_due:
                raise FrameError(
                    f"{self._scene}: frames end {(self._last_ns - self._first_ns) / _NS:.3f} s after the"
                    f" first, but the plan asks for data until {last_due / _NS:.3f} s"
                )

    def _check_time(self, frame: Frame, where: str) -> None:
        if frame.index != self._next_index:
            raise FrameError(f"{where}: frame {self._next_index} was to come")
        if self._first_ns is None:
            self._first_ns = frame.time_ns
            return
        offset_ns = frame.time_ns - self._first_ns
        if frame.time_ns <= self._last_ns or offset_ns % self._tick_ns:
            raise FrameError(f"{where}: the time is not a later tick of the simulation")
        for period, phase in self._clocks_ns:
            previous_ns = self._last_ns - self._first_ns
            skipped = ((previous_ns - phase) // period + 1) * period + phase
            if skipped < offset_ns:
                missing_s = (self._first_ns + skipped) / _NS
                raise FrameError(f"{where}: the frame at {missing_s:.3f} s, when data was due, is missing")

    def _check_agent(self, agent: AgentFrame, rig: Rig, offset_ns: int, where: str) -> None:
        due = [s for s in rig.sensors if is_due(s, offset_ns)]
        for kind, delivered, sensors in (
            ("camera", agent.images, [s for s in due if isinstance(s, Camera)]),
            ("LiDAR", agent.sweeps, [s for s in due if isinstance(s, Lidar)]),
            ("radar", agent.radars, [s for s in due if isinstance(s, Radar)]),
            ("GNSS", agent.gnss, [s for s in due if isinstance(s, Gnss)]),
            ("IMU", agent.imu, [s for s in due if isinstance(s, Imu)]),
        ):
            _check_names(kind, set(delivered), sensors, where)
        for sensor in due:
            if isinstance(sensor, Camera):
                _check_image(agent.images[sensor.name], sensor, f"{where} {sensor.name}")
            elif isinstance(sensor, Lidar):
                _check_sweep(agent.sweeps[sensor.name], f"{where} {sensor.name}")
            elif isinstance(sensor, Radar):
                _check_radar(agent.radars[sensor.name], f"{where} {sensor.name}")

    def _check_phase(self, agent: str, sensor: Sensor) -> None:
        phase_ns = nanoseconds(sensor.phase_s)
        if phase_ns % self._tick_ns or not 0 <= phase_ns < nanoseconds(sensor.period_s):
            raise PlanError(
                f"{self._scene}: {agent} {sensor.name}: phase_s={sensor.phase_s:g} is not a multiple of the"
                f" tick below its period of {sensor.period_s:g} s"
            )
        if agent == EGO and phase_ns:
            raise PlanError(
                f"{self._scene}: ego {sensor.name}: phase_s={sensor.phase_s:g}; sensors of the ego are due at"
                " keyframes and have no phase"
            )

    def _check_objects(self, frame: Frame, where: str) -> None:
        body = frame.agents[EGO].body if EGO in frame.agents else None
        labels = (*frame.objects, *((body,) if body is not None else ()))
        ids = [o.track_id for o in frame.objects]
        if ids != sorted(ids):
            raise FrameError(f"{where}: objects must come by ascending track id")
        short = [o.track_id & 0xFFFF for o in labels]
        if len(set(short)) != len(short) or 0 in short:
            raise FrameError(
                f"{where}: two objects share an id in the low 16 bits that images carry, or have 0"
            )
        known = {label_key(n, c) for n, a in frame.agents.items() for c in (*a.images, *a.sweeps, *a.radars)}
        for label in labels:
            channels = set(label.cameras) | set(label.lidar_points) | set(label.radar_points)
            if channels - known:
                raise FrameError(
                    f"{where}: object {label.track_id} is labelled for {sorted(channels - known)},"
                    " which delivered nothing"
                )


def is_due(sensor: Sensor, offset_ns: int) -> bool:
    """Whether a sensor delivers at that time since the first recorded frame."""
    return (offset_ns - nanoseconds(sensor.phase_s)) % nanoseconds(sensor.period_s) == 0


def _check_calibration(plan: ScenePlan) -> None:
    for agent, errors in plan.agent_errors.items():
        unknown = sorted(set(errors.believed_mounts) - {s.name for s in plan.rigs[agent].sensors})
        if unknown:
            raise PlanError(f"{plan.scene}: {agent} believes in mounts of {unknown}, which its rig has not")


def _check_names(kind: str, delivered: set[str], due: Sequence[Sensor], where: str) -> None:
    missing = sorted({s.name for s in due} - delivered)
    stray = sorted(delivered - {s.name for s in due})
    if missing:
        raise FrameError(f"{where}: {kind} {', '.join(missing)} was due and delivered nothing")
    if stray:
        raise FrameError(f"{where}: {kind} {', '.join(stray)} delivered data but was not due")


def _check_image(image: CameraImage, camera: Camera, where: str) -> None:
    for name, dtype in _IMAGE_TYPES.items():
        array = getattr(image, name)
        shape = (camera.height_px, camera.width_px) + ((3,) if name == "bgr" else ())
        if array.shape != shape or array.dtype != dtype:
            raise FrameError(
                f"{where}: {name} is {array.dtype} {array.shape}, {np.dtype(dtype)} {shape} is wanted"
            )
    if (image.soiling is None) != (camera.soiling is None):
        raise FrameError(f"{where}: a soiling mask is wanted of cameras with soiling, and of no others")


def _check_sweep(sweep: Sweep, where: str) -> None:
    n = len(sweep.points_m)
    arrays = {
        "points_m": (sweep.points_m, (n, 3), np.float32),
        "intensity": (sweep.intensity, (n,), np.float32),
        "ring": (sweep.ring, (n,), np.uint16),
        "object_id": (sweep.object_id, (n,), np.uint32),
        "tag": (sweep.tag, (n,), np.uint8),
    }
    for name, dtype in _SWEEP_EXTRAS.items():
        if getattr(sweep, name) is not None:
            arrays[name] = (getattr(sweep, name), (n,), dtype)
    for name, (array, shape, dtype) in arrays.items():
        if array.shape != shape or array.dtype != dtype:
            raise FrameError(
                f"{where}: {name} is {array.dtype} {array.shape}, {np.dtype(dtype)} {shape} is wanted"
            )
    if not np.isfinite(sweep.points_m).all():
        raise FrameError(f"{where}: points_m holds values that are not finite")
    if sweep.clutter is not None and sweep.object_id[sweep.clutter > 0].any():
        raise FrameError(f"{where}: a return from rain, snow, fog, dust or spray has the id of an object")


def _check_radar(scan: RadarScan, where: str) -> None:
    n = len(scan)
    for name, dtype in _RADAR_TYPES.items():
        array = getattr(scan, name)
        if array.shape != (n,) or array.dtype != dtype:
            raise FrameError(
                f"{where}: {name} is {array.dtype} {array.shape}, {np.dtype(dtype)} ({n},) is wanted"
            )
        if not np.isfinite(array).all():
            raise FrameError(f"{where}: {name} holds values that are not finite")
    if scan.object_id[scan.echo != Echo.OBJECT].any():
        raise FrameError(f"{where}: a detection that is no object's has the id of one")
