"""Exact flow: what it leads to is the same point of the same thing, and hidden things are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from synthetic_capture import make_lens_rig, make_plan, make_rig, write_capture

from drivegen.capture.clip import Clip, ClipImage
from drivegen.capture.flow import Flow, Moment, WarpMeter, flow_between, warped
from drivegen.capture.reader import CaptureReader
from drivegen.core.tags import Tag

Pairs = list[tuple[ClipImage, ClipImage]]


@pytest.fixture(scope="module", params=["pinhole", "lenses"])
def pairs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pairs]:
    """(later, earlier) images of each camera, half a second apart."""
    rig = make_rig(320, 180, 24) if request.param == "pinhole" else make_lens_rig(240, 180)
    path = write_capture(tmp_path_factory.mktemp("flow") / "a.mcap", make_plan(duration_s=0.6, rig=rig)).path
    with CaptureReader(path) as reader:
        images = list(Clip(reader).images())
        first = {i.channel: i for i in images if i.frame == 0}
        yield [(i, first[i.channel]) for i in images if i.frame > 0]


def flow_of(now: ClipImage, before: ClipImage, stride: int = 1) -> tuple[Flow, Moment]:
    height, width = now.tag.shape
    one, other = (Moment.of(i, height // stride, width // stride) for i in (now, before))
    return flow_between(one, other), one


def test_flow_leads_to_the_same_point_of_the_same_thing(pairs: Pairs) -> None:
    for now, before in pairs:
        flow, _ = flow_of(now, before)
        assert flow.seen.mean() > 0.3
        at = flow.source_px[flow.seen].astype(int)
        there = before.instance[at[:, 1], at[:, 0]]
        np.testing.assert_array_equal(there, now.instance[flow.seen])
        # Points of the ground are the same points of the world.
        ground = flow.seen & np.isin(now.tag, (Tag.ROAD, Tag.TERRAIN)) & (now.distance_m < 30)
        points = now.map_optical.transform_points(now.rays[ground] * now.distance_m[ground][:, None])
        back = before.map_optical.inverse().transform_points(points)
        np.testing.assert_allclose(before.camera.optics.project(back), flow.source_px[ground], atol=0.05)


def test_moving_things_are_followed(pairs: Pairs) -> None:
    """The middle of what is seen of a thing, in the thing's own frame, is the same place in both images."""
    checked = 0
    for now, before in pairs:
        flow, _ = flow_of(now, before)
        for each in np.unique(now.instance[flow.seen & (now.instance > 0)]):
            mine = flow.seen & (now.instance == each)
            if mine.sum() < 40:
                continue
            local = {}
            for name, image, pixels in (
                ("now", now, np.argwhere(mine)[:, ::-1] + 0.5),
                ("before", before, flow.source_px[mine]),
            ):
                at = pixels.astype(int)
                rays = image.camera.optics.unproject(pixels.astype(np.float64))
                rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
                points = image.map_optical.transform_points(
                    rays * image.distance_m[at[:, 1], at[:, 0]][:, None]
                )
                local[name] = image.map_objects[int(each)].inverse().transform_points(points)
            apart = np.linalg.norm(local["now"] - local["before"], axis=1)
            assert np.median(apart) < 0.06, f"{now.channel} object {each}: {np.median(apart):.3f} m"
            checked += 1
    assert checked >= 3


def test_what_was_hidden_or_outside_is_not_seen(pairs: Pairs) -> None:
    hidden = 0
    for now, before in pairs:
        flow, moment = flow_of(now, before)
        height, width = now.tag.shape
        outside = ~((flow.source_px >= 0) & (flow.source_px < (width, height))).all(-1)
        assert not (flow.seen & outside).any()
        at = np.where(outside[..., None], 0, np.nan_to_num(flow.source_px)).astype(int)
        other = ~outside & (before.instance[at[..., 1], at[..., 0]] != now.instance)
        assert not (flow.seen & other).any()
        hidden += int(other.sum())
        # No flow leads an image to itself and all is seen.
        still = flow_between(moment, moment)
        known = moment.known & ((now.instance == 0) | np.isin(now.instance, list(now.map_objects)))
        assert np.abs(still.shift_px[known]).max() < 0.02
        assert still.seen[known].mean() > 0.97
    assert hidden > 50


def test_a_coarse_grid_is_the_fine_one_at_its_pixels(pairs: Pairs) -> None:
    for now, before in pairs[:2]:
        fine, _ = flow_of(now, before)
        coarse, moment = flow_of(now, before, stride=4)
        at = moment.pixels.astype(int)
        np.testing.assert_array_equal(coarse.source_px, fine.source_px[at[..., 1], at[..., 0]])
        np.testing.assert_array_equal(coarse.seen, fine.seen[at[..., 1], at[..., 0]])
        beyond = Moment.of(now, 50, 100, (8.0, 8.0))
        assert not beyond.known[(beyond.pixels[..., 1] > now.tag.shape[0])].any()


def test_the_warp_error_tells_a_look_that_follows_from_one_that_does_not(
    pairs: Pairs,
) -> None:
    """Colours that stick to surfaces, colours that stick to pixels, and colours drawn anew."""

    def means(paint: object) -> tuple[float, float]:
        meter = WarpMeter()
        for now, before in pairs:
            meter.add(before, paint(before))  # type: ignore[operator]
            meter.add(now, paint(now))  # type: ignore[operator]
        assert meter.look.mean is not None and meter.simulator.mean is not None
        return meter.look.mean, meter.simulator.mean

    rng = np.random.default_rng(3)
    same, simulator = means(lambda i: i.bgr)
    assert same == simulator
    sticky, _ = means(
        lambda i: np.where(i.instance[..., None] % 2 == 0, 60, 200).astype(np.uint8).repeat(3, -1)
    )
    noise, _ = means(lambda i: rng.integers(0, 256, i.bgr.shape, dtype=np.uint8))
    assert sticky < 0.01
    assert noise > 10 * max(simulator, sticky)


def test_ignoring_the_motion_of_things_is_found(pairs: Pairs) -> None:
    """The check above would fail if objects stood still."""
    now, before = next((n, b) for n, b in pairs if (n.instance == 24).sum() > 100)
    flow, one = flow_of(now, before)
    wrong = flow_between(one, replace(Moment.of(before, *now.tag.shape), map_objects=now.map_objects))
    mine = now.instance == 24
    assert np.abs(wrong.shift_px[mine] - flow.shift_px[mine]).max() > 2.0
    assert warped(before.bgr, flow).shape == now.bgr.shape
