"""What may become of an image without any object changing; a segmenter learns to see through it."""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import Float32, UInt8, UInt16

Image = UInt8[np.ndarray, "h w 3"]


def restyled(
    bgr: Image,
    depth_m: Float32[np.ndarray, "h w"],
    instance: UInt16[np.ndarray, "h w"],
    rng: np.random.Generator,
) -> Image:
    """A random restyling: paint, light, colours, air, lens, noise, JPEG; some images stay as they are.

    Args:
        bgr: Colours.
        depth_m: Along the axis; 0 is far away.
        instance: Ids; 0 is scenery.
        rng: Draws.
    """
    if rng.random() < 0.12:
        return bgr
    image = bgr.astype(np.float32) / 255.0
    if rng.random() < 0.4:
        image = _repainted(image, instance, rng)
    if rng.random() < 0.35:
        image = hazy(image, depth_m, rng)
    if rng.random() < 0.8:
        image = _regraded(image, rng)
    if rng.random() < 0.35:
        image = _patchy(image, rng)
    if rng.random() < 0.3:
        image = dimmed(image, rng)
    if rng.random() < 0.4:
        image = _soft(image, rng)
    if rng.random() < 0.5:
        image = image + rng.normal(0.0, rng.uniform(0.0, 0.06), image.shape).astype(np.float32)
    out = (np.clip(image, 0.0, 1.0) * 255.0).astype(np.uint8)
    if rng.random() < 0.5:
        ok, data = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 95))])
        assert ok
        out = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return out


def _repainted(image: np.ndarray, instance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Some objects, and sometimes the scenery, in other colours."""
    out = image.copy()
    for number in np.unique(instance):
        if rng.random() < 0.5:
            where = instance == number
            if number == 0 and rng.random() < 0.7:
                continue
            out[where] = out[where] @ _mixing(rng, 0.5).T * rng.uniform(0.4, 1.8)
    return np.clip(out, 0.0, 1.0)


def _mixing(rng: np.random.Generator, spread: float) -> np.ndarray:
    """Channels mixed with one another; white stays near white."""
    matrix = np.eye(3) + rng.uniform(-spread, spread, (3, 3))
    return np.asarray(matrix / np.abs(matrix.sum(axis=1, keepdims=True)).clip(0.6), np.float32)


def hazy(image: np.ndarray, depth_m: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Haze or fog of a drawn optical range; colours from 0 to 1."""
    far = np.where(depth_m > 0.0, depth_m, 256.0)
    # Koschmieder's law, 5 % of contrast left at the optical range.
    through = np.exp(-3.0 * far / np.exp(rng.uniform(np.log(50.0), np.log(1500.0))))[..., None]
    air = rng.uniform(0.35, 0.95) + rng.uniform(-0.08, 0.08, 3)
    return (image * through + (1.0 - through) * air).astype(np.float32)


def _regraded(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    out = np.clip(image @ _mixing(rng, rng.uniform(0.0, 0.35)).T, 0.0, 1.0)
    out = out ** np.exp(rng.uniform(-0.7, 0.7)) * np.exp(rng.uniform(-0.6, 0.35))
    grey = out.mean(axis=-1, keepdims=True)
    out = grey + (out - grey) * rng.choice([0.0, 1.0, rng.uniform(0.2, 1.8)], p=[0.08, 0.3, 0.62])
    middle = out.mean()
    return np.clip(middle + (out - middle) * rng.uniform(0.55, 1.4), 0.0, 1.2).astype(np.float32)


def _patchy(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Light that differs from place to place, and a texture over everything."""
    height, width = image.shape[:2]
    cells = int(rng.integers(2, 14))
    field = rng.normal(0.0, 1.0, (cells, cells, 3 if rng.random() < 0.5 else 1)).astype(np.float32)
    field = cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC).reshape(height, width, -1)
    return (image * np.exp(rng.uniform(0.05, 0.35) * field)).astype(np.float32)


def dimmed(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Dusk and night: darker, in the colour of lamps or of the sky, with the noise of little light."""
    light = image**2.2 * 2.0 ** rng.uniform(-6.0, -1.5) * rng.uniform(0.6, 1.4, 3)
    electrons = rng.uniform(200.0, 4000.0)
    light = np.maximum(light + rng.normal(0.0, 1.0, image.shape) * np.sqrt(light / electrons + 1e-6), 0.0)
    return ((light * 2.0 ** rng.uniform(0.5, 4.5)) ** (1.0 / 2.2)).astype(np.float32)


def _soft(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if rng.random() < 0.6:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 2.6)))
    length = int(rng.integers(3, 10))
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1.0 / length
    turn = cv2.getRotationMatrix2D(((length - 1) / 2, (length - 1) / 2), rng.uniform(0.0, 180.0), 1.0)
    kernel = cv2.warpAffine(kernel, turn, (length, length))
    return np.asarray(cv2.filter2D(image, -1, kernel / max(kernel.sum(), 1e-3)))
