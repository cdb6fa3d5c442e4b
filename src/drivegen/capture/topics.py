"""Which topics a capture has, by its plan; in the order in which the file declares them."""

from __future__ import annotations

from collections.abc import Iterator

from drivegen.capture import schema
from drivegen.capture.mcap_file import Lane
from drivegen.core.plans import ScenePlan
from drivegen.core.sensors import Camera, Gnss, Imu, Lidar, Radar, Sensor

Topic = tuple[str, schema.Schema, Lane]


def has_others(plan: ScenePlan) -> bool:
    """Whether there are agents beside the ego."""
    return bool(plan.other_agents)


def topics_of(plan: ScenePlan) -> Iterator[Topic]:
    """All topics of a scene's capture. Raises PlanError for names that agents cannot have."""
    yield schema.FRAME_TOPIC, schema.FRAME, Lane.PLAIN
    yield schema.OBJECTS_TOPIC, schema.OBJECTS, Lane.ZSTD
    yield schema.SIGNALS_TOPIC, schema.SIGNALS, Lane.ZSTD
    yield schema.TF_TOPIC, schema.TRANSFORMS, Lane.ZSTD
    for agent, rig in plan.rigs.items():
        yield schema.agent_topic(agent, "pose"), schema.POSE, Lane.ZSTD
        yield schema.agent_topic(agent, "motion"), schema.MOTION, Lane.ZSTD
        for sensor in rig.sensors:
            for kind, described, lane in _kinds_of(sensor):
                yield schema.sensor_topic(agent, sensor.name, kind), described, lane
    errors = plan.agent_errors
    talking = has_others(plan) or plan.v2x is not None
    for agent in plan.rigs:
        if has_others(plan):
            yield schema.agent_topic(agent, "body"), schema.BODY, Lane.ZSTD
        if talking or errors[agent].any:
            yield schema.agent_topic(agent, "belief"), schema.BELIEF, Lane.ZSTD
        if plan.v2x is not None:
            yield schema.agent_topic(agent, "detections"), schema.DETECTIONS, Lane.ZSTD
    if plan.v2x is not None:
        yield schema.MESSAGES_TOPIC, schema.MESSAGES, Lane.ZSTD
        if plan.v2x.cloud:
            yield schema.CLOUD_TOPIC, schema.CLOUD, Lane.ZSTD


def _kinds_of(sensor: Sensor) -> list[Topic]:
    if isinstance(sensor, Camera):
        once = [("soiling", schema.IMAGE, Lane.PLAIN)] if sensor.soiling is not None else []
        return [
            *once,
            ("calibration", schema.CALIBRATION, Lane.ZSTD),
            ("image", schema.IMAGE, Lane.PLAIN),
            ("depth", schema.IMAGE, Lane.PLAIN),
            ("semantic", schema.IMAGE, Lane.PLAIN),
            ("instance", schema.IMAGE, Lane.PLAIN),
        ]
    if isinstance(sensor, Lidar):
        return [("points", schema.POINTS, Lane.PLAIN)]
    if isinstance(sensor, Radar):
        return [("detections", schema.POINTS, Lane.PLAIN)]
    if isinstance(sensor, Gnss):
        return [("fix", schema.FIX, Lane.ZSTD)]
    if isinstance(sensor, Imu):
        return [("imu", schema.IMU, Lane.ZSTD)]
    raise TypeError(f"a capture has no topic for {type(sensor).__name__}")
