"""Looks: the controls that back ends get, and the files that they give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from synthetic_capture import make_lens_rig, make_plan, make_rig, write_capture

from drivegen.capture.clip import Clip, ClipImage
from drivegen.capture.frame import EGO
from drivegen.capture.look_file import LookFile, look_path
from drivegen.capture.looks import LookOrder, has_look, make_look, make_looks
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import CaptureError, ConfigError
from drivegen.core.looks import Style
from drivegen.core.tags import Tag

ORDER = LookOrder(name="dim", plugin="dimmer", params={"by": 2}, style=Style(strength=0.5), seed=3)


class Dimmer:
    """Halves colours and adds one number of the seed's."""

    version = 1

    def __init__(self) -> None:
        self.clips = 0

    def check(self, style: Style) -> None:
        assert style.strength == 0.5

    def images(self, clip: Clip, style: Style, seed: int) -> Iterator[tuple[ClipImage, np.ndarray]]:
        self.clips += 1
        for image in clip.images():
            yield image, image.bgr // 2 + np.uint8(seed % 32)


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    (tmp_path / "captures").mkdir()
    return write_capture(tmp_path / "captures" / "scene-0001.mcap", make_plan(duration_s=0.6)).path


def test_a_look_has_other_colours_and_the_same_labels(capture: Path) -> None:
    before = capture.read_bytes()
    make_look(capture, ORDER, Dimmer())
    assert capture.read_bytes() == before
    with CaptureReader(capture) as plain, CaptureReader(capture, look="dim") as dim:
        assert dim.content_sha256 == plain.content_sha256 and plain.look_sha256 is None
        for one, other in zip(plain.frames(), dim.frames(), strict=True):
            assert [o.track_id for o in one.objects] == [o.track_id for o in other.objects]
            for channel in one.agents[EGO].delivered:
                if not channel.startswith("CAM"):
                    continue
                a, b = one.agents[EGO].image(channel), other.agents[EGO].image(channel)
                np.testing.assert_array_equal(a.instance, b.instance)
                np.testing.assert_array_equal(a.depth_m, b.depth_m)
                assert abs(float(b.bgr.mean()) - float(a.bgr.mean()) / 2) < 33
                assert (a.bgr != b.bgr).any()


def test_the_same_seed_gives_the_same_bytes_and_no_work_twice(capture: Path, tmp_path: Path) -> None:
    maker = Dimmer()
    first = make_look(capture, ORDER, maker)
    data = look_path(capture, "dim").read_bytes()
    assert make_look(capture, ORDER, maker) == first
    assert maker.clips == 1
    look_path(capture, "dim").unlink()
    assert make_look(capture, ORDER, maker) == first
    assert look_path(capture, "dim").read_bytes() == data
    other = replace(ORDER, seed=4)
    with CaptureReader(capture) as reader:
        assert not has_look(capture, other.origin(reader.scene, reader.content_sha256, maker))
    assert make_look(capture, other, maker) != first
    assert sorted(p.name for p in (tmp_path / "looks" / "dim").iterdir()) == ["scene-0001.mcap"]


def test_looks_are_of_one_recording(capture: Path) -> None:
    with pytest.raises(CaptureError, match=r"look 'dim': .*there is no such capture; make the look"):
        CaptureReader(capture, look="dim")
    make_look(capture, ORDER, Dimmer())
    write_capture(capture, make_plan(duration_s=0.4))
    with pytest.raises(CaptureError, match="another recording"):
        CaptureReader(capture, look="dim")
    make_look(capture, ORDER, Dimmer())
    CaptureReader(capture, look="dim").close()
    with pytest.raises(CaptureError, match="is no look"):
        LookFile(capture)


def test_a_back_end_that_fails_leaves_nothing(capture: Path, tmp_path: Path) -> None:
    class Broken(Dimmer):
        def images(self, clip: Clip, style: Style, seed: int) -> Iterator[tuple[ClipImage, np.ndarray]]:
            for image, bgr in super().images(clip, style, seed):
                if image.frame:
                    raise MemoryError
                yield image, bgr

    class Small(Dimmer):
        def images(self, clip: Clip, style: Style, seed: int) -> Iterator[tuple[ClipImage, np.ndarray]]:
            return ((image, bgr[1:]) for image, bgr in super().images(clip, style, seed))

    with pytest.raises(MemoryError):
        make_look(capture, ORDER, Broken())
    with pytest.raises(CaptureError, match="another size"):
        make_look(capture, ORDER, Small())
    assert not list((tmp_path / "looks" / "dim").iterdir())


class Pair(Dimmer):
    """Takes two scenes in turns; fails on some."""

    clips_at_once = 2

    def __init__(self, fails_on: str = "") -> None:
        super().__init__()
        self.groups: list[int] = []
        self.fails_on = fails_on

    def images_of_all(
        self, clips: Sequence[tuple[Clip, int]], style: Style
    ) -> Iterator[tuple[int, ClipImage, np.ndarray]]:
        self.groups.append(len(clips))
        streams = {at: super(Pair, self).images(clip, style, seed) for at, (clip, seed) in enumerate(clips)}
        while streams:
            for at, stream in list(streams.items()):
                if (found := next(stream, None)) is None:
                    del streams[at]
                elif found[0].frame and clips[at][0].plan.scene == self.fails_on:
                    raise MemoryError
                else:
                    yield at, *found

    def facts(self) -> dict[str, str]:
        return {"licence": "CC0-1.0"}

    def report(self) -> dict[str, Any]:
        return {"groups": self.groups}


def test_scenes_go_through_a_back_end_together_and_look_as_alone(tmp_path: Path) -> None:
    (tmp_path / "captures").mkdir()
    paths = [
        write_capture(tmp_path / "captures" / f"{s}.mcap", make_plan(s, 0.6)).path for s in ("a", "b", "c")
    ]
    pair = Pair()
    together = make_looks(paths, ORDER, pair)
    assert pair.groups == [2], "the third went alone"
    with LookFile(look_path(paths[0], "dim")) as look:
        assert look.origin.facts == {"licence": "CC0-1.0"}
        errors = look.making["warp_error"]
        # Half as bright: a quarter of the squares, but for JPEG and rounding.
        assert errors["samples"] > 1000 and errors["look"] == pytest.approx(errors["simulator"] / 4, rel=0.3)
        assert look.making["back_end"] == {"groups": [2]}
    for path in paths:
        look_path(path, "dim").unlink()
    assert [make_look(p, ORDER, Pair()) for p in paths] == together
    # What fails takes its company along, and nothing else; what cannot be read only itself.
    for path in paths:
        look_path(path, "dim").unlink()
    found = make_looks([paths[0], tmp_path / "none.mcap", paths[1], paths[2]], ORDER, Pair(fails_on="b"))
    assert [type(f) for f in found] == [MemoryError, CaptureError, MemoryError, str]
    assert [p.name for p in sorted((tmp_path / "looks" / "dim").iterdir())] == ["c.mcap"]


def test_images_that_a_back_end_forgets_are_missed(capture: Path, tmp_path: Path) -> None:
    class Forgetful(Dimmer):
        def images(self, clip: Clip, style: Style, seed: int) -> Iterator[tuple[ClipImage, np.ndarray]]:
            return (pair for pair in super().images(clip, style, seed) if pair[0].channel != "CAM_BACK")

    with pytest.raises(CaptureError, match="dimmer: 10 images came back for the 12 of scene-0001"):
        make_look(capture, ORDER, Forgetful())
    assert not list((tmp_path / "looks" / "dim").iterdir())


@pytest.mark.parametrize("rig", [make_rig(160, 90, 24), make_lens_rig(120, 90)])
def test_controls_are_the_geometry(rig: object, tmp_path: Path) -> None:
    """Points that distances and rays give lie on the ground where the ground is; its normals point up."""
    path = write_capture(tmp_path / "a.mcap", make_plan(duration_s=0.1, rig=rig)).path
    with CaptureReader(path) as reader:
        clip = Clip(reader)
        images = clip.first()
        assert [i.channel for i in images] == [c.name for _, c in clip.cameras]
        for image in images:
            ground = np.isin(image.tag, (Tag.ROAD, Tag.TERRAIN))
            near = ground & (image.distance_m < 25.0)
            assert near.sum() > 50
            points = image.map_optical.transform_points(
                (image.rays * np.minimum(image.distance_m, 1e3)[..., None]).reshape(-1, 3).astype(np.float64)
            ).reshape(*ground.shape, 3)
            assert np.abs(points[near][:, 2]).max() < 0.05
            assert np.isinf(image.distance_m[image.tag == Tag.SKY]).all()
            up = image.map_optical.rotation.T @ np.array([0.0, 0.0, 1.0])
            known = near & (np.linalg.norm(image.normals, axis=-1) > 0)
            assert known.sum() > 0.3 * near.sum()
            assert np.median(image.normals[known] @ up) > 0.99
            assert image.height_m == pytest.approx(image.camera.agent_sensor.position_m[2])
            inside = ~image.edges[:-1, :-1]
            assert (image.instance[:-1, :-1] == image.instance[1:, :-1])[inside].all()
            assert (image.instance[:-1, :-1] == image.instance[:-1, 1:])[inside].all()
            assert image.edges.any()


def test_a_strength_is_a_share() -> None:
    with pytest.raises(ConfigError, match=r"strength=1\.5"):
        Style(strength=1.5)
