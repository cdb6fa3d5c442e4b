"""Looks by video pipelines of diffusers: a camera's frames in chunks, with frames in common.

A camera's frames go through the model some at a time. A chunk begins with frames that the chunk before it has
made as well: pipelines that continue a video (WanVACE, Cosmos3) are given these, and in all of them one chunk
is faded into the next, so that nothing jumps where they meet. What is kept in memory is two chunks. Cameras
of an agent begin with the same noise where they look the same way.

Understood of a style: `prompt`, `negative_prompt`, `weather`, `time` and `season` as further words of the
prompt; `strength` is 0 or 1, for these pipelines draw anew from controls alone.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from drivegen.capture.clip import Clip, ClipImage
from drivegen.core.errors import ConfigError
from drivegen.core.looks import Style
from drivegen.core.rng import derive_seed
from drivegen_generators.appearance.controls import CONTROLS, control_picture, rgb_picture
from drivegen_generators.appearance.fit import Fit, fit_to
from drivegen_generators.appearance.noise import noise_of_moment
from drivegen_generators.appearance.weights import (
    Weights,
    check_folder,
    hash_of,
    licence_of,
    pipeline_named,
    wants_guardrail,
)

if TYPE_CHECKING:
    from drivegen_generators.appearance.video_pipelines import LoadedVideo

BLUR = "blur"
"""A control beside `CONTROLS`: the simulator's own colours, blurred."""
_BLUR_SHARE = 1.0 / 60.0
"""Its standard deviation over the image's width."""
COSMOS3 = "Cosmos3OmniPipeline"
NAMES = ("WanVACEPipeline", "Cosmos2_5_TransferPipeline", COSMOS3)
CONTINUES = frozenset({"WanVACEPipeline", COSMOS3})
"""Those that take frames which are there already."""
_NEEDS = {
    "Cosmos2_5_TransferPipeline": ("cosmos_guardrail", "torchvision"),
    COSMOS3: ("cosmos_guardrail",),
}
"""Packages that the extra does not bring, by pipeline."""
HINTS = {
    "edges": "edge", BLUR: "blur", "depth": "depth", "semantic": "seg", "semantic_ade20k": "seg",
    "instance": "seg",
}  # fmt: skip
"""What Cosmos3 calls controls."""
TEMPORAL = 4
"""Frames in a latent one: chunks are of 4 k + 1 frames (Wan's and Cosmos's autoencoders)."""


class DiffusersVideo:
    """The back end.

    Args:
        weights: Folder of a pipeline in diffusers' own format, or OWNER/NAME on a hub.
        pipeline: Class of diffusers (`NAMES`); by the weights when empty.
        control: What the model draws from: one of the `CONTROLS`, or blur; the one its weights have learned.
        scale: Of the control.
        revision: Commit of a hub's weights.
        licence: Of the weights; from their model card when empty.
        frames: Of a chunk, 4 k + 1.
        overlap: Frames that a chunk has in common with the one before it.
        steps: Of the scheduler.
        guidance: Classifier-free guidance.
        long_side_px: Of the model's frames; the camera's own when absent.
        multiple: Of which their sides are.
        share_noise: Whether cameras of an agent begin with the same noise where they look the same way, in
            pipelines that take noise (Cosmos3 draws its own).
        dtype: auto (bfloat16 on accelerators, else float32), bfloat16 or float32.
        device: auto, or a name that torch knows.

    Raises:
        ConfigError: A parameter is out of range.
    """

    version = 2

    def __init__(
        self,
        *,
        weights: str,
        pipeline: str = "",
        control: str = "depth",
        scale: float = 1.0,
        revision: str = "",
        licence: str = "",
        frames: int = 81,
        overlap: int = 9,
        steps: int = 30,
        guidance: float = 5.0,
        long_side_px: int | None = 832,
        multiple: int = 16,
        share_noise: bool = True,
        dtype: str = "auto",
        device: str = "auto",
    ) -> None:
        for name, value, least, most in (
            ("scale", scale, 0.0, 10.0),
            ("steps", steps, 1, 1000),
            ("guidance", guidance, 0.0, 100.0),
            ("frames", frames, 5, 1001),
        ):
            if not least <= value <= most:
                raise ConfigError(f"{name}={value}: a value from {least:g} to {most:g} is wanted")
        if frames % TEMPORAL != 1:
            raise ConfigError(f"frames={frames}: 4 k + 1 is wanted, as {frames // TEMPORAL * TEMPORAL + 1}")
        if not 0 <= overlap <= frames // 2:
            raise ConfigError(f"overlap={overlap}: 0 to half of {frames} frames are wanted")
        if control != BLUR and control not in CONTROLS:
            raise ConfigError(f"control={control!r}: one of {', '.join((*CONTROLS, BLUR))} is wanted")
        if pipeline and pipeline not in NAMES:
            raise ConfigError(f"pipeline={pipeline!r}: one of {', '.join(NAMES)} is wanted")
        if dtype not in ("auto", "bfloat16", "float32"):
            raise ConfigError(f"dtype={dtype!r}: one of auto, bfloat16, float32 is wanted")
        fit_to(16, 16, long_side_px=long_side_px, multiple=multiple)
        self._weights = Weights(name=str(weights), revision=revision)
        self._pipeline, self._control, self._scale = pipeline, control, scale
        self._licence = licence
        self._frames, self._overlap = frames, overlap
        self._steps, self._guidance = steps, guidance
        self._long_side_px, self._multiple = long_side_px, multiple
        self._share_noise = share_noise
        self._dtype, self._device = dtype, device
        self._report: dict[str, Any] = {}

    def check(self, style: Style) -> None:
        """Raises ConfigError for a style without words or with part of a strength, for weights that cannot
        be used, and where a package is missing."""
        if not _prompt(style):
            raise ConfigError("diffusers_video: the style has no prompt, weather, time or season")
        if style.strength not in (0.0, 1.0):
            raise ConfigError(
                f"diffusers_video: strength={style.strength}: 0 or 1 is wanted, for these pipelines draw anew"
            )
        missing = [n for n in ("torch", "diffusers", "transformers") if importlib.util.find_spec(n) is None]
        if missing:
            raise ConfigError(
                f"diffusers_video: {', '.join(missing)} is missing; install drivegen[diffusion]"
            )
        if self._weights.is_local:
            check_folder(self._weights.folder(), pipeline=True)
            self._check_kind(self._kind())
        elif self._pipeline:
            self._check_kind(self._pipeline)

    def facts(self) -> dict[str, str]:
        """Hash of the weights where they are a folder, and the licence."""
        if not self._weights.is_local:
            return {"licence": self._licence}
        folder = self._weights.folder()
        return {"licence": self._licence or licence_of(folder), "weights_sha256": hash_of(folder)}

    def report(self) -> dict[str, Any]:
        """Of the clip that was made last."""
        return dict(self._report)

    def images(
        self, clip: Clip, style: Style, seed: int
    ) -> Iterator[tuple[ClipImage, UInt8[np.ndarray, "h w 3"]]]:
        """Each image of the clip, one camera after the other."""
        self.check(style)
        if style.strength == 0.0:
            self._report = {"untouched": True}
            yield from ((image, image.bgr) for image in clip.images())
            return
        model = self._load()
        seconds, chunks = 0.0, 0
        for agent, camera in clip.cameras:
            images = (i for i in clip.images() if (i.agent, i.channel) == (agent, camera.name))
            fit = fit_to(
                camera.width_px, camera.height_px, long_side_px=self._long_side_px, multiple=self._multiple
            )
            held: list[tuple[ClipImage, UInt8[np.ndarray, "h w 3"]]] = []
            for number, part in enumerate(chunks_of(images, self._frames, self._overlap)):
                began = time.perf_counter()
                chunk_seed = derive_seed(seed, "video", agent, camera.name, number)
                known = [rgb for _, rgb in held]
                made = self._made(model, part, known, fit, style, clip_seed=seed, seed=chunk_seed)
                seconds, chunks = seconds + time.perf_counter() - began, chunks + 1
                ready, held = self._joined(part, made, held)
                yield from ((image, _back(fit, rgb)) for image, rgb in ready)
            yield from ((image, _back(fit, rgb)) for image, rgb in held)
        self._report = {
            **model.describe(),
            "chunks": chunks,
            "frames": self._frames,
            "overlap": self._overlap,
            "continues": self._kind() in CONTINUES,
            "model_s": round(seconds, 3),
            "licence": self._licence or licence_of(self._weights.folder()),
        }

    def _made(
        self,
        model: LoadedVideo,
        part: list[ClipImage],
        known: list[UInt8[np.ndarray, "h w 3"]],
        fit: Fit,
        style: Style,
        *,
        clip_seed: int,
        seed: int,
    ) -> UInt8[np.ndarray, "f h w 3"]:
        from drivegen_generators.appearance.video_pipelines import Chunk  # noqa: PLC0415  (torch)

        controls = [self._picture(image, fit) for image in part]
        # The last chunk is filled up with its last frame: equal shapes, equal kernels.
        controls += [controls[-1]] * (self._frames - len(controls))
        carried = known if self._kind() in CONTINUES else []
        chunk = Chunk(
            controls=np.stack(controls),
            hint=HINTS.get(self._control, ""),
            fps=fps_of(part),
            noise=self._noise(model, part, fit, clip_seed),
            known=np.stack(carried) if carried else np.zeros((0, *controls[0].shape), np.uint8),
            seed=seed & 0x7FFFFFFFFFFFFFFF,
            prompt=_prompt(style),
            negative_prompt=style.negative_prompt,
            scale=self._scale,
            steps=self._steps,
            guidance=self._guidance,
        )
        return model.make(chunk)[: len(part)]

    def _noise(
        self, model: LoadedVideo, part: list[ClipImage], fit: Fit, seed: int
    ) -> Float32[np.ndarray, "c t rows columns"] | None:
        """One image of noise for each latent one, at the time of the first frame that it stands for."""
        grid = model.grid(fit) if self._share_noise else None
        if grid is None:
            return None
        firsts = [0, *range(1, self._frames, TEMPORAL)]
        # Behind the last frame, where the chunk is filled up, is no time: any noise will do.
        rest = np.random.default_rng(seed & 0x7FFFFFFFFFFFFFFF)
        shape = (grid.channels, grid.rows, grid.columns)
        noises = [
            noise_of_moment(seed, part[at], grid)
            if at < len(part)
            else rest.standard_normal(shape, dtype=np.float32)
            for at in firsts
        ]
        return np.stack(noises, axis=1)

    def _joined(
        self,
        part: list[ClipImage],
        made: UInt8[np.ndarray, "f h w 3"],
        held: list[tuple[ClipImage, UInt8[np.ndarray, "h w 3"]]],
    ) -> tuple[list[tuple[ClipImage, Any]], list[tuple[ClipImage, Any]]]:
        """Frames that are done, and those that the next chunk has as well."""
        from drivegen_generators.appearance.video_pipelines import faded  # noqa: PLC0415  (torch)

        frames = list(made)
        if held:
            common = len(held)
            frames[:common] = faded(np.stack([rgb for _, rgb in held]), made[:common])
        pairs = list(zip(part, frames, strict=True))
        if len(part) < self._frames or self._overlap == 0:
            return pairs, []
        return pairs[: -self._overlap], pairs[-self._overlap :]

    def _picture(self, image: ClipImage, fit: Fit) -> UInt8[np.ndarray, "h w 3"]:
        if self._control == BLUR:
            sigma = image.camera.width_px * _BLUR_SHARE * fit.scale[0]
            return np.asarray(cv2.GaussianBlur(rgb_picture(image, fit), (0, 0), sigma))
        return control_picture(self._control, image, fit)

    def _kind(self) -> str:
        name = self._pipeline or pipeline_named(self._weights.folder())
        if name not in NAMES:
            raise ConfigError(
                f"weights {self._weights.name!r} are of {name or 'nothing'}; one of {', '.join(NAMES)} is"
                " wanted"
            )
        return name

    def _check_kind(self, name: str) -> None:
        if name == COSMOS3 and self._control not in HINTS:
            raise ConfigError(f"control={self._control!r}: {name} draws from one of {', '.join(HINTS)}")
        wanted = _NEEDS.get(name, ())
        if name == COSMOS3 and self._weights.is_local and not wants_guardrail(self._weights.folder()):
            wanted = ()
        missing = [n.replace("_", "-") for n in wanted if importlib.util.find_spec(n) is None]
        if missing:
            raise ConfigError(
                f"diffusers_video: {name} runs only with its safety checker (cosmos-guardrail), and with what"
                f" diffusers wants for it; install {', '.join(missing)}"
            )

    def _load(self) -> LoadedVideo:
        from drivegen_generators.appearance.video_pipelines import (  # noqa: PLC0415  (torch)
            VideoSettings,
            loaded_video,
        )

        folder = self._weights.folder()
        settings = VideoSettings(
            pipeline=self._kind(), folder=str(folder), dtype=self._dtype, device=self._device
        )
        return loaded_video(settings)


def chunks_of(images: Iterator[ClipImage], frames: int, overlap: int) -> Iterator[list[ClipImage]]:
    """So many images at a time; each chunk begins with the last `overlap` ones of the chunk before it.

    The last may be shorter, but has something new.
    """
    chunk: list[ClipImage] = []
    fresh = 0
    for image in images:
        chunk.append(image)
        fresh += 1
        if len(chunk) == frames:
            yield chunk
            chunk, fresh = chunk[frames - overlap :], 0
    if fresh:
        yield chunk


def fps_of(images: Sequence[ClipImage]) -> float:
    """Images a second; 10 of a single image."""
    lasted_s = (images[-1].time_ns - images[0].time_ns) / 1e9
    return (len(images) - 1) / lasted_s if lasted_s > 0 else 10.0


def _back(fit: Fit, rgb: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h w 3"]:
    return fit.back(np.ascontiguousarray(rgb[..., ::-1]))


def _prompt(style: Style) -> str:
    return ", ".join(words for words in (style.prompt, style.weather, style.time, style.season) if words)
