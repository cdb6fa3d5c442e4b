"""Lenses: from directions to pixels and back.

Points are in the optical frame (x right, y down, z forward). Pixels are continuous: the centre of the top
left pixel is at (0.5, 0.5), so a calibration of OpenCV, whose pixel centres are whole numbers, has 0.5 less
in `cx_px` and `cy_px`. Where a lens does not see, `project` and `unproject` give NaN.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64

from drivegen.core.geometry import Mat3

Pixels = Float64[np.ndarray, "*n 2"]
Points = Float[np.ndarray, "*n 3"]
Rays = Float64[np.ndarray, "*n 3"]
Numbers = Float64[np.ndarray, "*n"] | float

MOST_FIELD_DEG = 190.0
"""Widest field of a fisheye."""
STEEPEST = math.tan(math.radians(85.0))
"""Tangent of the greatest angle from the axis at which a Brown-Conrady lens is used: CARLA draws no pinhole
wider than 170 degrees, and the tangent runs away."""
LEAST_SLOPE = 0.02
"""A lens whose image radius grows less than this with the angle is about to fold back."""
_TABLE = 2048
_NODE_PX, _LEAST_NODES = 8, 64
_NEWTON_STEPS = 30
_SOLVED = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinhole:
    """A pinhole with any focal lengths and principal point (Hartley and Zisserman 2004, section 6.1)."""

    fx_px: float
    fy_px: float
    cx_px: float
    cy_px: float

    @property
    def intrinsic(self) -> Mat3:
        """K."""
        return _intrinsic(self)

    def project(self, points: Points) -> Pixels:
        """Pixels of points in front of the camera; NaN for the others."""
        flat = _flatten(points)
        with np.errstate(divide="ignore", invalid="ignore"):
            out = flat[..., :2] / flat[..., 2:]
        out[flat[..., 2] <= 0.0] = np.nan
        return _to_pixels(self, out)

    def project_on(self, points: Points) -> Pixels:
        """As `project`: a pinhole has no border of its own."""
        return self.project(points)

    def unproject(self, pixels: Pixels) -> Rays:
        """Rays with z = 1."""
        return _with_one(_from_pixels(self, pixels))

    def problem(self, width_px: int, height_px: int) -> str | None:
        """Why images of this size cannot be taken, if so."""
        return _problem_of_border(self, width_px, height_px)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrownConrady:
    """Radial and tangential distortion, as OpenCV's `projectPoints` has it with 5 or 8 coefficients.

    Brown, "Close-range camera calibration", Photogrammetric Engineering 37 (1971); the denominator (k4, k5,
    k6) is Claus and Fitzgibbon's rational form as OpenCV writes it.
    """

    fx_px: float
    fy_px: float
    cx_px: float
    cy_px: float
    k1: float = 0.0
    k2: float = 0.0
    p1: float = 0.0
    p2: float = 0.0
    k3: float = 0.0
    k4: float = 0.0
    k5: float = 0.0
    k6: float = 0.0

    @property
    def intrinsic(self) -> Mat3:
        """K."""
        return _intrinsic(self)

    @property
    def coefficients(self) -> tuple[float, ...]:
        """In OpenCV's order: k1 k2 p1 p2 k3, and k4 k5 k6 where one of them is not 0."""
        five = (self.k1, self.k2, self.p1, self.p2, self.k3)
        rational = (self.k4, self.k5, self.k6)
        return (*five, *rational) if any(rational) else five

    @property
    def reach(self) -> float:
        """Tangent of the angle from the axis up to which the image radius grows."""
        return _reach_of(self)

    def project(self, points: Points) -> Pixels:
        """Pixels of points; NaN behind the camera and beyond `reach`."""
        plane = _perspective(points)
        plane[np.hypot(plane[..., 0], plane[..., 1]) > self.reach] = np.nan
        return _to_pixels(self, _bend(self, plane)[0])

    def project_on(self, points: Points) -> Pixels:
        """As `project`, but continued straight beyond `reach`; NaN behind the camera only."""
        plane = _perspective(points)
        radius = np.hypot(plane[..., 0], plane[..., 1])
        reach = self.reach
        held = plane * np.minimum(1.0, reach / np.maximum(radius, 1e-12))[..., None]
        bent = _bend(self, held)[0]
        beyond = np.maximum(radius - reach, 0.0) * max(_slope(self, reach), LEAST_SLOPE)
        bent += plane / np.maximum(radius, 1e-12)[..., None] * beyond[..., None]
        return _to_pixels(self, bent)

    def unproject(self, pixels: Pixels) -> Rays:
        """Rays with z = 1, by Newton's method."""
        wanted = _from_pixels(self, pixels)
        radii = np.linspace(0.0, self.reach, _TABLE)
        distance = np.hypot(wanted[..., 0], wanted[..., 1])
        start = np.interp(distance, radii * _ratio(self, radii * radii)[0], radii)
        plane = wanted * (start / np.maximum(distance, 1e-12))[..., None]
        miss = np.full(distance.shape, np.inf)
        for _ in range(_NEWTON_STEPS):
            bent, (a, b, c, d) = _bend(self, plane)
            off = wanted - bent
            miss = np.abs(off).max(axis=-1)
            if not np.any(miss > _SOLVED):
                break
            with np.errstate(divide="ignore", invalid="ignore"):
                scale = np.asarray(1.0 / (a * d - b * c))
                step = np.stack([d * off[..., 0] - b * off[..., 1], a * off[..., 1] - c * off[..., 0]], -1)
                plane = plane + np.nan_to_num(step * scale[..., None], posinf=0.0, neginf=0.0)
        radius = np.hypot(plane[..., 0], plane[..., 1])
        plane[~((miss < 1e-9) & (radius <= self.reach))] = np.nan
        return _with_one(plane)

    def problem(self, width_px: int, height_px: int) -> str | None:
        """Why images of this size cannot be taken, if so: the polynomial folds back inside the image."""
        return _problem_of_border(self, width_px, height_px)


@dataclass(frozen=True, slots=True, kw_only=True)
class KannalaBrandt:
    """A fisheye: the image radius is a polynomial of the angle from the axis, as in OpenCV's `fisheye`.

    Kannala and Brandt, "A generic camera model and calibration method for conventional, wide-angle, and
    fish-eye lenses", IEEE TPAMI 28 (2006), equation 6 without the asymmetric terms. All zeros are the
    equidistant projection.
    """

    fx_px: float
    fy_px: float
    cx_px: float
    cy_px: float
    k1: float = 0.0
    k2: float = 0.0
    k3: float = 0.0
    k4: float = 0.0
    field_deg: float = MOST_FIELD_DEG
    """Full angle of the image circle; beyond it the image is black."""

    @property
    def intrinsic(self) -> Mat3:
        """K; it leads from the distorted plane to pixels, not from points."""
        return _intrinsic(self)

    @property
    def coefficients(self) -> tuple[float, ...]:
        """k1 k2 k3 k4."""
        return (self.k1, self.k2, self.k3, self.k4)

    @property
    def half_field_rad(self) -> float:
        """Greatest angle from the axis."""
        return math.radians(self.field_deg) / 2.0

    def radius(self, angle_rad: Numbers) -> Numbers:
        """Distance from the principal point in focal lengths."""
        s = angle_rad * angle_rad
        return angle_rad * (1.0 + s * (self.k1 + s * (self.k2 + s * (self.k3 + s * self.k4))))

    def slope(self, angle_rad: Numbers) -> Numbers:
        """Derivative of `radius`."""
        s = angle_rad * angle_rad
        return 1.0 + s * (3.0 * self.k1 + s * (5.0 * self.k2 + s * (7.0 * self.k3 + s * 9.0 * self.k4)))

    def project(self, points: Points) -> Pixels:
        """Pixels of points within the field, also of those beside and behind the camera; NaN for others."""
        out, angle = self._spread(points)
        out[angle > self.half_field_rad] = np.nan
        return out

    def project_on(self, points: Points) -> Pixels:
        """As `project`, but continued straight beyond the field."""
        return self._spread(points)[0]

    def _spread(self, points: Points) -> tuple[Pixels, Numbers]:
        p = np.asarray(points, dtype=np.float64)
        aside = np.hypot(p[..., 0], p[..., 1])
        angle = np.arctan2(aside, p[..., 2])
        held = np.minimum(angle, self.half_field_rad)
        edge = max(float(self.slope(self.half_field_rad)), LEAST_SLOPE)
        radius = self.radius(held) + (angle - held) * edge
        scale = radius / np.maximum(aside, 1e-300)
        return _to_pixels(self, p[..., :2] * scale[..., None]), angle

    def unproject(self, pixels: Pixels) -> Rays:
        """Unit rays, by Newton's method."""
        plane = _from_pixels(self, pixels)
        wanted = np.hypot(plane[..., 0], plane[..., 1])
        angles = np.linspace(0.0, self.half_field_rad, _TABLE)
        angle = np.interp(wanted, self.radius(angles), angles)
        for _ in range(_NEWTON_STEPS):
            off = wanted - self.radius(angle)
            step = off / np.maximum(self.slope(angle), LEAST_SLOPE)
            angle = np.clip(angle + step, 0.0, self.half_field_rad)
            if not np.any(np.abs(step) > _SOLVED):
                break
        sine = np.sin(angle) / np.maximum(wanted, 1e-300)
        rays = np.stack([plane[..., 0] * sine, plane[..., 1] * sine, np.cos(angle)], axis=-1)
        rays[wanted > self.radius(self.half_field_rad) * (1.0 + 1e-12)] = np.nan
        rays[wanted < 1e-12] = (0.0, 0.0, 1.0)
        return rays

    def problem(self, width_px: int, height_px: int) -> str | None:
        """Why images of this size cannot be taken, if so: the polynomial folds back inside the field."""
        if (bad := _problem_of_numbers(self, width_px, height_px)) is not None:
            return bad
        if not 1.0 <= self.field_deg <= MOST_FIELD_DEG:
            return f"field_deg is {self.field_deg:g}; 1 to {MOST_FIELD_DEG:g} is wanted"
        angles = np.linspace(0.0, self.half_field_rad, _TABLE)
        falling = np.less(self.slope(angles), LEAST_SLOPE)
        if falling.any():
            at = math.degrees(float(angles[int(np.argmax(falling))]))
            return (
                f"the polynomial of kannala_brandt folds back {at:.1f} degrees off the axis, inside the"
                f" field of {self.field_deg:g} degrees; check the coefficients or narrow field_deg"
            )
        return None


Lens = Pinhole | BrownConrady | KannalaBrandt


def pinhole_of_field(width_px: int, height_px: int, fov_deg: float) -> Pinhole:
    """The pinhole with square pixels and its principal point in the middle, as CARLA's cameras are."""
    focal_px = width_px / (2.0 * math.tan(math.radians(fov_deg) / 2.0))
    return Pinhole(fx_px=focal_px, fy_px=focal_px, cx_px=width_px / 2.0, cy_px=height_px / 2.0)


@lru_cache(maxsize=16)
def pixel_rays(lens: Lens, width_px: int, height_px: int) -> Float32[np.ndarray, "h w 3"]:
    """Rays through the middles of pixels as `unproject` gives them; zeros where the lens does not see."""
    x, y = np.arange(width_px) + 0.5, np.arange(height_px) + 0.5
    if isinstance(lens, BrownConrady):  # smooth over the whole image: solved on a grid, and interpolated
        # Half a second to import, in each of a job's processes: only for a lens that needs it.
        from scipy.interpolate import RectBivariateSpline  # noqa: PLC0415

        nodes = [np.linspace(0.0, n, max(_LEAST_NODES, n // _NODE_PX)) for n in (width_px, height_px)]
        at_nodes = lens.unproject(np.stack(np.meshgrid(*nodes, indexing="ij"), axis=-1))
        splines = [RectBivariateSpline(*nodes, at_nodes[..., k], kx=5, ky=5) for k in (0, 1)]
        plane = np.stack([spline(x, y).T for spline in splines], axis=-1)
        rays = _with_one(plane)
    else:
        rays = lens.unproject(np.stack(np.meshgrid(x, y), axis=-1))
    out = np.nan_to_num(rays, nan=0.0).astype(np.float32)
    out.flags.writeable = False
    return out


def horizontal_field_deg(lens: Lens, width_px: int) -> float:
    """Angle between the rays at the left and right border in the row of the principal point.

    Where the image circle ends inside the image, that of the circle.
    """
    if isinstance(lens, KannalaBrandt):
        angles = np.linspace(0.0, lens.half_field_rad, _TABLE)
        sides = np.array([lens.cx_px, width_px - lens.cx_px]) / lens.fx_px
        return math.degrees(float(np.interp(sides, lens.radius(angles), angles).sum()))
    rays = lens.unproject(np.array([[0.0, lens.cy_px], [float(width_px), lens.cy_px]]))
    return math.degrees(float(np.arctan(np.abs(rays[:, 0])).sum()))


def focal_for_field(lens: Lens, width_px: int, fov_deg: float) -> float:
    """Focal length with which the lens, its principal point in the middle, sees `fov_deg` across the image.

    Tangential terms are left out. Raises ValueError with the reason when no focal length does.
    """
    half = math.radians(fov_deg) / 2.0
    if isinstance(lens, KannalaBrandt):
        radius = float(lens.radius(half))
    else:
        if half >= math.radians(85.0):
            raise ValueError(f"fov_deg is {fov_deg:g}; beyond 170 degrees the lens must be kannala_brandt")
        radius = math.tan(half)
        if isinstance(lens, BrownConrady):
            if radius > lens.reach:
                raise ValueError(
                    f"the polynomial of brown_conrady folds back {math.degrees(math.atan(lens.reach)):.1f}"
                    f" degrees off the axis, inside the field of {fov_deg:g} degrees; check the coefficients"
                )
            radius *= float(_ratio(lens, radius * radius)[0])
    if radius <= 0.0:
        raise ValueError("the polynomial is not positive inside the field; check the coefficients")
    return width_px / 2.0 / radius


def _intrinsic(lens: Lens) -> Mat3:
    return np.array([[lens.fx_px, 0.0, lens.cx_px], [0.0, lens.fy_px, lens.cy_px], [0.0, 0.0, 1.0]])


def _flatten(points: Points) -> Rays:
    return np.array(points, dtype=np.float64)


def _perspective(points: Points) -> Pixels:
    p = np.asarray(points, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        plane = p[..., :2] / p[..., 2:]
    plane[p[..., 2] <= 0.0] = np.nan
    return plane


def _to_pixels(lens: Lens, plane: Pixels) -> Pixels:
    return plane * np.array([lens.fx_px, lens.fy_px]) + np.array([lens.cx_px, lens.cy_px])


def _from_pixels(lens: Lens, pixels: Pixels) -> Pixels:
    centre = np.array([lens.cx_px, lens.cy_px])
    return (np.asarray(pixels, dtype=np.float64) - centre) / np.array([lens.fx_px, lens.fy_px])


def _with_one(plane: Pixels) -> Rays:
    one = np.where(np.isnan(plane[..., :1]), np.nan, 1.0)
    return np.concatenate([plane, one], axis=-1)


Partial = tuple[Numbers, Numbers, Numbers, Numbers]


def _ratio(lens: BrownConrady, s: Numbers) -> tuple[Numbers, Numbers]:
    """Radial factor and its derivative by the squared radius s."""
    top = 1.0 + s * (lens.k1 + s * (lens.k2 + s * lens.k3))
    bottom = 1.0 + s * (lens.k4 + s * (lens.k5 + s * lens.k6))
    d_top = lens.k1 + s * (2.0 * lens.k2 + s * 3.0 * lens.k3)
    d_bottom = lens.k4 + s * (2.0 * lens.k5 + s * 3.0 * lens.k6)
    return top / bottom, (d_top * bottom - top * d_bottom) / (bottom * bottom)


def _bend(lens: BrownConrady, plane: Pixels) -> tuple[Pixels, Partial]:
    """Distorted coordinates, and the derivatives (dxd/dx, dxd/dy, dyd/dx, dyd/dy)."""
    x, y = plane[..., 0], plane[..., 1]
    s = x * x + y * y
    ratio, d_ratio = _ratio(lens, s)
    p1, p2 = lens.p1, lens.p2
    bent = np.stack(
        [
            x * ratio + 2.0 * p1 * x * y + p2 * (s + 2.0 * x * x),
            y * ratio + p1 * (s + 2.0 * y * y) + 2.0 * p2 * x * y,
        ],
        axis=-1,
    )
    across = 2.0 * x * y * d_ratio + 2.0 * p1 * x + 2.0 * p2 * y
    return bent, (
        ratio + 2.0 * x * x * d_ratio + 2.0 * p1 * y + 6.0 * p2 * x,
        across,
        across,
        ratio + 2.0 * y * y * d_ratio + 6.0 * p1 * y + 2.0 * p2 * x,
    )


def _slope(lens: BrownConrady, radius: float) -> float:
    """Derivative of the distorted by the undistorted radius."""
    s = radius * radius
    ratio, d_ratio = _ratio(lens, s)
    return float(ratio + 2.0 * s * d_ratio)


@lru_cache(maxsize=256)
def _reach_of(lens: BrownConrady) -> float:
    radii = np.linspace(0.0, STEEPEST, 1 << 15)
    s = radii * radii
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio, d_ratio = _ratio(lens, s)
        bottom = 1.0 + s * (lens.k4 + s * (lens.k5 + s * lens.k6))
        ends = ~((ratio + 2.0 * s * d_ratio >= LEAST_SLOPE) & (bottom > 0.0))
    return float(radii[max(int(np.argmax(ends)) - 1, 0)]) if ends.any() else STEEPEST


def _problem_of_numbers(lens: Lens, width_px: int, height_px: int) -> str | None:
    names = ("fx_px", "fy_px", "cx_px", "cy_px")
    for name in names:
        value = float(getattr(lens, name))
        if not math.isfinite(value) or (name[0] == "f" and value < 1.0):
            return f"{name} is {value:g}; a positive number of pixels is wanted"
    if isinstance(lens, BrownConrady | KannalaBrandt) and not all(map(math.isfinite, lens.coefficients)):
        return "a coefficient is not finite"
    if not (0.0 <= lens.cx_px <= width_px and 0.0 <= lens.cy_px <= height_px):
        return (
            f"the principal point ({lens.cx_px:g}, {lens.cy_px:g}) lies outside the image of"
            f" {width_px} x {height_px} pixels"
        )
    return None


def _problem_of_border(lens: Pinhole | BrownConrady, width_px: int, height_px: int) -> str | None:
    """Every pixel of the border must have a ray, and the image must not be folded on the way to it."""
    if (bad := _problem_of_numbers(lens, width_px, height_px)) is not None:
        return bad
    pixels = _border(width_px, height_px)
    rays = lens.unproject(pixels)
    unseen = np.isnan(rays[:, 0])
    if not unseen.any() and isinstance(lens, BrownConrady):
        shares = np.linspace(0.0, 1.0, 33)[:, None, None]
        a, b, c, d = _bend(lens, rays[None, :, :2] * shares)[1]
        unseen |= np.less_equal(a * d - b * c, 0.0).any(axis=0)
    if unseen.any():
        middle = np.array([lens.cx_px, lens.cy_px])
        at = float(np.hypot(*(pixels[unseen] - middle).T).min())
        return (
            f"the polynomial of brown_conrady folds back inside the image: pixels {at:.0f} px from the"
            " principal point have no ray; check the coefficients, their order (k1 k2 p1 p2 k3 k4 k5 k6)"
            " and the focal length"
        )
    steep = float(np.abs(rays[:, :2]).max())
    if steep > STEEPEST:
        return "the field is wider than 170 degrees; a longer focal length or kannala_brandt is wanted"
    return None


def _border(width_px: int, height_px: int) -> Pixels:
    t = np.linspace(0.0, 1.0, 65)
    zero, one = np.zeros_like(t), np.ones_like(t)
    sides = [(t, zero), (t, one), (zero, t), (one, t)]
    return np.concatenate([np.stack([x * width_px, y * height_px], axis=-1) for x, y in sides])


def sees(rays: Float32[np.ndarray, "h w 3"]) -> Bool[np.ndarray, "h w"]:
    """Which pixels of `pixel_rays` the lens sees."""
    return np.asarray(rays.any(axis=-1))
