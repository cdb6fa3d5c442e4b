"""The episode snapshot, byte by byte: offsets measured with the 0.9.16 client."""

import struct

import numpy as np

from drivegen.embedded.dynamics.contacts import Contacts
from drivegen.embedded.dynamics.vehicles import VehicleControls
from drivegen.embedded.wire.snapshot import MAP_CHANGED, pack_state
from drivegen.embedded.world.state import (
    LightStates,
    Motion,
    SignStates,
    VehicleStates,
    WalkerStates,
    WorldState,
)


def _motion(ids: list[int], seed: int) -> Motion:
    rng = np.random.default_rng(seed)
    n = len(ids)
    return Motion(
        ids=np.array(ids, np.uint32),
        position_m=rng.normal(size=(n, 3)) * 100,
        rpy_rad=rng.uniform(-1, 1, (n, 3)),
        velocity_mps=rng.normal(size=(n, 3)),
        angular_velocity_radps=rng.normal(size=(n, 3)),
        acceleration_mps2=rng.normal(size=(n, 3)),
    )


def _state() -> WorldState:
    vehicles = VehicleStates(
        motion=_motion([30, 31], 1),
        controls=VehicleControls(
            throttle=np.array([0.5, 0.0]),
            steer=np.array([-0.25, 0.0]),
            brake=np.array([0.0, 1.0]),
            hand_brake=np.array([False, True]),
            reverse=np.array([True, False]),
            manual_gear=np.array([False, True]),
            gear=np.array([-1, 4], np.int32),
        ),
        failure=np.array([0, 2], np.uint8),
        speed_limit_mps=np.array([10.0, 25.0]),
        light_state=np.array([2, 0], np.uint8),
        at_light=np.array([False, True]),
        light_id=np.array([0, 5], np.uint32),
    )
    walkers = WalkerStates(
        motion=_motion([40], 2),
        direction=np.array([[0.6, 0.8, 0.0]]),
        speed_mps=np.array([1.5]),
        jump=np.array([True]),
    )
    lights = LightStates(
        motion=_motion([5], 3),
        opendrive_ids=("1042",),
        green_time_s=np.array([10.0]),
        yellow_time_s=np.array([3.0]),
        red_time_s=np.array([2.0]),
        elapsed_s=np.array([0.25]),
        pole_index=np.array([7], np.int32),
        frozen=np.array([True]),
        state=np.array([1], np.uint8),
    )
    return WorldState(
        episode_id=3,
        frame=77,
        elapsed_s=3.85,
        delta_s=0.05,
        map_changed=True,
        vehicles=vehicles,
        walkers=walkers,
        lights=lights,
        signs=SignStates(motion=_motion([6], 5), opendrive_ids=("2001",)),
        others=_motion([2], 4),
        contacts=Contacts.none(),
    )


def test_the_head() -> None:
    data = pack_state(_state(), simulation_state=MAP_CHANGED, platform_s=12.5)
    assert struct.unpack_from("<QQd", data) == (17, 77, 3.85)
    episode, platform, delta, *_, flags = struct.unpack_from("<Qdf3iI", data, 48)
    assert (episode, platform, round(delta, 6), flags) == (3, 12.5, 0.05, 1)
    assert len(data) == 48 + 36 + 6 * 119


def test_positions_and_angles_are_in_carlas_frame() -> None:
    state = _state()
    record = pack_state(state, simulation_state=0, platform_s=0.0)[84 : 84 + 119]
    id_, active, *values = struct.unpack_from("<IB15f", record)
    assert (id_, active) == (30, 1)
    motion = state.vehicles.motion
    x, y, z = motion.position_m[0]
    roll, pitch, yaw = np.degrees(motion.rpy_rad[0])
    vx, vy, vz = motion.velocity_mps[0]
    wx, wy, wz = np.degrees(motion.angular_velocity_radps[0])
    ax, ay, az = motion.acceleration_mps2[0]
    wanted = [x, -y, z, -pitch, -yaw, roll, vx, -vy, vz, -wx, wy, -wz, ax, -ay, az]
    np.testing.assert_allclose(values, wanted, rtol=1e-6)


def test_a_vehicles_own_part() -> None:
    data = pack_state(_state(), simulation_state=0, platform_s=0.0)
    second = data[84 + 119 + 65 : 84 + 238]
    assert struct.unpack_from("<3f3BifBBIB", second) == (0.0, 0.0, 1.0, 1, 0, 1, 4, 90.0, 0, 1, 5, 2)


def test_a_walkers_own_part() -> None:
    data = pack_state(_state(), simulation_state=0, platform_s=0.0)
    own = struct.unpack_from("<4fB", data, 84 + 2 * 119 + 65)
    np.testing.assert_allclose(own, (0.6, -0.8, 0.0, 1.5, 1), rtol=1e-6)


def test_a_traffic_lights_own_part() -> None:
    data = pack_state(_state(), simulation_state=0, platform_s=0.0)
    own = struct.unpack_from("<32s4fIBB", data, 84 + 3 * 119 + 65)
    assert own == (b"1042".ljust(32, b"\0"), 10.0, 3.0, 2.0, 0.25, 7, 1, 1)


def test_other_actors_have_an_empty_part() -> None:
    data = pack_state(_state(), simulation_state=0, platform_s=0.0)
    other = data[84 + 4 * 119 : 84 + 5 * 119]
    assert struct.unpack_from("<I", other) == (2,)
    assert other[65:] == bytes(54)


def test_a_traffic_signs_own_part() -> None:
    sign = pack_state(_state(), simulation_state=0, platform_s=0.0)[-119:]
    assert struct.unpack_from("<I", sign) == (6,)
    assert sign[65:] == b"2001".ljust(54, b"\0")
