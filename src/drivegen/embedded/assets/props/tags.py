"""What props count as: for CARLA's labels, static is what stays in its place, dynamic what can be moved."""

from __future__ import annotations

from drivegen.core.tags import Tag

_FIXED = (
    "advertisement",
    "atm",
    "bench",
    "busstop",
    "chainbarrier",
    "fountain",
    "kiosk",
    "mailbox",
    "maptable",
    "pergola",
    "slide",
    "streetfountain",
    "streetsign",
    "swing",
    "vendingmachine",
)
"""Beginnings of the names of props that stand where they are."""
_PLANTS = ("aporosatree", "coconutpalm", "cypresstree")


def tag_of_prop(name: str) -> Tag:
    """The tag of static.prop.<name>."""
    if name in _PLANTS:
        return Tag.VEGETATION
    if name.startswith(_FIXED) and name != "swingcouch":
        return Tag.STATIC
    return Tag.DYNAMIC
