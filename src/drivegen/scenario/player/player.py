"""A scenario played in a CARLA world, tick by tick."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import carla

from drivegen.core.errors import ScenarioError, ServerError
from drivegen.core.weather import Weather
from drivegen.record.world import ServerWorld, Ticker
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.player.bodies import Body
from drivegen.scenario.player.drivers import SimpleDriver
from drivegen.scenario.player.kinematics import Kinematics
from drivegen.scenario.player.live.actors import Actors, outside_names
from drivegen.scenario.player.live.environment import weather_of
from drivegen.scenario.player.live.lights import VehicleLamps, signal_state
from drivegen.scenario.player.options import Agent, Hands, PlayerOptions
from drivegen.scenario.player.play import Happened
from drivegen.scenario.player.rows import Row
from drivegen.scenario.road import ScenarioRoad, map_name, road_from, road_of


class Player:
    """A scenario in a world; a context manager that takes its actors out and gives the world's settings back.

    `step` is `advance` (the core goes on by a tick, actors are put to where it says), a tick of the world,
    and `observe` (entities that others drive are read, a row is written for each entity). Who ticks the world
    himself, a recorder for example, calls `advance` and `observe` around his own tick.
    """

    def __init__(
        self,
        scenario: Scenario,
        server: ServerWorld,
        options: PlayerOptions | None = None,
        road: ScenarioRoad | None = None,
    ) -> None:
        """Loads the scenario's road, checks and spawns everything, and does one tick that shows time 0.

        Args:
            scenario: as read.
            server: where it is played.
            options: step, limit, drivers.
            road: the scenario's, if it was read already. A map that the scenario names by name alone is the
                server's.

        Raises ScenarioError and MapError for what cannot be played, ServerError if the server fails.
        """
        self.scenario = scenario
        self.options = options or PlayerOptions()
        self._server = server
        if road is None:
            name = map_name(scenario)
            road = road_of(scenario) if name is None else road_from(server.named_map(name), scenario)
        if road is None:
            raise ScenarioError(
                f"{scenario.path or 'the scenario'}: it names no LogicFile: a world needs an OpenDRIVE file"
            )
        self._simple = {n: d for n, d in self.options.drivers.items() if isinstance(d, SimpleDriver)}
        outside = [n for n in self.options.drivers if n not in self._simple]
        self.core = Kinematics(
            scenario, road.network, self.options.dt_s, outside=outside, simple=self._simple
        )
        self.trajectory: list[Row] = []
        self.frame = 0
        self._agents: dict[str, Agent] = {}
        self._lamps: dict[str, VehicleLamps] = {}
        self._seen = {"environments": 0, "lights": 0}
        self._signals: dict[str, str] = {}
        self._lights: dict[str, Any] = {}
        self._weather = Weather()
        self._ticker: Ticker | None = None
        self._traffic: Any = None
        self._restore: Any = None
        try:
            with server.calls("setting up the scenario"):
                server.use_map(road.text)
                self._settings()
                self.actors = Actors(server.client, server.world)
                self.actors.check(self.core.bodies)
                self._show()
                self._ticker = Ticker(server.world, server.endpoint)
                self._ticker.timeout_s = server.endpoint.load_timeout_s
                self.frame = self._ticker.tick()
                self._ticker.timeout_s = server.endpoint.call_timeout_s
                self._hand_over()
            self.trajectory += self.core.rows()
        except BaseException:
            self.close()
            raise

    @property
    def time_s(self) -> float:
        """Simulation time."""
        return self.core.time_s

    @property
    def done(self) -> bool:
        """True once the scenario has ended or its limit of time is reached."""
        return self.core.done or self.core.time_s >= self.options.limit_s - 1e-9

    @property
    def ended(self) -> bool:
        """True if the scenario came to its own end."""
        return self.core.done

    @property
    def happened(self) -> list[Happened]:
        """What the storyboard went through so far."""
        return self.core.play.happened

    @property
    def bodies(self) -> Mapping[str, Body]:
        """Entities by name."""
        return self.core.bodies

    def actor(self, name: str) -> Any:
        """The `carla.Actor` of an entity. ScenarioError if it is not there."""
        found = self.actors.by_name.get(name)
        if found is None:
            raise ScenarioError(f'"{name}" is not in the world now')
        return found

    def step(self) -> int:
        """One tick; its frame number."""
        assert self._ticker is not None
        self.advance()
        self.frame = self._ticker.tick()
        self.observe()
        return self.frame

    def advance(self) -> None:
        """Takes the core on by a tick and puts actors to where it says, for the world's next tick."""
        with self._server.calls("playing the scenario"):
            for name, agent in self._agents.items():
                if self.actors.handed(name):
                    control = agent.run_step()
                    if control is not None:
                        self.actors.by_name[name].apply_control(control)
            self.core.step()
            self._show()
            self._hand_over()

    def observe(self) -> None:
        """Reads entities that others drive, after the world's tick, and writes the rows of this time."""
        with self._server.calls("reading the world"):
            for name in outside_names(self.core.bodies):
                if self.actors.handed(name):
                    pose, speed, velocity = self.actors.read(self.core.bodies[name])
                    self.core.report(name, pose, speed, velocity)
        self.trajectory += self.core.rows()

    def run(self) -> None:
        """Steps until it is done."""
        while not self.done:
            self.step()

    def close(self) -> None:
        """Takes the actors out and gives the world its settings back; never raises for a dead server."""
        if self._ticker is not None:
            alive = self._ticker.settle()
            self._ticker.close()
            self._ticker = None
            if not alive:
                return
        if hasattr(self, "actors"):
            self.actors.destroy()
        with contextlib.suppress(RuntimeError):
            if self._traffic is not None:
                self._traffic.set_synchronous_mode(False)
                self._traffic.shut_down()
        with contextlib.suppress(RuntimeError):
            if self._restore is not None:
                self._server.world.apply_settings(self._restore)

    def __enter__(self) -> Player:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _settings(self) -> None:
        world = self._server.world
        self._restore = world.get_settings()
        settings = world.get_settings()
        settings.synchronous_mode = True
        settings.fixed_delta_seconds = self.options.dt_s
        settings.substepping = True
        settings.max_substep_delta_time = 0.01
        settings.max_substeps = max(10, round(self.options.dt_s / 0.01))
        settings.deterministic_ragdolls = True
        world.apply_settings(settings)

    def _show(self) -> None:
        """Brings what the core says into the world."""
        play = self.core.play
        for _, action in play.environments[self._seen["environments"] :]:
            self._weather = weather_of(action.environment, self._weather)
            if self.options.weather:
                parameters = carla.WeatherParameters(*self._weather.values())
                self._server.world.set_weather(parameters)
        self._seen["environments"] = len(play.environments)
        for change in play.lights[self._seen["lights"] :]:
            self._lamps.setdefault(change.entity, VehicleLamps()).switch(change)
        self._seen["lights"] = len(play.lights)
        for signal, state in play.signals.items():
            if self._signals.get(signal) != state:
                self._signals[signal] = state
                self._set_signal(signal, state)
        self.actors.put(self.core.bodies, self._lamps, self.core.time_s)

    def _set_signal(self, signal: str, state: str) -> None:
        if not self._lights:
            for light in self._server.world.get_actors().filter("traffic.traffic_light*"):
                self._lights[str(light.get_opendrive_id())] = light
        light = self._lights.get(signal)
        if light is None:
            self.core.play.ignored.append(f'the road network has no signal "{signal}" that lights up')
            return
        light.set_state(signal_state(state))
        light.freeze(True)

    def _hand_over(self) -> None:
        """Gives entities to those who drive them from now on, and takes them back."""
        outside = outside_names(self.core.bodies)
        for name, who in self.options.drivers.items():
            if isinstance(who, SimpleDriver) or name not in self.actors.by_name:
                continue
            body = self.core.bodies[name]
            if name in outside and not self.actors.handed(name):
                actor = self.actors.hand_over(body)
                if who is Hands.TRAFFIC_MANAGER:
                    actor.set_autopilot(True, self._traffic_manager().get_port())
                elif not isinstance(who, Hands):
                    self._agents[name] = who(actor, self._server.world)
            elif name not in outside and self.actors.handed(name):
                if who is Hands.TRAFFIC_MANAGER:
                    self.actors.by_name[name].set_autopilot(False)
                self._agents.pop(name, None)
                self.actors.take_back(body)

    def _traffic_manager(self) -> Any:
        """This client's Traffic Manager, on a free port, in step with the world."""
        if self._traffic is None:
            with socket.socket() as probe:
                probe.bind(("", 0))
                port = probe.getsockname()[1]
            try:
                self._traffic = self._server.client.get_trafficmanager(port)
            except RuntimeError as error:
                raise ServerError(f"the Traffic Manager did not start: {error}") from None
            self._traffic.set_synchronous_mode(True)
            self._traffic.set_random_device_seed(self.options.seed & 0x7FFFFFFF)
        return self._traffic
