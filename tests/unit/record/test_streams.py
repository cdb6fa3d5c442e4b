import math
import socket
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from drivegen.core.agents import RoadsideUnit
from drivegen.core.errors import FrameError, PlanError, ServerError
from drivegen.core.geometry import Pose
from drivegen.core.lidar_presets import LIDAR_PRESETS
from drivegen.core.sensors import Camera, Imu, Lidar
from drivegen.record.schedule import Schedule
from drivegen.record.streams import QUEUE_LENGTH, Mounted, SensorStreams, Stream, blueprints
from drivegen.record.world import Endpoint, ServerWorld, Ticker

CAMERA = Camera(
    name="CAM", agent_sensor=Pose.identity(), width_px=64, height_px=32, fov_deg=70.0, period_s=0.5
)
LIDAR = Lidar(
    name="TOP",
    agent_sensor=Pose.identity(),
    channels=32,
    upper_fov_deg=10.0,
    lower_fov_deg=-30.0,
    range_m=80.0,
    columns=1080,
    period_s=0.1,
)
IMU = Imu(name="IMU", agent_sensor=Pose.identity(), period_s=0.05)


def test_a_lidar_turns_once_in_a_tick_whatever_its_period():
    attributes = blueprints(LIDAR, 0.05)["lidar"].attributes
    assert float(attributes["rotation_frequency"]) * 0.05 == pytest.approx(1.0)
    assert float(attributes["points_per_second"]) * 0.05 == 32 * 1080
    assert float(attributes["sensor_tick"]) == pytest.approx(0.1)


def test_a_camera_is_three_sensors_and_a_sensor_of_every_tick_has_no_period():
    assert sorted(blueprints(CAMERA, 0.05)) == ["depth", "instance_segmentation", "rgb"]
    assert blueprints(IMU, 0.05)["imu"].attributes["sensor_tick"] == "0.0"


class Sensor:
    """A carla sensor that delivers when told."""

    def __init__(self):
        self.callback = None
        self.is_destroyed = False

    def listen(self, callback):
        self.callback = callback

    def stop(self):
        self.callback = None

    def destroy(self):
        self.is_destroyed = True

    def deliver(self, frame):
        self.callback(SimpleNamespace(frame=frame))


def soon(seconds=0.05):
    return time.monotonic() + seconds


def stream(period=2):
    sensor = Sensor()
    made = Stream("CAM (rgb)", sensor, period)
    made.listen()
    return made, sensor


def test_the_due_frame_is_taken():
    made, sensor = stream()
    sensor.deliver(7)
    assert made.take(7, soon()).frame == 7


def test_a_missing_frame_names_sensor_and_frame():
    made, _ = stream()
    with pytest.raises(FrameError, match=r"frame 7.*CAM \(rgb\).*did not deliver in time"):
        made.take(7, soon())


def test_a_frame_of_another_tick_is_an_error():
    made, sensor = stream()
    sensor.deliver(8)
    with pytest.raises(FrameError, match=r"frame 7.*CAM \(rgb\) delivered frame 8"):
        made.take(7, soon())


def test_what_comes_from_the_warm_up_is_passed_over():
    made, sensor = stream()
    made.first_wanted = 7
    sensor.deliver(5)
    sensor.deliver(7)
    assert made.take(7, soon()).frame == 7


def test_a_stream_that_runs_ahead_is_an_error():
    made, sensor = stream()
    for frame in range(QUEUE_LENGTH + 1):
        sensor.deliver(frame)
    with pytest.raises(FrameError, match="more than is due"):
        made.take(0, soon())


class World:
    """Spawns sensors; refuses the n-th."""

    def __init__(self, refuse=None):
        self.sensors = []
        self.refuse = refuse

    def get_blueprint_library(self):
        return SimpleNamespace(
            find=lambda name: SimpleNamespace(has_attribute=lambda a: False, set_attribute=None, id=name)
        )

    def spawn_actor(self, blueprint, transform, attach_to):
        if len(self.sensors) == self.refuse:
            raise RuntimeError("no room")
        self.sensors.append(Sensor())
        return self.sensors[-1]


SCHEDULE = Schedule(
    tick_ns=50_000_000,
    warmup=1,
    cycle=10,
    recorded=20,
    keyframe=10,
    period={"CAM": 10, "TOP": 2, "IMU": 1},
)


def mounted(*sensors):
    return [Mounted(key=s.name, sensor=s, parent=None) for s in sensors]


def rig():
    world = World()
    streams = SensorStreams(world, mounted(CAMERA, LIDAR, IMU), SCHEDULE)
    streams.listen()
    return streams, world.sensors


def test_recording_begins_when_all_are_due():
    streams, sensors = rig()
    for sensor, frame in zip(sensors, (103, 103, 103, 109, 112), strict=True):
        sensor.deliver(frame)
    assert streams.common_frame(112, 0.05) == 113
    for sensor in sensors:
        sensor.deliver(113)
    assert sorted(streams.take(["CAM", "TOP", "IMU"], 113, 0.05)) == ["CAM", "IMU", "TOP"]


def test_phases_that_never_meet_are_an_error():
    streams, sensors = rig()
    for sensor, frame in zip(sensors, (103, 103, 103, 110, 112), strict=True):
        sensor.deliver(frame)
    with pytest.raises(FrameError, match="never deliver in the ticks that were planned"):
        streams.common_frame(112, 0.05)


def test_a_silent_stream_is_an_error_before_recording():
    streams, sensors = rig()
    for sensor in sensors[1:]:
        sensor.deliver(103)
    with pytest.raises(FrameError, match=r"CAM \(sensor.camera.rgb\).*not delivered once"):
        streams.common_frame(112, 0.05)


def test_a_refused_sensor_leaves_none_behind():
    world = World(refuse=3)
    with pytest.raises(ServerError, match=r"TOP.*no room"):
        SensorStreams(world, mounted(CAMERA, LIDAR, IMU), SCHEDULE)
    assert len(world.sensors) == 3
    assert all(sensor.is_destroyed for sensor in world.sensors)


def test_a_schedule_wants_whole_ticks(scene_plan):
    schedule = Schedule.of(scene_plan())
    assert (schedule.cycle, schedule.keyframe, schedule.recorded) == (10, 10, 40)
    assert schedule.due(0) == ["CAM", "TOP", "IMU"]
    assert schedule.due(2) == ["TOP", "IMU"]
    assert schedule.due(3) == ["IMU"]
    with pytest.raises(PlanError, match=r"duration_s is 2\.03 s"):
        Schedule.of(scene_plan(duration_s=2.03))
    with pytest.raises(PlanError, match=r"keyframe_s 0\.25 is no multiple of the period of CAM"):
        Schedule.of(scene_plan(keyframe_s=0.25))


def phased():
    """The camera 3 ticks late, the LiDAR one."""
    world = World()
    schedule = replace(SCHEDULE, phase={"CAM": 3, "TOP": 1})
    assert schedule.groups == (0, 1, 3)
    streams = SensorStreams(world, mounted(CAMERA, LIDAR, IMU), schedule)
    spawned = [[s.name for s in streams.streams]]
    for phase in (1, 2, 3):
        spawned.append([s.name for s in streams.spawn(phase)])
    assert [len(names) for names in spawned] == [1, 1, 0, 3]
    streams.listen()
    return schedule, streams, world.sensors


def test_a_schedule_with_phases_says_who_is_due():
    schedule, _, _ = phased()
    assert schedule.due(0) == ["IMU"]
    assert schedule.due(1) == ["TOP", "IMU"]
    assert schedule.due(3) == ["CAM", "TOP", "IMU"]
    assert schedule.due(13) == ["CAM", "TOP", "IMU"]


def test_sensors_with_phases_begin_so_many_ticks_later():
    _, streams, (imu, lidar, *cameras) = phased()
    # The first recorded frame is the next 103 + 10 k of a camera's 106 + 10 k.
    for sensor, frame in ((imu, 112), (lidar, 112), *((c, 106) for c in cameras)):
        sensor.deliver(frame)
    assert streams.common_frame(112, 0.05) == 113
    lidar.deliver(114)
    assert streams.take(["TOP"], 114, 0.05)["TOP"]["lidar"].frame == 114
    for camera in cameras:
        camera.deliver(116)
    assert set(streams.take(["CAM"], 116, 0.05)["CAM"]) == {"rgb", "depth", "instance_segmentation"}


def test_sensors_whose_phases_came_out_otherwise_are_an_error():
    _, streams, (imu, lidar, *cameras) = phased()
    for sensor, frame in ((imu, 112), (lidar, 111), *((c, 106) for c in cameras)):
        sensor.deliver(frame)
    with pytest.raises(FrameError, match=r"never deliver in the ticks that were planned.*TOP"):
        streams.common_frame(112, 0.05)


def test_phases_are_whole_ticks_below_the_period_and_none_of_the_ego(scene_plan):
    def late(phase_s):
        rig = scene_plan().ego.rig
        other = replace(rig, sensors=tuple(replace(s, phase_s=phase_s) for s in rig.sensors[:1]))
        unit = RoadsideUnit(
            name="roadside_1", site="7", junction_id=None, map_agent=Pose.identity(), rig=other
        )
        return scene_plan(roadside=(unit,))

    schedule = Schedule.of(late(0.15))
    assert schedule.phase == {"roadside_1/CAM": 3}
    assert schedule.due(3) == ["IMU", "roadside_1/CAM"]
    for bad in (0.5, 0.12, -0.05):
        with pytest.raises(PlanError, match=r"phase_s of roadside_1/CAM is .* below the sensor's period"):
            Schedule.of(late(bad))
    plan = scene_plan()
    rig = replace(plan.ego.rig, sensors=(replace(plan.ego.rig.sensors[0], phase_s=0.1),))
    with pytest.raises(PlanError, match="the ego's have none"):
        Schedule.of(replace(plan, ego=replace(plan.ego, rig=rig)))


def test_a_tick_that_never_comes_back_is_noticed(monkeypatch):
    monkeypatch.setattr("drivegen.record.world.GRACE_S", 0.05)

    def hang(timeout):
        time.sleep(0.5)
        return 1

    ticker = Ticker(SimpleNamespace(tick=hang), Endpoint(call_timeout_s=0.1))
    with pytest.raises(ServerError, match=r"did not come back within 0\.15 s"):
        ticker.tick()
    assert ticker.hung
    assert not ticker.settle()
    ticker.close()


def test_a_tick_that_fails_says_why():
    def fail(timeout):
        raise RuntimeError("time-out of 100ms while waiting for the simulator")

    with socket.create_server(("127.0.0.1", 0)) as server:
        endpoint = Endpoint(port=server.getsockname()[1], call_timeout_s=0.1)
        ticker = Ticker(SimpleNamespace(tick=fail), endpoint)
        with pytest.raises(ServerError, match="failed in a tick: time-out"):
            ticker.tick()
        assert ticker.settle()
    assert not ticker.settle(), "nobody listens any more"
    ticker.close()


def test_no_server_is_one_clear_error(free_port):
    with pytest.raises(ServerError, match=f"no CARLA server at 127.0.0.1:{free_port}"):
        ServerWorld(Endpoint(port=free_port, call_timeout_s=2.0))


def test_a_lidar_in_motion_gives_the_sectors_of_its_sweep():
    moving = replace(LIDAR, motion=True)
    attributes = blueprints(moving, 0.05)["lidar"].attributes
    assert float(attributes["rotation_frequency"]) == pytest.approx(10.0)
    assert attributes["sensor_tick"] == "0.0"
    streams = SensorStreams(World(), mounted(moving, IMU), SCHEDULE)
    lidar, imu = streams.streams
    streams.listen()
    for sensor in (lidar.actor, imu.actor):
        for frame in range(100, 104):
            sensor.deliver(frame)
    streams.drain()
    # The sweep of a frame begins a tick before it, so the next tick is too early.
    first = streams.common_frame(103, 0.05)
    assert first == 105
    for sensor in (lidar.actor, imu.actor):
        for frame in range(104, 108):
            sensor.deliver(frame)
    taken = streams.take(["TOP", "IMU"], 105, 0.05)
    assert [data.frame for data in taken["TOP"]["lidar"]] == [104, 105]
    assert taken["IMU"]["imu"].frame == 105
    streams.take(["IMU"], 106, 0.05)
    assert [data.frame for data in streams.take(["TOP"], 107, 0.05)["TOP"]["lidar"]] == [106, 107]


def test_two_returns_are_four_turned_lidars_of_every_run():
    lidar = LIDAR_PRESETS["pandar40p"].lidar("TOP", Pose.identity(), returns=2)
    parts = blueprints(lidar, 0.1)
    assert len(parts) == 4 * 6
    assert sum(int(p.attributes["channels"]) for p in parts.values()) == 4 * 40
    turns = {round(math.degrees(p.sensor_part.yaw_rad), 6) for p in parts.values()}
    assert turns == {-0.028648, 0.028648}
