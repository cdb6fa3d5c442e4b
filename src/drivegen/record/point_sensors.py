"""The LiDARs and radars of an agent: raw data and truth of a tick to sweeps and scans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import UInt32

from drivegen.capture.frame import RadarScan, Sweep
from drivegen.core.actors import PEOPLE
from drivegen.core.plans import ScenePlan
from drivegen.core.sensors import Lidar, Radar
from drivegen.core.weather import Weather
from drivegen.record.agents import Agent, Carried
from drivegen.record.degradation.atmosphere import Atmosphere
from drivegen.record.degradation.spray import Cloud, cloud_of
from drivegen.record.lidar_model import LidarModel
from drivegen.record.lidar_parts import gather
from drivegen.record.radar_model import Carrier, RadarModel, Target
from drivegen.record.reflectance import paint_reflectance
from drivegen.record.truth import Observation, Tracked


class PointSensors:
    """Makes what the LiDARs and radars of an agent deliver."""

    def __init__(self, plan: ScenePlan, agent: Agent) -> None:
        self._plan = plan
        self._rig = agent.rig
        self._seed = agent.seed(plan.seed)
        self._tick_s = plan.tick_s
        self._weather: Weather | None = None
        self.follow(plan.weather.parameters)
        self._paint: dict[int, float] = {}
        self._known: set[int] = set()

    def follow(self, weather: Weather) -> None:
        """Takes another weather for the sweeps and scans that follow."""
        if weather == self._weather:
            return
        self._weather = weather
        plan, clear = self._plan, Atmosphere()
        air = Atmosphere.of(weather, plan.degradation)
        self._air = air if plan.degradation.lidar else clear
        # The models remember nothing, so that new ones may take the place of the old at any frame.
        rig = self._rig
        self._lidars = {s.name: LidarModel(s, self._air, self._seed) for s in rig.lidars}
        radio = air if plan.degradation.radar else clear
        self._radars = {s.name: RadarModel(s, radio, self._seed) for s in rig.radars}

    def sweep(
        self,
        lidar: Lidar,
        parts: Mapping[str, Any],
        index: int,
        carried: Carried,
        everybody: Sequence[Observation],
        annotated: UInt32[np.ndarray, "m"],
    ) -> Sweep:
        """A LiDAR's sweep.

        Args:
            lidar: Which one.
            parts: Its raw data by part.
            index: Of the frame.
            carried: The agent.
            everybody: All vehicles and walkers, also who carries it.
            annotated: Ids that stay in the sweep.
        """
        self._learn_paint(everybody)
        return self._lidars[lidar.name].sweep(
            gather(lidar, parts, self._tick_s),
            index,
            annotated,
            self._paint,
            carried.map_agent @ lidar.agent_sensor,
            self._clouds(everybody),
        )

    def scan(
        self,
        radar: Radar,
        parts: Mapping[str, Any],
        index: int,
        carried: Carried,
        everybody: Sequence[Observation],
        annotated: UInt32[np.ndarray, "m"],
    ) -> RadarScan:
        """A radar's detections; arguments as of `sweep`."""
        map_sensor = carried.map_agent @ radar.agent_sensor
        lever = map_sensor.position_m - carried.map_agent.position_m
        carrier = Carrier(
            map_sensor=map_sensor,
            velocity_mps=carried.velocity_mps + np.cross(carried.angular_velocity_radps, lever),
            ground_m=float(carried.map_agent.position_m[2]),
            heading=np.ascontiguousarray(carried.map_agent.rotation[:, 0]),
            box=carried.box,
        )
        targets = [
            Target(
                object_id=o.tracked.track_id,
                object_class=o.tracked.object_class,
                box=o.box,
                velocity_mps=o.velocity_mps,
            )
            for o in everybody
            if o.tracked.track_id != carried.track_id
        ]
        return self._radars[radar.name].scan(parts["radar"].raw_data, index, carrier, targets, annotated)

    def _clouds(self, observed: Sequence[Observation]) -> list[Cloud]:
        if self._air.film_mm <= 0.0:
            return []
        made = (
            cloud_of(o.box, float(o.velocity_mps @ o.box.pose.rotation[:, 0]), self._air.film_mm)
            for o in observed
            if o.tracked.object_class not in PEOPLE
        )
        return [cloud for cloud in made if cloud is not None]

    def _learn_paint(self, observed: Sequence[Observation]) -> None:
        """Colours of objects that were not seen before."""
        for each in observed:
            if each.tracked.track_id not in self._known:
                self._known.add(each.tracked.track_id)
                color = color_of(each.tracked)
                if color is not None:
                    self._paint[each.tracked.track_id] = paint_reflectance(color)


def color_of(tracked: Tracked) -> tuple[int, int, int] | None:
    """The paint of a vehicle, from the attribute that CARLA's blueprints have for it; none for others."""
    text = tracked.actor.attributes.get("color", "") if tracked.object_class not in PEOPLE else ""
    parts = text.split(",")
    if len(parts) != 3 or not all(p.strip().isdigit() for p in parts):
        return None
    red, green, blue = (min(int(p), 255) for p in parts)
    return red, green, blue
