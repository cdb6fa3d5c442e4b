"""Numbers through all scenes, pairs of times, splits and boxes in images: without captures."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drivegen.core.errors import ExportError
from drivegen.core.geometry import Pose
from drivegen.core.lenses import Pinhole
from drivegen.core.sensors import OPTICAL_FROM_MOUNT
from drivegen_exporters.paired.boxes import ImageView, box_corners, wrapped
from drivegen_exporters.paired.numbering import Kind, expand, fill, mark, mark_run, numeral
from drivegen_exporters.paired.sides import nearest_pairs


def test_marks_are_filled_with_numbers_of_the_whole() -> None:
    bases = {Kind.VEHICLE: 100, Kind.UNIT: 7, Kind.SEGMENT: 2, Kind.TRACK: 50}
    text = (
        f"{mark(Kind.VEHICLE, 5)} {mark(Kind.UNIT, 0)} {mark(Kind.SEGMENT, 1)} {mark(Kind.TRACK, 9)} @X000001"
    )
    assert fill(text.encode(), bases) == b"000105 000007 0003 000059 @X000001"


def test_a_file_stands_for_a_run_of_numbers() -> None:
    name = f"vehicle-side/image/{mark_run(Kind.VEHICLE, 9, 2)}.jpg"
    assert expand(name) == [f"vehicle-side/image/@V0000{n}.jpg" for n in ("09", "10", "11")]
    assert expand(f"a/{mark_run(Kind.UNIT, 3, 0)}.pcd") == ["a/@I000003.pcd"]


def test_digits_end() -> None:
    assert numeral(Kind.VEHICLE, 999_999) == "999999"
    with pytest.raises(ExportError, match="numbers vehicles with 6 digits, and number 1000000 is wanted"):
        fill(mark(Kind.VEHICLE, 1).encode(), dict.fromkeys(Kind, 999_999))
    with pytest.raises(ExportError, match="numbers segments with 4 digits"):
        numeral(Kind.SEGMENT, 10_000)


@pytest.mark.parametrize(
    ("a", "b", "pairs"),
    [
        ([0, 100, 200], [0, 100, 200], [(0, 0), (1, 1), (2, 2)]),
        ([0, 100, 200], [50, 150, 250], [(1, 0), (2, 1)]),  # of two that are as near, the one before
        ([0, 100, 200, 300], [10, 210], [(0, 0), (2, 1)]),
        ([0, 500], [0, 100, 200, 300, 400, 500], [(0, 0), (1, 5)]),
        ([100, 101, 102], [101], [(1, 0)]),
        ([], [1], []),
        ([1], [], []),
    ],
)
def test_nearest_times_are_pairs(a: list[int], b: list[int], pairs: list[tuple[int, int]]) -> None:
    assert nearest_pairs(a, b) == pairs


def view() -> ImageView:
    """A camera at the LiDAR, looking along x."""
    matrix = np.eye(4)
    matrix[:3, :3] = OPTICAL_FROM_MOUNT
    lens = Pinhole(fx_px=100.0, fy_px=100.0, cx_px=100.0, cy_px=50.0)
    return ImageView(pinhole=lens, width_px=200, height_px=100, camera_lidar=Pose.from_matrix(matrix))


def in_image(x: float, y: float, z: float = 0.0, size: tuple[float, float, float] = (2.0, 2.0, 2.0)):
    return view().box(box_corners(np.array([x, y, z]), np.array(size), 0.0))


def test_boxes_in_the_image_are_clipped_and_say_where() -> None:
    whole = in_image(11.0, 0.0)
    assert whole.truncated == 0 and whole.box_px == pytest.approx((90.0, 40.0, 110.0, 60.0))
    left = in_image(11.0, 10.0)
    assert left.truncated == 1 and left.box_px == pytest.approx((0.0, 40.0, 25.0, 60.0))
    assert in_image(11.0, 0.0, 5.0).truncated == 2
    assert in_image(11.0, 30.0) is None
    assert in_image(-11.0, 0.0) is None


def test_a_box_around_the_camera_is_cut_before_it_is_projected() -> None:
    """A lorry beside and behind: only what is before the camera counts."""
    beside = in_image(0.0, 3.0, 0.0, (12.0, 2.0, 3.0))
    assert beside.truncated == 1
    assert beside.box_px[0] == 0.0 and beside.box_px[2] == pytest.approx(100.0 - 100.0 * 2.0 / 6.0)


def test_observation_angles_are_kittis() -> None:
    """Geiger et al.: alpha is -90 degrees of what drives away in the middle of the image."""
    assert view().alpha_rad(np.array([10.0, 0.0, 0.0]), 0.0) == pytest.approx(-math.pi / 2)
    assert view().alpha_rad(np.array([10.0, 0.0, 0.0]), -math.pi / 2) == pytest.approx(0.0)
    # Turned with the direction to it, it looks the same.
    place = np.array([10.0, 4.0, 0.0])
    turned = view().alpha_rad(place, math.atan2(4.0, 10.0))
    assert turned == pytest.approx(-math.pi / 2)


def test_angles_are_wrapped() -> None:
    assert wrapped(3.5 * math.pi) == pytest.approx(-0.5 * math.pi)
    assert abs(wrapped(math.pi)) == pytest.approx(math.pi)
