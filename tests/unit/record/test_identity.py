import numpy as np

from drivegen.core.geometry import Box, Pose
from drivegen.core.sensors import Camera
from drivegen.core.tags import Tag
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.raycast.scene import RayScene
from drivegen.record.identity import FOUR_WHEELS, ON_FOOT, TWO_WHEELS, Candidate, InstanceIds, unproject
from tests.unit.record.pinhole import cuboid_mesh, ground, placed, take_picture

CAMERA = Camera(
    name="CAM", agent_sensor=Pose.identity(), width_px=320, height_px=180, fov_deg=80.0, period_s=0.1
)
MAP_CAMERA = Pose.from_xyz_rpy(2.0, -1.0, 1.6, 0.02, 0.03, 0.4)

CAR, BIKE, RIDER, PERSON, PARKED = 411, 70412, 70412, 413, 0


def world():
    """A car, a bicycle with rider, a person close to the car, and a parked car that is no actor."""
    library = MeshLibrary()
    things = [  # raw instance id of the server, tag, size, x, y, z, actor
        (9001, Tag.CAR, (4.5, 1.8, 1.5), 15.0, 1.0, 0.75, CAR),
        (17, Tag.BICYCLE, (1.7, 0.5, 0.9), 10.0, -4.0, 0.45, BIKE),
        (65000, Tag.RIDER, (0.4, 0.5, 0.8), 10.0, -4.0, 1.3, RIDER),
        (9001, Tag.PEDESTRIAN, (0.4, 0.5, 1.7), 14.6, -0.15, 0.85, PERSON),
        (333, Tag.CAR, (4.5, 1.8, 1.5), 17.0, 6.0, 0.75, PARKED),
    ]
    parts = [ground(library)]
    candidates = {}
    for raw, tag, size, x, y, z, actor in things:
        pose = MAP_CAMERA @ Pose.from_xyz_rpy(x, y, 0.0)
        upright = Pose.from_xyz_rpy(pose.position_m[0], pose.position_m[1], z, yaw_rad=0.4)
        parts.append(placed(library.add(cuboid_mesh(size, tag)), upright, raw))
        candidates[actor] = upright, np.array(size)
    bike_pose = Pose(
        position_m=candidates[BIKE][0].position_m * [1, 1, 0] + [0, 0, 0.85],
        orientation_wxyz=candidates[BIKE][0].orientation_wxyz,
    )
    boxes = [
        Candidate(
            actor_id=CAR, tags=FOUR_WHEELS, box=Box(pose=candidates[CAR][0], size_m=candidates[CAR][1])
        ),
        Candidate(actor_id=BIKE, tags=TWO_WHEELS, box=Box(pose=bike_pose, size_m=np.array([1.7, 0.5, 1.7]))),
        Candidate(
            actor_id=PERSON, tags=ON_FOOT, box=Box(pose=candidates[PERSON][0], size_m=candidates[PERSON][1])
        ),
    ]
    scene = RayScene(library)
    scene.update(Drawables.concatenate(parts))
    return take_picture(scene, CAMERA, MAP_CAMERA), boxes


def resolve(ids, picture, boxes, annotated):
    return ids.resolve(
        CAMERA,
        MAP_CAMERA,
        picture.depth_m,
        picture.tag,
        picture.instance,
        boxes,
        np.array(annotated, np.uint32),
    )


def test_ids_that_mean_nothing_become_actor_ids():
    picture, boxes = world()
    image = resolve(InstanceIds(), picture, boxes, [CAR, BIKE, PERSON])
    car = (picture.instance == 9001) & (picture.tag == Tag.CAR)
    person = (picture.instance == 9001) & (picture.tag == Tag.PEDESTRIAN)
    two_wheeler = np.isin(picture.instance, [17, 65000])
    assert min(car.sum(), person.sum(), two_wheeler.sum(), (picture.instance == 333).sum()) > 20
    assert (image[car] == CAR).all()
    assert (image[person] == PERSON).all()
    assert (image[two_wheeler] == BIKE & 0xFFFF).all()
    assert (image[~(car | person | two_wheeler)] == 0).all()


def test_what_is_not_annotated_is_zero():
    picture, boxes = world()
    image = resolve(InstanceIds(), picture, boxes, [PERSON])
    assert sorted(np.unique(image)) == [0, PERSON]


def test_a_settled_id_stays_when_its_actor_is_seen_by_a_pixel_only():
    picture, boxes = world()
    ids = InstanceIds()
    resolve(ids, picture, boxes, [CAR, BIKE, PERSON])
    picture.depth_m[:] = 1.0  # nothing lies in any box any more
    image = resolve(ids, picture, boxes, [CAR, BIKE, PERSON])
    assert set(np.unique(image)) == {0, CAR, BIKE & 0xFFFF, PERSON}


def test_the_number_of_who_has_left_may_be_given_to_who_comes():
    picture, boxes = world()
    ids = InstanceIds()
    resolve(ids, picture, boxes, [CAR, BIKE, PERSON])
    newcomer = Candidate(actor_id=999, tags=boxes[0].tags, box=boxes[0].box)
    image = resolve(ids, picture, [newcomer, *boxes[1:]], [999, BIKE, PERSON])
    car = (picture.instance == 9001) & (picture.tag == Tag.CAR)
    assert (image[car] == 999).all()
    assert (image[~car] != 999).all()


def test_what_was_nobodys_may_be_a_newcomers():
    picture, boxes = world()
    ids = InstanceIds()
    resolve(ids, picture, boxes[1:], [BIKE, PERSON])
    image = resolve(ids, picture, boxes, [CAR, BIKE, PERSON])
    assert (image[(picture.instance == 9001) & (picture.tag == Tag.CAR)] == CAR).all()


def test_unprojected_pixels_project_back():
    rows, columns = np.array([0, 90, 179]), np.array([319, 160, 4])
    depth = np.array([3.0, 20.0, 80.0], np.float32)
    points = unproject(CAMERA, MAP_CAMERA, rows, columns, depth)
    local = MAP_CAMERA.inverse().transform_points(points)
    optical = np.stack([-local[:, 1], -local[:, 2], local[:, 0]], axis=1)
    pixels = optical @ CAMERA.intrinsic.T
    np.testing.assert_allclose(pixels[:, 2], depth, rtol=1e-6)
    np.testing.assert_allclose(pixels[:, 0] / pixels[:, 2], columns + 0.5, atol=1e-6)
    np.testing.assert_allclose(pixels[:, 1] / pixels[:, 2], rows + 0.5, atol=1e-6)
