"""An HTTP endpoint that edits images, in the manner of OpenAI's `images/edits`: one request, one picture.

Requests go to `BASE_URL/images/edits` and nowhere else: no redirect is followed, and no address that an
answer names is fetched. The key stands in a header of the request, and in nothing that is written or said.
"""

from __future__ import annotations

import base64
import binascii
import email.utils
import http.client
import io
import json
import math
import os
import socket
import ssl
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import cv2
import numpy as np
from jaxtyping import UInt8
from PIL import Image, UnidentifiedImageError

from drivegen.core.errors import ConfigError, DrivegenError

Picture = UInt8[np.ndarray, "h w 3"]
"""Red first."""
FORMS = ("multipart", "json")
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which the same request may well be answered (RFC 9110, RFC 6585)."""
_LONGEST_WAIT_S = 120.0
_SAID = 200
"""Characters of an answer that an error repeats."""


class EndpointError(DrivegenError):
    """The endpoint did not give the picture that it was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the endpoint is."""

    secure: bool
    host: str
    port: int | None
    path: str
    """Of `images/edits`."""

    @staticmethod
    def of(base_url: str) -> Address:
        """Of a URL such as https://host/v1. Raises ConfigError for what is none."""
        try:
            parts = urlsplit(base_url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port, parts = None, None, urlsplit("")
        if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
            raise ConfigError(f"base_url={base_url!r}: a URL such as https://host/v1 is wanted")
        if parts.username or parts.password:
            raise ConfigError(
                "base_url holds a name or password; the key belongs into the environment (key_env)"
            )
        path = parts.path.rstrip("/") + "/images/edits"
        return Address(secure=parts.scheme == "https", host=host, port=port, path=path)

    @property
    def loopback(self) -> bool:
        """Whether it is this machine."""
        return self.host in ("localhost", "127.0.0.1", "::1")

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = f":{self.port}" if self.port is not None else ""
        return f"{'https' if self.secure else 'http'}://{host}{port}{self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of what is waited for and taken."""

    timeout_s: float = 120.0
    """Of a whole request."""
    retries: int = 4
    """After the first attempt."""
    backoff_s: float = 1.0
    """Before the first retry where the answer names no time; doubled each time."""
    answer_mb: float = 64.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edit:
    """What is asked for."""

    model: str
    prompt: str
    negative_prompt: str
    image: Picture
    controls: dict[str, Picture] = field(default_factory=dict)
    strength: float = 1.0
    seed: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height that are wanted back."""
        return self.image.shape[1], self.image.shape[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An endpoint; may be used by several threads."""

    address: Address
    form: str = "multipart"
    key: str = field(default="", repr=False)
    limits: Limits = field(default_factory=Limits)
    sleep: Callable[[float], None] = time.sleep

    def edited(self, edit: Edit) -> Picture:
        """The picture, red first, of the size of the one that was sent.

        Raises:
            EndpointError: It refuses, stays silent, or what it gives is not such a picture.
        """
        body, kind = (_multipart if self.form == "multipart" else _json)(edit)
        headers = {"Content-Type": kind, "Accept": "application/json", "User-Agent": "drivegen"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        cause = ""
        for attempt in range(self.limits.retries + 1):
            wait_s = self.limits.backoff_s * 2.0**attempt
            try:
                status, said, after = self._asked(body, headers)
            except (OSError, http.client.HTTPException) as error:
                cause = _of_error(error, self.limits.timeout_s)
                if isinstance(error, ssl.SSLError) and not isinstance(error, TimeoutError):
                    break
            else:
                if status == 200:
                    return _picture(said, edit.size, str(self.address))
                cause = f"it answers {status}: {self._told(said)}"
                if status not in _AGAIN:
                    break
                wait_s = wait_s if after is None else after
            if attempt < self.limits.retries:
                self.sleep(min(wait_s, _LONGEST_WAIT_S))
        raise EndpointError(f"{self.address}: {cause}")

    def _asked(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, float | None]:
        """Status, body and what `Retry-After` says, in seconds."""
        make = http.client.HTTPSConnection if self.address.secure else http.client.HTTPConnection
        connection = make(self.address.host, self.address.port, timeout=self.limits.timeout_s)
        ends = time.monotonic() + self.limits.timeout_s
        most = int(self.limits.answer_mb * 1e6)
        try:
            connection.request("POST", self.address.path, body, headers)
            answer = connection.getresponse()
            pieces, size = [], 0
            # In pieces: a time-out of a socket alone never ends an answer that comes byte by byte.
            while piece := answer.read1(1 << 16):
                size += len(piece)
                if size > most:
                    raise EndpointError(
                        f"{self.address}: its answer is larger than {self.limits.answer_mb:g} MB (answer_mb)"
                    )
                if time.monotonic() > ends:
                    raise TimeoutError
                pieces.append(piece)
            length = answer.getheader("Content-Length", "")
            if length.isdecimal() and size < int(length):
                raise http.client.IncompleteRead(b"")
            return answer.status, b"".join(pieces), _seconds(answer.getheader("Retry-After"))
        finally:
            connection.close()

    def _told(self, body: bytes) -> str:
        """What an answer says, in one short line, without the key should it repeat it."""
        try:
            data = json.loads(body)
            error = data.get("error", data) if isinstance(data, dict) else data
            text = str(error.get("message", error) if isinstance(error, dict) else error)
        except (ValueError, RecursionError):
            text = body.decode("utf-8", "replace")
        text = "".join(c if c.isprintable() else " " for c in text[: 8 * _SAID])
        if self.key:
            text = text.replace(self.key, "(key)")
        return " ".join(text.split())[:_SAID] or "nothing"


def key_of(name: str) -> str:
    """The key in the environment; empty where there is none. Raises ConfigError for what no header holds."""
    key = os.environ.get(name, "").strip()
    if not key.isascii() or not key.isprintable():
        raise ConfigError(f"the key in {name} holds characters that no key has")
    return key


def _of_error(error: Exception, timeout_s: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout_s:g} s (timeout_s)"
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there"
    if isinstance(error, socket.gaierror):
        return "there is no such host"
    return f"the connection broke: {type(error).__name__}"


def _seconds(retry_after: str | None) -> float | None:
    """Of a `Retry-After` header, seconds or a date (RFC 9110, section 10.2.3)."""
    if retry_after is None:
        return None
    try:
        found = float(retry_after)
    except ValueError:
        try:
            found = email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time()
        except (TypeError, ValueError, OverflowError):
            return None
    return max(0.0, found) if math.isfinite(found) else None


def _picture(body: bytes, size: tuple[int, int], where: str) -> Picture:
    try:
        data = json.loads(body)["data"][0]
        coded = data.get("b64_json")
    except (ValueError, RecursionError, KeyError, IndexError, TypeError, AttributeError):
        raise EndpointError(f"{where}: its answer is not JSON with data[0].b64_json") from None
    if not isinstance(coded, str):
        raise EndpointError(
            f"{where}: its answer has no b64_json (an address of the picture is not fetched); make it send"
            " base64"
        )
    try:
        raw = base64.b64decode(coded, validate=True)
        # The head alone: a small file can unfold to more than the memory holds.
        with Image.open(io.BytesIO(raw), formats=("PNG", "JPEG", "WEBP")) as head:
            found = head.size
    except (binascii.Error, UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        raise EndpointError(f"{where}: what it gives is no PNG, JPEG or WebP") from None
    if found != size:
        raise EndpointError(
            f"{where}: it gives a picture of {found[0]}x{found[1]}, {size[0]}x{size[1]} was asked for"
            " (long_side_px, multiple)"
        )
    bgr = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR)
    if bgr is None or bgr.shape[1::-1] != size:
        raise EndpointError(f"{where}: the picture that it gives is damaged")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))


def _png(picture: Picture) -> bytes:
    return bytes(cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]))[1].tobytes())


def _fields(edit: Edit) -> dict[str, Any]:
    return {
        "model": edit.model,
        "prompt": edit.prompt,
        "negative_prompt": edit.negative_prompt,
        "strength": round(edit.strength, 6),
        "seed": edit.seed,
        "size": f"{edit.size[0]}x{edit.size[1]}",
        "n": 1,
        "response_format": "b64_json",
    }


def _json(edit: Edit) -> tuple[bytes, str]:
    def coded(picture: Picture) -> str:
        return base64.b64encode(_png(picture)).decode("ascii")

    controls = [{"type": kind, "image": coded(picture)} for kind, picture in edit.controls.items()]
    data = {**_fields(edit), "image": coded(edit.image), "controls": controls}
    return json.dumps(data, ensure_ascii=False).encode(), "application/json"


def _multipart(edit: Edit) -> tuple[bytes, str]:
    """multipart/form-data (RFC 7578): `image`, then a file `control_KIND` for each control."""
    border = uuid.uuid4().hex
    parts = []
    for name, value in _fields(edit).items():
        head = f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        parts.append(head.encode() + str(value).encode() + b"\r\n")
    files: Sequence[tuple[str, Picture]] = [
        ("image", edit.image),
        *((f"control_{kind}", picture) for kind, picture in edit.controls.items()),
    ]
    for name, picture in files:
        head = (
            f'--{border}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}.png"\r\n'
            "Content-Type: image/png\r\n\r\n"
        )
        parts.append(head.encode() + _png(picture) + b"\r\n")
    body = b"".join(parts) + f"--{border}--\r\n".encode()
    return body, f"multipart/form-data; boundary={border}"
