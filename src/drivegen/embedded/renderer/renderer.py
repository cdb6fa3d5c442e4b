"""Draws cameras: colour, depth, tags and object ids of a moment from one pass over the geometry."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

import moderngl
import numpy as np
from jaxtyping import Float64, UInt8

from drivegen.core.errors import RenderError
from drivegen.core.geometry import Mat4
from drivegen.core.weather import Weather
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.renderer.context import Backend, ContextInfo, open_context
from drivegen.embedded.renderer.debug import DebugFigures, DebugLayer
from drivegen.embedded.renderer.gl_calls import GlCalls
from drivegen.embedded.renderer.groups import focus_of, groups_of
from drivegen.embedded.renderer.lamps import LampLights, LampMap, lights_on, map_corner
from drivegen.embedded.renderer.light import Light, light_of
from drivegen.embedded.renderer.mirror import HIGHEST_EYE_M, SHRINK, Mirror, mirrored_clip, seen_in_mirror
from drivegen.embedded.renderer.mirror import LEVEL_ERROR_PX as MIRROR_ERROR_PX
from drivegen.embedded.renderer.motion import Motion, before_block
from drivegen.embedded.renderer.overlays import Overlays
from drivegen.embedded.renderer.parts import ShadingClass
from drivegen.embedded.renderer.placements import (
    COMMAND,
    INSTANCE,
    Placements,
    allowed_errors_m,
    commands,
    in_frustum,
    instances_of,
    levels_for,
    may_shade,
    place,
)
from drivegen.embedded.renderer.programs import (
    LABELS_ONLY,
    LAMP_UNIT,
    SHADOW_UNIT,
    SKY_UNIT,
    STREET_UNIT,
    VIEW_BLOCK,
    Lighting,
    Programs,
)
from drivegen.embedded.renderer.shadows import ShadowFrame, ShadowMaps, shadow_frame
from drivegen.embedded.renderer.sky_maps import SkyMaps
from drivegen.embedded.renderer.spray import Motions
from drivegen.embedded.renderer.store import GeometryStore
from drivegen.embedded.renderer.targets import Target
from drivegen.embedded.renderer.uniforms import clip_relative, light_block, tangents, view_block
from drivegen.embedded.renderer.views import FAR_M, CameraView, GBuffer, Output

LEVEL_ERROR_PX = 0.6
"""Nominal, beyond EXACT_WITHIN_M; outlines lie off by much less."""
MAX_SIDE_PX = 8192


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Moment:
    """What the views of one call share."""

    placed: Placements
    moving: Placements
    drawables: Drawables
    light: Light
    lamps: LampLights
    debug: DebugFigures | None
    time_s: float


class Renderer:
    """Owns a context; every call must come from the thread that made the renderer."""

    def __init__(self, library: MeshLibrary, backend: Backend = "auto", gpu: int | None = None) -> None:
        """Opens a context; `backend` and `gpu` are those of `open_context`."""
        self._library = library
        self._context = open_context(backend, gpu)
        gl = self._gl = self._context.gl
        self._calls = GlCalls(self._context)
        self._calls.depth_from_zero_to_one()
        self._store = GeometryStore(gl, library)
        self._instances = gl.buffer(reserve=INSTANCE.itemsize * 1024)
        self._commands = gl.buffer(reserve=COMMAND.itemsize * 1024)
        self._block = gl.buffer(reserve=VIEW_BLOCK.itemsize)
        self._programs = Programs(gl, self._store, self._instances)
        self._overlays = Overlays(gl, self._programs, self._store)
        self._debug = DebugLayer(gl, self._programs)
        self._motion = Motion(gl, self._programs)
        self._mirror = Mirror(gl)
        self._sky = SkyMaps(gl, self._programs)
        self._shadow_maps: list[ShadowMaps] = []
        self._lamp_maps: list[LampMap] = []
        self._targets: dict[tuple[int, int], list[Target]] = {}
        self._still = Drawables.empty()
        self._still_placed = place(self._store, self._still, 0)
        self._still_lamps = lights_on([], self._still)
        self._still_generation = 0
        self._floor_m = 0.0
        self.culling = True
        """Leave out what no view sees; off only to show that it changes nothing."""
        self.level_error_px = LEVEL_ERROR_PX
        """Nominal error of far levels of detail in the image; 0 draws everything in full."""

    @property
    def info(self) -> ContextInfo:
        """Which OpenGL draws, and why this one."""
        return self._context.info

    def set_static(self, drawables: Drawables) -> None:
        """Takes over what stands still until the next call: the map's ground, buildings, trees, poles."""
        self._context.make_current()
        self._store.take_up()
        self._check(drawables)
        self._still = drawables
        self._reserve(len(drawables))
        if len(drawables):
            self._instances.write(instances_of(drawables))
        self._still_placed = place(self._store, drawables, 0)
        self._still_lamps = lights_on(self._store.emitters, drawables)
        self._still_generation += 1
        self._overlays.set_static(drawables)
        # Trees, lamps and houses stand on the ground: half of them higher, half lower.
        self._floor_m = float(np.median(drawables.world_mesh[:, 2, 3])) if len(drawables) else 0.0

    def render(
        self,
        views: Sequence[CameraView],
        drawables: Drawables,
        weather: Weather,
        wanted: Set[Output],
        debug: DebugFigures | None = None,
        time_s: float = 0.0,
        motions: Motions | None = None,
    ) -> list[GBuffer]:
        """Draws every view of one moment.

        Args:
            views: Cameras; those near one another share the sun's shadows.
            drawables: What moves, and what stands still but changes its lights.
            weather: Sky, sun, fog and wetness.
            wanted: The buffers that are read back.
            debug: What is drawn over the colour and into nothing else.
            time_s: Simulated time: where drops of rain are.
            motions: How fast actors move; without it no spray is drawn.

        Returns:
            A G-buffer for each view, in order.

        Raises:
            RenderError: A drawable names a mesh that the library lacks, or a view is out of range.
        """
        self._context.make_current()
        for view in views:
            _check_view(view)
        moment = self._prepare(drawables, weather, Output.COLOR in wanted, debug, time_s)
        if Output.COLOR in wanted:
            self._overlays.take(views, drawables, moment.light, motions)
        images: list[GBuffer | None] = [None] * len(views)
        for number, group in enumerate(groups_of(views)):
            self._draw_group(number, [(i, views[i]) for i in group], moment, wanted, images)
        return [image for image in images if image is not None]

    def close(self) -> None:
        """Gives the context back."""
        self._context.close()

    def _prepare(
        self,
        drawables: Drawables,
        weather: Weather,
        color: bool,
        debug: DebugFigures | None,
        time_s: float,
    ) -> _Moment:
        self._store.take_up()
        self._check(drawables)
        still = len(self._still)
        self._reserve(still + len(drawables))
        if len(drawables):
            self._instances.write(instances_of(drawables), offset=still * INSTANCE.itemsize)
        moving = place(self._store, drawables, still)
        light = light_of(weather)
        lamps = self._still_lamps
        if color and light.night > 0.0:
            lamps = LampLights.joined(lamps, lights_on(self._store.emitters, drawables))
        if color:
            self._sky.use(light, SKY_UNIT, STREET_UNIT)
        return _Moment(
            placed=Placements.joined(self._still_placed, moving),
            moving=moving,
            drawables=drawables,
            light=light,
            lamps=lamps,
            debug=debug if color else None,
            time_s=time_s,
        )

    def _draw_group(
        self,
        number: int,
        views: Sequence[tuple[int, CameraView]],
        moment: _Moment,
        wanted: Set[Output],
        images: list[GBuffer | None],
    ) -> None:
        color = Output.COLOR in wanted
        focus = np.mean([focus_of(view) for _, view in views], axis=0)
        ground_m = min(self._overlays.ground_m(view) for _, view in views) if color else 0.0
        shadow = None
        if color and moment.light.has_sun:
            shadow = self._draw_shadows(number, focus, [view for _, view in views], moment)
        corner = map_corner(focus)
        glows = None
        if color and moment.light.night > 0.0:
            glows = self._draw_lamps(
                number,
                focus,
                ground_m,
                moment,
                self._view_block(views[0][1], moment, shadow, corner, ground_m),
            )
        # Two targets by turns: while one is read back, the next view is already being drawn.
        waiting: tuple[int, CameraView, Target] | None = None
        for turn, (index, view) in enumerate(views):
            target = self._target(view, turn % 2)
            block = self._view_block(view, moment, shadow, corner, ground_m)
            if color and moment.light.is_wet:
                self._draw_mirror(view, moment, block, ground_m, shadow is not None)
            self._block.write(block.tobytes())
            self._draw_view(view, moment, wanted, target, shadow is not None, glows)
            if waiting is not None:
                images[waiting[0]] = _read(*waiting[1:], wanted)
            waiting = (index, view, target)
        if waiting is not None:
            images[waiting[0]] = _read(*waiting[1:], wanted)

    def _view_block(
        self,
        view: CameraView,
        moment: _Moment,
        shadow: ShadowFrame | None,
        corner: Float64[np.ndarray, "2"],
        ground_m: float,
    ) -> np.ndarray:
        return view_block(view, moment.light, shadow, corner, ground_m, self._floor_m, moment.time_s)

    def _draw_mirror(
        self, view: CameraView, moment: _Moment, block: np.ndarray, ground_m: float, sun: bool
    ) -> None:
        """What the wet ground reflects; without it from so high up that nothing would be seen."""
        gl = self._gl
        self._mirror.begin(view)
        if view.world_camera[2, 3] - ground_m > HIGHEST_EYE_M:
            return
        mirrored = block.copy()
        mirrored["clip_relative"] = mirrored_clip(view, ground_m).T
        self._block.write(mirrored.tobytes())
        self._block.bind_to_uniform_block(0)
        gl.enable_only(gl.DEPTH_TEST | gl.CULL_FACE)
        gl.depth_func = ">"
        gl.front_face = "ccw"
        placed = moment.placed
        seen, distance = seen_in_mirror(placed, view, ground_m)
        chosen = np.flatnonzero(seen & (placed.shading < ShadingClass.ROAD))
        chosen = chosen[np.lexsort((distance[chosen], placed.shading[chosen]))]
        pixel_rad = 2.0 * SHRINK * tangents(view)[0] / view.width_px
        nearest = distance[chosen] - placed.radius_m[chosen]
        allowed_m = allowed_errors_m(nearest, pixel_rad, MIRROR_ERROR_PX)
        levels = levels_for(self._store, placed.part[chosen], allowed_m)
        self._write_commands(commands(self._store, placed, chosen, levels))
        lamps = moment.light.night > 0.0 and not sun
        lighting = Lighting(color=True, sun=sun, lamps=lamps, fog=moment.light.has_fog, reflected=True)
        self._draw_classes(placed.shading[chosen], lighting, moment)

    def _draw_view(
        self,
        view: CameraView,
        moment: _Moment,
        wanted: Set[Output],
        target: Target,
        sun: bool,
        glows: LampMap | None,
    ) -> None:
        gl = self._gl
        color = Output.COLOR in wanted
        drawn = _drawn(view, wanted)
        if not drawn:
            return
        flow = Output.FLOW in drawn
        framebuffer = target.framebuffer(drawn)
        framebuffer.use()
        framebuffer.clear(depth=0.0)
        if flow and view.before is not None:
            clip = clip_relative(view, view.before.world_camera)
            size = (view.width_px, view.height_px)
            block = before_block(clip, view.before.world_camera[:3, 3], size)
            self._motion.take(self._still, moment.drawables, view.before.moving, block)
        self._block.bind_to_uniform_block(0)
        gl.enable_only(gl.DEPTH_TEST | gl.CULL_FACE)
        gl.depth_func = ">"
        gl.front_face = "cw"
        lighting = LABELS_ONLY
        if color:
            lighting = Lighting(
                color=True, normal=Output.NORMAL in wanted, sun=sun, lamps=glows is not None and not sun
            )
        elif Output.NORMAL in wanted:
            lighting = Lighting(color=True, normal=True)
        lighting = replace(lighting, fog=color and moment.light.has_fog, flow=flow)
        self._draw_geometry(view, moment, lighting)
        gl.enable_only(gl.DEPTH_TEST)
        gl.depth_func = ">="
        self._programs.sky(lighting).render(gl.TRIANGLES, vertices=3)
        if color:
            target.color_only().use()
            gl.depth_func = ">"
            self._overlays.draw()
            if glows is not None:
                if moment.light.is_wet:
                    glows.draw_mirrored()
                glows.draw_glows()
            self._overlays.draw_water()
            if moment.debug is not None:
                self._debug.draw(moment.debug, view.world_camera[:3, 3])

    def _draw_geometry(self, view: CameraView, moment: _Moment, lighting: Lighting) -> None:
        placed = moment.placed
        seen, distance = in_frustum(
            placed, view.world_camera[:3, 3], view.world_camera[:3, :3], tangents(view), FAR_M
        )
        chosen = np.flatnonzero(seen) if self.culling else np.arange(len(seen))
        nearest = distance[chosen] - placed.radius_m[chosen]
        shading = placed.shading[chosen]
        if not lighting.color:
            # One program draws all classes when only labels are wanted.
            leaf = shading == ShadingClass.FOLIAGE
            shading = np.where(leaf, np.uint8(ShadingClass.FOLIAGE), np.uint8(ShadingClass.SOLID))
        order = np.lexsort((nearest, shading))
        chosen, shading = chosen[order], shading[order]
        pixel_rad = 2.0 * tangents(view)[0] / view.width_px
        allowed_m = allowed_errors_m(nearest[order], pixel_rad, self.level_error_px)
        levels = levels_for(self._store, placed.part[chosen], allowed_m)
        self._write_commands(commands(self._store, placed, chosen, levels))
        self._draw_classes(shading, lighting, moment)

    def _draw_classes(self, shading: UInt8[np.ndarray, "n"], lighting: Lighting, moment: _Moment) -> None:
        """Draws the commands that were written last, whose classes are these, in order."""
        ends = np.searchsorted(shading, np.arange(len(ShadingClass) + 1))
        for kind in ShadingClass:
            first, count = int(ends[kind]), int(ends[kind + 1] - ends[kind])
            wet = kind.is_ground and moment.light.is_wet
            array = self._programs.array(kind, replace(lighting, wet=wet, mirror=wet))
            if kind == ShadingClass.FOLIAGE:
                # A leaf has no inside: it is seen from behind too, and rays hit it there.
                self._gl.disable(self._gl.CULL_FACE)
            self._render(array, first, count)
            if kind == ShadingClass.FOLIAGE:
                self._gl.enable(self._gl.CULL_FACE)

    def _draw_shadows(
        self, number: int, focus: Float64[np.ndarray, "3"], views: Sequence[CameraView], moment: _Moment
    ) -> ShadowFrame:
        while len(self._shadow_maps) <= number:
            self._shadow_maps.append(ShadowMaps(self._gl, self._calls, self._store, self._programs))
        frame = shadow_frame(moment.light.to_sun, focus)
        maps = self._shadow_maps[number]
        self._block.bind_to_uniform_block(0)

        def use_matrix(matrix: Mat4) -> None:
            self._block.write(light_block(matrix).tobytes())

        def draw_commands(array: moderngl.VertexArray, rows: np.ndarray) -> None:
            self._write_commands(rows)
            self._render(array, 0, len(rows))

        moving = moment.moving
        seen = np.full(len(moving.part), not self.culling)
        for view in views if self.culling else ():
            pose = view.world_camera
            seen |= may_shade(moving, pose[:3, 3], pose[:3, :3], tangents(view), moment.light.to_sun)
        maps.draw(frame, self._still_placed, self._still_generation, moving, seen, draw_commands, use_matrix)
        maps.texture.use(SHADOW_UNIT)
        return frame

    def _draw_lamps(
        self,
        number: int,
        focus: Float64[np.ndarray, "3"],
        ground_m: float,
        moment: _Moment,
        block: np.ndarray,
    ) -> LampMap:
        while len(self._lamp_maps) <= number:
            self._lamp_maps.append(LampMap(self._gl, self._programs))
        lamps = self._lamp_maps[number]
        self._block.write(block.tobytes())
        self._block.bind_to_uniform_block(0)
        lamps.draw(moment.lamps, focus, ground_m)
        lamps.texture.use(LAMP_UNIT)
        return lamps

    def _write_commands(self, rows: np.ndarray) -> None:
        if rows.nbytes > self._commands.size:
            self._commands.orphan(2 * rows.nbytes)
        if len(rows):
            self._commands.write(rows.tobytes())

    def _render(self, array: moderngl.VertexArray, first: int, count: int) -> None:
        if count:
            array.render_indirect(self._commands, self._gl.TRIANGLES, count=count, first=first)

    def _reserve(self, rows: int) -> None:
        size = rows * INSTANCE.itemsize
        if size <= self._instances.size:
            return
        larger = self._gl.buffer(reserve=2 * size)
        self._gl.copy_buffer(larger, self._instances, self._instances.size)
        self._programs.use_instances(larger)
        self._instances.release()
        self._instances = larger

    def _target(self, view: CameraView, turn: int) -> Target:
        size = (view.width_px, view.height_px)
        targets = self._targets.setdefault(size, [])
        while len(targets) <= turn:
            targets.append(Target(self._gl, self._calls, *size))
        return targets[turn]

    def _check(self, drawables: Drawables) -> None:
        if len(drawables) == 0:
            return
        highest, lowest = int(drawables.mesh_index.max()), int(drawables.mesh_index.min())
        if lowest < 0 or highest >= self._store.mesh_count:
            raise RenderError(
                f"a drawable names mesh {lowest if lowest < 0 else highest}, the library holds "
                f"{self._store.mesh_count}: add the mesh to the library that the renderer was made with"
            )


def _check_view(view: CameraView) -> None:
    if not 1.0 <= view.fov_deg <= 170.0:
        raise RenderError(f"a camera's field of view is {view.fov_deg} degrees: give one between 1 and 170")
    if not (1 <= view.width_px <= MAX_SIDE_PX and 1 <= view.height_px <= MAX_SIDE_PX):
        raise RenderError(
            f"a camera's image is {view.width_px}x{view.height_px}: give sides between 1 and {MAX_SIDE_PX}"
        )


def _drawn(view: CameraView, wanted: Set[Output]) -> Set[Output]:
    """What of the wanted the shaders must say: there is no flow without a moment before."""
    return wanted if view.before is not None else wanted - {Output.FLOW}


def _read(view: CameraView, target: Target, wanted: Set[Output]) -> GBuffer:
    drawn = _drawn(view, wanted)
    image = target.read(drawn) if drawn else GBuffer()
    if Output.FLOW in wanted and image.flow is None:
        image = replace(image, flow=np.zeros((view.height_px, view.width_px, 2), np.float32))
    if image.bgra is None:
        return image
    if view.smooth:
        target.smoother.smooth(image.bgra)
    if view.gamma == 2.2:
        return image
    table = np.rint(255.0 * (np.arange(256) / 255.0) ** (2.2 / view.gamma)).astype(np.uint8)
    image.bgra[..., :3] = table[image.bgra[..., :3]]
    return image
