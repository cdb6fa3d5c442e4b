"""What a sentence may ask for: everything is enumerated or bounded, nothing is a path, a name or code.

`Scene` is also the schema that a language model answers in. Texts of its own are allowed in `not_expressed`
alone, which is shown to people and used for nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

LONGEST_NOTE = 80
MOST_NOTES = 12


class Form(StrEnum):
    """Forms of roads."""

    JUNCTION = "junction"
    UNSIGNALISED = "unsignalised"
    STREET = "street"
    BEND = "bend"
    SLOPE = "slope"
    ROUNDABOUT = "roundabout"
    EXPRESSWAY = "expressway"
    CAMPUS = "campus"
    INDUSTRIAL_PARK = "industrial_park"
    OVERPASS = "overpass"
    TUNNEL = "tunnel"


class Zone(StrEnum):
    """Where it is said to be."""

    YIZHUANG = "yizhuang"
    BEIJING = "beijing"


class Sky(StrEnum):
    """Kinds of weather."""

    CLEAR = "clear"
    CLOUDY = "cloudy"
    OVERCAST = "overcast"
    LIGHT_RAIN = "light_rain"
    HEAVY_RAIN = "heavy_rain"
    AFTER_RAIN = "after_rain"
    FOG = "fog"
    HAZE = "haze"
    DUST = "dust"
    SNOW = "snow"


class Time(StrEnum):
    """Times of the day."""

    DAWN = "dawn"
    MORNING = "morning"
    RUSH_HOUR = "rush_hour"
    NOON = "noon"
    AFTERNOON = "afternoon"
    DUSK = "dusk"
    NIGHT = "night"


class Season(StrEnum):
    """Seasons, of the northern hemisphere."""

    SPRING = "spring"
    SUMMER = "summer"
    AUTUMN = "autumn"
    WINTER = "winter"


class Amount(StrEnum):
    """How much of something."""

    NONE = "none"
    FEW = "few"
    SOME = "some"
    MANY = "many"


class Actor(StrEnum):
    """Who does something."""

    CAR = "car"
    TAXI = "taxi"
    VAN = "van"
    BUS = "bus"
    TRUCK = "truck"
    CONCRETE_MIXER = "concrete_mixer"
    AMBULANCE = "ambulance"
    FIRE_ENGINE = "fire_engine"
    POLICE_CAR = "police_car"
    EBIKE = "ebike"
    COURIER = "courier"
    BICYCLE = "bicycle"
    MOTORCYCLE = "motorcycle"
    TRICYCLE = "tricycle"
    PEDESTRIAN = "pedestrian"
    CHILD = "child"
    OLD_PERSON = "old_person"
    WHEELCHAIR = "wheelchair"
    WORKER = "worker"
    DOG = "dog"
    DELIVERY_ROBOT = "delivery_robot"
    SWEEPER = "sweeper"
    PATROL_ROBOT = "patrol_robot"
    RETAIL_ROBOT = "retail_robot"
    SHUTTLE = "shuttle"


class What(StrEnum):
    """Deeds around the ego."""

    RUNS_RED_LIGHT = "runs_red_light"
    IGNORES_STOP_SIGN = "ignores_stop_sign"
    COMES_FROM_SIDE = "comes_from_side"
    RUNS_OUT = "runs_out"
    JAYWALKS = "jaywalks"
    CROSSES = "crosses"
    HESITATES = "hesitates"
    ON_EXPRESSWAY = "on_expressway"
    WALKS_ALONG = "walks_along"
    CUTS_IN = "cuts_in"
    CUTS_OUT = "cuts_out"
    LATE_EXIT = "late_exit"
    TURNS_LEFT_AHEAD = "turns_left_ahead"
    TURNS_RIGHT_WIDE = "turns_right_wide"
    MAKES_U_TURN = "makes_u_turn"
    RIDES_BESIDE = "rides_beside"
    COMES_ONCOMING = "comes_oncoming"
    WRONG_WAY = "wrong_way"
    OVERTAKES_ONCOMING = "overtakes_oncoming"
    FROM_BEHIND = "from_behind"
    PULLS_OUT = "pulls_out"
    LEAVES_YARD = "leaves_yard"
    BRAKES_HARD = "brakes_hard"
    STOP_AND_GO = "stop_and_go"
    STANDS_IN_LANE = "stands_in_lane"
    BLOCKS_ROAD = "blocks_road"
    STOPS_AT_KERB = "stops_at_kerb"
    DROPS_CARGO = "drops_cargo"
    LOSES_WHEEL = "loses_wheel"
    SWERVES = "swerves"
    SWARM = "swarm"
    QUEUE_AHEAD = "queue_ahead"
    WORKS_SLOWLY = "works_slowly"
    ALIGHTS = "alights"
    OPEN_MANHOLE = "open_manhole"
    LIGHTS_FAIL = "lights_fail"
    LIGHT_TURNS_YELLOW = "light_turns_yellow"
    WORK_ZONE = "work_zone"


class EgoKind(StrEnum):
    """What the ego is."""

    CAR = "car"
    BUS = "bus"
    TRUCK = "truck"
    DELIVERY_ROBOT = "delivery_robot"


class Maneuver(StrEnum):
    """What the ego does."""

    STRAIGHT = "straight"
    LEFT = "left"
    RIGHT = "right"
    ENTERS_ROUNDABOUT = "enters_roundabout"
    LEAVES_ROUNDABOUT = "leaves_roundabout"
    MERGES = "merges"
    WAITS_AT_RED = "waits_at_red"
    DOCKS_AT_STOP = "docks_at_stop"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Place(_Strict):
    """The road."""

    form: Form | None = None
    zone: Zone | None = None
    arms: Annotated[int, Field(ge=3, le=5)] | None = None
    lanes: Annotated[int, Field(ge=1, le=5)] | None = Field(None, description="of one direction")
    bus_stop: bool | None = None
    parked_cars: bool | None = None
    work_zone: bool | None = None


class Conditions(_Strict):
    """Weather and light."""

    sky: Sky | None = None
    time: Time | None = None
    hour: Annotated[float, Field(ge=0, le=24)] | None = None
    season: Season | None = None


class Traffic(_Strict):
    """Vehicles that do nothing in particular."""

    amount: Amount | None = None
    vehicles: Annotated[int, Field(ge=0, le=150)] | None = Field(None, description="only if a number is said")
    riders: Amount | None = Field(None, description="e-bikes and bicycles in bicycle lanes")
    kinds: Annotated[list[Actor], Field(max_length=6)] = Field([], description="vehicles that are named")


class People(_Strict):
    """Pedestrians who do nothing in particular."""

    amount: Amount | None = None
    count: Annotated[int, Field(ge=0, le=150)] | None = Field(None, description="only if a number is said")


class Ego(_Strict):
    """The vehicle that carries the sensors, or is tested."""

    kind: EgoKind | None = None
    speed_kmh: Annotated[float, Field(ge=5, le=120)] | None = None
    maneuver: Maneuver | None = None


class Deed(_Strict):
    """Somebody does something in front of the ego."""

    what: What
    who: Actor | None = None
    count: Annotated[int, Field(ge=1, le=5)] | None = None
    speed_kmh: Annotated[float, Field(ge=1, le=120)] | None = None


class Scene(_Strict):
    """All that a sentence asks for; null is what it does not say."""

    place: Place = Place()
    conditions: Conditions = Conditions()
    traffic: Traffic = Traffic()
    people: People = People()
    ego: Ego = Ego()
    deeds: Annotated[list[Deed], Field(max_length=4)] = []
    duration_s: Annotated[float, Field(ge=2, le=60)] | None = None
    scenes: Annotated[int, Field(ge=1, le=1000)] | None = None
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    not_expressed: Annotated[
        list[Annotated[str, Field(max_length=LONGEST_NOTE)]], Field(max_length=MOST_NOTES)
    ] = Field([], description="parts of the sentence that none of these fields can hold")
