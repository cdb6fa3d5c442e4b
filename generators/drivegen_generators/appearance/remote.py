"""Looks by an HTTP endpoint that edits images, in the manner of OpenAI's `images/edits`.

Each image is sent with pictures of its exact controls. Understood of a style: `prompt`, `negative_prompt`,
`weather`, `time` and `season` as further words of the prompt, and `strength`. Whether the same request gives
the same picture, and what it has to do with the controls, is the endpoint's affair.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
from jaxtyping import UInt8

from drivegen.capture.clip import Clip, ClipImage
from drivegen.core.errors import ConfigError
from drivegen.core.looks import Style
from drivegen.core.rng import derive_seed
from drivegen_generators.appearance.controls import CONTROLS, control_picture, rgb_picture
from drivegen_generators.appearance.endpoint import FORMS, Address, Edit, Endpoint, Limits, key_of
from drivegen_generators.appearance.fit import Fit, fit_to


class Remote:
    """The back end.

    Args:
        base_url: Of the endpoint, for example http://127.0.0.1:8000/v1.
        model: That it is told to use.
        key_env: Name of the variable of the environment that holds its key; none is sent where it is empty.
        controls: Pictures that go along (`drivegen_generators.appearance.controls.CONTROLS`).
        form: How pictures are sent: multipart (as OpenAI has it) or json (base64).
        licence: Of what the model makes, for the look's file.
        long_side_px: Of the pictures that are sent and come back; the camera's own when absent.
        multiple: Of which their sides are.
        concurrency: Requests at once.
        timeout_s: Of one request.
        retries: After an answer of 408, 425, 429, 500, 502, 503, 504, silence, or a broken connection.
        backoff_s: Before the first retry, where the answer names no time; doubled each time.
        answer_mb: Larger answers are refused.

    Raises:
        ConfigError: A parameter is out of range.
    """

    version = 1

    def __init__(
        self,
        *,
        base_url: str,
        model: str,
        key_env: str = "DRIVEGEN_LOOK_KEY",
        controls: Sequence[str] = ("depth", "edges", "semantic"),
        form: str = "multipart",
        licence: str = "unknown",
        long_side_px: int | None = None,
        multiple: int = 1,
        concurrency: int = 4,
        timeout_s: float = 120.0,
        retries: int = 4,
        backoff_s: float = 1.0,
        answer_mb: float = 64.0,
    ) -> None:
        for name, value, least, most in (
            ("concurrency", concurrency, 1, 64),
            ("timeout_s", timeout_s, 0.01, 3600),
            ("retries", retries, 0, 20),
            ("backoff_s", backoff_s, 0, 60),
            ("answer_mb", answer_mb, 0.001, 1024),
        ):
            if not least <= value <= most:
                raise ConfigError(f"{name}={value}: a value from {least:g} to {most:g} is wanted")
        unknown = [kind for kind in controls if kind not in CONTROLS]
        if unknown or len(set(controls)) < len(controls):
            raise ConfigError(
                f"controls={list(controls)}: some of {', '.join(CONTROLS)} are wanted, each once"
            )
        if form not in FORMS:
            raise ConfigError(f"form={form!r}: one of {', '.join(FORMS)} is wanted")
        if not model:
            raise ConfigError("model: the name that the endpoint knows is wanted")
        if not key_env.isidentifier():
            raise ConfigError("key_env: the name of a variable of the environment is wanted, not the key")
        fit_to(16, 16, long_side_px=long_side_px, multiple=multiple)
        self._address = Address.of(base_url)
        self._model, self._form, self._licence = model, form, licence
        self._key_env = key_env
        self._controls = tuple(controls)
        self._long_side_px, self._multiple = long_side_px, multiple
        self._concurrency = concurrency
        self._limits = Limits(timeout_s=timeout_s, retries=retries, backoff_s=backoff_s, answer_mb=answer_mb)

    def check(self, style: Style) -> None:
        """Raises ConfigError for a style without words, and for a key that would be sent for all to read."""
        if not _prompt(style):
            raise ConfigError("remote look: the style has no prompt, weather, time or season")
        if key_of(self._key_env) and not self._address.secure and not self._address.loopback:
            raise ConfigError(
                f"remote look: {self._key_env} holds a key, and {self._address} is not https; a key would be"
                " sent for all to read: use https, or unset it"
            )

    def facts(self) -> dict[str, str]:
        """The endpoint, by hash, for where it is nobody else's business; and the licence."""
        where = hashlib.sha256(str(self._address).encode()).hexdigest()
        return {"endpoint_sha256": where, "model": self._model, "licence": self._licence}

    def report(self) -> dict[str, Any]:
        """Nothing beyond the facts."""
        return {}

    def images(
        self, clip: Clip, style: Style, seed: int
    ) -> Iterator[tuple[ClipImage, UInt8[np.ndarray, "h w 3"]]]:
        """Each image of the clip, in its order; at most `concurrency` are under way.

        Raises:
            EndpointError: The endpoint failed at an image, also after all retries.
        """
        self.check(style)
        if style.strength == 0.0:
            yield from ((image, image.bgr) for image in clip.images())
            return
        endpoint = Endpoint(
            address=self._address, form=self._form, key=key_of(self._key_env), limits=self._limits
        )
        waiting: deque[Future[tuple[ClipImage, UInt8[np.ndarray, "h w 3"]]]] = deque()
        pool = ThreadPoolExecutor(self._concurrency, "remote look")
        try:
            for image in clip.images():
                edit, fit = self._edit(image, style, seed)
                waiting.append(pool.submit(_made, endpoint, image, edit, fit))
                if len(waiting) >= self._concurrency:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _edit(self, image: ClipImage, style: Style, seed: int) -> tuple[Edit, Fit]:
        fit = fit_to(
            image.camera.width_px,
            image.camera.height_px,
            long_side_px=self._long_side_px,
            multiple=self._multiple,
        )
        edit = Edit(
            model=self._model,
            prompt=_prompt(style),
            negative_prompt=style.negative_prompt,
            image=rgb_picture(image, fit),
            controls={kind: control_picture(kind, image, fit) for kind in self._controls},
            strength=style.strength,
            # 31 bits: what all languages take for a whole number.
            seed=derive_seed(seed, image.agent, image.channel, image.time_ns) & 0x7FFFFFFF,
        )
        return edit, fit


def _made(
    endpoint: Endpoint, image: ClipImage, edit: Edit, fit: Fit
) -> tuple[ClipImage, UInt8[np.ndarray, "h w 3"]]:
    rgb = endpoint.edited(edit)
    return image, fit.back(np.ascontiguousarray(rgb[..., ::-1]))


def _prompt(style: Style) -> str:
    return ", ".join(words for words in (style.prompt, style.weather, style.time, style.season) if words)
