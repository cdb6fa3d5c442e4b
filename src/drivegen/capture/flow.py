"""Exact optical flow between images of one camera, and how well colours follow it.

Where a pixel's point was in an earlier image follows from its depth, the camera's poses and, for what moves,
the poses of its object's box: nothing is estimated from colours. What bends (the limbs of people, turning
wheels) is taken to move with its box.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64, UInt8, UInt16

from drivegen.capture.clip import ClipImage
from drivegen.core.geometry import Pose
from drivegen.core.lenses import Lens

_SAME_DEPTH = 0.02
"""Share by which the depth of a point may differ from the depth of the surface where it should be seen."""
_SAME_INVERSE_PER_M = 1e-4
"""The same for what is far: a difference of inverse distances."""
_MOST_SAMPLES_PX = 320
"""Columns at which the warp error is measured."""

_FOLD = 1024

Field = Float32[np.ndarray, "rows columns 2"]
Colours = UInt8[np.ndarray, "h w 3"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moment:
    """The geometry of one image, asked for at the cells of a grid that begins at the image's top left."""

    optics: Lens
    map_optical: Pose
    map_objects: dict[int, Pose]
    """Poses of the objects around, by the id that instance images hold."""
    inverse_per_m: Float32[np.ndarray, "h w"]
    """1 / distance along the ray of each pixel; 0 for sky."""
    instance: UInt16[np.ndarray, "h w"]
    pixels: Float64[np.ndarray, "rows columns 2"]
    """Of each cell: the centre of the pixel that stands for it."""
    points_m: Float64[np.ndarray, "rows columns 3"]
    """What that pixel shows, in the optical frame; a direction for sky."""
    sky: Bool[np.ndarray, "rows columns"]
    known: Bool[np.ndarray, "rows columns"]
    """Inside the image and what the lens sees, and sky or of known depth."""

    @staticmethod
    def of(image: ClipImage, rows: int, columns: int, cell_px: tuple[float, float] | None = None) -> Moment:
        """Of an image. Cells are `cell_px` (width, height) large; absent: as large as fills the image."""
        height, width = image.tag.shape
        wide, high = cell_px or (width / columns, height / rows)
        y, x = np.floor((np.arange(rows) + 0.5) * high), np.floor((np.arange(columns) + 0.5) * wide)
        inside = (y < height)[:, None] & (x < width)[None, :]
        at = np.ix_(np.minimum(y, height - 1).astype(int), np.minimum(x, width - 1).astype(int))
        distance, rays = image.distance_m, image.rays[at].astype(np.float64)
        here, sky = distance[at], image.sky[at]
        with np.errstate(divide="ignore"):
            inverse = np.float32(1) / distance
        return Moment(
            optics=image.camera.optics,
            map_optical=image.map_optical,
            map_objects=image.map_objects,
            inverse_per_m=inverse,
            instance=image.instance,
            pixels=np.stack(np.meshgrid(x + 0.5, y + 0.5), axis=-1),
            points_m=rays * np.where(sky, 1.0, here)[..., None],
            sky=sky,
            # A lens sees nothing where it has no ray.
            known=inside & rays.any(axis=-1) & (sky | (image.depth_m[at] > 0.0)),
        )

    def anchors(self) -> Anchors:
        """What the cells show, wherever it goes."""
        height, width = self.instance.shape
        x, y = (self.pixels[..., axis].astype(int) for axis in (0, 1))
        ids = self.instance[np.minimum(y, height - 1), np.minimum(x, width - 1)].reshape(-1)
        points = self.points_m.reshape(-1, 3) @ self.map_optical.rotation.T
        sky, known = self.sky.reshape(-1), self.known.reshape(-1).copy()
        points[~sky] += self.map_optical.position_m
        for each in np.unique(ids[ids > 0]):
            mine = ids == each
            pose = self.map_objects.get(int(each))
            if pose is None:
                known[mine] = False
            else:
                points[mine] = pose.inverse().transform_points(points[mine])
        return Anchors(points_m=points, ids=ids, sky=sky, known=known)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Anchors:
    """Points that stay on what they are on."""

    points_m: Float64[np.ndarray, "n 3"]
    """In the frame of their object's box; in the world where there is none; directions in it for sky."""
    ids: UInt16[np.ndarray, "n"]
    """Of their objects, as instance images have them."""
    sky: Bool[np.ndarray, "n"]
    known: Bool[np.ndarray, "n"]
    """The others have no depth, or an object without a label: where they are later cannot be told."""

    def in_view(self, moment: Moment) -> tuple[Float64[np.ndarray, "n 2"], Bool[np.ndarray, "n"]]:
        """Where an image has them, in its pixels, and whether it shows them: inside, hidden by nothing."""
        known, points = self.known.copy(), self.points_m.copy()
        for each in np.unique(self.ids[self.ids > 0]):
            mine = self.ids == each
            pose = moment.map_objects.get(int(each))
            if pose is None:
                known[mine] = False
            else:
                points[mine] = pose.transform_points(points[mine])
        points[~self.sky] -= moment.map_optical.position_m
        points = points @ moment.map_optical.rotation
        at = moment.optics.project(points)
        return at, known & self._shown(points, at, moment)

    def replaced(self, at: Int64[np.ndarray, "m"], others: Anchors, taken: Int64[np.ndarray, "m"]) -> Anchors:
        """These, but at some places others' points of given numbers."""
        points, ids, sky, known = self.points_m.copy(), self.ids.copy(), self.sky.copy(), self.known.copy()
        points[at], ids[at] = others.points_m[taken], others.ids[taken]
        sky[at], known[at] = others.sky[taken], others.known[taken]
        return Anchors(points_m=points, ids=ids, sky=sky, known=known)

    def _shown(
        self, points_m: Float64[np.ndarray, "n 3"], at_px: Float64[np.ndarray, "n 2"], moment: Moment
    ) -> Bool[np.ndarray, "n"]:
        height, width = moment.instance.shape
        with np.errstate(invalid="ignore"):
            inside = (at_px >= 0.0).all(axis=-1) & (at_px[:, 0] < width) & (at_px[:, 1] < height)
        at = np.where(inside[:, None], at_px, 0.5)
        # A plane's inverse depth is linear in the image, so between pixels it is interpolated.
        # (OpenCV takes no row of 32767 and more.)
        folded = np.resize(at, (-(-len(at) // _FOLD), _FOLD, 2))
        there = _sampled(moment.inverse_per_m, folded).reshape(-1)[: len(at)]
        inverse = np.where(self.sky, 0.0, 1.0 / np.maximum(np.linalg.norm(points_m, axis=-1), 1e-6))
        same = np.abs(there - inverse) < _SAME_DEPTH * inverse + _SAME_INVERSE_PER_M
        return inside & same & (moment.instance[at[:, 1].astype(int), at[:, 0].astype(int)] == self.ids)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flow:
    """Where the cells of a grid were in an earlier image."""

    source_px: Field
    """Position in the earlier image of what each cell's pixel shows; NaN where it was behind the camera."""
    shift_px: Field
    """`source_px` less the pixel's own position; 0 where that is not known."""
    seen: Bool[np.ndarray, "rows columns"]
    """Whether the earlier image shows it: inside the border, and hidden by nothing."""


def flow_between(now: Moment, before: Moment) -> Flow:
    """From an image back to an earlier one (or any other) of a camera with the same optics."""
    anchors = now.anchors()
    at, seen = anchors.in_view(before)
    source, known = at.reshape(now.pixels.shape), anchors.known.reshape(now.known.shape)
    if before.map_objects.keys() != now.map_objects.keys():
        gone = list(now.map_objects.keys() - before.map_objects.keys())
        known = known & ~np.isin(anchors.ids, gone).reshape(known.shape)
    with np.errstate(invalid="ignore"):
        shift = np.where(np.isfinite(source) & known[..., None], source - now.pixels, 0.0)
    return Flow(
        source_px=source.astype(np.float32),
        shift_px=shift.astype(np.float32),
        seen=seen.reshape(known.shape),
    )


def _sampled(image: np.ndarray, at_px: np.ndarray) -> Float32[np.ndarray, "rows columns *c"]:
    """An image between its pixels, bilinear; positions have pixel centres at halves."""
    at = (at_px - 0.5).astype(np.float32)
    return np.asarray(
        cv2.remap(image, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    )


def warped(image: np.ndarray, flow: Flow) -> Float32[np.ndarray, "rows columns *c"]:
    """The earlier image as the grid of the flow sees it; where it is not `seen` it means nothing."""
    at = np.where(np.isfinite(flow.source_px), flow.source_px, np.float32(0))
    return _sampled(image.astype(np.float32), at)


@dataclass(slots=True, kw_only=True)
class WarpError:
    """Mean squared difference of colours (0..1) between images and their warped predecessors, where seen.

    The measure of Lai et al., "Learning Blind Video Temporal Consistency", ECCV 2018, with exact flow and
    exact occlusion. It is 0 only for what looks the same from every side: compare it with the simulator's.
    """

    squares: float = 0.0
    samples: int = 0

    def add(self, now: Colours, before: Colours, flow: Flow, at: Moment) -> None:
        """Takes a pair of images in; `at` is the later one's moment."""
        pixels = at.pixels.astype(int)
        here = now[pixels[..., 1], pixels[..., 0]].astype(np.float32)
        apart = (here - warped(before, flow))[flow.seen] / np.float32(255)
        self.squares += float((apart.astype(np.float64) ** 2).sum())
        self.samples += apart.size

    @property
    def mean(self) -> float | None:
        """None before there is a pair that shows the same."""
        return self.squares / self.samples if self.samples else None


@dataclass(slots=True, kw_only=True)
class WarpMeter:
    """Warp errors of a clip: of its look, and of the simulator's own images beside it."""

    look: WarpError = field(default_factory=WarpError)
    simulator: WarpError = field(default_factory=WarpError)
    _last: dict[tuple[str, str], tuple[Moment, Colours, Colours]] = field(default_factory=dict)

    def add(self, image: ClipImage, bgr: Colours) -> None:
        """Takes an image with its new colours in; of one camera by ascending time."""
        height, width = bgr.shape[:2]
        columns = min(width, _MOST_SAMPLES_PX)
        moment = Moment.of(image, max(1, round(height * columns / width)), columns)
        camera = (image.agent, image.channel)
        if camera in self._last:
            before, look, simulator = self._last[camera]
            flow = flow_between(moment, before)
            self.look.add(bgr, look, flow, moment)
            self.simulator.add(image.bgr, simulator, flow, moment)
        self._last[camera] = (moment, bgr, image.bgr)
