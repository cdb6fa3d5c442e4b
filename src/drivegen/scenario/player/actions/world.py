"""Actions that set something at once: places, lights, values, signals, who drives."""

from __future__ import annotations

import math

from drivegen.core.errors import ScenarioError
from drivegen.scenario.model.appearance import AnimationAction, LightStateAction, VehicleLight
from drivegen.scenario.model.controller_actions import ControllerAction, OverrideControllerValueAction
from drivegen.scenario.model.global_actions import (
    AddEntityAction,
    AddValue,
    CustomCommandAction,
    EntityAction,
    EnvironmentAction,
    ModifyAction,
    ParameterAction,
    SetAction,
    SetMonitorAction,
    TrafficSignalControllerAction,
    TrafficSignalStateAction,
    VariableAction,
)
from drivegen.scenario.model.private_actions import (
    ConnectTrailerAction,
    DisconnectTrailerAction,
    TeleportAction,
    VisibilityAction,
)
from drivegen.scenario.player.actions.base import AtOnce
from drivegen.scenario.player.bodies import Body, Driver
from drivegen.scenario.player.motion import Mover
from drivegen.scenario.player.play import LightChange, Play


class Teleport(AtOnce):
    """Sets its actor to a position."""

    def __init__(self, play: Play, mover: Mover, body: Body, action: TeleportAction) -> None:
        super().__init__(play, mover, body)
        self._action = action

    def act(self) -> None:
        """See `Running`."""
        self.mover.place(self.body, self.play.places.find(self._action.position, self.body))


class Visibility(AtOnce):
    """Shows or hides its actor."""

    def __init__(self, play: Play, mover: Mover, body: Body, action: VisibilityAction) -> None:
        super().__init__(play, mover, body)
        self._action = action

    def act(self) -> None:
        """See `Running`."""
        self.body.visible = (self._action.graphics, self._action.sensors, self._action.traffic)


class Control(AtOnce):
    """Assigns controllers and turns them on and off.

    A controller counts only where the player was told who stands behind it (see `Drivers`); otherwise the
    script goes on driving, whatever the controller is called.
    """

    def __init__(self, play: Play, mover: Mover, body: Body, action: ControllerAction) -> None:
        super().__init__(play, mover, body)
        self._action = action

    def act(self) -> None:
        """See `Running`."""
        body, action = self.body, self._action
        assign = action.assign_controller_action
        if assign is not None:
            controller = assign.controller
            if controller is None and assign.object_controller is not None:
                controller = assign.object_controller.controller
            if controller is not None:
                body.controllers = (controller.name,)
            self._turn(assign.activate_lateral, assign.activate_longitudinal)
        if action.override_controller_value_action is not None:
            self._override(action.override_controller_value_action)
        activate = action.activate_controller_action
        if activate is not None:
            self._turn(activate.lateral, activate.longitudinal)

    def _turn(self, lateral: bool | None, longitudinal: bool | None) -> None:
        body = self.body
        if body.name in self.play.outside:
            behind = Driver.OUTSIDE
        elif body.name in self.play.simple:
            behind = Driver.SIMPLE
        else:
            return
        if lateral is not None:
            body.lateral = behind if lateral else Driver.SCRIPT
        if longitudinal is not None:
            body.longitudinal = behind if longitudinal else Driver.SCRIPT

    def _override(self, action: OverrideControllerValueAction) -> None:
        """Pedals have no meaning for a scripted actor, save for a brake that holds it."""
        held = False
        for brake in (action.brake, action.parking_brake):
            if brake is None or not brake.active:
                continue
            value = brake.value if brake.value is not None else 1.0
            if brake.brake_percent is not None:
                value = brake.brake_percent.value
            held |= value >= 1.0 and self.body.speed_mps == 0.0
        names = [
            name
            for name, part in (
                ("throttle", action.throttle),
                ("brake", action.brake),
                ("clutch", action.clutch),
                ("parkingBrake", action.parking_brake),
                ("steeringWheel", action.steering_wheel),
                ("gear", action.gear),
            )
            if part is not None and part.active
        ]
        if names and not held:
            self.play.ignored.append(
                f"{self._action.place}: OverrideControllerValueAction: {', '.join(names)} of {self.body.name}"
            )


class Light(AtOnce):
    """Switches a light."""

    def __init__(self, play: Play, mover: Mover, body: Body, action: LightStateAction) -> None:
        super().__init__(play, mover, body)
        self._action = action

    def act(self) -> None:
        """See `Running`."""
        light, state = self._action.light_type, self._action.light_state
        name = light.vehicle_light_type if isinstance(light, VehicleLight) else light.user_defined_light_type
        self.play.lights.append(
            LightChange(
                time_s=self.play.time_s,
                entity=self.body.name,
                light=str(name),
                mode=str(state.mode),
                flashing_on_s=state.flashing_on_duration,
                flashing_off_s=state.flashing_off_duration,
            )
        )


class NotShown(AtOnce):
    """Something that has no effect on the motion and cannot be shown: noted, not done."""

    def __init__(
        self,
        play: Play,
        mover: Mover,
        body: Body,
        action: AnimationAction | ConnectTrailerAction | DisconnectTrailerAction,
    ) -> None:
        super().__init__(play, mover, body)
        self._action = action

    def act(self) -> None:
        """See `Running`."""
        kind = type(self._action).__name__
        self.play.ignored.append(f'{self._action.place}: {kind} of "{self.body.name}"')


class World(AtOnce):
    """An action of no entity in particular."""

    def act(self) -> None:
        """See `Running`."""
        raise NotImplementedError


class SetEnvironment(World):
    """Changes weather, time of day and road."""

    def __init__(self, play: Play, mover: Mover, action: EnvironmentAction) -> None:
        super().__init__(play, mover, None)
        self._action = action

    def act(self) -> None:
        """See `Running`."""
        self.play.environments.append((self.play.time_s, self._action))
        time = self._action.environment.time_of_day
        if time is not None:
            self.play.set_time_of_day(time.date_time, runs=time.animation)


class AddOrDelete(World):
    """Brings an entity in at a position, or takes it out; one that is there already stays as it is."""

    def __init__(self, play: Play, mover: Mover, action: EntityAction) -> None:
        super().__init__(play, mover, None)
        self._action = action

    def act(self) -> None:
        """See `Running`."""
        body = self.play.body(self._action.entity_ref)
        what = self._action.action
        if not isinstance(what, AddEntityAction):
            body.present = False
        elif not body.present:
            self.mover.place(body, self.play.places.find(what.position, body))
            body.teleported = False


class SetValue(World):
    """Sets or changes a parameter or a variable."""

    def __init__(self, play: Play, mover: Mover, action: ParameterAction | VariableAction) -> None:
        super().__init__(play, mover, None)
        self._action = action

    def act(self) -> None:
        """See `Running`."""
        action = self._action
        if isinstance(action, ParameterAction):
            values, name = self.play.parameters, action.parameter_ref
        else:
            values, name = self.play.variables, action.variable_ref
        if name not in values:
            raise ScenarioError(f'{action.place}: "{name}" is not declared: declare it or name another')
        if isinstance(action.action, SetAction):
            values[name] = action.action.value
            return
        assert isinstance(action.action, ModifyAction)
        rule = action.action.rule
        try:
            old = float(values[name])
        except ValueError:
            raise ScenarioError(
                f'{action.place}: "{name}" is "{values[name]}", which is no number to reckon with'
            ) from None
        new = old + rule.value if isinstance(rule, AddValue) else old * rule.value
        whole = math.isfinite(new) and new == int(new) and "." not in values[name]
        values[name] = str(int(new)) if whole else repr(new)


class SetMonitor(World):
    """Sets a monitor."""

    def __init__(self, play: Play, mover: Mover, action: SetMonitorAction) -> None:
        super().__init__(play, mover, None)
        self._action = action

    def act(self) -> None:
        """See `Running`."""
        self.play.monitors[self._action.monitor_ref] = self._action.value


class SetSignal(World):
    """Sets a signal to a state, or a controller to a phase."""

    def __init__(
        self, play: Play, mover: Mover, action: TrafficSignalStateAction | TrafficSignalControllerAction
    ) -> None:
        super().__init__(play, mover, None)
        self._action = action

    def act(self) -> None:
        """See `Running`."""
        action = self._action
        if isinstance(action, TrafficSignalStateAction):
            self.play.signals[action.name] = action.state
        else:
            self.play.signal_cycles.jump(action.traffic_signal_controller_ref, action.phase, self.play)


class Command(World):
    """Hands a command of the user's own to whoever listens."""

    def __init__(self, play: Play, mover: Mover, action: CustomCommandAction) -> None:
        super().__init__(play, mover, None)
        self._action = action

    def act(self) -> None:
        """See `Running`."""
        self.play.commands.append((self.play.time_s, self._action))
