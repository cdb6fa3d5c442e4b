"""The texts about a recording, letter by letter, as CARLA's documentation shows them."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivegen.embedded.playback.log import LogError, LogReader, LogWriter, PacketId
from drivegen.embedded.playback.log import packets as p
from drivegen.embedded.playback.log.layout import Vector
from drivegen.embedded.playback.reports import actors_blocked, collisions, file_info, text

ZERO = Vector(x=0.0, y=0.0, z=0.0)
HEAD = "Version: 1\nMap: Town05\nDate: 02/21/19 10:46:20\n\n"


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def _add(actor: int, type_: int, blueprint: str, x_cm: float = 0.0, **attributes: str) -> p.EventAdd:
    return p.EventAdd(
        actor=actor,
        type=type_,
        location_cm=Vector(x=x_cm, y=-200.0, z=382.001),
        rotation_deg=ZERO,
        uid=1,
        blueprint=blueprint,
        attributes=tuple(p.Attribute(type=4, id=k, value=v) for k, v in attributes.items()),
    )


def _position(actor: int, x_cm: float) -> p.Position:
    return p.Position(actor=actor, location_cm=Vector(x=x_cm, y=0.0, z=0.0), rotation_deg=ZERO)


def _write(path: Path, frames: list[tuple[float, list[tuple[PacketId, object]]]]) -> LogReader:
    writer = LogWriter(path, "Town05", 1550745980)
    for delta_s, packets in frames:
        writer.frame(delta_s, packets)
    writer.close()
    return LogReader(path)


def test_relevant_frames(tmp_path: Path) -> None:
    frames = [
        (
            0.0,
            [
                (
                    PacketId.EVENT_ADD,
                    (
                        _add(2190, 0, "spectator", -260.0),
                        _add(2276, 1, "vehicle.mini.cooperst", 21651.7, number_of_wheels="4", object_type=""),
                    ),
                ),
                (PacketId.EVENT_PARENT, (p.EventParent(actor=2277, parent=2276),)),
                (PacketId.POSITION, (_position(2276, 0.0),)),
            ],
        ),
        (0.0254253, [(PacketId.POSITION, (_position(2276, 1.0),))]),
        (
            0.03,
            [
                (PacketId.EVENT_DEL, (p.EventDel(actor=2276),)),
                (
                    PacketId.COLLISION,
                    (
                        p.Collision(id=0, actor1=122, actor2=118, hero1=True, hero2=False),
                        p.Collision(id=1, actor1=122, actor2=118, hero1=False, hero2=True),
                    ),
                ),
            ],
        ),
    ]
    with _write(tmp_path / "a.log", frames) as reader:
        assert file_info(reader, show_all=False) == HEAD + (
            "Frame 1 at 0 seconds\n"
            " Create 2190: spectator (0) at (-260, -200, 382.001)\n"
            " Create 2276: vehicle.mini.cooperst (1) at (21651.7, -200, 382.001)\n"
            "  number_of_wheels = 4\n"
            "  object_type = \n"
            " Parenting 2277 with 2276 (parent)\n"
            "Frame 3 at 0.0554253 seconds\n"
            " Destroy 2276\n"
            " Collision id 0 between 122 (hero)  with 118\n"
            " Collision id 1 between 122 with 118 (hero) \n"
            "\n"
            "Frames: 3\n"
            "Duration: 0.0554253 seconds\n"
        )


ALL: list[tuple[PacketId, object, str]] = [
    (PacketId.POSITION, (_position(7, 12.5),),
     " Positions: 1\n  Id: 7 Location: (12.5, 0, 0) Rotation: (0, 0, 0)\n"),
    (PacketId.STATE, (p.LightState(actor=8, frozen=True, elapsed_s=1.5, state=2),),
     " State traffic lights: 1\n  Id: 8 state: 2 frozen: 1 elapsedTime: 1.5\n"),
    (PacketId.ANIM_VEHICLE,
     (p.VehicleAnimation(actor=7, steer=-0.25, throttle=0.5, brake=0.0, hand_brake=False, gear=-1),),
     " Vehicle animations: 1\n  Id: 7 Steering: -0.25 Throttle: 0.5 Brake: 0 Handbrake: 0 Gear: -1\n"),
    (PacketId.ANIM_WALKER, (p.WalkerAnimation(actor=9, speed_cmps=140.0),),
     " Walker animations: 1\n  Id: 9 speed: 140\n"),
    (PacketId.VEHICLE_DOOR, (p.VehicleDoor(actor=7, door=1, open=True),),
     " Vehicle door animations: 1\n  Id: 7\n  Doors opened:  Front Right \n"),
    (PacketId.VEHICLE_LIGHT, (p.VehicleLights(actor=7, flags=0x403), p.VehicleLights(actor=6, flags=0)),
     " Vehicle light animations: 2\n  Id: 7 Position LowBeam Special2\n  Id: 6 None\n"),
    (PacketId.SCENE_LIGHT,
     (p.SceneLight(light=-1, intensity=2.0, red=1.0, green=0.5, blue=0.0, alpha=1.0, on=True, group=2),),
     " Scene light changes: 1\n  Id: -1 enabled: True intensity: 2 RGB_color: (1, 0.5, 0)\n"),
    (PacketId.KINEMATICS, (p.Kinematics(actor=7, velocity_mps=Vector(x=1.0, y=2.0, z=0.0),
                                        angular_velocity_dps=Vector(x=0.0, y=0.0, z=-3.0)),),
     " Dynamic actors: 1\n  Id: 7 linear_velocity: (1, 2, 0) angular_velocity: (0, 0, -3)\n"),
    (PacketId.BOUNDING_BOX, (p.Box(actor=7, origin_cm=ZERO, extent_cm=Vector(x=200.0, y=90.0, z=75.0)),),
     " Actor bounding boxes: 1\n  Id: 7 origin: (0, 0, 0) extension: (200, 90, 75)\n"),
    (PacketId.TRIGGER_VOLUME, (p.Box(actor=8, origin_cm=ZERO, extent_cm=ZERO),),
     " Actor trigger volumes: 1\n  Id: 8 origin: (0, 0, 0) extension: (0, 0, 0)\n"),
    (PacketId.PLATFORM_TIME, p.Seconds(seconds=0.125), " Current platform time: 0.125\n"),
    (PacketId.TRAFFIC_LIGHT_TIME, (p.TrafficLightTime(actor=8, green_s=10.0, yellow_s=3.0, red_s=2.0),),
     " Traffic Light time events: 1\n  Id: 8 green_time: 10 yellow_time: 3 red_time: 2\n"),
    (PacketId.WALKER_BONES,
     (p.WalkerBones(actor=9, bones=(p.Bone(name="crl_root", location_cm=ZERO, rotation_deg=ZERO),)),),
     ' Walkers Bones: 1\n  Id: 9\n     Bone: "crl_root" relative: Loc(0, 0, 0) Rot(0, 0, 0)\n'),
    (PacketId.VISUAL_TIME, p.Seconds(seconds=0.5), ""),
]  # fmt: skip


@pytest.mark.parametrize(("packet", "content", "expected"), ALL)
def test_everything_of_a_frame(tmp_path: Path, packet: PacketId, content: object, expected: str) -> None:
    with _write(tmp_path / "a.log", [(0.0, [(packet, content)])]) as reader:
        assert file_info(reader, show_all=True) == (
            HEAD + "Frame 1 at 0 seconds\n" + expected + "\nFrames: 1\nDuration: 0 seconds\n"
        )
        assert file_info(reader, show_all=False) == HEAD + "\nFrames: 1\nDuration: 0 seconds\n"


def test_physics(tmp_path: Path) -> None:
    control = p.PhysicsControl(
        actor=7, max_rpm=5800.0, moi=1.0, damping_rate_full_throttle=0.15,
        damping_rate_zero_throttle_clutch_engaged=2.0, damping_rate_zero_throttle_clutch_disengaged=0.35,
        use_gear_autobox=True, clutch_strength=10.0, final_ratio=4.0, mass=1850.0, drag_coefficient=0.3,
        center_of_mass=Vector(x=0.5, y=0.0, z=-0.25), torque_curve=(p.CurvePoint(x=0.0, y=500.0),),
        forward_gears=(p.Gear(ratio=4.0, down_ratio=0.5, up_ratio=0.65),),
        steering_curve=(p.CurvePoint(x=0.0, y=1.0), p.CurvePoint(x=20.0, y=0.5)),
        wheels=(
            p.WheelPhysics(
                tire_friction=3.5, damping_rate=0.25, max_steer_angle=70.0, radius=35.5,
                max_brake_torque=1500.0, max_handbrake_torque=3000.0, lat_stiff_max_load=2.0,
                lat_stiff_value=17.0, long_stiff_value=1000.0, position=ZERO,
            ),
        ),
    )  # fmt: skip
    with _write(tmp_path / "a.log", [(0.0, [(PacketId.PHYSICS_CONTROL, (control,))])]) as reader:
        told = file_info(reader, show_all=True)
    assert " Physics Control events: 1\n  Id: 7\n   max_rpm = 5800\n   MOI = 1\n" in told
    assert "   use_gear_auto_box = true\n" in told
    assert "   center_of_mass = (0.5, 0, -0.25)\n   torque_curve = (0, 500)\n" in told
    assert "   steering_curve = (0, 1) (20, 0.5)\n" in told
    assert "   forward_gears:\n    gear 0: ratio 4 down_ratio 0.5 up_ratio 0.65\n   wheels:\n" in told
    assert "    wheel 0: tire_friction 3.5 damping_rate 0.25 max_steer_angle 70 radius 35.5" in told


def _crash(tmp_path: Path) -> LogReader:
    """A hero meets a car for two frames, lets go, meets it again; a walker meets what is no actor."""
    hit = p.Collision(id=0, actor1=122, actor2=118, hero1=True, hero2=False)
    other = p.Collision(id=1, actor1=130, actor2=p.NO_ACTOR, hero1=False, hero2=False)
    adds = (
        _add(122, 1, "vehicle.yamaha.yzf"),
        _add(118, 1, "vehicle.dodge_charger.police"),
        _add(130, 2, "walker.pedestrian.0001"),
    )
    frames: list[tuple[float, list[tuple[PacketId, object]]]] = [
        (0.0, [(PacketId.EVENT_ADD, adds)]),
        (15.6, [(PacketId.COLLISION, (hit,))]),
        (1.0, [(PacketId.COLLISION, (hit,))]),
        (1.0, []),
        (10.0, [(PacketId.COLLISION, (hit, other))]),
    ]
    return _write(tmp_path / "a.log", frames)


COLUMNS = "    Time  Types     Id Actor 1                                 Id Actor 2" + " " * 28 + "\n"
HERO_ROW = "   v v     122 vehicle.yamaha.yzf                     118 vehicle.dodge_charger.police       \n"
WALKER_ROW = "   w o     130 walker.pedestrian.0001              4294967295" + " " * 36 + "\n"


@pytest.mark.parametrize(
    ("first", "second", "rows"),
    [
        ("a", "a", [f"{'16':>8}{HERO_ROW}", f"{'28':>8}{HERO_ROW}", f"{'28':>8}{WALKER_ROW}"]),
        ("v", "v", [f"{'16':>8}{HERO_ROW}", f"{'28':>8}{HERO_ROW}"]),
        ("h", "a", [f"{'16':>8}{HERO_ROW}", f"{'28':>8}{HERO_ROW}"]),
        ("w", "o", [f"{'28':>8}{WALKER_ROW}"]),
        ("t", "a", []),
        ("a", "h", []),
    ],
)
def test_collisions(tmp_path: Path, first: str, second: str, rows: list[str]) -> None:
    with _crash(tmp_path) as reader:
        duration = "28" if rows else "27.6"
        expected = HEAD + COLUMNS + "".join(rows) + f"\nFrames: 5\nDuration: {duration} seconds\n"
        assert collisions(reader, first, second) == expected


def test_an_unknown_category(tmp_path: Path) -> None:
    with _crash(tmp_path) as reader, pytest.raises(LogError, match="'x' is unknown: h hero, v vehicle"):
        collisions(reader, "v", "x")


def test_blocked(tmp_path: Path) -> None:
    """173 stands from 36 s to the end, 214 from 75 to 150 s; 143 moves, and a cone is not asked."""
    adds = (
        _add(173, 1, "vehicle.nissan.patrol"),
        _add(214, 1, "vehicle.chevrolet.impala"),
        _add(143, 1, "vehicle.bmw.grandtourer"),
        _add(99, 0, "static.prop.cone"),
    )
    frames: list[tuple[float, list[tuple[PacketId, object]]]] = []
    for second in range(201):
        positions = (
            _position(173, 100.0 * min(second, 36)),
            _position(214, 100.0 * (min(second, 75) + max(0, second - 150))),
            _position(143, 100.0 * second),
            _position(99, 0.0),
        )
        packets: list[tuple[PacketId, object]] = [(PacketId.POSITION, positions)]
        frames.append((1.0, [(PacketId.EVENT_ADD, adds), *packets] if second == 0 else packets))
    head = HEAD + "    Time     Id Actor                                 Duration\n"
    with _write(tmp_path / "a.log", frames) as reader:
        # A standing begins with the first frame that is no farther than the distance from the one before.
        assert actors_blocked(reader, 60.0, 50.0) == head + (
            "      37    173 vehicle.nissan.patrol                      163\n"
            "      76    214 vehicle.chevrolet.impala                    75\n"
            "\nFrames: 201\nDuration: 200 seconds\n"
        )
        assert "214" not in actors_blocked(reader, 80.0, 50.0)


def test_a_text_too_long_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MAX_CHARS", 2000)
    frames = [(0.05, [(PacketId.POSITION, (_position(7, 1.0),))]) for _ in range(500)]
    with _write(tmp_path / "a.log", frames) as reader:
        told = file_info(reader, show_all=True)
    assert len(told) < 2300
    assert "(the text is cut here: it is too long)\n\nFrames: " in told


@pytest.mark.parametrize("date_s", [2**62, -(2**62)])
def test_a_date_beyond_the_calendar(tmp_path: Path, date_s: int) -> None:
    LogWriter(tmp_path / "a.log", "Town05", date_s).close()
    with LogReader(tmp_path / "a.log") as reader:
        assert "Date: unknown\n" in file_info(reader, show_all=False)
