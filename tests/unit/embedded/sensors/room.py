"""A world to measure, a stand-in for the renderer, and short ways to ask."""

import numpy as np

from drivegen.core.tags import Tag
from drivegen.core.weather import Weather
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.raycast.scene import RayScene
from drivegen.embedded.renderer.views import GBuffer, Output
from drivegen.embedded.sensors.geolocation import GeoReference
from drivegen.embedded.sensors.moment import BodyState, Moment
from drivegen.embedded.sensors.request import Request
from drivegen.embedded.sensors.suite import SensorSuite, make_sensor
from tests.unit.embedded.raycast.shapes import box, ground, place

STILL = (0.0, 0.0, 0.0)


def world():
    """A library with ground (0), a wall box 20 x 20 x 20 (1) and a car (2)."""
    library = MeshLibrary()
    library.add(ground(400.0))
    library.add(box(20.0, 20.0, 20.0, Tag.WALL))
    library.add(box(4.0, 2.0, 1.5, Tag.CAR))
    return library


def moment(static=None, moving=None, dt_s=0.1, time_s=0.0, **others):
    return Moment(
        static=static if static is not None else Drawables.empty(),
        moving=moving if moving is not None else Drawables.empty(),
        weather=Weather(),
        time_s=time_s,
        dt_s=dt_s,
        geo_reference=others.pop("geo_reference", GeoReference()),
        **others,
    )


def inside_room():
    """The sensor at the origin sees the room's walls at 10 m on every side."""
    return place((1, 0, STILL, STILL))


def request(sensor, world_sensor=None, body=None):
    return Request(
        sensor=sensor,
        world_sensor=np.eye(4) if world_sensor is None else world_sensor,
        body=body or BodyState.at_rest(np.zeros(3)),
    )


def texts(**attributes):
    return {name: str(value) for name, value in attributes.items()}


def sensor(type_id, seed=0, **attributes):
    return make_sensor(type_id, texts(**attributes), seed)


class CountingScene(RayScene):
    """A ray scene that notes how often and how much it was asked."""

    def __init__(self, library):
        super().__init__(library)
        self.casts = []
        self.statics = 0

    def set_static(self, drawables):
        self.statics += 1
        super().set_static(drawables)

    def cast(self, origins, directions, t_max=np.inf, rotation=None):
        self.casts.append(len(directions))
        return super().cast(origins, directions, t_max, rotation)


class PaintedRenderer:
    """Answers as the renderer does, with pictures that are known: depth, id and tag grow with the column."""

    def __init__(self):
        self.statics = 0
        self.calls = []
        self.drawn_ids = []
        self.closed = False
        self.shade = 100

    def set_static(self, drawables):
        self.statics += 1

    def render(self, views, drawables, weather, wanted, debug=None, time_s=0.0, motions=None):
        self.calls.append((list(views), set(wanted)))
        self.drawn_ids.append(drawables.object_id)
        return [self._paint(view, wanted) for view in views]

    def close(self):
        self.closed = True

    def _paint(self, view, wanted):
        shape = (view.height_px, view.width_px)
        column = np.broadcast_to(np.arange(view.width_px), shape)
        labels = np.stack([column + 1, column + 2, column + 3, np.full(shape, 255)], -1).astype(np.uint8)
        bgra = np.full((*shape, 4), 255, np.uint8)
        bgra[..., :3] = np.uint8(self.shade + view.exposure_ev)
        return GBuffer(
            bgra=bgra if Output.COLOR in wanted else None,
            depth_m=(column * 0.25).astype(np.float32) if Output.DEPTH in wanted else None,
            labels=labels if Output.LABELS in wanted else None,
            normal=np.broadcast_to(np.float32([0, 0.6, 0.8]), (*shape, 3))
            if Output.NORMAL in wanted
            else None,
            flow=self._flow(view) if Output.FLOW in wanted else None,
        )

    def _flow(self, view):
        """Zero without a moment before, else how far the camera has come forward."""
        flow = np.zeros((view.height_px, view.width_px, 2), np.float32)
        if view.before is not None:
            flow[..., 0] = view.world_camera[0, 3] - view.before.world_camera[0, 3]
        return flow


def suite(library=None):
    """(suite, renderer, a function that gives the ray scene once it exists)."""
    renderer = PaintedRenderer()
    made = []

    def make_ray_scene():
        made.append(CountingScene(library or world()))
        return made[-1]

    return SensorSuite(lambda: renderer, make_ray_scene), renderer, lambda: made[0]


def measure_one(a_sensor, a_moment, library=None, world_sensor=None):
    """One measurement by a suite of its own."""
    one, _, _ = suite(library)
    try:
        return one.measure([request(a_sensor, world_sensor)], a_moment)[0]
    finally:
        one.close()
