import numpy as np
import pytest

from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Box, Pose
from drivegen.core.sensors import Camera
from drivegen.core.tags import Tag
from drivegen.embedded.assets.vehicles.factory import make_vehicle
from drivegen.embedded.assets.walkers.asset import make_walker
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.raycast.scene import RayScene
from drivegen.record.truth import box_of_bones
from drivegen.record.visibility import Target, camera_labels
from tests.unit.record.pinhole import cuboid_mesh, ground, placed, take_picture

CAMERA = Camera(
    name="CAM", agent_sensor=Pose.identity(), width_px=400, height_px=225, fov_deg=70.0, period_s=0.1
)
MAP_CAMERA = Pose.from_xyz_rpy(0.0, 0.0, 1.5)

VEHICLES = {  # blueprint: class, length, width, height as in CARLA 0.9.16
    "vehicle.tesla.model3": (ObjectClass.CAR, 4.79, 2.16, 1.49),
    "vehicle.nissan.micra": (ObjectClass.CAR, 3.63, 1.85, 1.50),
    "vehicle.mercedes.sprinter": (ObjectClass.VAN, 5.92, 1.99, 2.56),
    "vehicle.carlamotors.carlacola": (ObjectClass.TRUCK, 5.20, 2.63, 2.47),
    "vehicle.mitsubishi.fusorosa": (ObjectClass.BUS, 10.27, 3.94, 4.25),
    "vehicle.gazelle.omafiets": (ObjectClass.BICYCLE, 1.84, 0.66, 1.78),
    "vehicle.vespa.zx125": (ObjectClass.MOTORCYCLE, 1.82, 0.87, 1.59),
}


def street(seed: int) -> tuple[MeshLibrary, list[Drawables], list[Target], dict[int, Drawables]]:
    """Vehicles and people on seven lanes, poles and low walls between them and the camera."""
    rng = np.random.default_rng(seed)
    library = MeshLibrary()
    parts, targets, alone = [ground(library)], [], {}
    taken: list[tuple[float, int]] = []
    for track_id in range(100, 126):
        lane, x = int(rng.integers(-3, 4)), float(rng.uniform(6, 70))
        if any(lane == other and abs(x - place) < 9 for place, other in taken):
            continue
        taken.append((x, lane))
        yaw = 0.0 if lane < 0 else np.pi
        turned = rng.uniform(-3, 3) if rng.random() < 0.3 else rng.uniform(-0.1, 0.1)
        pose = Pose.from_xyz_rpy(x, lane * 3.4 + rng.uniform(-0.3, 0.3), 0.0, yaw_rad=yaw + turned)
        if rng.random() < 0.3:
            person = make_walker(library, "walker.pedestrian.0001", 1.86, int(rng.integers(9)))
            phase = float(rng.uniform(0, 6))
            bones = person.bones(phase, 1.3)
            names = sorted(bones)
            places = pose.transform_points(np.array([bones[n][:3, 3] for n in names]))
            box, object_class = box_of_bones(names, places, pose), ObjectClass.PEDESTRIAN
            part = person.place(pose.matrix, phase, 1.3, track_id)
        else:
            blueprint = sorted(VEHICLES)[int(rng.integers(len(VEHICLES)))]
            object_class, length, width, height = VEHICLES[blueprint]
            vehicle = make_vehicle(library, blueprint, (length, width, height), int(rng.integers(9)))
            part = vehicle.place(pose.matrix, 0.0, 0.0, 0, track_id, (200, 0, 0))
            middle = Pose.from_xyz_rpy(0.0, 0.0, height / 2)
            box = Box(pose=pose @ middle, size_m=np.array([length, width, height]))
        parts.append(part)
        alone[track_id] = part
        targets.append(Target(track_id=track_id, object_class=object_class, box=box))
    pole = library.add(cuboid_mesh((0.3, 0.3, 6.0), Tag.POLE))
    wall = library.add(cuboid_mesh((6.0, 0.3, 1.1), Tag.WALL))
    for mesh, height in ((pole, 3.0), (pole, 3.0), (pole, 3.0), (wall, 0.55), (wall, 0.55), (wall, 0.55)):
        parts.append(placed(mesh, Pose.from_xyz_rpy(rng.uniform(4, 40), rng.uniform(-10, 10), height), 0))
    return library, parts, targets, alone


def test_fractions_agree_with_drawing_each_object_alone():
    errors, partly = [], []
    for seed in (1, 2, 4):
        library, parts, targets, alone = street(seed)
        scene = RayScene(library)
        scene.update(Drawables.concatenate(parts))
        picture = take_picture(scene, CAMERA, MAP_CAMERA)
        labels = camera_labels(CAMERA, MAP_CAMERA, picture.depth_m, picture.instance, targets)
        for track_id, label in labels.items():
            scene.update(alone[track_id])
            whole = int((take_picture(scene, CAMERA, MAP_CAMERA).instance == track_id).sum())
            if whole == 0:  # smaller than a pixel
                continue
            true = min(1.0, label.visible_pixels / whole)
            errors.append(abs(label.visible_fraction - true))
            if 0.02 < true < 0.98:
                partly.append(errors[-1])
        scene.close()
    print(
        f"visible fraction: mean error {np.mean(errors):.4f} over {len(errors)} objects, "
        f"{np.mean(partly):.4f} over the {len(partly)} partly hidden ones, worst {max(errors):.3f}"
    )
    assert len(errors) > 40
    assert len(partly) > 15
    assert np.mean(errors) <= 0.05
    assert np.mean(partly) <= 0.05
    assert max(errors) <= 0.3


def car_at(x: float, y: float = 0.0, track_id: int = 7) -> Target:
    pose = Pose.from_xyz_rpy(x, y, 0.75)
    return Target(
        track_id=track_id,
        object_class=ObjectClass.CAR,
        box=Box(pose=pose, size_m=np.array([4.6, 1.9, 1.5])),
    )


def blank() -> tuple[np.ndarray, np.ndarray]:
    shape = (CAMERA.height_px, CAMERA.width_px)
    return np.full(shape, 100.0, np.float32), np.zeros(shape, np.uint16)


def test_a_hidden_object_is_labelled_and_has_no_visible_box():
    depth, instance = blank()
    depth[:] = 3.0
    label = camera_labels(CAMERA, MAP_CAMERA, depth, instance, [car_at(20.0)])[7]
    assert label.visible_fraction == 0.0
    assert label.visible_pixels == 0
    assert label.visible_box_px is None
    left, top, right, bottom = label.full_box_px
    assert 0 < left < 200 < right < 400
    assert 112.5 < bottom < 225  # the camera is above the car's middle
    assert top == pytest.approx(112.5, abs=0.5)  # and as high as its top


def test_objects_outside_the_image_have_no_label():
    depth, instance = blank()
    assert camera_labels(CAMERA, MAP_CAMERA, depth, instance, [car_at(-20.0), car_at(5.0, 60.0)]) == {}


def test_the_visible_box_is_tight_around_the_pixels():
    depth, instance = blank()
    instance[120:130, 180:221] = 7
    label = camera_labels(CAMERA, MAP_CAMERA, depth, instance, [car_at(20.0)])[7]
    assert label.visible_box_px == (180.0, 120.0, 221.0, 130.0)
    assert label.visible_pixels == 410


def test_an_object_cut_by_the_border_is_truncated_but_not_occluded():
    depth, instance = blank()
    target = car_at(10.0, 7.2)
    free = camera_labels(CAMERA, MAP_CAMERA, depth, instance, [target])[7]
    left, top, right, bottom = (round(v) for v in free.full_box_px)
    assert left == 0
    instance[top:bottom, left:right] = 7
    depth[top:bottom, left:right] = 9.0
    label = camera_labels(CAMERA, MAP_CAMERA, depth, instance, [target])[7]
    assert 0.2 < label.truncation < 0.9
    assert label.visible_fraction == pytest.approx(1.0)


def test_ids_above_16_bits_are_found_by_their_low_bits():
    depth, instance = blank()
    instance[120:130, 180:221] = 70007 & 0xFFFF
    label = camera_labels(CAMERA, MAP_CAMERA, depth, instance, [car_at(20.0, track_id=70007)])[70007]
    assert label.visible_pixels == 410
