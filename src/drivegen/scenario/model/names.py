"""The closed lists of words of OpenSCENARIO XML 1.3 (its UML enumerations)."""

from __future__ import annotations

from enum import StrEnum


class AngleType(StrEnum):
    """Which of the three angles."""

    HEADING = "heading"
    PITCH = "pitch"
    ROLL = "roll"


class AutomaticGearType(StrEnum):
    """Positions of an automatic gearbox."""

    N = "n"
    P = "p"
    R = "r"
    D = "d"


class CloudState(StrEnum):
    """Clouds in words, of 1.0 and 1.1; later files give oktas."""

    CLOUDY = "cloudy"
    FREE = "free"
    OVERCAST = "overcast"
    RAINY = "rainy"
    SKY_OFF = "skyOff"


class ColorType(StrEnum):
    """Names of colours."""

    OTHER = "other"
    RED = "red"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    VIOLET = "violet"
    ORANGE = "orange"
    BROWN = "brown"
    BLACK = "black"
    GREY = "grey"
    WHITE = "white"


class ConditionEdge(StrEnum):
    """Which change of a condition counts."""

    FALLING = "falling"
    NONE = "none"
    RISING = "rising"
    RISING_OR_FALLING = "risingOrFalling"


class ControllerType(StrEnum):
    """What a controller may move."""

    LATERAL = "lateral"
    LONGITUDINAL = "longitudinal"
    LIGHTING = "lighting"
    ANIMATION = "animation"
    MOVEMENT = "movement"
    APPEARANCE = "appearance"
    ALL = "all"


class CoordinateSystem(StrEnum):
    """The frame in which a distance is measured."""

    ENTITY = "entity"
    LANE = "lane"
    ROAD = "road"
    TRAJECTORY = "trajectory"
    WORLD = "world"


class DirectionalDimension(StrEnum):
    """An axis of an entity's own frame."""

    LONGITUDINAL = "longitudinal"
    LATERAL = "lateral"
    VERTICAL = "vertical"


class DynamicsDimension(StrEnum):
    """What the value of a transition measures."""

    DISTANCE = "distance"
    RATE = "rate"
    TIME = "time"


class DynamicsShape(StrEnum):
    """The curve of a transition."""

    CUBIC = "cubic"
    LINEAR = "linear"
    SINUSOIDAL = "sinusoidal"
    STEP = "step"


class FollowingMode(StrEnum):
    """Whether limits of dynamics are kept (follow) or the values are hit exactly (position)."""

    FOLLOW = "follow"
    POSITION = "position"


class FractionalCloudCover(StrEnum):
    """Eighths of the sky that clouds cover."""

    ZERO_OKTAS = "zeroOktas"
    ONE_OKTAS = "oneOktas"
    TWO_OKTAS = "twoOktas"
    THREE_OKTAS = "threeOktas"
    FOUR_OKTAS = "fourOktas"
    FIVE_OKTAS = "fiveOktas"
    SIX_OKTAS = "sixOktas"
    SEVEN_OKTAS = "sevenOktas"
    EIGHT_OKTAS = "eightOktas"
    NINE_OKTAS = "nineOktas"


class LateralDisplacement(StrEnum):
    """On which side a distance is kept."""

    ANY = "any"
    LEFT_TO_REFERENCED_ENTITY = "leftToReferencedEntity"
    RIGHT_TO_REFERENCED_ENTITY = "rightToReferencedEntity"


class LightMode(StrEnum):
    """How a light shines."""

    ON = "on"
    OFF = "off"
    FLASHING = "flashing"


class LongitudinalDisplacement(StrEnum):
    """Ahead or behind a distance is kept."""

    ANY = "any"
    TRAILING_REFERENCED_ENTITY = "trailingReferencedEntity"
    LEADING_REFERENCED_ENTITY = "leadingReferencedEntity"


class MiscObjectCategory(StrEnum):
    """Kinds of things."""

    BARRIER = "barrier"
    BUILDING = "building"
    CROSSWALK = "crosswalk"
    GANTRY = "gantry"
    NONE = "none"
    OBSTACLE = "obstacle"
    PARKING_SPACE = "parkingSpace"
    PATCH = "patch"
    POLE = "pole"
    RAILING = "railing"
    ROAD_MARK = "roadMark"
    SOUND_BARRIER = "soundBarrier"
    STREET_LAMP = "streetLamp"
    TRAFFIC_ISLAND = "trafficIsland"
    TREE = "tree"
    VEGETATION = "vegetation"
    WIND = "wind"


class ObjectType(StrEnum):
    """Kinds of entities."""

    MISCELLANEOUS = "miscellaneous"
    PEDESTRIAN = "pedestrian"
    VEHICLE = "vehicle"
    EXTERNAL = "external"


class ParameterType(StrEnum):
    """Types of parameters and variables."""

    BOOLEAN = "boolean"
    DATE_TIME = "dateTime"
    DOUBLE = "double"
    STRING = "string"
    UNSIGNED_INT = "unsignedInt"
    UNSIGNED_SHORT = "unsignedShort"
    INT = "int"


class PedestrianCategory(StrEnum):
    """Kinds of walkers."""

    ANIMAL = "animal"
    PEDESTRIAN = "pedestrian"
    WHEELCHAIR = "wheelchair"


class PedestrianGestureType(StrEnum):
    """What a pedestrian does with arms and hands."""

    PHONE_CALL_RIGHT_HAND = "phoneCallRightHand"
    PHONE_CALL_LEFT_HAND = "phoneCallLeftHand"
    PHONE_TEXT_RIGHT_HAND = "phoneTextRightHand"
    PHONE_TEXT_LEFT_HAND = "phoneTextLeftHand"
    WAVING_RIGHT_ARM = "wavingRightArm"
    WAVING_LEFT_ARM = "wavingLeftArm"
    UMBRELLA_RIGHT_HAND = "umbrellaRightHand"
    UMBRELLA_LEFT_HAND = "umbrellaLeftHand"
    CROSS_ARMS = "crossArms"
    COFFEE_RIGHT_HAND = "coffeeRightHand"
    COFFEE_LEFT_HAND = "coffeeLeftHand"
    SANDWICH_RIGHT_HAND = "sandwichRightHand"
    SANDWICH_LEFT_HAND = "sandwichLeftHand"


class PedestrianMotionType(StrEnum):
    """How a pedestrian moves."""

    STANDING = "standing"
    SITTING = "sitting"
    LYING = "lying"
    SQUATTING = "squatting"
    WALKING = "walking"
    RUNNING = "running"
    REELING = "reeling"
    CRAWLING = "crawling"
    CYCLING = "cycling"
    JUMPING = "jumping"
    DUCKING = "ducking"
    BENDING_DOWN = "bendingDown"


class PrecipitationType(StrEnum):
    """What falls."""

    DRY = "dry"
    RAIN = "rain"
    SNOW = "snow"


class Priority(StrEnum):
    """What an event does to others of its maneuver."""

    OVERRIDE = "override"
    PARALLEL = "parallel"
    SKIP = "skip"


class ReferenceContext(StrEnum):
    """Absolute or relative to a reference."""

    ABSOLUTE = "absolute"
    RELATIVE = "relative"


class RelativeDistanceType(StrEnum):
    """Along which line a distance is measured."""

    LATERAL = "lateral"
    LONGITUDINAL = "longitudinal"
    EUCLIDIAN_DISTANCE = "euclidianDistance"


class Role(StrEnum):
    """What a vehicle or person is there for."""

    NONE = "none"
    AMBULANCE = "ambulance"
    CIVIL = "civil"
    FIRE = "fire"
    MILITARY = "military"
    POLICE = "police"
    PUBLIC_TRANSPORT = "publicTransport"
    ROAD_ASSISTANCE = "roadAssistance"


class RouteStrategy(StrEnum):
    """How the way between two waypoints is chosen."""

    FASTEST = "fastest"
    LEAST_INTERSECTIONS = "leastIntersections"
    RANDOM = "random"
    SHORTEST = "shortest"


class RoutingAlgorithm(StrEnum):
    """By which way a distance is measured."""

    ASSIGNED_ROUTE = "assignedRoute"
    FASTEST = "fastest"
    LEAST_INTERSECTIONS = "leastIntersections"
    SHORTEST = "shortest"
    UNDEFINED = "undefined"


class Rule(StrEnum):
    """A comparison."""

    EQUAL_TO = "equalTo"
    GREATER_THAN = "greaterThan"
    LESS_THAN = "lessThan"
    GREATER_OR_EQUAL = "greaterOrEqual"
    LESS_OR_EQUAL = "lessOrEqual"
    NOT_EQUAL_TO = "notEqualTo"


class SpeedTargetValueType(StrEnum):
    """How a relative speed is meant."""

    DELTA = "delta"
    FACTOR = "factor"


class StoryboardElementState(StrEnum):
    """States and transitions of an element of the storyboard."""

    COMPLETE_STATE = "completeState"
    END_TRANSITION = "endTransition"
    RUNNING_STATE = "runningState"
    SKIP_TRANSITION = "skipTransition"
    STANDBY_STATE = "standbyState"
    START_TRANSITION = "startTransition"
    STOP_TRANSITION = "stopTransition"


class StoryboardElementType(StrEnum):
    """Kinds of elements of the storyboard."""

    ACT = "act"
    ACTION = "action"
    EVENT = "event"
    MANEUVER = "maneuver"
    MANEUVER_GROUP = "maneuverGroup"
    STORY = "story"


class TriggeringEntitiesRule(StrEnum):
    """How many entities must meet a condition."""

    ALL = "all"
    ANY = "any"


class VehicleCategory(StrEnum):
    """Kinds of vehicles."""

    BICYCLE = "bicycle"
    BUS = "bus"
    CAR = "car"
    MOTORBIKE = "motorbike"
    SEMITRAILER = "semitrailer"
    TRAILER = "trailer"
    TRAIN = "train"
    TRAM = "tram"
    TRUCK = "truck"
    VAN = "van"


class VehicleComponentType(StrEnum):
    """Parts of a vehicle that move."""

    HOOD = "hood"
    TRUNK = "trunk"
    DOOR_FRONT_RIGHT = "doorFrontRight"
    DOOR_FRONT_LEFT = "doorFrontLeft"
    DOOR_REAR_RIGHT = "doorRearRight"
    DOOR_REAR_LEFT = "doorRearLeft"
    WINDOW_FRONT_RIGHT = "windowFrontRight"
    WINDOW_FRONT_LEFT = "windowFrontLeft"
    WINDOW_REAR_RIGHT = "windowRearRight"
    WINDOW_REAR_LEFT = "windowRearLeft"
    SIDE_MIRRORS = "sideMirrors"
    SIDE_MIRROR_RIGHT = "sideMirrorRight"
    SIDE_MIRROR_LEFT = "sideMirrorLeft"


class VehicleLightType(StrEnum):
    """Lights of a vehicle."""

    DAYTIME_RUNNING_LIGHTS = "daytimeRunningLights"
    LOW_BEAM = "lowBeam"
    HIGH_BEAM = "highBeam"
    FOG_LIGHTS = "fogLights"
    FOG_LIGHTS_FRONT = "fogLightsFront"
    FOG_LIGHTS_REAR = "fogLightsRear"
    BRAKE_LIGHTS = "brakeLights"
    WARNING_LIGHTS = "warningLights"
    INDICATOR_LEFT = "indicatorLeft"
    INDICATOR_RIGHT = "indicatorRight"
    REVERSING_LIGHTS = "reversingLights"
    LICENSE_PLATE_ILLUMINATION = "licensePlateIllumination"
    SPECIAL_PURPOSE_LIGHTS = "specialPurposeLights"


class Wetness(StrEnum):
    """How wet the road is."""

    DRY = "dry"
    MOIST = "moist"
    WET_WITH_PUDDLES = "wetWithPuddles"
    LOW_FLOODED = "lowFlooded"
    HIGH_FLOODED = "highFlooded"
