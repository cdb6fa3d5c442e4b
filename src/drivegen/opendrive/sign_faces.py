"""What traffic signs show, and which OpenDRIVE types stand for it.

Three ways of naming a sign are understood:

- by name, in any country: `type` or `subtype` is a value of `SignFace`, for example
  `<signal country="CN" type="warning" subtype="children">`;
- by the number that a figure has among the warning, prohibition and mandatory signs of GB 5768.2-2009, with
  country CN: "警11" or "W11", "禁38" or "P38", "示19" or "I19";
- by the numbers of the German catalogue (VzKat), which CARLA and files of no country use: 274, 206.

Anything else gets a plain plate. Numbers on a plate come from `value`, else `subtype`; words from `text`.
"""

from __future__ import annotations

import re
from enum import StrEnum

from drivegen.opendrive.model import Signal


class SignFace(StrEnum):
    """A form of sign. Those with a number or words on them say so."""

    PLAIN = "plain"
    # Warning: yellow triangles with a black border.
    CROSSROADS = "crossroads"
    T_JUNCTION = "t_junction"
    SIDE_ROAD_LEFT = "side_road_left"
    SIDE_ROAD_RIGHT = "side_road_right"
    CURVE_LEFT = "curve_left"
    CURVE_RIGHT = "curve_right"
    DOUBLE_CURVE = "double_curve"
    ROAD_NARROWS = "road_narrows"
    TWO_WAY = "two_way"
    PEDESTRIANS = "pedestrians"
    CHILDREN = "children"
    SIGNALS_AHEAD = "signals_ahead"
    SLIPPERY = "slippery"
    UNEVEN = "uneven"
    BICYCLES = "bicycles"
    MERGE = "merge"
    ROADWORKS = "roadworks"
    SLOW = "slow"
    DANGER = "danger"
    # Prohibition: red rings.
    STOP = "stop"
    YIELD = "yield"
    NO_THROUGH = "no_through"
    NO_ENTRY = "no_entry"
    NO_MOTOR_VEHICLES = "no_motor_vehicles"
    NO_TRUCKS = "no_trucks"
    NO_BICYCLES = "no_bicycles"
    NO_PEDESTRIANS = "no_pedestrians"
    NO_LEFT_TURN = "no_left_turn"
    NO_RIGHT_TURN = "no_right_turn"
    NO_STRAIGHT = "no_straight"
    NO_U_TURN = "no_u_turn"
    NO_STOPPING = "no_stopping"
    NO_PARKING = "no_parking"
    NO_HORN = "no_horn"
    WIDTH_LIMIT = "width_limit"
    """Metres."""
    HEIGHT_LIMIT = "height_limit"
    """Metres."""
    WEIGHT_LIMIT = "weight_limit"
    """Tonnes."""
    SPEED_LIMIT = "speed_limit"
    """km/h."""
    SPEED_LIMIT_END = "speed_limit_end"
    """km/h."""
    # Mandatory: white on blue.
    STRAIGHT = "straight"
    LEFT = "left"
    RIGHT = "right"
    STRAIGHT_LEFT = "straight_left"
    STRAIGHT_RIGHT = "straight_right"
    KEEP_RIGHT = "keep_right"
    KEEP_LEFT = "keep_left"
    ROUNDABOUT = "roundabout"
    PEDESTRIAN_STREET = "pedestrian_street"
    MIN_SPEED = "min_speed"
    """km/h."""
    ONE_WAY = "one_way"
    ONE_WAY_LEFT = "one_way_left"
    ONE_WAY_RIGHT = "one_way_right"
    CROSSING = "crossing"
    BUS_LANE = "bus_lane"
    MOTOR_LANE = "motor_lane"
    BICYCLE_LANE = "bicycle_lane"
    PARKING = "parking"
    # Guide: words and arrows.
    LANES = "lanes"
    """Over the road: one word a lane from left to right, of the letters l, s, r, u: "l s s sr"."""
    STREET = "street"
    """A street's name, parted by | into name and what stands below it: "荣华路|北 N"."""
    DIRECTIONS = "directions"
    """Over the road: places to the left, ahead and to the right, parted by |."""
    EXPRESSWAY = "expressway"
    """The same on green."""
    TOURIST = "tourist"
    """A place of interest, on brown."""


OVERHEAD = frozenset({SignFace.LANES, SignFace.DIRECTIONS, SignFace.EXPRESSWAY})
"""Boards that hang over the road."""
NUMBERED = frozenset(
    {
        SignFace.WIDTH_LIMIT,
        SignFace.HEIGHT_LIMIT,
        SignFace.WEIGHT_LIMIT,
        SignFace.SPEED_LIMIT,
        SignFace.SPEED_LIMIT_END,
        SignFace.MIN_SPEED,
    }
)
_F = SignFace
_CHINESE: dict[str, SignFace] = {
    "W1": _F.CROSSROADS, "W2": _F.CURVE_LEFT, "W3": _F.DOUBLE_CURVE, "W7": _F.ROAD_NARROWS, "W9": _F.TWO_WAY,
    "W10": _F.PEDESTRIANS, "W11": _F.CHILDREN, "W14": _F.SIGNALS_AHEAD, "W17": _F.SLIPPERY,
    "W24": _F.UNEVEN, "W31": _F.BICYCLES, "W34": _F.SLOW, "W36": _F.DANGER, "W37": _F.ROADWORKS,
    "W43": _F.MERGE,
    "P1": _F.STOP, "P2": _F.YIELD, "P4": _F.NO_THROUGH, "P5": _F.NO_ENTRY, "P6": _F.NO_MOTOR_VEHICLES,
    "P7": _F.NO_TRUCKS, "P16": _F.NO_BICYCLES, "P21": _F.NO_PEDESTRIANS, "P22": _F.NO_LEFT_TURN,
    "P23": _F.NO_RIGHT_TURN, "P24": _F.NO_STRAIGHT, "P28": _F.NO_U_TURN, "P31": _F.NO_STOPPING,
    "P32": _F.NO_PARKING, "P33": _F.NO_HORN, "P34": _F.WIDTH_LIMIT, "P35": _F.HEIGHT_LIMIT,
    "P36": _F.WEIGHT_LIMIT, "P38": _F.SPEED_LIMIT, "P39": _F.SPEED_LIMIT_END,
    "I1": _F.STRAIGHT, "I2": _F.LEFT, "I3": _F.RIGHT, "I4": _F.STRAIGHT_LEFT, "I5": _F.STRAIGHT_RIGHT,
    "I7": _F.KEEP_RIGHT, "I8": _F.KEEP_LEFT, "I11": _F.ROUNDABOUT, "I12": _F.ONE_WAY_LEFT, "I13": _F.ONE_WAY,
    "I14": _F.PEDESTRIAN_STREET, "I16": _F.MIN_SPEED, "I19": _F.CROSSING, "I26": _F.BUS_LANE,
    "I28": _F.MOTOR_LANE, "I30": _F.BICYCLE_LANE, "I33": _F.PARKING,
}  # fmt: skip
_MIRRORED = {("W2", "right"): _F.CURVE_RIGHT, ("I12", "right"): _F.ONE_WAY_RIGHT}
"""Where one number has two mirror images the subtype tells which."""
_GERMAN: dict[str, SignFace] = {
    "101": _F.DANGER, "102": _F.CROSSROADS, "103-10": _F.CURVE_LEFT, "103-20": _F.CURVE_RIGHT,
    "103": _F.CURVE_LEFT, "105": _F.DOUBLE_CURVE, "112": _F.UNEVEN, "114": _F.SLIPPERY,
    "120": _F.ROAD_NARROWS, "121": _F.MERGE, "123": _F.ROADWORKS, "125": _F.TWO_WAY,
    "131": _F.SIGNALS_AHEAD, "133": _F.PEDESTRIANS,
    "136": _F.CHILDREN, "138": _F.BICYCLES, "205": _F.YIELD, "206": _F.STOP, "209": _F.RIGHT,
    "209-10": _F.LEFT, "209-20": _F.RIGHT, "209-30": _F.STRAIGHT, "214": _F.STRAIGHT_RIGHT,
    "214-10": _F.STRAIGHT_LEFT, "214-20": _F.STRAIGHT_RIGHT, "215": _F.ROUNDABOUT, "220": _F.ONE_WAY_RIGHT,
    "220-10": _F.ONE_WAY_LEFT, "220-20": _F.ONE_WAY_RIGHT, "222": _F.KEEP_RIGHT, "222-10": _F.KEEP_LEFT,
    "222-20": _F.KEEP_RIGHT, "237": _F.BICYCLE_LANE, "239": _F.PEDESTRIAN_STREET, "245": _F.BUS_LANE,
    "250": _F.NO_THROUGH, "251": _F.NO_MOTOR_VEHICLES, "253": _F.NO_TRUCKS, "254": _F.NO_BICYCLES,
    "259": _F.NO_PEDESTRIANS, "262": _F.WEIGHT_LIMIT, "264": _F.WIDTH_LIMIT, "265": _F.HEIGHT_LIMIT,
    "267": _F.NO_ENTRY, "272": _F.NO_U_TURN, "274": _F.SPEED_LIMIT, "275": _F.MIN_SPEED,
    "278": _F.SPEED_LIMIT_END, "283": _F.NO_STOPPING, "286": _F.NO_PARKING, "314": _F.PARKING,
    "350": _F.CROSSING,
}  # fmt: skip
_LETTER = {"警": "W", "禁": "P", "示": "I"}
_NAMES = frozenset(face.value for face in SignFace)


def face_of(signal: Signal) -> tuple[SignFace, str]:
    """What the plate of a signal shows, and the number or words on it.

    Args:
        signal: not a traffic light.

    Returns:
        The face, `SignFace.PLAIN` where the type is not known; and its text, empty where it has none.
    """
    face = _face(signal)
    if face in NUMBERED:
        number = signal.value if signal.value is not None else _number(signal.subtype)
        return face, "" if number is None else f"{number:g}"
    return face, signal.text.strip()


def _face(signal: Signal) -> SignFace:
    kind, subtype = signal.type.strip(), signal.subtype.strip()
    if signal.country.upper() in {"CN", "CHN", "CHINA"}:
        code = re.sub(r"^[警禁示]", lambda m: _LETTER[m[0]], kind).upper()
        if code in _CHINESE:
            return _MIRRORED.get((code, subtype.lower()), _CHINESE[code])
    for name in (subtype.lower(), kind.lower()):
        if name in _NAMES:
            return SignFace(name)
    return _GERMAN.get(f"{kind}-{subtype}", _GERMAN.get(kind, SignFace.PLAIN))


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else None
