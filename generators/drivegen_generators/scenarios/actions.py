"""Actions of OpenSCENARIO, as short as they can be said. Metres, m/s, seconds."""

from __future__ import annotations

from collections.abc import Sequence

from drivegen_generators.scenarios.xml import Element, Value, element

Action = Element
"""A PrivateAction or a GlobalAction."""


def teleport(position: Element) -> Action:
    """Puts an entity somewhere."""
    return _private(element("TeleportAction", position))


def set_speed(speed: Value) -> Action:
    """Gives an entity a speed at once."""
    return _speed(speed, "step", "time", 0)


def change_speed(speed: Value, rate: Value) -> Action:
    """Changes speed by `rate` (m/s2, positive also when braking)."""
    return _speed(speed, "linear", "rate", rate)


def change_speed_in(speed: Value, seconds: Value, shape: str = "sinusoidal") -> Action:
    """Changes speed within a time, softly."""
    return _speed(speed, shape, "time", seconds)


def change_lane(lanes: int, seconds: Value, of: str, offset: Value | None = None) -> Action:
    """Goes `lanes` to the left (negative: right) of the lane of the entity `of`."""
    return _private(
        element(
            "LateralAction",
            element(
                "LaneChangeAction",
                _transition("LaneChangeActionDynamics", "sinusoidal", "time", seconds),
                element("LaneChangeTarget", element("RelativeTargetLane", entityRef=of, value=str(lanes))),
                targetLaneOffset=offset,
            ),
        )
    )


def shift_in_lane(offset: Value, lateral_acceleration: Value = 1.5) -> Action:
    """Goes to an offset left of the lane's middle and stays there."""
    return _private(
        element(
            "LateralAction",
            element(
                "LaneOffsetAction",
                element(
                    "LaneOffsetActionDynamics", dynamicsShape="sinusoidal", maxLateralAcc=lateral_acceleration
                ),
                element("LaneOffsetTarget", element("AbsoluteTargetLaneOffset", value=offset)),
                continuous=False,
            ),
        )
    )


def keep_distance(to: str, distance: Value, acceleration: Value, deceleration: Value, speed: Value) -> Action:
    """Follows another entity at a free distance, within limits."""
    return _private(
        element(
            "LongitudinalAction",
            element(
                "LongitudinalDistanceAction",
                element(
                    "DynamicConstraints",
                    maxAcceleration=acceleration,
                    maxDeceleration=deceleration,
                    maxSpeed=speed,
                ),
                entityRef=to,
                distance=distance,
                freespace=True,
                continuous=True,
                coordinateSystem="entity",
                displacement="trailingReferencedEntity",
            ),
        )
    )


def meet(master: str, master_at: Element, at: Element, speed: Value) -> Action:
    """Comes to `at` when `master` comes to `master_at`, with a speed of its own."""
    return _private(
        element(
            "SynchronizeAction",
            _renamed(master_at, "TargetPositionMaster"),
            _renamed(at, "TargetPosition"),
            element("FinalSpeed", element("AbsoluteSpeed", value=speed)),
            masterEntityRef=master,
        )
    )


def follow_path(name: str, points: Sequence[Element]) -> Action:
    """Goes along straight lines between points at the entity's speed."""
    shape = element("Polyline", *(element("Vertex", point) for point in points))
    return _follow(name, shape)


def follow_curve(name: str, points: Sequence[Element]) -> Action:
    """Goes along a curve that begins and ends at the first and the last point and bends towards the others.

    A uniform B-spline of third order with ends that are tied down (NURBS without weights).
    """
    order = 3
    inner = len(points) - order
    knots = [0] * order + list(range(1, inner + 1)) + [inner + 1] * order
    shape = element(
        "Nurbs",
        *(element("ControlPoint", point) for point in points),
        *(element("Knot", value=k) for k in knots),
        order=order,
    )
    return _follow(name, shape)


def take_route(name: str, waypoints: Sequence[Element]) -> Action:
    """Follows the roads through waypoints."""
    return _routing(
        element(
            "AssignRouteAction",
            element(
                "Route",
                *(element("Waypoint", point, routeStrategy="shortest") for point in waypoints),
                name=name,
                closed=False,
            ),
        )
    )


def drive_by_controller() -> Action:
    """Gives an entity over to its controller."""
    return _private(
        element("ControllerAction", element("ActivateControllerAction", lateral=True, longitudinal=True))
    )


def light(kind: str, mode: str) -> Action:
    """Switches lamps: `indicatorLeft`, `warningLights`, `brakeLights` ...; on, off or flashing."""
    return _private(
        element(
            "AppearanceAction",
            element(
                "LightStateAction",
                element("LightType", element("VehicleLight", vehicleLightType=kind)),
                element("LightState", mode=mode),
            ),
        )
    )


def signal(signal_id: int, state: str) -> Action:
    """Sets a traffic light and keeps it so: green, yellow, red, off."""
    return element(
        "GlobalAction",
        element(
            "InfrastructureAction",
            element(
                "TrafficSignalAction",
                element("TrafficSignalStateAction", name=str(signal_id), state=state),
            ),
        ),
    )


def environment(entry: str) -> Action:
    """Weather and time of day of the library's catalogue."""
    return element(
        "GlobalAction",
        element(
            "EnvironmentAction",
            element("CatalogReference", catalogName="environments", entryName=entry),
        ),
    )


def set_variable(name: str, value: Value) -> Action:
    """Sets a variable of the scenario."""
    return element(
        "GlobalAction",
        element("VariableAction", element("SetAction", value=value), variableRef=name),
    )


def remove(entity: str) -> Action:
    """Takes an entity off the road."""
    return element("GlobalAction", element("EntityAction", element("DeleteEntityAction"), entityRef=entity))


def appear(entity: str, position: Element) -> Action:
    """Puts an entity that was taken off back on the road."""
    return element(
        "GlobalAction", element("EntityAction", element("AddEntityAction", position), entityRef=entity)
    )


def _private(action: Element) -> Action:
    return element("PrivateAction", action)


def _routing(action: Element) -> Action:
    return _private(element("RoutingAction", action))


def _follow(name: str, shape: Element) -> Action:
    return _routing(
        element(
            "FollowTrajectoryAction",
            element(
                "TrajectoryRef",
                element("Trajectory", element("Shape", shape), name=name, closed=False),
            ),
            element("TimeReference", element("None")),
            element("TrajectoryFollowingMode", followingMode="position"),
        )
    )


def _speed(speed: Value, shape: str, dimension: str, value: Value) -> Action:
    return _private(
        element(
            "LongitudinalAction",
            element(
                "SpeedAction",
                _transition("SpeedActionDynamics", shape, dimension, value),
                element("SpeedActionTarget", element("AbsoluteTargetSpeed", value=speed)),
            ),
        )
    )


def _transition(tag: str, shape: str, dimension: str, value: Value) -> Element:
    return element(tag, dynamicsShape=shape, dynamicsDimension=dimension, value=value)


def _renamed(position: Element, tag: str) -> Element:
    return Element(tag=tag, attributes=position.attributes, children=position.children)
