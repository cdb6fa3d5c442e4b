"""The actors' meshes, made when first drawn, and their drawables in a moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drivegen.core.geometry import Box, Mat4, Pose
from drivegen.core.rng import derive_seed
from drivegen.embedded.assets.props import PropAsset, make_prop
from drivegen.embedded.assets.signals import TrafficLightAsset, make_traffic_light
from drivegen.embedded.assets.signs import SignAsset, make_sign
from drivegen.embedded.assets.vehicles import VehicleAsset, make_vehicle
from drivegen.embedded.assets.walkers import WalkerAsset
from drivegen.embedded.assets.walkers.factory import make_person
from drivegen.embedded.drawables import (
    LIGHT_LEFT_BLINKER,
    LIGHT_RIGHT_BLINKER,
    LIGHT_SIGNAL_GREEN,
    LIGHT_SIGNAL_RED,
    LIGHT_SIGNAL_YELLOW,
    LIGHT_SPECIAL1,
    LIGHT_SPECIAL2,
    Drawables,
)
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.traffic_lights.lights import LightState
from drivegen.embedded.world.actors import Actor, ActorKind
from drivegen.embedded.world.blueprints.library import color_of, variant_of
from drivegen.embedded.world.signal_posts import turned
from drivegen.embedded.world.world import SIGNALS, World
from drivegen.opendrive.sign_faces import SignFace

BEACON_S = 0.5
"""Period of a light bar: 2 to 4 flashes a second (UN R65); its two lenses take turns."""
BLINK_S = 0.8
"""Period of an indicator: 60 to 120 flashes a minute (UN R48), half of it lit."""
_SIGNAL_BITS = {
    LightState.RED: LIGHT_SIGNAL_RED,
    LightState.YELLOW: LIGHT_SIGNAL_YELLOW,
    LightState.GREEN: LIGHT_SIGNAL_GREEN,
}


def dark_of(elapsed_s: float) -> int:
    """The lights that flash and are dark at this moment, however they are switched."""
    lit = (elapsed_s % BLINK_S) < BLINK_S / 2
    first = (elapsed_s % BEACON_S) < BEACON_S / 2
    blinkers = 0 if lit else LIGHT_LEFT_BLINKER | LIGHT_RIGHT_BLINKER
    return blinkers | (LIGHT_SPECIAL2 if first else LIGHT_SPECIAL1)


class Bodies:
    """Assets of one episode's actors."""

    def __init__(
        self,
        library: MeshLibrary,
        scenery_seed: int,
        in_sight: Callable[[Actor], bool] = lambda _: True,
    ) -> None:
        """`in_sight`: which of the map's lights and signs are drawn."""
        self._library = library
        self._seed = scenery_seed
        self._in_sight = in_sight
        self._faces: dict[tuple[SignFace, str, float], SignAsset] = {}
        self._makers: dict[ActorKind, Callable[[Actor], object]] = {
            ActorKind.VEHICLE: self.vehicle,
            ActorKind.WALKER: self.walker,
            ActorKind.PROP: self.prop,
            ActorKind.TRAFFIC_LIGHT: self.traffic_light,
            ActorKind.TRAFFIC_SIGN: self.traffic_sign,
        }

    def vehicle(self, actor: Actor) -> VehicleAsset:
        """A vehicle's meshes."""
        return self._of(actor, make_vehicle)

    def walker(self, actor: Actor) -> WalkerAsset:
        """A person's meshes."""
        return self._of(actor, make_person)

    def prop(self, actor: Actor) -> PropAsset:
        """A prop's mesh."""
        return self._of(actor, make_prop)

    def traffic_light(self, actor: Actor) -> TrafficLightAsset:
        """A signal's meshes."""
        if actor.asset is None:
            actor.asset = make_traffic_light(
                self._library, actor.arm_m, derive_seed(self._seed, "light", actor.row), actor.head
            )
        return actor.asset

    def traffic_sign(self, actor: Actor) -> SignAsset:
        """A sign's mesh; signs that look alike share one."""
        if actor.asset is None:
            face, text = actor.plate or (SignFace.PLAIN, "")
            look = (face, text, actor.arm_m)
            if look not in self._faces:
                self._faces[look] = make_sign(self._library, face, text, actor.arm_m)
            actor.asset = self._faces[look]
        return actor.asset

    def signal(self, actor: Actor, lights: int = 0) -> Drawables:
        """A traffic light with the LIGHT_SIGNAL_* bit of its lit lens, or a sign, where it stands."""
        placed = turned(actor.local, actor.facing_rad)
        if actor.kind is ActorKind.TRAFFIC_LIGHT:
            return self.traffic_light(actor).place(placed, lights, actor.id)
        return self.traffic_sign(actor).place(placed, actor.id)

    def signal_boxes(self, actor: Actor) -> tuple[Box, ...]:
        """The heads of a traffic light, or a sign's plate, in the world."""
        placed = Pose.from_matrix(turned(actor.local, actor.facing_rad))
        light = actor.kind is ActorKind.TRAFFIC_LIGHT
        boxes = self.traffic_light(actor).light_boxes if light else (self.traffic_sign(actor).plate,)
        return tuple(Box(pose=placed @ box.pose, size_m=box.size_m) for box in boxes)

    def _of(self, actor: Actor, make: Callable[..., Any]) -> Any:
        if actor.asset is None:
            assert actor.blueprint is not None
            # A blueprint looks the same in every scene, as CARLA's do; so does a member of a family.
            variant = variant_of(actor.attributes)
            seed = derive_seed("body", actor.type_id) if actor.blueprint.members is None else variant
            actor.asset = make(self._library, actor.type_id, actor.blueprint.size_m, seed)
        return actor.asset

    def make_next(self, world: World) -> bool:
        """Makes the meshes of the first actor, by birth, that has none; false if all have theirs."""
        for actor in world.actors:
            if actor.asset is None and actor.kind in self._makers and self._is_drawn(actor):
                self._makers[actor.kind](actor)
                return True
        return False

    def _is_drawn(self, actor: Actor) -> bool:
        return actor.kind not in SIGNALS or self._in_sight(actor)

    def drawables(self, world: World) -> Drawables:
        """All actors with a body, as they stand now."""
        # Always in the order of birth, so that equal episodes give equal mesh indices.
        while self.make_next(world):
            pass
        parts = self._vehicles(world) + self._walkers(world)
        for actor in world.actors.of_kind(ActorKind.PROP):
            parts.append(self.prop(actor).place(world.placement.world_actor(actor.id), actor.id))
        for actor, state in zip(world.light_actors, world.lights.state, strict=True):
            if self._in_sight(actor):
                parts.append(self.signal(actor, _SIGNAL_BITS.get(LightState(int(state)), 0)))
        parts += [self.signal(actor) for actor in world.sign_actors if self._in_sight(actor)]
        return Drawables.concatenate(parts)

    def _vehicles(self, world: World) -> list[Drawables]:
        cars = world.vehicles
        dark = dark_of(world.clock_s)
        rows = zip(
            cars.ids,
            world.placement.vehicles(),
            cars.wheel_rotation_rad,
            cars.steer_rad,
            strict=True,
        )
        parts = []
        for id_, pose, rotation, steer in rows:
            actor = world.actors.find(int(id_))
            parts.append(
                self.vehicle(actor).place(
                    pose,
                    float(rotation),
                    float(steer),
                    actor.light_flags & ~dark,
                    actor.id,
                    color_of(actor.attributes.get("color", "255,255,255")),
                    actor.doors.shares(world.elapsed_s),
                )
            )
        return parts

    def _walkers(self, world: World) -> list[Drawables]:
        people = world.walkers
        rows = zip(
            people.ids,
            world.placement.walkers(),
            people.size_m[:, 2],
            people.gait_phase_rad,
            people.speed_mps,
            people.dead,
            strict=True,
        )
        parts = []
        for id_, pose, height_m, phase, speed, lies in rows:
            actor = world.actors.find(int(id_))
            feet = pose.copy()
            feet[:3, 3] -= pose[:3, 2] * (height_m / 2)
            parts.append(
                self.walker(actor).place(
                    feet, float(phase), float(speed), actor.id, actor.pose, lying=bool(lies)
                )
            )
        return parts

    def vehicle_bones(self, world: World, actor: Actor) -> dict[str, Mat4]:
        """The parts of a vehicle that move, in its frame, as they are drawn now."""
        cars = world.vehicles
        row = cars.row_of(actor.id)
        return self.vehicle(actor).bones(
            float(cars.wheel_rotation_rad[row]),
            float(cars.steer_rad[row]),
            actor.doors.shares(world.elapsed_s),
        )

    @staticmethod
    def lies(world: World, walker: Actor) -> bool:
        """Whether a walker has fallen and lies on the ground."""
        return bool(world.walkers.dead[world.walkers.row_of(walker.id)])
