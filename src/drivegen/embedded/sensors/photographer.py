"""Cameras, measured together so that they share their views."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from drivegen.embedded.drawables import Drawables
from drivegen.embedded.renderer.renderer import Renderer
from drivegen.embedded.renderer.spray import Motions
from drivegen.embedded.renderer.views import Before, CameraView, Output
from drivegen.embedded.sensors.camera import Camera
from drivegen.embedded.sensors.casting import pose_key
from drivegen.embedded.sensors.measurements import CameraData
from drivegen.embedded.sensors.moment import Moment
from drivegen.embedded.sensors.request import Request


@dataclass(slots=True, kw_only=True, eq=False)
class _Shot:
    """One view and the cameras that look through it."""

    view: CameraView
    wanted: set[Output]
    users: list[tuple[int, Camera]]
    ignored: frozenset[int]
    """Ids of vehicles that are left out."""

    def join(self, index: int, camera: Camera, view: CameraView) -> bool:
        """Takes a camera of the same pose and form; false if it needs a view of its own.

        Only those that show colour mind the exposure, and only those that show flow what was before.
        """
        if Output.COLOR in camera.outputs:
            if Output.COLOR not in self.wanted:
                # Only labels so far: the view takes this camera's exposure.
                self.view = replace(view, before=self.view.before)
            elif _drawing(self.view) != _drawing(view):
                return False
        if Output.FLOW in camera.outputs:
            if Output.FLOW not in self.wanted:
                self.view = replace(self.view, before=view.before)
            elif not _same(self.view.before, view.before):
                return False
        self.wanted |= camera.outputs
        self.users.append((index, camera))
        return True


class Photographer:
    """Measures cameras. The renderer comes into being when the first one needs it."""

    def __init__(self, make_renderer: Callable[[], Renderer]) -> None:
        self._make_renderer = make_renderer
        self._renderer: Renderer | None = None
        self._drawn_static: Drawables | None = None

    def measure(self, requests: Sequence[tuple[int, Request]], moment: Moment) -> dict[int, CameraData]:
        """The measurements by the requests' numbers; none for an event camera that sees no change.

        Cameras of one pose, size and field of view share a view.

        Raises:
            RenderError: This machine cannot render.
        """
        groups: dict[tuple[object, ...], list[_Shot]] = {}
        seen = {request.ignored: moment.without(request.ignored) for _, request in requests}
        for index, request in requests:
            if isinstance(request.sensor, Camera):
                _join(groups, index, request, request.sensor, seen[request.ignored])
        shots = [shot for group in groups.values() for shot in group]
        if self._renderer is None:
            self._renderer = self._make_renderer()
        if self._drawn_static is not moment.static:
            self._renderer.set_static(moment.static)
            self._drawn_static = moment.static
        by_wanted: dict[tuple[frozenset[int], frozenset[Output]], list[_Shot]] = {}
        for shot in shots:
            by_wanted.setdefault((shot.ignored, frozenset(shot.wanted)), []).append(shot)
        out: dict[int, CameraData] = {}
        for (ignored, wanted), group in by_wanted.items():
            views, moving = [shot.view for shot in group], seen[ignored].moving
            buffers = self._renderer.render(
                views,
                moving,
                moment.weather,
                wanted,
                moment.debug,
                moment.clock_s,
                Motions(ids=moment.movers.ids, velocity_mps=moment.movers.velocity_mps),
            )
            for shot, buffer in zip(group, buffers, strict=True):
                for index, camera in shot.users:
                    data = camera.image(buffer, moment.time_s)
                    if data is not None:
                        out[index] = data
        return out

    def close(self) -> None:
        """Frees the renderer; the photographer cannot be used afterwards."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None


def _join(
    groups: dict[tuple[object, ...], list[_Shot]],
    index: int,
    request: Request,
    camera: Camera,
    moment: Moment,
) -> None:
    """Adds the camera to a shot of its pose and form, or to one of its own."""
    key = (
        (camera.width_px, camera.height_px, camera.fov_deg),
        pose_key(request.world_sensor),
        request.ignored,
    )
    group = groups.setdefault(key, [])
    view = camera.look(request.world_sensor, moment)
    if not any(shot.join(index, camera, view) for shot in group):
        users = [(index, camera)]
        group.append(_Shot(view=view, wanted=set(camera.outputs), users=users, ignored=request.ignored))


def _drawing(view: CameraView) -> tuple[object, ...]:
    return (view.exposure_ev, view.gamma, view.camera_ev, view.ev_limits)


def _same(a: Before | None, b: Before | None) -> bool:
    if a is None or b is None:
        return a is b
    return a.moving is b.moving and pose_key(a.world_camera) == pose_key(b.world_camera)
