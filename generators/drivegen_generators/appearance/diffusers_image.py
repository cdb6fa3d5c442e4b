"""Looks by any pipeline of diffusers that makes images of images under controls, image by image.

Batches are filled across cameras and scenes. What the model gets is prepared, and what it gives is encoded
and written, while it works. Images of a clip hang together by shared noise (`noise`) and by latents of the
image before, carried along by exact flow; how well is measured, see `drivegen.capture.flow`.

Understood of a style: `prompt`, `negative_prompt`, `weather`, `time` and `season` as further words of the
prompt, and `strength`, a share of the parameter `strength`.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32, UInt8

from drivegen.capture.clip import Clip, ClipImage
from drivegen.capture.flow import Moment, flow_between
from drivegen.capture.overlap import Ahead
from drivegen.core.errors import ConfigError
from drivegen.core.looks import Style
from drivegen.core.rng import derive_seed
from drivegen_generators.appearance.controls import control_of, control_picture, rgb_picture
from drivegen_generators.appearance.fit import Fit, fit_to
from drivegen_generators.appearance.noise import Grid, SharedNoise
from drivegen_generators.appearance.weights import (
    Weights,
    check_folder,
    hash_of,
    licence_of,
    pipeline_named,
)

if TYPE_CHECKING:
    from drivegen_generators.appearance.pipelines import Loaded, Made, Request

_PREPARERS = 3
_DEFAULT = "StableDiffusion{xl}ControlNetImg2ImgPipeline"
_DTYPES = ("auto", "bfloat16", "float32")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Prepared:
    """An image ready for the model."""

    at: int
    """Number of its clip."""
    image: ClipImage
    fit: Fit
    key: str
    seed: int
    rgb: UInt8[np.ndarray, "h w 3"]
    controls: tuple[UInt8[np.ndarray, "h w 3"], ...]
    noise: Float32[np.ndarray, "c rows columns"] | None
    sources: Float32[np.ndarray, "rows columns 2"] | None

    @property
    def lane(self) -> tuple[int, str, str]:
        """The camera that it is of."""
        return self.at, self.image.agent, self.image.channel


@dataclass(slots=True)
class _Lanes:
    """What the preparing thread remembers of clips and cameras."""

    noises: dict[int, SharedNoise] = field(default_factory=dict)
    moments: dict[tuple[int, str, str], Moment] = field(default_factory=dict)


class DiffusersImage:
    """The back end.

    Args:
        weights: Folder of a pipeline in diffusers' own format, or OWNER/NAME on a hub.
        controls: Names of controls, in the order of the pipeline's own networks; or mappings with `control`,
            `weights`, `revision`, `scale`, `start`, `end`, `mode` for networks of their own.
        pipeline: Class of diffusers; by the weights when empty.
        revision: Commit of a hub's weights.
        licence: Of the weights; from their model card when empty.
        strength: Share of the steps that are gone at the style's full strength.
        steps: Of the scheduler.
        guidance: Classifier-free guidance.
        long_side_px: Of the model's images; the camera's own when absent.
        multiple: Of which the sides of the model's images are.
        batch: Images that the model makes at once; a smaller rest is filled up.
        scenes: Whose images share batches.
        share_noise: Whether noise is shared by cameras and sticks to surfaces; else every image has its own.
        carry: Share of the image before in the latents that an image begins with.
        dtype: auto (bfloat16 on accelerators, else float32), bfloat16 or float32.
        device: auto, or a name that torch knows.

    Raises:
        ConfigError: A parameter is out of range, or the extra `diffusion` is not installed.
    """

    version = 1

    def __init__(
        self,
        *,
        weights: str,
        controls: Sequence[str | Mapping[str, Any]] = ("depth", "semantic"),
        pipeline: str = "",
        revision: str = "",
        licence: str = "",
        strength: float = 0.6,
        steps: int = 20,
        guidance: float = 5.0,
        long_side_px: int | None = 1024,
        multiple: int = 16,
        batch: int = 4,
        scenes: int = 4,
        share_noise: bool = True,
        carry: float = 0.3,
        dtype: str = "auto",
        device: str = "auto",
    ) -> None:
        _check_range("strength", strength, 0.0, 1.0)
        _check_range("steps", steps, 1, 1000)
        _check_range("guidance", guidance, 0.0, 100.0)
        _check_range("batch", batch, 1, 1024)
        _check_range("scenes", scenes, 1, 1024)
        _check_range("carry", carry, 0.0, 1.0)
        if dtype not in _DTYPES:
            raise ConfigError(f"dtype={dtype!r}: one of {', '.join(_DTYPES)} is wanted")
        if pipeline and not pipeline.isidentifier():
            raise ConfigError(f"pipeline={pipeline!r}: the name of a class of diffusers is wanted")
        if not controls:
            raise ConfigError("controls: at least one is wanted, or labels would not hold")
        fit_to(16, 16, long_side_px=long_side_px, multiple=multiple)
        self._weights = Weights(name=str(weights), revision=revision)
        self._controls = tuple(control_of(c) for c in controls)
        self._pipeline = pipeline
        self._licence = licence
        self._strength, self._steps, self._guidance = strength, steps, guidance
        self._long_side_px, self._multiple = long_side_px, multiple
        self._batch = batch
        self._share_noise, self._carry = share_noise, carry
        self._dtype, self._device = dtype, device
        self.clips_at_once = scenes
        self._report: dict[str, Any] = {}

    def check(self, style: Style) -> None:
        """Raises ConfigError for a style without words, or weights that cannot be used."""
        if not _prompt(style):
            raise ConfigError("diffusers_image: the style has no prompt, weather, time or season")
        missing = [n for n in ("torch", "diffusers", "transformers") if importlib.util.find_spec(n) is None]
        if missing:
            raise ConfigError(
                f"diffusers_image: {', '.join(missing)} is missing; install drivegen[diffusion]"
            )
        for weights, pipeline in [(self._weights, True), *((c.weights, False) for c in self._controls)]:
            if weights is not None and weights.is_local:
                check_folder(weights.folder(), pipeline=pipeline)

    def facts(self) -> dict[str, str]:
        """Hash of the weights where they are folders, and the licence."""
        found = {"licence": self._licence}
        named = [("weights", self._weights)]
        named += [(f"control_{i}", c.weights) for i, c in enumerate(self._controls) if c.weights is not None]
        for name, weights in named:
            if weights.is_local:
                found[f"{name}_sha256"] = hash_of(weights.folder())
                if name == "weights" and not self._licence:
                    found["licence"] = licence_of(weights.folder())
        return found

    def report(self) -> dict[str, Any]:
        """Of the clips that were made last."""
        return dict(self._report)

    def images(
        self, clip: Clip, style: Style, seed: int
    ) -> Iterator[tuple[ClipImage, UInt8[np.ndarray, "h w 3"]]]:
        """Each image of a clip."""
        for _, image, bgr in self.images_of_all([(clip, seed)], style):
            yield image, bgr

    def images_of_all(
        self, clips: Sequence[tuple[Clip, int]], style: Style
    ) -> Iterator[tuple[int, ClipImage, UInt8[np.ndarray, "h w 3"]]]:
        """Each image of several clips; batches hold images of all of them."""
        self.check(style)
        strength = self._strength * style.strength
        if strength == 0.0:
            self._report = {"untouched": True}
            for at, (clip, _) in enumerate(clips):
                for image in clip.images():
                    yield at, image, image.bgr
            return
        model = self._load()
        request = self._request(style, strength)
        busy = _Busy()
        with (
            ThreadPoolExecutor(_PREPARERS, "prepare look") as pool,
            Ahead(self._batches(clips, model, pool), 2, "look ahead") as batches,
        ):
            last: dict[tuple[int, str, str], Any] = {}
            for batch in batches:
                made = self._make(model, batch, request, last)
                busy.add(made.seconds, len(batch))
                for one, rgb in zip(batch, made.rgb, strict=False):
                    yield one.at, one.image, one.fit.back(np.ascontiguousarray(rgb[..., ::-1]))
        self._report = {
            **model.describe(),
            **busy.describe(),
            "batch": self._batch,
            "scenes_together": len(clips),
            "load_s": round(model.load_s, 3),
            "licence": self._licence or licence_of(self._weights.folder()),
        }

    def _load(self) -> Loaded:
        from drivegen_generators.appearance.pipelines import Settings, loaded  # noqa: PLC0415  (torch)

        folder = self._weights.folder()
        check_folder(folder, pipeline=True)
        settings = Settings(
            pipeline=self._pipeline or _pipeline_for(folder),
            folder=str(folder),
            controls=tuple((c.kind, str(c.weights.folder()) if c.weights else "") for c in self._controls),
            modes=tuple(c.mode for c in self._controls if c.mode is not None),
            dtype=self._dtype,
            device=self._device,
        )
        return loaded(settings)

    def _request(self, style: Style, strength: float) -> Request:
        from drivegen_generators.appearance.pipelines import Request  # noqa: PLC0415  (torch)

        return Request(
            prompt=_prompt(style),
            negative_prompt=style.negative_prompt,
            # At least one step is gone; pipelines round down, and 0.3 * 10 is 3.
            strength=min(1.0, max(1, round(strength * self._steps)) / self._steps + 1e-6),
            steps=self._steps,
            guidance=self._guidance,
            scales=tuple(c.scale for c in self._controls),
            starts=tuple(c.start for c in self._controls),
            ends=tuple(c.end for c in self._controls),
        )

    def _make(
        self, model: Loaded, batch: list[_Prepared], request: Request, last: dict[tuple[int, str, str], Any]
    ) -> Made:
        from drivegen_generators.appearance.pipelines import Batch  # noqa: PLC0415  (torch)

        # A rest is filled up: equal shapes, equal kernels, equal bytes.
        full = batch + [batch[-1]] * (self._batch - len(batch))
        noises = [p.noise for p in full if p.noise is not None]
        sources = [p.sources for p in full if p.sources is not None]
        made = model.make(
            Batch(
                keys=tuple(p.key for p in full),
                seeds=tuple(p.seed for p in full),
                rgb=np.stack([p.rgb for p in full]),
                controls=tuple(np.stack(c) for c in zip(*(p.controls for p in full), strict=True)),
                noise=np.stack(noises) if noises else None,
                sources=np.stack(sources) if sources else None,
                before=tuple(last.get(p.lane) for p in full),
            ),
            request,
            self._carry,
        )
        if self._carry > 0.0:
            last |= {p.lane: made.latents[i] for i, p in enumerate(batch)}
        return made

    def _batches(
        self, clips: Sequence[tuple[Clip, int]], model: Loaded, pool: ThreadPoolExecutor
    ) -> Iterator[list[_Prepared]]:
        """Images of all clips in turns, prepared; in a batch no camera twice where images follow from their
        predecessors, and images of one size."""
        lanes = _Lanes(noises={at: SharedNoise(seed) for at, (_, seed) in enumerate(clips)})
        batch: list[tuple[int, ClipImage, Fit]] = []
        for at, image in _in_turns([clip for clip, _ in clips]):
            fit = fit_to(
                image.camera.width_px,
                image.camera.height_px,
                long_side_px=self._long_side_px,
                multiple=self._multiple,
            )
            same = [(a, i.agent, i.channel) for a, i, _ in batch]
            again = self._carry > 0.0 and (at, image.agent, image.channel) in same
            if batch and (len(batch) == self._batch or again or batch[0][2] != fit):
                yield self._prepared(batch, clips, model, lanes, pool)
                batch = []
            batch.append((at, image, fit))
        if batch:
            yield self._prepared(batch, clips, model, lanes, pool)

    def _prepared(
        self,
        batch: list[tuple[int, ClipImage, Fit]],
        clips: Sequence[tuple[Clip, int]],
        model: Loaded,
        lanes: _Lanes,
        pool: ThreadPoolExecutor,
    ) -> list[_Prepared]:
        grid = model.grid(batch[0][2])
        pictures = [pool.submit(self._pictures, image, fit) for _, image, fit in batch]
        out = []
        for (at, image, fit), found in zip(batch, pictures, strict=True):
            clip, seed = clips[at]
            rgb, controls = found.result()
            noise, sources = self._start(at, image, grid, lanes)
            out.append(
                _Prepared(
                    at=at,
                    image=image,
                    fit=fit,
                    key=f"{clip.content_sha256} {image.agent} {image.channel} {image.time_ns}",
                    seed=derive_seed(seed, image.agent, image.channel, image.time_ns),
                    rgb=rgb,
                    controls=controls,
                    noise=noise,
                    sources=sources,
                )
            )
        return out

    def _pictures(
        self, image: ClipImage, fit: Fit
    ) -> tuple[UInt8[np.ndarray, "h w 3"], tuple[UInt8[np.ndarray, "h w 3"], ...]]:
        return rgb_picture(image, fit), tuple(control_picture(c.kind, image, fit) for c in self._controls)

    def _start(
        self, at: int, image: ClipImage, grid: Grid, lanes: _Lanes
    ) -> tuple[Float32[np.ndarray, "c rows columns"] | None, Float32[np.ndarray, "rows columns 2"] | None]:
        """Noise of an image, and where its cells were in the image before, as grid_sample has it."""
        if not self._share_noise and self._carry == 0.0:
            return None, None
        moment = grid.moment(image)
        noise = lanes.noises[at].of(image, grid, moment) if self._share_noise else None
        if self._carry == 0.0:
            return noise, None
        lane = (at, image.agent, image.channel)
        sources = np.full((grid.rows, grid.columns, 2), np.nan, np.float32)
        if lane in lanes.moments:
            flow = flow_between(moment, lanes.moments[lane])
            cells = np.stack(np.meshgrid(np.arange(grid.columns), np.arange(grid.rows)), axis=-1) + 0.5
            share = (cells + flow.shift_px / np.array(grid.cell_px)) / (grid.columns, grid.rows) * 2.0 - 1.0
            sources[flow.seen] = share[flow.seen]
        lanes.moments[lane] = moment
        return noise, sources


class _Busy:
    """How much of the time the model worked."""

    def __init__(self) -> None:
        self._model_s = 0.0
        self._images = self._batches = 0
        self._first = self._last = 0.0

    def add(self, seconds: float, images: int) -> None:
        """A call of the model that has just ended."""
        self._last = time.perf_counter()
        self._first = self._first or self._last - seconds
        self._model_s += seconds
        self._images += images
        self._batches += 1

    def describe(self) -> dict[str, Any]:
        """From the first call's begin to the last one's end."""
        whole = max(self._last - self._first, 1e-9)
        return {
            "images": self._images,
            "batches": self._batches,
            "model_s": round(self._model_s, 3),
            "images_per_s": round(self._images / whole, 4),
            "busy_share": round(self._model_s / whole, 4),
        }


def _in_turns(clips: Sequence[Clip]) -> Iterator[tuple[int, ClipImage]]:
    """The images of several clips, a frame of each in turns."""
    streams = {at: clip.frames() for at, clip in enumerate(clips)}
    while streams:
        for at, stream in list(streams.items()):
            images = next(stream, None)
            if images is None:
                del streams[at]
            else:
                yield from ((at, image) for image in images)


def _pipeline_for(folder: Any) -> str:
    name = pipeline_named(folder)
    if "ControlNet" in name and name.endswith("Img2ImgPipeline"):
        return name
    return _DEFAULT.format(xl="XL" if "XL" in name else "")


def _prompt(style: Style) -> str:
    return ", ".join(words for words in (style.prompt, style.weather, style.time, style.season) if words)


def _check_range(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise ConfigError(f"{name}={value}: a value from {least:g} to {most:g} is wanted")
