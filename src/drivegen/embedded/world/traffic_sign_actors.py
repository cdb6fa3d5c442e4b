"""The map's traffic signs as actors."""

from __future__ import annotations

from collections.abc import Callable

from drivegen.core.tags import Tag
from drivegen.embedded.world.actors import Actor, ActorKind
from drivegen.embedded.world.maps import LoadedMap
from drivegen.embedded.world.signal_posts import post_of
from drivegen.embedded.world.traffic_light_actors import MAX_ARM_M
from drivegen.opendrive.sign_faces import OVERHEAD
from drivegen.opendrive.signals import RoadSign, SignKind

MAX_ASIDE_M = 6.0
"""A plate has no arm: one that the map has farther inside the carriageway stands there."""


def sign_actors(loaded: LoadedMap, new_id: Callable[[], int]) -> list[Actor]:
    """One actor for each of the map's signs, in their order; `row` says which."""
    actors = []
    for row, sign in enumerate(loaded.signs):
        over = sign.face in OVERHEAD
        post = post_of(loaded, sign, MAX_ARM_M if over else MAX_ASIDE_M)
        actors.append(
            Actor(
                id=new_id(),
                kind=ActorKind.TRAFFIC_SIGN,
                type_id=type_of(sign),
                attributes={},
                box=post.trigger,
                tags=(int(Tag.TRAFFIC_SIGN),),
                local=post.local,
                row=row,
                facing_rad=post.facing_rad,
                arm_m=post.aside_m if over else 0.0,
                plate=(sign.face, sign.text),
            )
        )
    return actors


def type_of(sign: RoadSign) -> str:
    """CARLA's name for a sign's actor, for example traffic.speed_limit.60."""
    if sign.kind is SignKind.SPEED and sign.value is not None:
        return f"traffic.speed_limit.{round(sign.value * 3.6)}"
    names = {SignKind.STOP: "traffic.stop", SignKind.YIELD: "traffic.yield"}
    return names.get(sign.kind, "traffic.unknown")
