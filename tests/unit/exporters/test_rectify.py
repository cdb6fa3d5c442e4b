"""Images of lenses that distort become a pinhole's."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from nuscenes_reader import Tables
from synthetic_capture import make_lens_rig, make_plan, write_capture

from drivegen.capture.export.dataset import MARK
from drivegen.capture.frame import EGO
from drivegen.capture.messages import camera_optical
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import ExportError
from drivegen.core.lenses import KannalaBrandt
from drivegen_exporters.nuscenes.exporter import NuScenes
from drivegen_exporters.rectify import field_deg, rectification_of

VERSION = "v1.0-drivegen"


@pytest.fixture(scope="module")
def lens_capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    plan = make_plan(duration_s=0.6, rig=make_lens_rig())
    return write_capture(tmp_path_factory.mktemp("lenses") / "scene-0001.mcap", plan, jpeg_quality=95).path


@pytest.mark.parametrize("index", [0, 1], ids=["fisheye", "brown_conrady"])
def test_rectified_images_are_opencvs(index: int) -> None:
    camera = make_lens_rig(320, 240).cameras[index]
    y, x = np.mgrid[0:240, 0:320]
    image = np.stack([x * 0.4, y * 0.5, 128 + 100 * np.sin(x / 9.0) * np.sin(y / 7.0)], -1).astype(np.uint8)
    found = rectification_of(camera, 90.0)
    shift = np.array([[0, 0, 0.5], [0, 0, 0.5], [0, 0, 0]])  # OpenCV's pixel centres
    k, new_k = camera.intrinsic - shift, found.pinhole.intrinsic - shift
    fisheye = isinstance(camera.lens, KannalaBrandt)
    start = cv2.fisheye.initUndistortRectifyMap if fisheye else cv2.initUndistortRectifyMap
    maps = start(k, np.array(camera.lens.coefficients), np.eye(3), new_k, (320, 240), cv2.CV_32FC1)
    theirs = cv2.remap(image, *maps, cv2.INTER_LINEAR)
    # Maps are rounded to 1/32 pixel on the way.
    assert np.abs(found.image(image).astype(int) - theirs).max() <= 3
    assert found.image(np.full_like(image, 200)).min() == 200  # no black border


def test_what_is_lost_is_said() -> None:
    fisheye, brown, plain = make_lens_rig(320, 240).cameras
    assert rectification_of(plain, 100.0) is None
    wide, narrow = rectification_of(fisheye, 100.0), rectification_of(fisheye, 60.0)
    assert field_deg(wide.pinhole, 320) == pytest.approx(100.0)
    assert narrow.kept < wide.kept < 0.5
    assert 0.8 < rectification_of(brown, 100.0).kept <= 1.0


def test_an_export_has_pinholes_only(lens_capture: Path, tmp_path: Path) -> None:
    summary = NuScenes().export([lens_capture], tmp_path / "set")
    assert summary.counts["cameras_rectified"] == 2
    mark = json.loads((tmp_path / "set" / MARK).read_text())
    assert sorted(mark["rectified_cameras"]) == ["CAM_BROWN", "CAM_FISHEYE"]
    assert mark["rectified_cameras"]["CAM_FISHEYE"]["kept"] < 0.5
    tables = Tables(tmp_path / "set", VERSION)
    checked = 0
    with CaptureReader(lens_capture) as reader:
        frame = reader.frame(0)
        for channel in ("CAM_FISHEYE", "CAM_BROWN", "CAM_PLAIN"):
            camera = reader.sensor(EGO, channel)
            data = tables.sample_data_of(tables.rows["sample"][0], channel)
            k = np.array(tables.get("calibrated_sensor", data["calibrated_sensor_token"])["camera_intrinsic"])
            image = cv2.imread(str(tmp_path / "set" / data["filename"]))
            assert image.shape == (150, 200, 3)
            instance = frame.agents[EGO].instance(channel)
            original = frame.agents[EGO].bgr(channel)
            optical_map = (frame.agents[EGO].map_agent @ camera_optical(camera)).inverse()
            for o in frame.objects:
                # The colour at the middle of an object, by the lens and by the written pinhole.
                middle = optical_map.transform_points(o.box.pose.position_m)
                if middle[2] < 1.0:
                    continue
                pixel = (k @ middle)[:2] / middle[2] - 0.5
                bent = camera.optics.project(middle) - 0.5
                if not (5 < pixel[0] < 195 and 5 < pixel[1] < 145) or np.isnan(bent).any():
                    continue
                column, row = np.rint(bent).astype(int)
                near = instance[row - 1 : row + 2, column - 1 : column + 2]
                if (near != o.track_id & 0xFFFF).any():
                    continue
                x, y = np.rint(pixel).astype(int)
                assert np.abs(image[y, x].astype(int) - original[row, column]).max() < 40
                checked += 1
    assert checked >= 4


def test_a_field_that_no_pinhole_has_is_refused(lens_capture: Path, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="rectified_fov_deg=170"):
        NuScenes({"rectified_fov_deg": 170}).export([lens_capture], tmp_path / "set")
    assert not (tmp_path / "set").exists()
