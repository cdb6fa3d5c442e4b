"""All traffic lights of a world."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float64, Int32, UInt8, UInt32

from drivegen.embedded.traffic_lights.approaches import find_approaches
from drivegen.embedded.traffic_lights.groups import Group, light_groups
from drivegen.embedded.traffic_lights.halts import Halts
from drivegen.embedded.traffic_lights.states import LightState
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.signals import SignalHead, signal_heads

__all__ = ["LightState", "TrafficLights"]

GREEN_TIME_S, YELLOW_TIME_S, RED_TIME_S = 10.0, 3.0, 2.0
"""CARLA's defaults."""
USUAL_BRAKING_MPS2 = 6.5


class _Cycle:
    """Where a group stands in its turns."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.rows = np.array(group.rows, np.intp)
        self.phase = 0
        self.stage = LightState.GREEN
        self.left_s = 0.0
        self.frozen = False
        self.led = False
        """Somebody else says what the lights show: the clock stands without being frozen."""


class TrafficLights:
    """State of all lights, structure of arrays; row i is `opendrive.signals.signal_heads(network)[i]`.

    Lights of one junction form a group. Within it, lights of one controller show the same; controllers take
    turns: green, yellow, then all red. Without controllers, opposite approaches share a turn.
    """

    def __init__(self, network: RoadNetwork, heads: Sequence[SignalHead] | None = None) -> None:
        """Lights of a map, all groups at the start of their first phase.

        Args:
            network: The map.
            heads: Its signal heads, if they are known already.
        """
        heads = signal_heads(network) if heads is None else heads
        n = len(heads)
        self._opendrive_ids = tuple(head.signal_id for head in heads)
        self._state = np.full(n, LightState.RED, np.uint8)
        self._elapsed = np.zeros(n)
        self._green, self._yellow = np.full(n, GREEN_TIME_S), np.full(n, YELLOW_TIME_S)
        self._red = np.full(n, RED_TIME_S)
        self._cycles = [_Cycle(group) for group in light_groups(heads)]
        self._cycle_of: dict[int, _Cycle] = {}
        self._pole = np.zeros(n, np.int32)
        for cycle in self._cycles:
            for place, row in enumerate(cycle.group.rows):
                self._cycle_of[row] = cycle
                self._pole[row] = place
        self._halts = Halts(find_approaches(network, heads))
        self._dt_s = 0.05
        self.reset_all()

    def __len__(self) -> int:
        return len(self._state)

    def step(self, dt_s: float) -> None:
        """Moves the clock of every group on."""
        self._dt_s = dt_s
        for cycle in self._cycles:
            if cycle.frozen or cycle.led:
                continue
            self._elapsed[cycle.rows] += dt_s
            cycle.left_s -= dt_s
            while cycle.left_s <= 1e-9:
                self._next_stage(cycle)

    def _next_stage(self, cycle: _Cycle) -> None:
        late_s = cycle.left_s
        if cycle.stage == LightState.GREEN:
            self._begin(cycle, LightState.YELLOW)
        elif cycle.stage == LightState.YELLOW:
            self._begin(cycle, LightState.RED)
        else:
            cycle.phase = (cycle.phase + 1) % len(cycle.group.phases)
            self._begin(cycle, LightState.GREEN)
        cycle.left_s += late_s

    def _begin(self, cycle: _Cycle, stage: LightState) -> None:
        """Shows a stage of the current phase for its time; lights out of turn are red."""
        cycle.stage = stage
        turn = cycle.group.phases[cycle.phase]
        for row in cycle.group.rows:
            self._show(row, stage if row in turn else LightState.RED)
        times, default = {
            LightState.GREEN: (self._green, GREEN_TIME_S),
            LightState.YELLOW: (self._yellow, YELLOW_TIME_S),
            LightState.RED: (self._red, RED_TIME_S),
        }[stage]
        # At least a millisecond, so that times of 0 cannot make a cycle turn for ever within one step.
        cycle.left_s = max(1e-3, float(times[turn[0]]) if turn else default)

    def _show(self, row: int, state: LightState) -> None:
        if self._state[row] != state:
            self._state[row] = state
            self._elapsed[row] = 0.0

    def _turn_of(self, row: int) -> list[int]:
        """Rows of the light's phase."""
        return list(next(phase for phase in self._cycle_of[row].group.phases if row in phase))

    def set_state(self, row: int, state: LightState) -> None:
        """Shows a state until the group's next change, which sets all its lights anew (freeze to keep it)."""
        self._show(row, state)

    def set_green_time(self, row: int, time_s: float) -> None:
        """Length of green from the next one on, for the light and those of its phase."""
        self._green[self._turn_of(row)] = max(0.0, time_s)

    def set_yellow_time(self, row: int, time_s: float) -> None:
        """Length of yellow from the next one on, for the light and those of its phase."""
        self._yellow[self._turn_of(row)] = max(0.0, time_s)

    def set_red_time(self, row: int, time_s: float) -> None:
        """Length of all-red after the light's yellow from the next one on, for it and those of its phase."""
        self._red[self._turn_of(row)] = max(0.0, time_s)

    def freeze(self, row: int, frozen: bool) -> None:
        """Stops the clock of the light's group, or lets it run again."""
        self._cycle_of[row].frozen = frozen

    def freeze_all(self, frozen: bool) -> None:
        """Stops every clock, or lets them run again."""
        for cycle in self._cycles:
            cycle.frozen = frozen

    def reset_group(self, row: int) -> None:
        """Starts the light's group afresh: first phase green."""
        self._reset(self._cycle_of[row])

    def reset_all(self) -> None:
        """Starts every group afresh."""
        for cycle in self._cycles:
            self._reset(cycle)

    def _reset(self, cycle: _Cycle) -> None:
        cycle.phase = 0
        self._begin(cycle, LightState.GREEN)
        self._elapsed[list(cycle.group.rows)] = 0.0

    def lead(
        self,
        rows: Int32[np.ndarray, "k"],
        state: UInt8[np.ndarray, "k"],
        elapsed_s: Float64[np.ndarray, "k"],
        frozen: Bool[np.ndarray, "k"],
    ) -> None:
        """Makes lights show what others showed (a recording's); their clocks stand until `let_go`.

        Args:
            rows: Which.
            state: `LightState` of each.
            elapsed_s: For how long it has shown it.
            frozen: Whether its clock stood.
        """
        self._state[rows] = state
        self._elapsed[rows] = elapsed_s
        for row, stands in zip(rows.tolist(), frozen.tolist(), strict=True):
            self._cycle_of[row].led = True
            self._cycle_of[row].frozen = stands

    def let_go(self) -> None:
        """Lets the clocks of led groups run on from what their lights show."""
        for cycle in self._cycles:
            if cycle.led:
                cycle.led = False
                self._take_up(cycle)

    def _take_up(self, cycle: _Cycle) -> None:
        for stage, times in ((LightState.GREEN, self._green), (LightState.YELLOW, self._yellow)):
            for phase, turn in enumerate(cycle.group.phases):
                shown = [row for row in turn if self._state[row] == stage]
                if shown:
                    cycle.phase, cycle.stage = phase, stage
                    cycle.left_s = max(1e-3, float(times[turn[0]] - self._elapsed[shown[0]]))
                    return
        # All red: the turn that has just ended is the one whose lights turned red last.
        waited = [
            min((float(self._elapsed[row]) for row in turn), default=np.inf) for turn in cycle.group.phases
        ]
        cycle.phase, cycle.stage = int(np.argmin(waited)), LightState.RED
        turn = cycle.group.phases[cycle.phase]
        red_s = float(self._red[turn[0]]) if turn else RED_TIME_S
        cycle.left_s = max(1e-3, red_s - min(waited))

    def group_rows(self, row: int) -> Int32[np.ndarray, "k"]:
        """Rows of the lights of the same junction, itself among them."""
        return np.array(self._cycle_of[row].group.rows, np.int32)

    @property
    def state(self) -> UInt8[np.ndarray, "n"]:
        """`LightState` of each light."""
        return self._state.copy()

    @property
    def elapsed_s(self) -> Float64[np.ndarray, "n"]:
        """For how long each light has shown its state."""
        return self._elapsed.copy()

    @property
    def green_time_s(self) -> Float64[np.ndarray, "n"]:
        """As set, default 10."""
        return self._green.copy()

    @property
    def yellow_time_s(self) -> Float64[np.ndarray, "n"]:
        """As set, default 3."""
        return self._yellow.copy()

    @property
    def red_time_s(self) -> Float64[np.ndarray, "n"]:
        """As set, default 2."""
        return self._red.copy()

    @property
    def frozen(self) -> Bool[np.ndarray, "n"]:
        """Whose clock stands."""
        return np.array([self._cycle_of[row].frozen for row in range(len(self))], np.bool_)

    @property
    def pole_index(self) -> Int32[np.ndarray, "n"]:
        """Place of a light within its group."""
        return self._pole.copy()

    @property
    def opendrive_ids(self) -> tuple[str, ...]:
        """Signal ids of the map."""
        return self._opendrive_ids

    def at_light(
        self,
        vehicle_ids: UInt32[np.ndarray, "m"],
        position_m: Float64[np.ndarray, "m 3"],
        yaw_rad: Float64[np.ndarray, "m"],
        speed_mps: Float64[np.ndarray, "m"],
        half_length_m: Float64[np.ndarray, "m"],
        brake_deceleration_mps2: Float64[np.ndarray, "m"] | None = None,
    ) -> Int32[np.ndarray, "m"]:
        """Row of the light that each vehicle is at, -1 for none. Call once a step, after `step`.

        A vehicle is at a light from where braking hard would stop it before the stop line until its front
        has passed the line. Who has been told stays told (the zone shrinks with the speed otherwise), so
        this remembers vehicles by id. For -1 the record says not at a light and state Green, as CARLA does.

        Args:
            vehicle_ids: Any order; ids that are missing are forgotten.
            position_m: Origins: middle of the box seen from above.
            yaw_rad: Headings.
            speed_mps: Along the vehicle.
            half_length_m: From the origin to the front bumper.
            brake_deceleration_mps2: At full pedal; 6.5 where it is not known.
        """
        if brake_deceleration_mps2 is None:
            brake_deceleration_mps2 = np.full(len(position_m), USUAL_BRAKING_MPS2)
        return self._halts.update(
            vehicle_ids, position_m, yaw_rad, speed_mps, half_length_m, brake_deceleration_mps2, self._state,
            self._dt_s,
        )  # fmt: skip
