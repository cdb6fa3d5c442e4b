"""Codecs of images: JPEG for colour, PNG for labels.

Label PNGs are packed here with one filter (each row minus the row above) and the fastest zlib level: labels
repeat from row to row, and OpenCV's PNG writer, which cannot be told to use a single filter for 16 bits at
this level without growing the file, took 2 to 3 times the CPU. Any PNG reader opens them.
"""

from __future__ import annotations

import struct
import zlib

import cv2
import numpy as np
from jaxtyping import Float32, UInt8, UInt16

from drivegen.capture.schema import DEPTH_STEPS_PER_M
from drivegen.core.errors import CaptureError

_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_FILTER_UP = 2
"""PNG specification, section 9.2."""
_ZLIB_LEVEL = 1


def encode_jpeg(bgr: UInt8[np.ndarray, "h w 3"], quality: int) -> bytes:
    """A baseline JPEG of quality 1..100."""
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def encode_png(image: UInt8[np.ndarray, "h w"] | UInt16[np.ndarray, "h w"]) -> bytes:
    """A greyscale PNG of 8 or 16 bits."""
    height, width = image.shape
    bytes_per_pixel = image.dtype.itemsize
    big_endian = np.ascontiguousarray(image, dtype=">u2" if bytes_per_pixel == 2 else np.uint8)
    rows = big_endian.view(np.uint8).reshape(height, width * bytes_per_pixel)
    filtered = np.empty((height, width * bytes_per_pixel + 1), np.uint8)
    filtered[:, 0] = _FILTER_UP
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    header = struct.pack(">IIBBBBB", width, height, 8 * bytes_per_pixel, 0, 0, 0, 0)
    return b"".join(
        (
            _PNG_MAGIC,
            _png_chunk(b"IHDR", header),
            _png_chunk(b"IDAT", zlib.compress(filtered.data, _ZLIB_LEVEL)),
            _png_chunk(b"IEND", b""),
        )
    )


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(name)))


def encode_depth(depth_m: Float32[np.ndarray, "h w"]) -> bytes:
    """A 16-bit PNG in steps of 1/256 m; 0 where nothing was hit, and from 255.99 m on."""
    scaled = depth_m * np.float32(DEPTH_STEPS_PER_M) + np.float32(0.5)
    known = (scaled > 0) & (scaled < 65536.0)  # false for NaN and infinity too
    return encode_png(np.where(known, scaled, np.float32(0)).astype(np.uint16))


def decode_jpeg(data: bytes | memoryview) -> UInt8[np.ndarray, "h w 3"]:
    """Colours in the order blue, green, red."""
    return _decode(data, cv2.IMREAD_COLOR)


def decode_png(data: bytes | memoryview) -> UInt8[np.ndarray, "h w"] | UInt16[np.ndarray, "h w"]:
    """The greyscale values as stored."""
    return _decode(data, cv2.IMREAD_UNCHANGED)


def decode_depth(data: bytes | memoryview) -> Float32[np.ndarray, "h w"]:
    """Metres; 0 where nothing was hit or too far."""
    return decode_png(data).astype(np.float32) / np.float32(DEPTH_STEPS_PER_M)


def _decode(data: bytes | memoryview, flags: int) -> np.ndarray:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if image is None:
        raise CaptureError("an image of the capture cannot be decoded: the file is damaged, record it anew")
    return np.asarray(image)
