"""Joints of people: from bones, through a capture, into COCO's keypoints."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import carla
import numpy as np
import pytest
from plain_export import PLAIN
from synthetic_capture import XODR, make_frames, make_plan, make_rig
from tests.unit.record.pinhole import Picture, ground, take_picture

from drivegen.capture.frame import EGO
from drivegen.capture.messages import camera_optical, object_from_plain, object_to_plain
from drivegen.capture.reader import CaptureReader
from drivegen.capture.writer import CaptureWriter
from drivegen.core.geometry import Pose
from drivegen.core.joints import JOINTS, joints_of
from drivegen.core.lenses import KannalaBrandt
from drivegen.core.sensors import Camera
from drivegen.embedded.assets.walkers.asset import make_walker
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.raycast.scene import RayScene
from drivegen.record.truth import Tracked, observe
from drivegen_exporters.coco.exporter import Coco
from drivegen_exporters.coco.keypoints import keypoints_of

PORTRAIT = Camera(
    name="CAM", agent_sensor=Pose.identity(), width_px=250, height_px=350, fov_deg=24.0, period_s=0.1
)
AT = Pose.from_xyz_rpy(0.0, 0.0, 1.0)
PERSON = 7


def portrait(yaw_rad: float, phase: float = 0.5) -> tuple[np.ndarray, Picture, dict[str, np.ndarray]]:
    """Keypoints (17, 3), the picture, and the joints by name, of somebody 5 m ahead who looks to `yaw`."""
    library = MeshLibrary()
    person = make_walker(library, "walker.pedestrian.0001", 1.86, 3)
    pose = Pose.from_xyz_rpy(5.0, 0.0, 0.0, yaw_rad=yaw_rad)
    bones = {n: pose.transform_points(m[None, :3, 3])[0] for n, m in sorted(person.bones(phase, 1.3).items())}
    scene = RayScene(library)
    scene.update(Drawables.concatenate([ground(library), person.place(pose.matrix, phase, 1.3, PERSON)]))
    picture = take_picture(scene, PORTRAIT, AT)
    scene.close()
    joints = joints_of(bones)
    assert joints is not None
    optical_map = (AT @ camera_optical(PORTRAIT)).inverse()
    row = keypoints_of(joints, PORTRAIT, optical_map, picture.depth_m)
    assert row["num_keypoints"] == 17
    found = np.array(row["keypoints"]).reshape(17, 3)
    return found, picture, dict(zip(JOINTS, found, strict=True))


def test_joints_have_cocos_names() -> None:
    names = "nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow right_elbow"
    names += " left_wrist right_wrist left_hip right_hip left_knee right_knee left_ankle right_ankle"
    assert names.split() == list(JOINTS)


@pytest.mark.parametrize("yaw_rad", [np.pi, 0.0, 1.57, -2.2])
def test_joints_lie_on_the_person(yaw_rad: float) -> None:
    found, picture, _ = portrait(yaw_rad)
    person = picture.instance == PERSON
    grown = person.copy()
    for axis in (0, 1):  # a joint at the border may round out of it
        for step in (-1, 1):
            grown |= np.roll(person, step, axis)
    columns, rows = np.round(found[:, :2]).astype(int).T
    assert grown[rows, columns].all()


def test_who_faces_the_camera_shows_the_face_and_has_the_left_on_the_right() -> None:
    _, _, at = portrait(np.pi)
    assert all(at[n][2] == 2 for n in JOINTS[:7])
    for part in ("eye", "ear", "shoulder", "hip"):
        assert at[f"left_{part}"][0] > at[f"right_{part}"][0] + 1
    assert at["left_eye"][1] < at["nose"][1] < at["left_shoulder"][1]
    assert at["right_ear"][0] < at["right_eye"][0] < at["nose"][0] < at["left_eye"][0] < at["left_ear"][0]


def test_who_turns_the_back_hides_the_face() -> None:
    _, _, at = portrait(0.0)
    assert [at[n][2] for n in JOINTS[:3]] == [1, 1, 1]
    assert at["left_shoulder"][2] == at["right_shoulder"][2] == 2
    assert at["left_shoulder"][0] < at["right_shoulder"][0]


def test_who_is_seen_from_the_side_hides_the_far_arm() -> None:
    _, _, at = portrait(np.pi / 2)  # looks to the image's left, the left arm to the camera
    assert at["nose"][0] < at["left_ear"][0] - 3
    assert (at["left_shoulder"][2], at["right_shoulder"][2]) == (2, 1)
    assert (at["left_ear"][2], at["right_ear"][2]) == (2, 1)


def test_what_stands_before_hides_and_what_is_outside_has_no_place() -> None:
    joints = np.tile([5.0, 0.0, 1.0], (17, 1))
    joints[0], joints[1] = [5.0, 30.0, 1.0], [-5.0, 0.0, 1.0]
    joints[2] = np.nan
    optical_map = (AT @ camera_optical(PORTRAIT)).inverse()
    for depth_m, flag in ((2.0, 1), (4.7, 1), (4.93, 2), (0.0, 2), (9.0, 2)):
        row = keypoints_of(joints, PORTRAIT, optical_map, np.full((350, 250), depth_m, np.float32))
        assert row["keypoints"][:9] == [0.0, 0.0, 0] * 3
        assert row["keypoints"][9:12] == [124.5, 174.5, flag]
        assert row["num_keypoints"] == 14
    assert keypoints_of(None, PORTRAIT, optical_map, np.zeros((350, 250), np.float32))["num_keypoints"] == 0


def test_fisheyes_have_depth_along_the_ray() -> None:
    lens = KannalaBrandt(fx_px=80.0, fy_px=80.0, cx_px=125.0, cy_px=175.0, k1=0.0, k2=0.0, k3=0.0, k4=0.0)
    camera = replace(PORTRAIT, lens=lens)
    joints = np.tile([3.0, 4.0, 1.0], (17, 1))
    optical_map = (AT @ camera_optical(camera)).inverse()
    for depth_m, flag in ((4.5, 1), (4.95, 2)):
        row = keypoints_of(joints, camera, optical_map, np.full((350, 250), depth_m, np.float32))
        assert row["keypoints"][2] == flag


def test_a_skeleton_with_another_head_has_no_nose_and_no_ears() -> None:
    person = make_walker(MeshLibrary(), "walker.pedestrian.0001", 1.86, 3)
    bones = {n: m[:3, 3] for n, m in person.bones(0.0, 0.0).items()}
    known = joints_of(bones)
    assert known is not None and np.isfinite(known).all()
    other = joints_of({**bones, "crl_Head__C": bones["crl_neck__C"]})
    assert other is not None
    assert [n for n, row in zip(JOINTS, other, strict=True) if np.isnan(row[0])] == [
        "nose",
        "left_ear",
        "right_ear",
    ]
    assert joints_of({"luggage_1": np.zeros(3)}) is None


def test_the_recorder_asks_for_the_bones_of_who_is_near() -> None:
    """Right-handed, in the world; nothing of who is far away."""

    def bone(name: str, x: float, y: float, z: float) -> SimpleNamespace:
        return SimpleNamespace(name=name, world=carla.Transform(carla.Location(x, y, z)))

    def actor(number: int, type_id: str) -> SimpleNamespace:
        box = carla.BoundingBox(carla.Location(), carla.Vector3D(0.3, 0.3, 0.9))
        bones = [bone("crl_hand__L", 3.1, -0.4, 0.8), bone("crl_leg__R", 3.0, 0.1, 0.5)]
        answer = SimpleNamespace(bone_transforms=bones)
        attributes = {"base_type": "car"} if type_id.startswith("vehicle") else {}
        return SimpleNamespace(
            id=number, type_id=type_id, attributes=attributes, bounding_box=box, get_bones=lambda: answer
        )

    def state(x: float) -> SimpleNamespace:
        still = carla.Vector3D()
        return SimpleNamespace(
            get_transform=lambda: carla.Transform(carla.Location(x=x)),
            get_velocity=lambda: still,
            get_acceleration=lambda: still,
            get_angular_velocity=lambda: still,
        )

    places = {1: state(0.0), 2: state(3.0), 3: state(300.0)}
    snapshot = SimpleNamespace(find=places.get)
    tracked = [Tracked.of(actor(1, "vehicle.tesla.model3"))]
    tracked += [Tracked.of(actor(n, "walker.pedestrian.0001")) for n in (2, 3)]
    ego, near, far = observe(snapshot, tracked, bones_within_m=50.0)
    assert ego.joints_m is None and far.joints_m is None
    assert near.joints_m is not None
    np.testing.assert_allclose(near.joints_m[JOINTS.index("left_wrist")], [3.1, 0.4, 0.8], atol=1e-6)
    assert np.isfinite(near.joints_m).all(axis=1).sum() == 2


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenes whose pedestrian (track 30) has joints in a line up the box; of the child none are known."""
    folder = tmp_path_factory.mktemp("keypoints")
    rig = make_rig(160, 90, 24)
    rig = replace(rig, sensors=(*rig.cameras[:3:2], *rig.lidars))
    captures = []
    for name in ("scene-0001", "scene-0002"):
        plan = make_plan(name, 0.55, rig)
        captures.append(folder / f"{name}.mcap")
        with CaptureWriter(captures[-1], plan, {}, opendrive=XODR) as writer:
            for frame in make_frames(plan):
                objects = tuple(
                    replace(o, joints_m=line(o.box.pose)) if o.track_id == 30 else o for o in frame.objects
                )
                writer.write(replace(frame, objects=objects))
    Coco({"least_pixels": 4, **PLAIN}).export(captures, folder / "coco")
    return folder


def line(pose: Pose) -> np.ndarray:
    up = np.linspace(0.8, -0.8, 17)[:, None] * (0.0, 0.0, 1.0)
    out = pose.transform_points(up)
    out[4] = np.nan
    return out


def test_captures_keep_joints_and_older_ones_have_none(root: Path) -> None:
    with CaptureReader(root / "scene-0001.mcap") as reader:
        frame = reader.frame(0)
        label = next(o for o in frame.objects if o.track_id == 30)
        assert label.joints_m is not None
        np.testing.assert_allclose(label.joints_m, line(label.box.pose), atol=6e-4)
        assert [o.track_id for o in frame.objects if o.joints_m is not None] == [30]
    plain = object_to_plain(label)
    assert plain["joints_m"][4] is None
    del plain["joints_m"]  # as schema 1.1 has it
    assert object_from_plain(plain).joints_m is None


def test_the_file_is_cocos(root: Path) -> None:
    for suffix in ("", "_train"):
        data, whole = (
            json.loads((root / f"coco/annotations/{name}{suffix}.json").read_text())
            for name in ("person_keypoints", "instances")
        )
        assert [c["name"] for c in data["categories"]] == ["person"]
        assert data["categories"][0]["keypoints"] == list(JOINTS)
        assert len(data["categories"][0]["skeleton"]) == 19
        assert data["images"] == whole["images"]
        same = {a["id"]: a for a in whole["annotations"]}
        people = [a for a in whole["annotations"] if a["category_id"] == 1]
        assert [a["id"] for a in data["annotations"]] == [a["id"] for a in people]
        assert {a["image_id"] for a in data["annotations"]} > {1, 3}
        for row in data["annotations"]:
            assert row.items() >= same[row["id"]].items()
            assert len(row["keypoints"]) == 51
            assert row["num_keypoints"] == sum(v > 0 for v in row["keypoints"][2::3])
            assert row["num_keypoints"] == 0 or row["track_id"] == 30
        assert {a["track_id"] for a in data["annotations"]} >= {30, 31}


def test_keypoints_are_where_the_person_is(root: Path) -> None:
    data = json.loads((root / "coco/annotations/person_keypoints.json").read_text())
    images = {i["id"]: i for i in data["images"]}
    seen = 0
    with CaptureReader(root / "scene-0001.mcap") as reader:
        for row in (a for a in data["annotations"] if a["num_keypoints"]):
            x, y, width, height = row["bbox"]
            points = np.array(row["keypoints"]).reshape(17, 3)
            assert points[4].tolist() == [0.0, 0.0, 0.0]
            image = images[row["image_id"]]
            if image["scene"] != "scene-0001":
                continue
            frame = reader.frame(int(Path(image["file_name"]).stem))
            instance = frame.agents[EGO].instance(image["camera"])
            for u, v, flag in points[points[:, 2] > 0]:
                at = instance[round(v), round(u)]
                # The line runs in the middle of the body, 0.25 m behind its surface, which is no clothes.
                assert flag == 1 or at != 30
                assert x - 1 <= u <= x + width
                assert y - 1 <= v <= y + height or at != 30
                seen += at == 30
    assert seen > 20
