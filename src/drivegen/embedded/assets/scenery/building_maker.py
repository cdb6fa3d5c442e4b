"""What buildings are made with, and those that people live and shop in: slabs, towers, offices, shops.

The street front lies along x at y = 0, the depth along +y.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box
from drivegen.embedded.assets.sculpt import FLAT_RAD, Finish, Sculpture, Shape
from drivegen.embedded.mesh import Material

Color = tuple[int, int, int]
SHOP_M = 4.2
STOREY_M = 3.2
"""The rows of windows that the renderer draws on FACADE: a tall ground floor, then storeys."""
PLINTH_M = 2.0
"""How far walls go on below the ground, for slopes."""


class Kind(StrEnum):
    """Forms of building."""

    SLAB = "slab"
    """Six storeys with balconies."""
    TOWER = "tower"
    """A high residential block with bays."""
    OFFICE = "office"
    """Bands of glass."""
    SHOPS = "shops"
    """Two storeys of shops with signboards."""
    CURTAIN = "curtain"
    """A tower of glass."""
    HALL = "hall"
    """A factory hall."""
    COURTYARD = "courtyard"
    """A low house of grey brick under tiles."""
    FAR = "far"
    """A plain block for the distance."""


WALLS: tuple[Color, ...] = (
    (206, 196, 178), (188, 176, 160), (214, 210, 202), (172, 120, 98), (196, 168, 136), (176, 182, 186),
    (222, 206, 176),
)  # fmt: skip
SIGNS: tuple[Color, ...] = (
    (176, 34, 34),
    (28, 84, 160),
    (30, 120, 74),
    (214, 156, 36),
    (120, 44, 110),
    (230, 230, 226),
)


class BuildingMaker:
    """Sculpts one building."""

    def __init__(
        self, kind: Kind, length_m: float, depth_m: float, storeys: int, wall: Color, rng: np.random.Generator
    ) -> None:
        self.kind, self.length_m, self.depth_m, self.storeys, self.rng = kind, length_m, depth_m, storeys, rng
        self.height_m = SHOP_M + (storeys - 1) * STOREY_M + 0.4
        self.out = Sculpture()
        self.wall = wall

    def finish(self, color: Color, material: Material = Material.MATTE) -> Finish:
        """A finish that counts as building."""
        return Finish(color, material, Tag.BUILDING)

    def block(
        self,
        low: tuple[float, float, float],
        high: tuple[float, float, float],
        color: Color,
        material: Material = Material.MATTE,
    ) -> None:
        """A box between two corners."""
        a, b = np.array(low, dtype=np.float64), np.array(high, dtype=np.float64)
        self.out.add(box(b - a, (a + b) / 2), self.finish(color, material), crease_rad=FLAT_RAD)

    def walls(
        self, outline: list[tuple[float, float]], low: float, high: float, color: Color, start_m: float = 0.0
    ) -> None:
        """Upright FACADE walls around an outline that runs counter-clockwise; uv in metres."""
        points: list[tuple[float, float, float]] = []
        uvs: list[tuple[float, float]] = []
        faces: list[tuple[int, int, int]] = []
        for k, (x, y) in enumerate(outline):
            nx, ny = outline[(k + 1) % len(outline)]
            span = float(np.hypot(nx - x, ny - y))
            n = len(points)
            points += [(x, y, low), (nx, ny, low), (nx, ny, high), (x, y, high)]
            uvs += [(start_m, low), (start_m + span, low), (start_m + span, high), (start_m, high)]
            faces += [(n, n + 1, n + 2), (n, n + 2, n + 3)]
        shape = Shape(points_m=np.array(points), faces=np.array(faces))
        self.out.add(shape, self.finish(color, Material.FACADE), crease_rad=FLAT_RAD, uvs=np.array(uvs))

    def body(self, height: float | None = None) -> None:
        """Plinth, walls, roof with a parapet."""
        length, depth = self.length_m, self.depth_m
        high = self.height_m if height is None else height
        x = length / 2
        self.block(
            (-x - 0.05, -0.05, -PLINTH_M), (x + 0.05, depth + 0.05, 0.35), (128, 124, 118), Material.CONCRETE
        )
        self.walls([(-x, 0.0), (x, 0.0), (x, depth), (-x, depth)], 0.0, high, self.wall)
        roof = (104, 102, 100)
        self.block((-x, 0.0, high - 0.3), (x, depth, high), roof, Material.CONCRETE)
        for a, b in (
            ((-x - 0.1, -0.1), (x + 0.1, 0.2)),
            ((-x - 0.1, depth - 0.2), (x + 0.1, depth + 0.1)),
            ((-x - 0.1, 0.2), (-x + 0.2, depth - 0.2)),
            ((x - 0.2, 0.2), (x + 0.1, depth - 0.2)),
        ):
            self.block((*a, high - 0.1), (*b, high + 0.9), shade(self.wall, 0.92))

    def roof_things(self, high: float) -> None:
        """Stair heads, tanks and cooling boxes on the roof."""
        for k in range(max(1, int(self.length_m / 20))):
            x = (k + 0.5) / max(1, int(self.length_m / 20)) * self.length_m - self.length_m / 2
            self.block(
                (x - 1.6, self.depth_m * 0.35, high),
                (x + 1.6, self.depth_m * 0.35 + 3.4, high + 2.6),
                shade(self.wall, 0.95),
            )
            self.block(
                (x + 3.0, self.depth_m * 0.5, high),
                (x + 4.6, self.depth_m * 0.5 + 1.4, high + 1.1),
                (150, 152, 154),
                Material.METAL,
            )

    def signboards(self, y: float = 0.0) -> None:
        """A row of shop signs above the ground floor, and pilasters between the shops."""
        x = -self.length_m / 2 + 0.4
        while x < self.length_m / 2 - 3.0:
            wide = float(min(self.rng.uniform(4.0, 8.5), self.length_m / 2 - 0.4 - x))
            color = SIGNS[int(self.rng.integers(len(SIGNS)))]
            board = (x + 0.1, y - 0.28, 3.35), (x + wide - 0.1, y + 0.02, 4.25)
            self.block(*board, color, Material.LIT_SIGN)
            pale = (236, 232, 220) if color[0] < 225 else (40, 40, 44)
            self.lettering(x + 0.55, x + wide - 0.55, 3.8, y - 0.285, pale)
            self.block((x - 0.15, y - 0.10, 0.0), (x + 0.15, y + 0.02, 3.4), shade(self.wall, 0.85))
            x += wide

    def lettering(self, first_m: float, last_m: float, z: float, y: float, color: Color) -> None:
        """Made-up characters on a board that looks to -y: bars in squares, as written words seem."""
        side, pitch = 0.56, 0.72
        count = int((last_m - first_m - side) / pitch) + 1
        start = (first_m + last_m) / 2 - (count - 1) * pitch / 2
        bars = np.array(
            [
                (
                    start + k * pitch + side / 2 * across,
                    z + side / 2 * above,
                    side / 2 * broad,
                    side / 2 * tall,
                )
                for k in range(count)
                for across, above, broad, tall in self._strokes()
            ]
        ).reshape(-1, 4)
        corners = [
            np.stack(
                [bars[:, 0] + a * bars[:, 2], np.full(len(bars), y), bars[:, 1] + b * bars[:, 3]], axis=1
            )
            for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        ]
        first = 4 * np.arange(len(bars))[:, None, None]
        faces = (first + np.array([(0, 1, 2), (0, 2, 3)])).reshape(-1, 3)
        shape = Shape(points_m=np.stack(corners, axis=1).reshape(-1, 3), faces=faces)
        if len(bars):
            self.out.add(shape, self.finish(color, Material.LIT_SIGN), crease_rad=FLAT_RAD)

    def _strokes(self) -> list[tuple[float, float, float, float]]:
        """Bars of one character in a square from -1 to 1: middle (across, up), half width, half height."""
        rng, thin = self.rng, 0.10
        heights = rng.permutation(np.array([-0.85, -0.3, 0.2, 0.8]))[: int(rng.integers(2, 4))]
        places = rng.permutation(np.array([-0.75, 0.0, 0.7]))[: int(rng.integers(1, 3))]
        level = [
            (float(rng.uniform(-0.15, 0.15)), float(up), float(rng.uniform(0.5, 0.95)), thin)
            for up in heights
        ]
        upright = [
            (float(across), float(rng.uniform(-0.2, 0.2)), thin, float(rng.uniform(0.55, 0.95)))
            for across in places
        ]
        return level + upright

    def balconies(self, columns: list[float], y: float, outward: float) -> None:
        """A stack of balconies at each column: slab, parapet, glazing."""
        pale = shade(self.wall, 1.08)
        for x in columns:
            for storey in range(self.storeys - 1):
                z = SHOP_M + storey * STOREY_M
                a, b = sorted((y, y + outward * 1.15))
                self.block((x - 1.5, a, z - 0.06), (x + 1.5, b, z + 0.95), pale)
                front = y + outward * 1.10
                c, d = sorted((y, front))
                if self.rng.random() < 0.55:
                    self.block((x - 1.45, c, z + 0.95), (x + 1.45, d, z + 2.5), (70, 84, 92), Material.GLASS)

    def coolers(self, count: int, y: float, outward: float) -> None:
        """Air conditioners that hang on the wall."""
        for _ in range(count):
            x = float(self.rng.uniform(-0.46, 0.46)) * self.length_m
            storey = int(self.rng.integers(0, max(self.storeys - 1, 1)))
            z = SHOP_M + storey * STOREY_M + 0.25
            a, b = sorted((y, y + outward * 0.38))
            self.block((x - 0.42, a, z), (x + 0.42, b, z + 0.6), (226, 226, 222))

    def slab(self) -> None:
        """Six storeys, stairwells, balconies to the street, shops below."""
        self.body()
        count = max(2, int(self.length_m / 7.5))
        columns = [(-0.5 + (k + 0.5) / count) * self.length_m for k in range(count)]
        self.balconies(columns, 0.0, -1.0)
        self.coolers(count * 2, 0.0, -1.0)
        self.coolers(count * 2, self.depth_m, 1.0)
        self.signboards()
        self.roof_things(self.height_m)

    def tower(self) -> None:
        """A high block with protruding bays."""
        self.body()
        count = max(2, int(self.length_m / 9))
        for k in range(count):
            x = (-0.5 + (k + 0.5) / count) * self.length_m
            top = self.height_m - 1.2
            self.walls(
                [(x - 1.9, 0.02), (x - 1.9, -1.3), (x + 1.9, -1.3), (x + 1.9, 0.02)],
                SHOP_M,
                top,
                shade(self.wall, 1.07),
                1.0,
            )
            self.block((x - 2.0, -1.4, top), (x + 2.0, 0.02, top + 0.25), shade(self.wall, 0.9))
            self.block((x - 2.0, -1.4, SHOP_M - 0.25), (x + 2.0, 0.02, SHOP_M), shade(self.wall, 0.9))
            self.walls(
                [
                    (x - 1.9, self.depth_m + 1.3),
                    (x - 1.9, self.depth_m - 0.02),
                    (x + 1.9, self.depth_m - 0.02),
                    (x + 1.9, self.depth_m + 1.3),
                ],
                SHOP_M,
                top,
                shade(self.wall, 1.07),
                1.0,
            )
        for z in np.arange(SHOP_M + 4 * STOREY_M, self.height_m - 3, 5 * STOREY_M):
            x = self.length_m / 2
            self.block(
                (-x - 0.12, -0.12, float(z) - 0.15),
                (x + 0.12, self.depth_m + 0.12, float(z) + 0.15),
                shade(self.wall, 0.82),
            )
        self.roof_things(self.height_m)

    def office(self) -> None:
        """Bands of glass between spandrels over a lobby."""
        x, d = self.length_m / 2, self.depth_m
        self.block(
            (-x - 0.05, -0.05, -PLINTH_M), (x + 0.05, d + 0.05, 0.3), (120, 120, 122), Material.CONCRETE
        )
        self.block(
            (-x + 0.3, 0.3, 0.3), (x - 0.3, d - 0.3, self.height_m - 0.2), (52, 68, 80), Material.GLASS
        )
        frame = self.wall if sum(self.wall) > 540 else (190, 194, 198)
        self.block((-x, 0.0, SHOP_M - 0.6), (x, d, SHOP_M + 0.3), frame)
        for storey in range(1, self.storeys):
            z = SHOP_M + storey * STOREY_M
            self.block((-x, 0.0, z - 0.75), (x, d, z), frame)
        count = max(3, int(self.length_m / 3.6))
        for k in range(count + 1):
            fx = -x + 2 * x * k / count
            for y0, y1 in ((-0.12, 0.35), (d - 0.35, d + 0.12)):
                self.block(
                    (max(fx - 0.12, -x), y0, 0.3), (min(fx + 0.12, x), y1, self.height_m), shade(frame, 0.94)
                )
        for y in np.arange(3.6, d - 1.0, 3.6):
            for x0, x1 in ((-x - 0.12, -x + 0.35), (x - 0.35, x + 0.12)):
                self.block(
                    (x0, float(y) - 0.12, 0.3), (x1, float(y) + 0.12, self.height_m), shade(frame, 0.94)
                )
        self.block((-4.0, -2.6, 3.3), (4.0, 0.3, 3.7), shade(frame, 0.8))
        for fx in (-3.7, 3.7):
            self.block((fx - 0.15, -2.4, 0.0), (fx + 0.15, -2.1, 3.3), shade(frame, 0.8))
        self.block((-x, 0.0, self.height_m - 0.5), (x, d, self.height_m + 0.8), frame)
        self.roof_things(self.height_m + 0.8)

    def shops(self) -> None:
        """Two storeys of shops."""
        self.body()
        self.signboards()
        self.block((-self.length_m / 2, -0.9, 3.15), (self.length_m / 2, 0.0, 3.32), shade(self.wall, 0.8))
        self.coolers(int(self.length_m / 4), 0.0, -1.0)

    def far(self) -> None:
        """A plain block."""
        x = self.length_m / 2
        self.walls(
            [(-x, 0.0), (x, 0.0), (x, self.depth_m), (-x, self.depth_m)], -PLINTH_M, self.height_m, self.wall
        )
        self.block(
            (-x, 0.0, self.height_m - 0.3), (x, self.depth_m, self.height_m + 0.6), shade(self.wall, 0.8)
        )
        self.block(
            (-2.5, self.depth_m * 0.3, self.height_m),
            (2.5, self.depth_m * 0.7, self.height_m + 3.0),
            shade(self.wall, 0.9),
        )


def shade(color: Color, share: float) -> Color:
    """A colour made darker or brighter."""
    r, g, b = (int(np.clip(c * share, 0, 255)) for c in color)
    return r, g, b
