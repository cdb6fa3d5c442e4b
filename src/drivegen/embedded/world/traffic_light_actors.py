"""The map's traffic lights as actors."""

from __future__ import annotations

from collections.abc import Callable

from drivegen.core.tags import Tag
from drivegen.embedded.world.actors import Actor, ActorKind
from drivegen.embedded.world.maps import LoadedMap
from drivegen.embedded.world.signal_posts import post_of

MAX_ARM_M = 14.0


def light_actors(loaded: LoadedMap, new_id: Callable[[], int]) -> list[Actor]:
    """One actor for each of the map's heads, in their order; `row` says which.

    A head that hangs over the carriageway hangs on an arm as long as its post is aside.
    """
    actors = []
    for row, head in enumerate(loaded.heads):
        post = post_of(loaded, head, MAX_ARM_M)
        actors.append(
            Actor(
                id=new_id(),
                kind=ActorKind.TRAFFIC_LIGHT,
                type_id="traffic.traffic_light",
                attributes={},
                box=post.trigger,
                tags=(int(Tag.TRAFFIC_LIGHT),),
                local=post.local,
                row=row,
                arm_m=post.aside_m,
                head=head.form,
                facing_rad=post.facing_rad,
            )
        )
    return actors
