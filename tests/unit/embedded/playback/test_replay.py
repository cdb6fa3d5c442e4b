"""A replay shows what was recorded: poses, lights, who comes and goes."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from drivegen.core.errors import DrivegenError
from drivegen.core.geometry import Pose
from drivegen.core.weather import Weather
from drivegen.embedded.playback import ReplayOptions
from drivegen.embedded.playback.log import LogError, LogReader, LogWriter, PacketId
from drivegen.embedded.playback.log import packets as p
from drivegen.embedded.playback.log.layout import Vector
from drivegen.embedded.traffic_lights.lights import LightState
from drivegen.embedded.world.actors import ActorKind
from tests.unit.embedded.playback.scene import BIKE, CAR, CONE, PERSON, TICK_S, Scene, traffic

MOVERS = (ActorKind.VEHICLE, ActorKind.WALKER, ActorKind.PROP)
NAME = "a.log"


def _assert_same(got: dict[int, np.ndarray], expected: dict[int, np.ndarray], ids: list[int]) -> None:
    for id_ in ids:
        assert np.linalg.norm(got[id_][:3] - expected[id_][:3]) < 0.001, id_
        turned = (got[id_][3:] - expected[id_][3:] + math.pi) % (2 * math.pi) - math.pi
        assert np.abs(turned).max() < 1e-4, id_


def _record(scene: Scene, ticks: int, additional: bool = False) -> list[dict[int, np.ndarray]]:
    scene.playback.start_recorder(NAME, additional=additional)
    places = []
    for _ in range(ticks):
        scene.step()
        places.append(scene.places())
    scene.playback.stop_recorder()
    return places


def _clear(scene: Scene) -> None:
    for id_ in scene.of_kind(*MOVERS, ActorKind.SENSOR):
        scene.world.destroy(id_)
    scene.step()


def test_poses_of_every_frame_come_back_under_the_same_ids(scene: Scene) -> None:
    ids = [a.id for a in traffic(scene)]
    recorded = _record(scene, 40)
    moved = np.linalg.norm(recorded[0][ids[0]][:3] - recorded[-1][ids[0]][:3])
    assert moved > 3.0
    _clear(scene)
    said = scene.playback.replay(NAME, ReplayOptions())
    assert "Total time recorded: 1.95" in said
    assert sorted(a.id for a in scene.spawned) == ids
    for expected in recorded:
        scene.step()
        _assert_same(scene.places(), expected, ids)
    assert scene.warnings == []


def test_velocities_and_wheels_are_those_of_the_motion(scene: Scene) -> None:
    car, *_, person, _ = traffic(scene)
    scene.playback.start_recorder(NAME, additional=False)
    seen = []

    def look() -> tuple[float, ...]:
        row, walker = scene.world.vehicles.row_of(car.id), scene.world.walkers.row_of(person.id)
        cars, people = scene.world.vehicles, scene.world.walkers
        return (
            *cars.velocity_mps[row],
            *people.velocity_mps[walker],
            cars.steer_rad[row],
            cars.wheel_rotation_rad[row] % (2 * np.pi),
        )

    for _ in range(20):
        scene.step()
        seen.append(look())
    scene.playback.replay(NAME, ReplayOptions())
    scene.step(2)
    for expected in seen[2:]:
        scene.step()
        # A replay's velocity is the mean of a tick, not that at its end.
        assert look() == pytest.approx(expected, abs=0.1)


def test_another_world_plays_it_too(make_scene: Callable[[], Scene]) -> None:
    first = make_scene()
    ids = [a.id for a in traffic(first)]
    recorded = _record(first, 15)
    second = make_scene()
    ours = second.spawn(CAR, 30)  # has the id of a recorded car: it is taken for it
    second.playback.replay(NAME, ReplayOptions())
    assert ours.id == ids[0]
    assert [a.id for a in second.spawned] == ids[1:]
    for expected in recorded:
        second.step()
        _assert_same(second.places(), expected, ids)


def test_an_id_that_clients_know_as_somebody_else_is_not_given_again(make_scene: Callable[[], Scene]) -> None:
    first = make_scene()
    ids = [a.id for a in traffic(first)]
    recorded = _record(first, 5)
    second = make_scene()
    second.world.destroy(second.spawn(PERSON, 1).id)
    assert second.spawn(BIKE, 30).id == ids[1]
    second.playback.replay(NAME, ReplayOptions())
    played = [a.id for a in second.spawned]
    assert not {ids[0], ids[1]} & set(played)
    second.step()
    got = second.places()
    for was, now in zip(ids, played, strict=True):
        _assert_same({now: got[now]}, {now: recorded[0][was]}, [now])


def test_between_frames_poses_are_interpolated(scene: Scene) -> None:
    ids = [a.id for a in traffic(scene)]
    recorded = _record(scene, 20)
    scene.playback.replay(NAME, ReplayOptions())
    for tick in range(38):
        scene.step(dt_s=TICK_S / 2)
        frame, late = divmod(tick, 2)
        got = scene.places()
        for id_ in ids:
            middle = (recorded[frame][id_][:3] + recorded[frame + 1][id_][:3]) / 2
            expected = middle if late else recorded[frame][id_][:3]
            assert np.linalg.norm(got[id_][:3] - expected) < 0.001


def test_angles_turn_the_shorter_way(scene: Scene) -> None:
    car = scene.spawn(CAR, 0)
    scene.world.vehicles.set_simulate_physics(car.id, False)
    scene.playback.start_recorder(NAME, additional=False)
    for yaw_deg in (179.0, -179.0):
        scene.world.put(car.id, Pose.from_xyz_rpy(0.0, 0.0, 0.0, yaw_rad=math.radians(yaw_deg)))
        scene.step()
    scene.playback.replay(NAME, ReplayOptions())
    scene.step(2, dt_s=TICK_S / 2)
    assert abs(scene.places()[car.id][5]) == pytest.approx(math.pi, abs=1e-5)


@pytest.mark.parametrize(("start_s", "frame"), [(0.5, 10), (-0.45, 10), (99.0, 19), (-99.0, 0)])
def test_a_replay_begins_where_it_is_told(scene: Scene, start_s: float, frame: int) -> None:
    ids = [a.id for a in traffic(scene)]
    recorded = _record(scene, 20)
    _clear(scene)
    scene.playback.replay(NAME, ReplayOptions(start_s=start_s))
    scene.step()
    _assert_same(scene.places(), recorded[frame], ids)


def test_a_replay_ends_after_its_duration_and_gives_actors_back(scene: Scene) -> None:
    car, *_, person, _ = traffic(scene)
    recorded = _record(scene, 30)
    _clear(scene)
    scene.playback.replay(NAME, ReplayOptions(duration_s=0.5))
    scene.step(11)
    _assert_same(scene.places(), recorded[10], [car.id, person.id])
    scene.step(20)
    after = scene.places()
    assert np.linalg.norm(after[car.id][:2] - recorded[10][car.id][:2]) < 0.05, "it stands"
    assert np.linalg.norm(after[person.id][:2] - recorded[10][person.id][:2]) < 0.4, "a last step"
    scene.step(5)
    assert np.linalg.norm(scene.places()[person.id][:2] - after[person.id][:2]) < 1e-6
    scene.drive(scene.world.actors.find(car.id), throttle=1.0)
    scene.step(20)
    assert np.linalg.norm(scene.places()[car.id][:2] - after[car.id][:2]) > 0.5, "it drives again"


def test_the_time_factor(scene: Scene) -> None:
    ids = [a.id for a in traffic(scene)]
    recorded = _record(scene, 21)
    scene.playback.set_time_factor(2.0)
    assert "at 2.0x" in scene.playback.replay(NAME, ReplayOptions())
    for frame in range(0, 10, 2):
        scene.step()
        _assert_same(scene.places(), recorded[frame], ids)
    scene.playback.set_time_factor(0.5)
    scene.step()
    _assert_same(scene.places(), recorded[10], ids)
    scene.step(2)
    _assert_same(scene.places(), recorded[11], ids)
    for bad in (-1.0, math.nan, math.inf):
        with pytest.raises(LogError, match="time factor"):
            scene.playback.set_time_factor(bad)


def test_who_comes_and_goes_does_so_again(scene: Scene) -> None:
    stays = scene.spawn(CAR, 0)
    scene.step()
    scene.playback.start_recorder(NAME, additional=False)
    scene.step(5)
    comes = scene.spawn(PERSON, 4)
    scene.step(5)
    scene.world.destroy(stays.id)
    scene.step(5)
    scene.playback.stop_recorder()
    _clear(scene)
    scene.playback.replay(NAME, ReplayOptions())
    there = []
    for _ in range(15):
        scene.step()
        there.append(scene.of_kind(*MOVERS))
    assert there == [[stays.id]] * 5 + [[stays.id, comes.id]] * 5 + [[comes.id]] * 5
    assert [a.id for a in scene.destroyed] == [stays.id]


def test_what_is_not_recorded_goes_on(scene: Scene) -> None:
    traffic(scene)
    _record(scene, 30)
    other = scene.spawn(CAR, 40)
    scene.drive(other, throttle=1.0, steer=0.0)
    scene.playback.replay(NAME, ReplayOptions())
    before = scene.places().get(other.id)
    scene.step(25)
    assert before is None
    assert scene.world.vehicles.speed_mps[scene.world.vehicles.row_of(other.id)] > 2.0


def test_traffic_lights_show_what_they_showed_and_go_on_from_there(scene: Scene) -> None:
    for row in range(len(scene.world.lights)):
        scene.world.lights.set_green_time(row, 0.5)
        scene.world.lights.set_yellow_time(row, 0.3)
        scene.world.lights.set_red_time(row, 0.2)
    scene.world.lights.reset_all()
    scene.step(200)
    scene.playback.start_recorder(NAME, additional=False)
    shown = []
    for _ in range(50):
        scene.step()
        shown.append(scene.lights())
    scene.playback.stop_recorder()
    scene.step()
    goes_on = scene.lights()
    assert len({state for frame in shown for state, _, _ in frame}) == 3
    for row in range(len(scene.world.lights)):
        scene.world.lights.set_state(row, LightState.OFF)
    scene.step(7)
    scene.playback.replay(NAME, ReplayOptions())
    for expected in shown:
        scene.step()
        got = scene.lights()
        assert [(s, f) for s, _, f in got] == [(s, f) for s, _, f in expected]
        assert [e for _, e, _ in got] == pytest.approx([e for _, e, _ in expected], abs=1e-4)
    scene.step()
    assert [s for s, _, _ in scene.lights()] == [s for s, _, _ in goes_on]
    assert [e for _, e, _ in scene.lights()] == pytest.approx([e for _, e, _ in goes_on], abs=1e-4)


def test_frozen_lights(scene: Scene) -> None:
    scene.world.lights.freeze_all(True)
    scene.playback.start_recorder(NAME, additional=False)
    scene.step(3)
    scene.world.lights.freeze_all(False)
    scene.playback.replay(NAME, ReplayOptions())
    scene.step(2)
    assert scene.world.lights.frozen.all()


def test_vehicles_lights_and_controls(scene: Scene) -> None:
    car = scene.spawn(CAR, 0)
    scene.playback.start_recorder(NAME, additional=False)
    for flags, throttle in ((0, 0.0), (0b11, 0.5), (0b1000, 0.25)):
        car.light_flags = flags
        scene.drive(car, throttle=throttle, brake=throttle / 2)
        scene.step()
    scene.playback.replay(NAME, ReplayOptions())
    for flags, throttle in ((0, 0.0), (0b11, 0.5), (0b1000, 0.25)):
        scene.step()
        assert car.light_flags == flags
        if flags != 0b1000:  # at its end a replay lets go of the pedals
            assert scene.world.vehicles.controls.throttle[0] == pytest.approx(throttle)
            assert scene.world.vehicles.controls.brake[0] == pytest.approx(throttle / 2)
    assert scene.world.vehicles.controls.throttle[0] == 0.0


def test_the_hero_is_ignored_when_asked(scene: Scene) -> None:
    hero, other, *_ = traffic(scene)
    recorded = _record(scene, 10)
    scene.world.destroy(hero.id)
    scene.playback.set_ignore_hero(True)
    assert "Ignoring Hero vehicle" in scene.playback.replay(NAME, ReplayOptions())
    scene.step(5)
    assert scene.spawned == []
    _assert_same(scene.places(), recorded[4], [other.id])


def test_the_spectator(scene: Scene) -> None:
    """It stays unless asked for, and may follow an actor."""
    world = scene.world
    car = traffic(scene)[0]
    scene.playback.start_recorder(NAME, additional=False)
    for x_m in (1.0, 2.0, 3.0):
        world.put(world.spectator.id, Pose.from_xyz_rpy(x_m, 5.0, 9.0))
        scene.step()
    scene.playback.stop_recorder()
    world.put(world.spectator.id, Pose.from_xyz_rpy(50.0, 0.0, 9.0))

    def place() -> np.ndarray:
        return world.world_actor(world.spectator.id)[:3, 3]

    scene.playback.replay(NAME, ReplayOptions())
    scene.step(2)
    assert place() == pytest.approx([50.0, 0.0, 9.0])
    scene.playback.set_ignore_spectator(False)
    scene.playback.replay(NAME, ReplayOptions())
    scene.step(2)
    assert place() == pytest.approx([2.0, 5.0, 9.0])
    behind = Pose.from_xyz_rpy(-10.0, 0.0, 5.0, pitch_rad=math.radians(25.0))
    scene.playback.replay(NAME, ReplayOptions(follow_id=car.id, offset=behind))
    scene.step(2)
    expected = Pose.from_matrix(world.world_actor(car.id)) @ behind
    assert world.world_actor(world.spectator.id) == pytest.approx(expected.matrix)
    light = world.light_actors[0]
    scene.playback.replay(NAME, ReplayOptions(follow_id=light.id, offset=behind))
    scene.step()
    above = Pose.from_matrix(light.local) @ behind
    assert world.world_actor(world.spectator.id) == pytest.approx(above.matrix)


@pytest.mark.parametrize("sensors", [False, True])
def test_sensors_hang_where_they_hung(scene: Scene, sensors: bool) -> None:
    car = scene.spawn(CAR, 0)
    mount = Pose.from_xyz_rpy(1.5, 0.3, 1.8, yaw_rad=0.4)
    imu = scene.world.spawn("sensor.other.imu", {"noise_seed": "5"}, mount, car.id)
    scene.drive(car)
    scene.step(20)
    _record(scene, 10)
    _clear(scene)
    scene.playback.replay(NAME, ReplayOptions(sensors=sensors))
    scene.step(5)
    found = scene.world.actors.of_kind(ActorKind.SENSOR)
    assert len(found) == (1 if sensors else 0)
    if sensors:
        (sensor,) = found
        assert sensor.id > imu.id, "its stream is not the old one's"
        assert sensor.parent_id == car.id
        assert sensor.attributes == imu.attributes
        assert sensor.local == pytest.approx(mount.matrix, abs=1e-4)
        assert sensor in scene.spawned


@pytest.mark.parametrize("keep", [False, True])
def test_stopping_keeps_or_removes_what_was_spawned(scene: Scene, keep: bool) -> None:
    ours = scene.spawn(CONE, 30)
    ids = [a.id for a in traffic(scene)]
    _record(scene, 10)
    for id_ in ids:
        scene.world.destroy(id_)
    scene.playback.replay(NAME, ReplayOptions())
    scene.step(3)
    scene.playback.stop_replayer(keep_actors=keep)
    expected = {ours.id, *(ids if keep else [])}
    assert set(scene.of_kind(*MOVERS)) == expected
    assert {a.id for a in scene.destroyed} == (set() if keep else set(ids))
    scene.step(3)
    assert set(scene.of_kind(*MOVERS)) == expected


def test_an_actor_that_a_client_destroys_is_missed_by_nobody(scene: Scene) -> None:
    first, second, *_ = traffic(scene)
    recorded = _record(scene, 10)
    scene.playback.replay(NAME, ReplayOptions())
    scene.step(2)
    scene.world.destroy(first.id)
    scene.step(3)
    _assert_same(scene.places(), recorded[4], [second.id])
    assert scene.warnings == []


def test_a_live_car_does_not_shift_a_replayed_one(scene: Scene) -> None:
    car = scene.spawn(CAR, 0)
    scene.step(10)
    recorded = _record(scene, 20)
    place = scene.world.map.spawn_points[0] @ Pose.from_xyz_rpy(-8.0, 0.0, 0.3)
    rammer = scene.world.spawn(CAR, {}, place)
    scene.world.vehicles.set_constant_velocity(rammer.id, np.array([12.0, 0.0, 0.0]))
    scene.playback.replay(NAME, ReplayOptions())
    for expected in recorded:
        scene.step()
        _assert_same(scene.places(), expected, [car.id])


def test_another_map_is_loaded(scene: Scene) -> None:
    ids = [a.id for a in traffic(scene)]
    recorded = _record(scene, 5)
    scene.world.begin_episode(scene.world.maps.load("South"), reset_settings=False)
    assert "Loading map North" in scene.playback.replay(NAME, ReplayOptions())
    assert scene.world.map.name == "North"
    scene.step()
    got = scene.places()
    for id_ in ids:
        _assert_same(got, recorded[0], [id_])


def test_a_new_episode_ends_both(scene: Scene) -> None:
    traffic(scene)
    path = scene.playback.start_recorder(NAME, additional=False)
    scene.step(4)
    scene.world.begin_episode(scene.world.map, reset_settings=False)
    scene.step(3)
    assert scene.playback.file_info(NAME, show_all=False).count("\nFrames: 4\n") == 1
    scene.playback.replay(NAME, ReplayOptions())
    scene.step()
    assert scene.of_kind(ActorKind.VEHICLE)
    scene.world.begin_episode(scene.world.map, reset_settings=False)
    scene.step(2)
    assert scene.of_kind(ActorKind.VEHICLE) == []
    assert path.endswith(NAME)


def test_starting_one_ends_the_other(scene: Scene) -> None:
    traffic(scene)
    _record(scene, 10)
    _clear(scene)
    scene.playback.replay(NAME, ReplayOptions())
    scene.step(2)
    scene.playback.start_recorder("b.log", additional=False)
    assert scene.of_kind(*MOVERS) == []
    scene.step(2)
    scene.playback.replay("b.log", ReplayOptions())
    scene.step(4)
    assert "\nFrames: 2\n" in scene.playback.file_info("b.log", show_all=False)


def test_unknown_blueprints_and_wild_numbers_are_left_out(scene: Scene) -> None:
    zero, wild = Vector(x=0.0, y=0.0, z=0.0), Vector(x=math.nan, y=math.inf, z=0.0)

    def add(actor: int, blueprint: str, location: Vector = zero) -> p.EventAdd:
        return p.EventAdd(
            actor=actor, type=1, location_cm=location, rotation_deg=zero, uid=1, blueprint=blueprint,
            attributes=(p.Attribute(type=4, id="color", value="blue"),) if actor == 903 else (),
        )  # fmt: skip

    path = scene.playback.start_recorder(NAME, additional=False)
    scene.playback.stop_recorder()
    writer = LogWriter(Path(path), "North", 0)
    adds = (add(901, "vehicle.of.nobody"), add(902, CAR, wild), add(903, CAR), add(2**32 - 2, CAR))
    positions = tuple(
        p.Position(actor=a.actor, location_cm=wild, rotation_deg=zero) for a in (*adds, add(77, CAR))
    )
    lights = (p.LightState(actor=12345, frozen=False, elapsed_s=math.nan, state=200),)
    for _ in range(3):
        writer.frame(
            TICK_S,
            [
                (PacketId.EVENT_ADD, adds),
                (PacketId.EVENT_PARENT, (p.EventParent(actor=903, parent=903),)),
                (PacketId.STATE, lights),
                (PacketId.EVENT_DEL, (p.EventDel(actor=999),)),
            ],
        )
        writer.frame(TICK_S, [(PacketId.POSITION, positions)])
    writer.close()
    scene.playback.replay(NAME, ReplayOptions())
    scene.step(4)
    assert len(scene.spawned) >= 1
    assert all(a.id < 2**30 for a in scene.spawned)
    assert np.isfinite(scene.world.vehicles.position_m).all()
    assert any("vehicle.of.nobody" in w for w in scene.warnings)
    assert any("color" in w for w in scene.warnings)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_times_that_are_none(scene: Scene, value: float) -> None:
    _record(scene, 2)
    with pytest.raises(LogError, match="not possible"):
        scene.playback.replay(NAME, ReplayOptions(start_s=value))
    with pytest.raises(LogError, match="not possible"):
        scene.playback.replay(NAME, ReplayOptions(duration_s=value))


def test_files_that_are_none(scene: Scene) -> None:
    path = scene.playback.start_recorder("empty.log", additional=False)
    scene.playback.stop_recorder()
    with pytest.raises(LogError, match="has no frames"):
        scene.playback.replay("empty.log", ReplayOptions())
    assert "not found on server" in scene.playback.replay("none.log", ReplayOptions())
    assert "not found on server" in scene.playback.file_info("none.log", show_all=False)
    with Path(path).open("wb") as file:
        file.write(b"something else")
    with pytest.raises(LogError, match="not a CARLA recording"):
        scene.playback.replay("empty.log", ReplayOptions())
    for call in (
        lambda: scene.playback.start_recorder("../x.log", additional=False),
        lambda: scene.playback.replay("/etc/passwd", ReplayOptions()),
        lambda: scene.playback.file_info("../../x", show_all=True),
    ):
        with pytest.raises(LogError, match="outside the folder"):
            call()


def test_a_map_that_is_not_there(make_scene: Callable[[], Scene]) -> None:
    scene = make_scene()
    path = scene.playback.start_recorder(NAME, additional=False)
    scene.step()
    scene.playback.stop_recorder()
    with Path(path).open("r+b") as file:
        data = file.read().replace(b"\x05\x00North", b"\x05\x00Nowhr", 1)
        file.seek(0)
        file.write(data)
    with pytest.raises(DrivegenError, match="map 'Nowhr' not found"):
        scene.playback.replay(NAME, ReplayOptions())
    scene.step()


def test_a_file_that_is_cut_while_it_plays_ends_the_replay(scene: Scene) -> None:
    traffic(scene)
    path = scene.playback.start_recorder(NAME, additional=False)
    scene.step(10)
    scene.playback.replay(NAME, ReplayOptions())
    scene.step(3)
    with Path(path).open("r+b") as file:
        file.truncate(2000)
    scene.step(3)
    assert any("the replay ends" in w for w in scene.warnings)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_ends_the_recording_and_not_the_world(scene: Scene) -> None:
    traffic(scene)
    scene.playback.start_recorder(NAME, additional=False)
    scene.step(3)
    recorder = scene.playback._recorder
    assert recorder is not None
    recorder.writer._file.close()
    recorder.writer._file = Path("/dev/full").open("wb")  # noqa: SIM115
    frame = scene.world.frame
    scene.step(3)
    assert scene.world.frame == frame + 3
    assert len(scene.warnings) == 1
    assert "No space left" in scene.warnings[0]
    assert "\nFrames: 3\n" in scene.playback.file_info(NAME, show_all=False)
    scene.playback.start_recorder(NAME, additional=False)
    scene.step(2)
    assert "\nFrames: 2\n" in scene.playback.file_info(NAME, show_all=False)


def test_what_a_recording_holds(scene: Scene) -> None:
    hero, *_ = traffic(scene)
    scene.world.spawn("sensor.other.gnss", {}, Pose.identity(), hero.id)
    path = scene.playback.start_recorder(NAME, additional=True)
    scene.step()
    scene.world.weather = Weather(fog_density=40.0)
    scene.step(2)
    scene.playback.stop_recorder()
    with LogReader(Path(path)) as reader:
        first, second, third = reader.frames()
    assert [len(f.records(PacketId.WEATHER)) for f in (first, second, third)] == [1, 1, 0]
    assert second.records(PacketId.WEATHER)[0].fog_density == 40.0
    types = {add.blueprint: add.type for add in first.records(PacketId.EVENT_ADD)}
    signs = {actor.type_id: 4 for actor in scene.world.sign_actors}
    assert signs
    assert types == {
        "spectator": 0, "traffic.traffic_light": 3, CAR: 1, BIKE: 1, PERSON: 2, CONE: 0,
        "sensor.other.gnss": 5, **signs,
    }  # fmt: skip
    (parent,) = first.records(PacketId.EVENT_PARENT)
    assert parent.parent == hero.id
    n_lights = len(scene.world.light_actors)
    assert len(first.records(PacketId.STATE)) == n_lights
    assert len(first.records(PacketId.TRAFFIC_LIGHT_TIME)) == n_lights
    assert len(first.records(PacketId.TRIGGER_VOLUME)) == len(scene.world.signal_actors)
    assert not second.records(PacketId.TRIGGER_VOLUME)
    boxes = {b.actor: b for b in first.records(PacketId.BOUNDING_BOX)}
    half = hero.box.half_m * 100.0
    assert (boxes[hero.id].extent_cm.x, boxes[hero.id].extent_cm.z) == pytest.approx((half[0], half[2]))
    at = scene.world.world_actor(hero.id)
    place = next(r for r in third.records(PacketId.POSITION) if r.actor == hero.id)
    assert (place.location_cm.x, place.location_cm.y) == pytest.approx(
        (at[0, 3] * 100, -at[1, 3] * 100), abs=0.1
    )
    assert place.rotation_deg.z == pytest.approx(-math.degrees(math.atan2(at[1, 0], at[0, 0])), abs=1e-3)
    motion = next(r for r in third.records(PacketId.KINEMATICS) if r.actor == hero.id)
    row = scene.world.vehicles.row_of(hero.id)
    velocity = scene.world.vehicles.velocity_mps[row]
    assert (motion.velocity_mps.x, motion.velocity_mps.y) == pytest.approx(
        (velocity[0], -velocity[1]), abs=1e-4
    )
    walk = third.records(PacketId.ANIM_WALKER)[0]
    assert walk.speed_cmps == pytest.approx(130.0, abs=1.0)
    assert third.records(PacketId.FRAME_COUNTER)[0].frame == scene.world.frame
