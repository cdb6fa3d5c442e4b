"""The codecs of images against OpenCV and Pillow."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from drivegen.capture import images
from drivegen.core.errors import CaptureError
from drivegen.core.rng import derive_rng

shapes = st.tuples(st.integers(1, 40), st.integers(1, 40))


@settings(max_examples=60, deadline=None)
@given(st.one_of(hnp.arrays(np.uint8, shapes), hnp.arrays(np.uint16, shapes)))
def test_other_readers_open_our_png(image: np.ndarray) -> None:
    data = images.encode_png(image)
    np.testing.assert_array_equal(images.decode_png(data), image)
    np.testing.assert_array_equal(np.array(Image.open(io.BytesIO(data))), image)
    assert images.encode_png(image) == data


def test_a_transposed_view_is_encoded_as_it_looks() -> None:
    image = derive_rng(1, "view").integers(0, 65536, (20, 30)).astype(np.uint16)
    np.testing.assert_array_equal(images.decode_png(images.encode_png(image.T)), image.T)


@settings(max_examples=40, deadline=None)
@given(hnp.arrays(np.float32, shapes, elements=st.floats(0, 255.96875, width=32)))
def test_depth_keeps_to_half_a_step(depth_m: np.ndarray) -> None:
    read = images.decode_depth(images.encode_depth(depth_m))
    assert np.abs(read - depth_m).max() <= 0.5 / 256 + 1e-5


def test_depth_that_cannot_be_kept_is_zero() -> None:
    depth_m = np.array([[0.0, 255.999, 256.0, 1e9, np.inf, np.nan, -1.0, 100.0]], np.float32)
    read = images.decode_depth(images.encode_depth(depth_m))
    np.testing.assert_array_equal(read, [[0, 0, 0, 0, 0, 0, 0, 100.0]])


def test_jpeg_quality_is_obeyed() -> None:
    noise = derive_rng(1, "jpeg").normal(128, 30, (90, 160, 3)).clip(0, 255).astype(np.uint8)
    image = cv2.GaussianBlur(noise, (5, 5), 0)
    low, high = (images.encode_jpeg(image, q) for q in (40, 95))
    assert len(low) < len(high) / 2
    assert np.abs(images.decode_jpeg(high).astype(int) - image).mean() < 3


def test_what_is_no_image_is_an_error() -> None:
    with pytest.raises(CaptureError, match="cannot be decoded"):
        images.decode_png(b"not an image")
