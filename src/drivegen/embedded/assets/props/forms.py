"""Shapes of props by family. Each is sculpted near its size and then stretched to its box."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from drivegen.core.rng import derive_rng
from drivegen.embedded.assets.props import furniture, personal, roadworks, small, waste
from drivegen.embedded.assets.props.kit import Kit
from drivegen.embedded.assets.props.tags import tag_of_prop
from drivegen.embedded.assets.sculpt import Sculpture

Size = tuple[float, float, float]

FAMILIES: tuple[tuple[str, Callable[[Kit], None]], ...] = (
    ("trafficcone", roadworks.cone),
    ("constructioncone", roadworks.cone),
    ("trafficwarning", roadworks.arrow_trailer),
    ("warning", roadworks.warning_triangle),
    ("streetbarrier", roadworks.barrier),
    ("chainbarrier", roadworks.chain_posts),
    ("ironplank", roadworks.plate),
    ("streetsign", roadworks.board),
    ("advertisement", roadworks.board),
    ("barrel", roadworks.barrel),
    ("plasticbag", small.bag),
    ("trashbag", small.bag),
    ("shoppingbag", small.carrier),
    ("purse", small.carrier),
    ("bin", furniture.bin_round),
    ("trashcan", furniture.bin_square),
    ("glasscontainer", waste.bottle_bank),
    ("clothcontainer", waste.clothes_bank),
    ("container", waste.wheeled_container),
    ("bench", furniture.bench),
    ("plastictable", furniture.parasol_table),
    ("maptable", furniture.map_table),
    ("table", furniture.table),
    ("plasticchair", furniture.chair),
    ("swingcouch", furniture.shelter),
    ("busstop", furniture.bus_stop),
    ("kiosk", furniture.kiosk),
    ("foodcart", furniture.kiosk),
    ("vendingmachine", furniture.vending),
    ("atm", furniture.vending),
    ("mailbox", furniture.mailbox),
    ("plantpot", furniture.plant),
    ("fountain", furniture.fountain),
    ("streetfountain", furniture.drinking_fountain),
    ("gardenlamp", furniture.lamp),
    ("pergola", furniture.shelter),
    ("swing", furniture.frame),
    ("clothesline", furniture.clothes_line),
    ("slide", furniture.slide),
    ("trampoline", furniture.trampoline),
    ("doghouse", furniture.hut),
    ("barbeque", furniture.barbecue),
    ("aporosatree", furniture.tree),
    ("cypresstree", furniture.conifer),
    ("coconutpalm", furniture.palm),
    ("haybale", furniture.bale),
    ("creasedbox", waste.creased_box),
    ("box", small.carton),
    ("travelcase", small.case),
    ("briefcase", small.case),
    ("guitarcase", personal.guitar_case),
    ("shoppingcart", small.trolley),
    ("shoppingtrolley", small.trolley),
    ("gnome", small.gnome),
    ("motorhelmet", personal.motor_helmet),
    ("bike helmet", personal.bike_helmet),
    ("colacan", small.can),
    ("garbage", waste.litter),
    ("platformgarbage", waste.platform),
    ("dirtdebris", small.heap),
    ("brokentile", waste.broken_tile),
    ("calibrator", furniture.calibration_board),
    ("mobile", personal.telephone),
    ("wateringcan", personal.watering_can),
)
"""By the beginning of the id; the first that fits counts."""


def sculpt_prop(name: str, size_lwh_m: Size) -> Sculpture:
    """The shape of static.prop.<name>; a plain bevelled crate where no family is known."""
    make = next((make for prefix, make in FAMILIES if name.startswith(prefix)), small.carton)
    kit = Kit(
        sculpture=Sculpture(),
        name=name,
        size_lwh_m=np.array(size_lwh_m),
        rng=derive_rng("prop", name),
        tag=tag_of_prop(name),
    )
    make(kit)
    return kit.sculpture
