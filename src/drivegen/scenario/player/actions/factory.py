"""From the model's actions to running ones."""

from __future__ import annotations

from drivegen.core.errors import ScenarioError
from drivegen.scenario.model.appearance import AnimationAction, LightStateAction
from drivegen.scenario.model.controller_actions import ControllerAction
from drivegen.scenario.model.global_actions import (
    CustomCommandAction,
    EntityAction,
    EnvironmentAction,
    GlobalAction,
    ParameterAction,
    SetMonitorAction,
    TrafficSignalControllerAction,
    TrafficSignalStateAction,
    UserDefinedAction,
    VariableAction,
)
from drivegen.scenario.model.private_actions import (
    AcquirePositionAction,
    AssignRouteAction,
    ConnectTrailerAction,
    DisconnectTrailerAction,
    FollowTrajectoryAction,
    LaneChangeAction,
    LaneOffsetAction,
    LateralDistanceAction,
    LongitudinalDistanceAction,
    PrivateAction,
    RandomRouteAction,
    SpeedAction,
    SpeedProfileAction,
    SynchronizeAction,
    TeleportAction,
    VisibilityAction,
)
from drivegen.scenario.model.traffic import TrafficAction
from drivegen.scenario.player.actions.base import Running
from drivegen.scenario.player.actions.distance import KeepAhead
from drivegen.scenario.player.actions.lateral import ChangeLane, KeepAside, OffsetInLane
from drivegen.scenario.player.actions.routing import ForgetRoute, GiveRoute, GoTo
from drivegen.scenario.player.actions.speed import ChangeSpeed, ProfileSpeed
from drivegen.scenario.player.actions.synchronize import ArriveWith
from drivegen.scenario.player.actions.trajectory import FollowCourse
from drivegen.scenario.player.actions.world import (
    AddOrDelete,
    Command,
    Control,
    Light,
    NotShown,
    SetEnvironment,
    SetMonitor,
    SetSignal,
    SetValue,
    Teleport,
    Visibility,
)
from drivegen.scenario.player.bodies import Body
from drivegen.scenario.player.motion import Mover
from drivegen.scenario.player.play import Play


def private_action(play: Play, mover: Mover, body: Body, action: PrivateAction) -> Running:
    """A private action of one actor."""
    match action:
        case SpeedAction():
            return ChangeSpeed(play, mover, body, action)
        case SpeedProfileAction():
            return ProfileSpeed(play, mover, body, action)
        case LongitudinalDistanceAction():
            return KeepAhead(play, mover, body, action)
        case LaneChangeAction():
            return ChangeLane(play, mover, body, action)
        case LaneOffsetAction():
            return OffsetInLane(play, mover, body, action)
        case LateralDistanceAction():
            return KeepAside(play, mover, body, action)
        case FollowTrajectoryAction():
            return FollowCourse(play, mover, body, action)
        case SynchronizeAction():
            return ArriveWith(play, mover, body, action)
        case TeleportAction():
            return Teleport(play, mover, body, action)
        case AssignRouteAction():
            return GiveRoute(play, mover, body, action)
        case AcquirePositionAction():
            return GoTo(play, mover, body, action)
        case RandomRouteAction():
            return ForgetRoute(play, mover, body)
        case ControllerAction():
            return Control(play, mover, body, action)
        case VisibilityAction():
            return Visibility(play, mover, body, action)
        case LightStateAction():
            return Light(play, mover, body, action)
        case AnimationAction() | ConnectTrailerAction() | DisconnectTrailerAction():
            return NotShown(play, mover, body, action)


def global_action(play: Play, mover: Mover, action: GlobalAction | UserDefinedAction) -> Running:
    """An action of the world; ScenarioError for traffic by rule, which the player does not make."""
    match action:
        case EnvironmentAction():
            return SetEnvironment(play, mover, action)
        case EntityAction():
            return AddOrDelete(play, mover, action)
        case ParameterAction() | VariableAction():
            return SetValue(play, mover, action)
        case SetMonitorAction():
            return SetMonitor(play, mover, action)
        case TrafficSignalControllerAction() | TrafficSignalStateAction():
            return SetSignal(play, mover, action)
        case CustomCommandAction():
            return Command(play, mover, action)
        case TrafficAction():
            kind = type(action.action).__name__
            raise ScenarioError(f"{action.place}: not supported: {kind}; take it out of the scenario")


_PRIVATE = PrivateAction.__args__


def is_private(action: object) -> bool:
    """Whether an action is one of an entity."""
    return isinstance(action, _PRIVATE)
