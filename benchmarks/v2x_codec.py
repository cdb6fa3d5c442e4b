"""Messages of V2X as bytes: sizes of each kind, and how fast one core encodes and decodes a BSM.

`python -m benchmarks v2x_codec`. The goal is 5,000 BSM a second. Rates are by CPU time, the best of five.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from drivegen.core.actors import ObjectClass
from drivegen.core.cooperation import Belief, Detection
from drivegen.core.geometry import Box, Pose
from drivegen.core.rng import derive_rng
from drivegen.v2x.builders.roads import RoadMessages
from drivegen.v2x.builders.states import OwnState, build_bsm, build_rsm, build_ssm
from drivegen.v2x.codec import Message, decode, encode, kind_of, specification
from drivegen.v2x.geodesy import MapProjection
from drivegen.v2x.ssm import Equipment
from drivegen.v2x.stamps import identity_of
from drivegen_generators.roads.beijing_junction import BeijingJunction

GOAL_HZ = 5000.0
NUMBER = 2000
ME = identity_of("benchmark")


def rows() -> list[dict[str, Any]]:
    """Sizes, rates, and the time of the one compilation."""
    start = time.process_time()
    specification()
    compiled_s = time.process_time() - start
    messages = _messages()
    out = [_row(f"V2X: size of {name} ({kind_of(m)})", len(encode(m)), "B") for name, m in messages.items()]
    out.append(_row("V2X: compiling the ASN.1 modules, once a process", 1e3 * compiled_s, "ms CPU"))
    bsm = messages["a vehicle's own state"]
    payload = encode(bsm)
    for name, work in (
        ("encoding BSM, from typed values to bytes", lambda: encode(bsm)),
        ("decoding BSM, from bytes to typed values", lambda: decode(payload)),
    ):
        hertz = _rate(work)
        out.append(_row(f"V2X: {name}", hertz, "a CPU second", hertz / GOAL_HZ, "5,000 a second"))
    return out


def _row(
    name: str, value: float, unit: str, ratio: float | None = None, against: str | None = None
) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "ratio": ratio, "against": against}


def _rate(work: Callable[[], object]) -> float:
    best = 0.0
    for _ in range(5):
        start = time.process_time()
        for _ in range(NUMBER):
            work()
        best = max(best, NUMBER / (time.process_time() - start))
    return best


def _messages() -> dict[str, Message]:
    projection = MapProjection()
    pose = Pose.from_xyz_rpy(12.0, -40.0, 0.75, yaw_rad=1.2)
    state = OwnState(
        object_class=ObjectClass.CAR,
        box=Box(pose=pose, size_m=np.array([4.5, 1.9, 1.5])),
        velocity_mps=9.0 * pose.rotation[:, 0],
        acceleration_mps2=np.array([0.4, 0.2, 0.0]),
        yaw_rate_radps=0.1,
        stamp_ns=12_345_000_000,
        position_sigma_m=0.3,
    )
    found = [
        Detection(
            detection_id=n,
            track_id=n,
            object_class=ObjectClass.VAN,
            box=Box(
                pose=Pose.from_xyz_rpy(5.0 * n - 40.0, 3.0 * n - 24.0, 0.9), size_m=np.array([5.0, 2.0, 1.8])
            ),
            velocity_mps=np.array([6.0, 0.0, 0.0]),
            score=0.9,
            stamp_ns=12_300_000_000,
        )
        for n in range(1, 17)
    ]
    belief = Belief(
        stamp_ns=12_345_000_000, channel_stamps_ns={}, map_agent=Pose.identity(), position_sigma_m=0.1
    )
    network = BeijingJunction().generate(derive_rng(1, "map"), "junction")
    roads = RoadMessages(network)
    junction = min(network.junction_by_id)
    signals = {s: "red" for p in roads.nodes.phases(junction) for s in p.signal_ids}
    return {
        "a vehicle's own state": build_bsm(state, projection, sender_id=ME, count=1),
        "one participant": build_rsm(
            found[:1], projection, sender_id=ME, reference=Pose.identity(), count=0, sigma_m=0.2
        )[0],
        "16 participants": build_rsm(
            found, projection, sender_id=ME, reference=Pose.identity(), count=0, sigma_m=0.2
        )[0],
        "16 shared detections": build_ssm(
            found, projection, sender_id=ME, equipment=Equipment.OBU, sensor=belief, count=0, sigma_m=0.2
        )[0],
        "a junction of four arms, 16 lanes": roads.map_message([junction], count=0),
        "its lights, with times": roads.spat(
            junction, signals, stamp_ns=12_345_000_000, count=0, left_s=dict.fromkeys(signals, 10.0)
        ),
        "signs within 300 m": roads.rsi(np.zeros(3), radius_m=300.0, sender_id=ME, count=0)[0],
    }
