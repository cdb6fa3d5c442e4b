"""What is true of every vehicle and walker at a tick: class, box, motion.

Vehicles have the box that the server gives. A walker's box on a CARLA server is a fixed one that ignores the
limbs, so it is made from the bones of the moment.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from drivegen.core.actors import PEOPLE, RIDDEN, ObjectClass
from drivegen.core.geometry import Box, Pose, Vec3
from drivegen.core.handedness import FLIP_AXIAL, FLIP_Y, pose_from_carla
from drivegen.core.joints import Joints, joints_of
from drivegen.core.skeleton import FLESH_RADIUS_M
from drivegen.core.tags import Tag
from drivegen.record.identity import FOUR_WHEELS, ON_FOOT, TWO_WHEELS

BONES_MARGIN_M = 5.0
"""Beyond the label range; an origin is nearer than this to the middle of its box."""

GROUND_CLEARANCE_M = 0.008
"""How far a box keeps off the ground under its object. A box that began in the ground would count returns of
the road as the object's; paint stands 6 mm proud of the asphalt on drivegen's own roads."""

_BASE_TYPES = {
    "car": ObjectClass.CAR,
    "van": ObjectClass.VAN,
    "truck": ObjectClass.TRUCK,
    "bus": ObjectClass.BUS,
    "motorcycle": ObjectClass.MOTORCYCLE,
    "bicycle": ObjectClass.BICYCLE,
    "tricycle": ObjectClass.TRICYCLE,
    "construction": ObjectClass.CONSTRUCTION,
    "unmanned": ObjectClass.UNMANNED,
}


def classify(blueprint: str, attributes: Mapping[str, str]) -> ObjectClass:
    """Class of a blueprint of CARLA 0.9.16 or of drivegen from its attributes.

    `base_type` says what a vehicle is, `special_type` marks emergency vehicles (police cars among them),
    `age` marks children. Blueprints without `base_type` are told apart by their number of wheels.
    """
    if blueprint.startswith("walker."):
        return ObjectClass.CHILD if attributes.get("age") == "child" else ObjectClass.PEDESTRIAN
    base = attributes.get("base_type", "").lower()
    if attributes.get("special_type", "").lower() == "emergency":
        return ObjectClass.POLICE if base in ("car", "") else ObjectClass.EMERGENCY
    if base in _BASE_TYPES:
        return _BASE_TYPES[base]
    return ObjectClass.MOTORCYCLE if attributes.get("number_of_wheels") == "2" else ObjectClass.CAR


def allowed_tags(object_class: ObjectClass) -> frozenset[Tag]:
    """What pixels of an object may be tagged."""
    if object_class in PEOPLE:
        return ON_FOOT
    return TWO_WHEELS if object_class in RIDDEN else FOUR_WHEELS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tracked:
    """A vehicle or walker of the scene; what never changes of it."""

    actor: Any
    """The `carla.Actor`."""
    track_id: int
    blueprint: str
    object_class: ObjectClass
    actor_box: Box
    """The server's box, in the actor's frame, kept off the ground by `GROUND_CLEARANCE_M`."""

    @staticmethod
    def of(actor: Any) -> Tracked:
        """From a live actor."""
        box = actor.bounding_box
        at, turn, extent = box.location, box.rotation, box.extent
        return Tracked(
            actor=actor,
            track_id=int(actor.id),
            blueprint=str(actor.type_id),
            object_class=classify(actor.type_id, actor.attributes),
            actor_box=above_ground(
                Box(
                    pose=pose_from_carla(at.x, at.y, at.z, turn.pitch, turn.yaw, turn.roll),
                    size_m=2.0 * np.array([extent.x, extent.y, extent.z]),
                )
            ),
        )

    @property
    def rider(self) -> bool:
        """CARLA's two-wheelers and drivegen's tricycles always have one."""
        return self.object_class in RIDDEN


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observation:
    """A tracked object at one tick, in the world frame."""

    tracked: Tracked
    map_actor: Pose
    box: Box
    velocity_mps: Vec3
    acceleration_mps2: Vec3
    angular_velocity_radps: Vec3
    joints_m: Joints | None = None
    """Of people whose bones were asked for, in the world frame."""


def observe(
    snapshot: Any,
    tracked: Sequence[Tracked],
    *,
    bones_within_m: float = 0.0,
    carriers: Collection[int] = (),
    fixed_m: Sequence[Vec3] = (),
) -> list[Observation]:
    """All tracked objects that the snapshot holds, in the order given.

    Args:
        snapshot: A `carla.WorldSnapshot`, of the last tick when bones are wanted.
        tracked: What to look for.
        bones_within_m: Walkers so near to an agent (and a margin) get boxes from their bones, for which the
            server is asked; the others have the server's boxes.
        carriers: Ids of the vehicles, beside the first of `tracked`, that are agents.
        fixed_m: Where the agents are that stand.
    """
    seen = [(each, snapshot.find(each.track_id)) for each in tracked]
    # The Traffic Manager takes vehicles away that are stuck or at a dead end.
    there = [(each, state, pose_of(state.get_transform())) for each, state in seen if state is not None]
    centres = [p.position_m for k, (t, _, p) in enumerate(there) if k == 0 or t.track_id in carriers]
    centres += fixed_m
    reach_m = bones_within_m + BONES_MARGIN_M if bones_within_m > 0.0 else -1.0
    found: list[Observation] = []
    for each, state, map_actor in there:
        bones: dict[str, Vec3] = {}
        if each.object_class in PEOPLE and _near(map_actor.position_m, centres, reach_m):
            bones = _bones(each)
        found.append(
            Observation(
                tracked=each,
                map_actor=map_actor,
                box=_box(each, map_actor, bones),
                velocity_mps=vector_of(state.get_velocity()) * FLIP_Y,
                acceleration_mps2=vector_of(state.get_acceleration()) * FLIP_Y,
                angular_velocity_radps=np.radians(vector_of(state.get_angular_velocity())) * FLIP_AXIAL,
                joints_m=joints_of(bones) if bones else None,
            )
        )
    return found


def within(
    observations: Sequence[Observation], centres_m: Sequence[Vec3], range_m: float
) -> list[Observation]:
    """Those whose box centre lies within a distance of any of the centres, by ascending track id."""
    near = [o for o in observations if _near(o.box.pose.position_m, centres_m, range_m)]
    return sorted(near, key=lambda o: o.tracked.track_id)


def _near(place_m: Vec3, centres_m: Sequence[Vec3], range_m: float) -> bool:
    return any(np.linalg.norm(place_m - centre) <= range_m for centre in centres_m)


def pose_of(transform: Any) -> Pose:
    """A `carla.Transform` as a pose."""
    at, turn = transform.location, transform.rotation
    return pose_from_carla(at.x, at.y, at.z, turn.pitch, turn.yaw, turn.roll)


def vector_of(vector: Any) -> Vec3:
    """The components of a `carla.Vector3D`, still left-handed."""
    return np.array([vector.x, vector.y, vector.z], dtype=np.float64)


def _bones(tracked: Tracked) -> dict[str, Vec3]:
    """Places of a walker's bones in the world frame; none where none of them is a body's."""
    answer = tracked.actor.get_bones().bone_transforms
    names = [bone.name for bone in answer]
    if not any(FLESH_RADIUS_M.get(name, 0.0) > 0.0 for name in names):
        return {}
    places = np.array([vector_of(bone.world.location) for bone in answer]) * FLIP_Y
    return dict(zip(names, places, strict=True))


def _box(tracked: Tracked, map_actor: Pose, bones: Mapping[str, Vec3]) -> Box:
    if bones:
        floor_m = tracked.actor_box.pose.position_m[2] - tracked.actor_box.size_m[2] / 2
        return box_of_bones(list(bones), np.stack(list(bones.values())), map_actor, floor_m)
    own = tracked.actor_box.pose
    if own.orientation_wxyz[0] == 1.0:  # the rule: the box is not turned against its actor
        centre = map_actor.rotation @ own.position_m + map_actor.position_m
        pose = Pose(position_m=centre, orientation_wxyz=map_actor.orientation_wxyz)
    else:
        pose = map_actor @ own
    return Box(pose=pose, size_m=tracked.actor_box.size_m)


def above_ground(box: Box) -> Box:
    """The box with its bottom face lifted by `GROUND_CLEARANCE_M`."""
    lift = np.array([0.0, 0.0, min(GROUND_CLEARANCE_M, float(box.size_m[2]))])
    pose = Pose(
        position_m=box.pose.position_m + box.pose.rotation @ (lift / 2),
        orientation_wxyz=box.pose.orientation_wxyz,
    )
    return Box(pose=pose, size_m=box.size_m - lift)


def box_of_bones(
    names: Sequence[str], positions_m: Float[np.ndarray, "b 3"], map_actor: Pose, lowest_m: float = -np.inf
) -> Box:
    """The box along the walker's axes around bones with their flesh (`FLESH_RADIUS_M`).

    Args:
        names: Of the bones.
        positions_m: In the world frame.
        map_actor: Pose of the walker.
        lowest_m: Where the box ends below, over the walker's origin: the flesh of a foot is a ball that
            reaches into the ground.
    """
    # Bones that the table does not know are markers (luggage, hems, fingers): they count as points.
    radius = np.array([FLESH_RADIUS_M.get(name, 0.0) for name in names])[:, None]
    local = (positions_m - map_actor.position_m) @ map_actor.rotation
    low, high = (local - radius).min(axis=0), (local + radius).max(axis=0)
    low[2] = max(low[2], lowest_m)
    centre = map_actor.rotation @ ((low + high) / 2) + map_actor.position_m
    pose = Pose(position_m=centre, orientation_wxyz=map_actor.orientation_wxyz)
    return Box(pose=pose, size_m=high - low)
