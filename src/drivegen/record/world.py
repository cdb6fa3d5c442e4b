"""A connection to a CARLA server: its map, its settings, its ticks. Every wait has a time-out."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import carla

from drivegen.core.errors import ServerError
from drivegen.core.plans import ScenePlan
from drivegen.core.rng import derive_seed
from drivegen.core.weather import Weather

CARLA_VERSION = "0.9.16"

TICK_PAUSE_S = 0.002
"""Between ticks. Without it the Traffic Manager of the 0.9.16 client, stepped faster than real traffic ever
is, now and then misses a wake-up and waits for ever (12 of 28 runs; 0 of 30 with the pause)."""

GRACE_S = 5.0
"""A tick that has not come back so long after its own time-out never will."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A CARLA server and the patience with it."""

    host: str = "127.0.0.1"
    port: int = 2000
    call_timeout_s: float = 30.0
    """Of every call to the server, a tick included."""
    load_timeout_s: float = 180.0
    """Of what happens once: loading a map, the first tick with sensors (a server prepares to draw in it)."""

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Ticker:
    """Ticks the world from a thread of its own.

    So the recorder can work on a frame while the server makes the next one, and a tick that hangs inside
    the client (where no time-out of its own exists) is noticed.
    """

    def __init__(self, world: Any, endpoint: Endpoint) -> None:
        self.hung = False
        """Set when a tick never came back; the client must not be used any more."""
        self._world = world
        self._endpoint = endpoint
        self._orders: queue.Queue[bool] = queue.Queue()
        self._frames: queue.Queue[int | Exception] = queue.Queue()
        self._under_way = False
        self.timeout_s = endpoint.call_timeout_s
        """Of a tick."""
        threading.Thread(target=self._serve, name="ticker", daemon=True).start()

    def _serve(self) -> None:
        while self._orders.get():
            time.sleep(TICK_PAUSE_S)
            try:
                self._frames.put(int(self._world.tick(self.timeout_s)))
            except RuntimeError as error:
                self._frames.put(error)

    def start(self) -> None:
        """Begins a tick; `finish` must follow."""
        self._under_way = True
        self._orders.put(True)

    def finish(self) -> int:
        """Waits for the tick begun last and returns its frame number. Raises ServerError."""
        try:
            answer = self._frames.get(timeout=self.timeout_s + GRACE_S)
        except queue.Empty:
            self.hung = True
            raise ServerError(
                f"a tick of the CARLA server at {self._endpoint} did not come back within "
                f"{self.timeout_s + GRACE_S:g} s; this process must end"
            ) from None
        self._under_way = False
        if isinstance(answer, Exception):
            raise ServerError(f"the CARLA server at {self._endpoint} failed in a tick: {answer}")
        return answer

    def tick(self) -> int:
        """`start` and `finish`."""
        self.start()
        return self.finish()

    def settle(self) -> bool:
        """Waits for a tick that is still under way. False when it hangs or the server is gone: then leave the
        client alone, each of its calls would wait for its time-out.
        """
        if self._under_way and not self.hung:
            with contextlib.suppress(ServerError):
                self.finish()
        return not self.hung and _listens(self._endpoint)

    def close(self) -> None:
        """Ends the thread, unless it hangs."""
        self._orders.put(False)


def _listens(endpoint: Endpoint) -> bool:
    """Whether anybody takes connections there."""
    try:
        socket.create_connection((endpoint.host, endpoint.port), endpoint.call_timeout_s).close()
    except OSError:
        return False
    return True


class ServerWorld:
    """A server's world, synchronous while this object lives."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Connects. Raises ServerError when nothing or something else answers."""
        self.endpoint = endpoint
        try:
            socket.create_connection((endpoint.host, endpoint.port), endpoint.call_timeout_s).close()
        except OSError as error:
            raise ServerError(
                f"no CARLA server at {endpoint}: {error.strerror or error}; start one there"
            ) from None
        try:
            self.client = carla.Client(endpoint.host, endpoint.port)
            self.client.set_timeout(endpoint.call_timeout_s)
            version = self.client.get_server_version()
            if not version.startswith(CARLA_VERSION):
                raise ServerError(f"the server at {endpoint} is CARLA {version}; {CARLA_VERSION} is needed")
            self.world = self.client.get_world()
        except RuntimeError as error:
            raise ServerError(f"the server at {endpoint} does not answer as CARLA does: {error}") from None
        self._restore: Any = None
        self._ticker: Ticker | None = None
        self._traffic: Any = None

    def use_map(self, opendrive: str) -> None:
        """Loads the road, unless the server has it. Raises ServerError."""
        with self.calls("loading the map"):
            if self.world.get_map().to_opendrive().strip() == opendrive.strip():
                return
            parameters = carla.OpendriveGenerationParameters(
                vertex_distance=2.0,
                max_road_length=500.0,
                wall_height=0.0,
                additional_width=0.6,
                smooth_junctions=True,
                enable_mesh_visibility=True,
                enable_pedestrian_navigation=False,
            )
            with self.patience():
                self.world = self.client.generate_opendrive_world(opendrive, parameters)

    def named_map(self, name: str) -> str:
        """Loads one of the server's maps by its name, unless it is there. Its OpenDRIVE; ServerError."""
        with self.calls("loading the map"):
            current = self.world.get_map()
            if current.name.rpartition("/")[2] != name:
                known = [each.rpartition("/")[2] for each in self.client.get_available_maps()]
                if name not in known:
                    raise ServerError(
                        f'the server at {self.endpoint} has no "{name}", only {", ".join(sorted(known))}: '
                        "play on one that has it"
                    )
                with self.patience():
                    self.world = self.client.load_world(name)
                current = self.world.get_map()
            return str(current.to_opendrive())

    def prepare(self, plan: ScenePlan) -> None:
        """Synchronous ticks of the plan's length, its weather, and a Traffic Manager with its seed."""
        with self.calls("setting up the world"):
            settings = self.world.get_settings()
            self._restore = self.world.get_settings()
            settings.synchronous_mode = True
            settings.fixed_delta_seconds = plan.tick_s
            settings.no_rendering_mode = False
            settings.substepping = True
            settings.max_substep_delta_time = 0.01
            settings.max_substeps = max(10, round(plan.tick_s / 0.01))
            settings.deterministic_ragdolls = True
            self.world.apply_settings(settings)
            self.set_weather(plan.weather.parameters)
            self._traffic = self._start_traffic_manager()
            self._traffic.set_synchronous_mode(True)
            self._traffic.set_random_device_seed(derive_seed(plan.seed, "traffic manager") & 0x7FFFFFFF)
        self._ticker = Ticker(self.world, self.endpoint)

    def set_weather(self, weather: Weather) -> None:
        """From the next tick on. Raises ServerError."""
        with self.calls("setting the weather"):
            self.world.set_weather(carla.WeatherParameters(*weather.values()))

    def _start_traffic_manager(self, attempts: int = 5) -> Any:
        """On a free port. Another process may take the port in between, so a few are tried."""
        for attempt in range(attempts):
            with socket.socket() as probe:
                probe.bind(("", 0))
                port = probe.getsockname()[1]
            try:
                return self.client.get_trafficmanager(port)
            except RuntimeError:
                if attempt + 1 == attempts:
                    raise
        raise AssertionError

    @property
    def ticker(self) -> Ticker:
        """Of the prepared world."""
        assert self._ticker is not None, "prepare comes first"
        return self._ticker

    @property
    def traffic(self) -> Any:
        """The `carla.TrafficManager` of the prepared world."""
        return self._traffic

    @contextlib.contextmanager
    def patience(self) -> Iterator[None]:
        """Calls may take `Endpoint.load_timeout_s`."""
        self._set_timeout(self.endpoint.load_timeout_s)
        try:
            yield
        finally:
            self._set_timeout(self.endpoint.call_timeout_s)

    def _set_timeout(self, seconds: float) -> None:
        self.client.set_timeout(seconds)
        if self._ticker is not None:
            self._ticker.timeout_s = seconds

    @contextlib.contextmanager
    def calls(self, doing: str) -> Iterator[None]:
        """Turns errors of the client into ServerError that says what was being done."""
        try:
            yield
        except RuntimeError as error:
            raise ServerError(f"{doing}: the CARLA server at {self.endpoint} failed: {error}") from None

    def close(self) -> None:
        """Gives the world its settings back and ends the Traffic Manager; never raises for a dead server."""
        if self._ticker is not None:
            self._ticker.close()
            # A client whose tick hangs holds locks that any further call would wait for.
            if self._ticker.hung or not _listens(self.endpoint):
                return
        with contextlib.suppress(RuntimeError):
            if self._traffic is not None:
                self._traffic.set_synchronous_mode(False)
        with contextlib.suppress(RuntimeError):
            if self._restore is not None:
                self.world.apply_settings(self._restore)
        with contextlib.suppress(RuntimeError):
            if self._traffic is not None:
                self._traffic.shut_down()
        self._traffic = None
