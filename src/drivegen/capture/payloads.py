"""What a frame becomes in a capture: its messages in order, to be encoded by whatever thread is free."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from drivegen.capture import cooperation_messages, images, messages, schema
from drivegen.capture.frame import AgentFrame, CameraImage, Frame
from drivegen.core.cooperation import Exchange
from drivegen.core.sensors import Camera, Rig

Payload = tuple[str, Callable[[], bytes]]
"""Topic, and what makes the bytes."""


def payloads_of(frame: Frame, rigs: Mapping[str, Rig], jpeg_quality: int) -> Iterator[Payload]:
    """All messages of a whole frame; the one that commits it is the last.

    Args:
        frame: Its arrays are read when the bytes are made.
        rigs: By agent; agents come in this order.
        jpeg_quality: Of cameras that have none of their own.
    """
    for name, rig in rigs.items():
        yield from _of_agent(frame, name, rig, jpeg_quality)
    if frame.exchange is not None:
        yield from _of_exchange(frame.exchange, rigs)
    yield from _of_moment(frame, rigs)


def _of_agent(frame: Frame, name: str, rig: Rig, jpeg_quality: int) -> Iterator[Payload]:
    agent, time_ns = frame.agents[name], frame.time_ns
    first = frame.index == 0
    for sensor in rig.sensors:
        channel = sensor.name
        frame_id = messages.sensor_frame(name, channel)
        if isinstance(sensor, Camera):
            if first:
                topic = schema.sensor_topic(name, channel, "calibration")
                yield topic, _bind(messages.encode_calibration, sensor, frame_id, time_ns)
            if channel in agent.images:
                quality = sensor.jpeg_quality or jpeg_quality
                yield from _of_image(agent.images[channel], name, channel, quality, time_ns, first)
        elif channel in agent.sweeps:
            topic = schema.sensor_topic(name, channel, "points")
            yield topic, _bind(messages.encode_sweep, agent.sweeps[channel], frame_id, time_ns)
        elif channel in agent.radars:
            topic = schema.sensor_topic(name, channel, "detections")
            yield topic, _bind(messages.encode_radar, agent.radars[channel], frame_id, time_ns)
        elif channel in agent.gnss:
            topic = schema.sensor_topic(name, channel, "fix")
            yield topic, _bind(messages.encode_fix, agent.gnss[channel], frame_id, time_ns)
        elif channel in agent.imu:
            topic = schema.sensor_topic(name, channel, "imu")
            yield topic, _bind(messages.encode_imu, agent.imu[channel])
    yield schema.agent_topic(name, "pose"), _bind(messages.encode_pose, agent.map_agent, time_ns)
    yield schema.agent_topic(name, "motion"), _bind(messages.encode_motion, agent)
    yield from _of_carrier(name, agent)


def _of_carrier(name: str, agent: AgentFrame) -> Iterator[Payload]:
    if agent.track_id is not None:
        yield schema.agent_topic(name, "body"), _bind(cooperation_messages.encode_body, agent)
    if agent.belief is not None:
        yield schema.agent_topic(name, "belief"), _bind(cooperation_messages.encode_belief, agent.belief)


def _of_image(
    image: CameraImage, name: str, channel: str, jpeg_quality: int, time_ns: int, first: bool
) -> Iterator[Payload]:
    frame_id = messages.sensor_frame(name, channel)
    codecs: list[tuple[str, str, Callable[[], bytes]]] = [
        ("image", "jpeg", lambda: images.encode_jpeg(image.bgr, jpeg_quality)),
        ("depth", "png", lambda: images.encode_depth(image.depth_m)),
        ("semantic", "png", lambda: images.encode_png(image.tag)),
        ("instance", "png", lambda: images.encode_png(image.instance)),
    ]
    soiling = image.soiling
    if first and soiling is not None:
        codecs.append(("soiling", "png", lambda: images.encode_png(soiling)))
    for kind, image_format, codec in codecs:
        topic = schema.sensor_topic(name, channel, kind)
        yield topic, _bind(_encode_image, codec, image_format, frame_id, time_ns)


def _of_exchange(exchange: Exchange, rigs: Mapping[str, Rig]) -> Iterator[Payload]:
    for name in rigs:
        if name in exchange.detections:
            topic = schema.agent_topic(name, "detections")
            yield topic, _bind(cooperation_messages.encode_detections, exchange.detections[name])
    yield schema.MESSAGES_TOPIC, _bind(cooperation_messages.encode_sent, exchange.messages)
    if exchange.cloud is not None:
        yield schema.CLOUD_TOPIC, _bind(cooperation_messages.encode_cloud, exchange.cloud)


def _of_moment(frame: Frame, rigs: Mapping[str, Rig]) -> Iterator[Payload]:
    objects, signals = frame.objects, frame.signals
    content = {
        "index": frame.index,
        "time_ns": frame.time_ns,
        "keyframe": frame.keyframe,
        "agents": {n: list(a.delivered) for n, a in sorted(frame.agents.items())},
    }
    yield (
        schema.OBJECTS_TOPIC,
        lambda: messages.to_json({"objects": [messages.object_to_plain(o) for o in objects]}),
    )
    yield schema.SIGNALS_TOPIC, lambda: messages.to_json({"signals": dict(sorted(signals.items()))})
    poses = {name: (frame.agents[name].map_agent, rig) for name, rig in rigs.items()}
    yield schema.TF_TOPIC, _bind(messages.encode_transforms, poses, frame.time_ns)
    yield schema.FRAME_TOPIC, _bind(messages.to_json, content)


def _bind(function: Callable[..., bytes], *arguments: object) -> Callable[[], bytes]:
    return lambda: function(*arguments)


def _encode_image(codec: Callable[[], bytes], image_format: str, frame_id: str, time_ns: int) -> bytes:
    return messages.encode_image(codec(), image_format, frame_id, time_ns)
