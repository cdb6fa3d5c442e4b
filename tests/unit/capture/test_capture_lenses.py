"""Lenses, soiling and JPEG quality of cameras in captures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from foxglove_schemas_protobuf.CameraCalibration_pb2 import CameraCalibration
from mcap.reader import make_reader
from synthetic_capture import make_frames, make_lens_rig, make_plan, write_capture

from drivegen.capture.completeness import FrameGate
from drivegen.capture.frame import EGO
from drivegen.capture.messages import distortion_of
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import FrameError
from drivegen.core.lenses import BrownConrady
from drivegen.core.plans import ScenePlan


@pytest.fixture(scope="module")
def plan() -> ScenePlan:
    return make_plan(duration_s=0.6, rig=make_lens_rig())


@pytest.fixture(scope="module")
def lens_capture(plan: ScenePlan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_capture(tmp_path_factory.mktemp("lenses") / "scene-0001.mcap", plan, jpeg_quality=80).path


def test_calibrations_carry_the_lens(lens_capture: Path, plan: ScenePlan) -> None:
    found, masks, depth = {}, 0, {}
    with lens_capture.open("rb") as file:
        reader = make_reader(file)
        for _, channel, message in reader.iter_messages():
            if channel.topic.endswith("/calibration"):
                found[channel.topic.split("/")[2]] = CameraCalibration.FromString(message.data)
            masks += channel.topic.endswith("/soiling")
        for record in reader.iter_metadata():
            if record.name == "drivegen.depth":
                depth = dict(record.metadata)
    models = {name: c.distortion_model for name, c in found.items()}
    assert models == {
        "CAM_FISHEYE": "kannala_brandt",
        "CAM_BROWN": "plumb_bob",
        "CAM_PLAIN": "plumb_bob",
    }
    for camera in plan.ego.rig.cameras:
        calibration = found[camera.name]
        k = np.reshape(calibration.K, (3, 3))
        np.testing.assert_array_equal(k, camera.intrinsic)
        points = np.random.default_rng(1).uniform([-2, -2, 4], [2, 2, 9], (50, 3))
        none, d = np.zeros(3), np.array(calibration.D)
        project = cv2.fisheye.projectPoints if len(d) == 4 else cv2.projectPoints
        pixels = project(points[:, None], none, none, k, d)[0][:, 0]
        np.testing.assert_allclose(camera.optics.project(points), pixels, atol=1e-6)
    assert masks == 1  # it does not change, so it is there once
    assert depth == {"ego/CAM_FISHEYE": "ray", "ego/CAM_BROWN": "axis", "ego/CAM_PLAIN": "axis"}


def test_eight_coefficients_are_the_rational_polynomial(plan: ScenePlan) -> None:
    camera = plan.ego.rig.cameras[1]
    assert isinstance(camera.lens, BrownConrady)
    eight = replace(camera, lens=replace(camera.lens, k4=0.01))
    assert distortion_of(eight) == ("rational_polynomial", [-0.31, 0.11, 0.001, -0.0007, 0.0, 0.01, 0.0, 0.0])


def test_lenses_and_masks_are_read_as_they_were_written(lens_capture: Path, plan: ScenePlan) -> None:
    frames = make_frames(plan)
    with CaptureReader(lens_capture) as reader:
        for camera in plan.ego.rig.cameras:
            read = reader.sensor(EGO, camera.name)
            assert (read.lens, read.soiling) == (camera.lens, camera.soiling)
            mask = reader.soiling(EGO, camera.name)
            written = frames[0].agents[EGO].images[camera.name].soiling
            assert (mask is None) == (written is None)
        wanted = frames[0].agents[EGO].images["CAM_FISHEYE"]
        # Also in a later frame, though it was written with the first.
        for frame in (reader.frame(0), list(reader.frames(keyframes=True))[-1]):
            image = frame.agents[EGO].image("CAM_FISHEYE")
            np.testing.assert_array_equal(image.soiling, wanted.soiling)
        np.testing.assert_allclose(
            reader.frame(0).agents[EGO].depth_m("CAM_FISHEYE"), wanted.depth_m, atol=2e-3
        )


def test_each_camera_has_its_own_jpeg_quality(lens_capture: Path, plan: ScenePlan) -> None:
    frames = make_frames(plan)
    with CaptureReader(lens_capture) as reader:
        agent = reader.frame(0).agents[EGO]
        for name, quality in (("CAM_FISHEYE", 35), ("CAM_BROWN", 98), ("CAM_PLAIN", 80)):
            bgr = frames[0].agents[EGO].images[name].bgr
            wanted = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
            assert agent.jpeg(name) == wanted


def test_a_frame_without_the_mask_of_a_soiled_camera_is_refused(plan: ScenePlan) -> None:
    frame = make_frames(plan)[0]
    agent = frame.agents[EGO]
    for name, mask in (("CAM_FISHEYE", None), ("CAM_PLAIN", np.zeros((150, 200), np.uint8))):
        images = {**agent.images, name: replace(agent.images[name], soiling=mask)}
        broken = replace(frame, agents={EGO: replace(agent, images=images)})
        with pytest.raises(FrameError, match=f"{name}: a soiling mask"):
            FrameGate(plan, {EGO: plan.ego.rig}).check(broken)
