"""A diffusers pipeline, loaded once in a process, that makes whole batches.

Only where it is used torch is loaded. What a configuration can name are public pipelines of diffusers that
make images of images under controls (`image`, `control_image`, `strength`); weights see `weights`.
"""

from __future__ import annotations

import gc
import inspect
import json
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
import transformers
from jaxtyping import Float32, UInt8

from drivegen.core.errors import ConfigError
from drivegen_generators.appearance.devices import device_of, dtype_of, surroundings
from drivegen_generators.appearance.fit import Fit
from drivegen_generators.appearance.noise import Grid
from drivegen_generators.appearance.weights import check_folder

_WANTED = ("image", "control_image", "strength", "num_inference_steps", "output_type", "generator")
_EMBEDS = (
    "prompt_embeds",
    "negative_prompt_embeds",
    "pooled_prompt_embeds",
    "negative_pooled_prompt_embeds",
)
_LATENTS_KEPT = 4096
"""Latents of the simulator's images that are kept for other looks of them; a megapixel's are 130 kB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a loaded pipeline depends on; equal settings share one."""

    pipeline: str
    folder: str
    controls: tuple[tuple[str, str], ...]
    """(control, folder of its network, or empty where the pipeline's folder has it)."""
    modes: tuple[int, ...] = ()
    """Of one network that takes several controls: which each is."""
    dtype: str = "auto"
    device: str = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a batch is to become."""

    prompt: str
    negative_prompt: str
    strength: float
    steps: int
    guidance: float
    scales: tuple[float, ...]
    """Of the controls."""
    starts: tuple[float, ...]
    ends: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """Images for the model; all of one size."""

    keys: tuple[str, ...]
    """Names of the images, for latents that are kept."""
    seeds: tuple[int, ...]
    rgb: UInt8[np.ndarray, "b h w 3"]
    controls: tuple[UInt8[np.ndarray, "b h w 3"], ...]
    noise: Float32[np.ndarray, "b c rows columns"] | None = None
    """That denoising begins with; the seeds' own when absent."""
    sources: Float32[np.ndarray, "b rows columns 2"] | None = None
    """Where each latent cell was in the camera's image before, as shares -1..1 of it; NaN where not seen."""
    before: tuple[torch.Tensor | None, ...] = ()
    """Latents that the images before ended with."""


@dataclass(slots=True)
class _Start:
    """Stands in for the scheduler's way of adding noise, once in each call."""

    noise: torch.Tensor | None = None
    sources: torch.Tensor | None = None
    before: torch.Tensor | None = None
    carry: float = 0.0
    used: bool = False

    def mixed(self, image: torch.Tensor, noise: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The image's latents with some of its predecessor's, and the noise that is shared."""
        self.used = True
        if self.noise is not None:
            noise = self.noise.to(noise).reshape(noise.shape)
        if self.before is not None and self.sources is not None:
            known = torch.isfinite(self.sources).all(dim=-1)[:, None]
            grid = torch.nan_to_num(self.sources, nan=-2.0)
            old = torch.nn.functional.grid_sample(
                self.before.float(), grid, mode="bilinear", padding_mode="border", align_corners=False
            )
            share = self.carry * known.to(old)
            image = ((1.0 - share) * image.float() + share * old).to(image)
        return image, noise


@dataclass(slots=True)
class Made:
    """What became of a batch."""

    rgb: UInt8[np.ndarray, "b h w 3"]
    latents: torch.Tensor
    seconds: float


@dataclass
class Loaded:
    """A pipeline in memory."""

    settings: Settings
    pipe: Any
    device: torch.device
    dtype: torch.dtype
    load_s: float
    _start: _Start = field(default_factory=_Start)
    _prompts: dict[tuple[str, str, float], dict[str, torch.Tensor]] = field(default_factory=dict)
    _latents: OrderedDict[tuple[str, int, int], torch.Tensor] = field(default_factory=OrderedDict)
    encoded: int = 0
    """Batches whose images were brought into latents; the others' were there."""

    def grid(self, fit: Fit) -> Grid:
        """The latent cells of images of this size."""
        factor = int(self.pipe.vae_scale_factor)
        return Grid(
            channels=int(self.pipe.vae.config.latent_channels),
            rows=fit.model_px[1] // factor,
            columns=fit.model_px[0] // factor,
            cell_px=(factor / fit.scale[0], factor / fit.scale[1]),
        )

    def describe(self) -> dict[str, Any]:
        """For a look's file."""
        return {
            "pipeline": self.settings.pipeline,
            **surroundings(self.device, self.dtype),
        }

    @torch.inference_mode()
    def make(self, batch: Batch, request: Request, carry: float) -> Made:
        """The images of a batch. Raises ConfigError where the pipeline does not start from images."""
        began = time.perf_counter()
        words = self._call_words(batch, request)
        self._start.used = False
        self._start.noise = None if batch.noise is None else torch.from_numpy(batch.noise).to(self.device)
        self._start.carry = carry
        if carry > 0.0 and batch.sources is not None and any(b is not None for b in batch.before):
            self._set_before(batch, batch.sources)
        ended: dict[str, torch.Tensor] = {}

        def keep(_: Any, __: int, ___: Any, values: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
            ended["latents"] = values["latents"]
            return values

        try:
            pixels = self.pipe(**words, callback_on_step_end=keep).images
        finally:
            self._start.noise = self._start.before = self._start.sources = None
        if batch.noise is not None and not self._start.used:
            raise ConfigError(
                f"{self.settings.pipeline} adds no noise to images, so none can be shared (share_noise=false)"
            )
        rgb = (pixels.float().clamp(0, 1) * 255.0).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
        latents = ended["latents"]
        return Made(rgb=rgb, latents=latents, seconds=time.perf_counter() - began)

    def _set_before(self, batch: Batch, sources: np.ndarray) -> None:
        like = next(b for b in batch.before if b is not None)
        self._start.before = torch.stack([torch.zeros_like(like) if b is None else b for b in batch.before])
        place = torch.from_numpy(sources).to(self.device)
        for at, latents in enumerate(batch.before):
            if latents is None:
                place[at] = torch.nan
        self._start.sources = place

    def _call_words(self, batch: Batch, request: Request) -> dict[str, Any]:
        words: dict[str, Any] = {
            **self._prompt(request, len(batch.seeds)),
            "image": self._image(batch),
            "control_image": [self._pixels(c) for c in batch.controls],
            "strength": request.strength,
            "num_inference_steps": request.steps,
            "guidance_scale": request.guidance,
            "controlnet_conditioning_scale": list(request.scales),
            "control_guidance_start": list(request.starts),
            "control_guidance_end": list(request.ends),
            "generator": [torch.Generator("cpu").manual_seed(s) for s in batch.seeds],
            "output_type": "pt",
            "height": batch.rgb.shape[1],
            "width": batch.rgb.shape[2],
        }
        if self.settings.modes:
            words["control_mode"] = list(self.settings.modes)
        elif len(batch.controls) == 1:
            for name in ("control_image", "controlnet_conditioning_scale"):
                words[name] = words[name][0]
            for name in ("control_guidance_start", "control_guidance_end"):
                words[name] = words[name][0]
        return {name: value for name, value in words.items() if name in self._known}

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(inspect.signature(self.pipe.__call__).parameters)

    def _pixels(self, images: UInt8[np.ndarray, "b h w 3"]) -> torch.Tensor:
        """As the pipelines take them: floats 0..1, on the device."""
        there = torch.from_numpy(images).to(self.device, non_blocking=True)
        return there.permute(0, 3, 1, 2).to(self.dtype) / 255.0

    def _image(self, batch: Batch) -> torch.Tensor:
        """Latents where the pipeline takes them for images (Stable Diffusion's do), kept for other looks."""
        vae = self.pipe.vae
        if not self.settings.pipeline.startswith("StableDiffusion") or vae.config.latent_channels != 4:
            return self._pixels(batch.rgb)
        height, width = batch.rgb.shape[1:3]
        names = [(key, height, width) for key in batch.keys]
        if not all(name in self._latents for name in names):
            self.encoded += 1
            # The middle of the encoder's distribution: nothing is drawn, so nothing depends on the batch.
            latents = vae.encode(self._pixels(batch.rgb).to(vae.dtype) * 2.0 - 1.0).latent_dist.mode()
            mean, deviation = vae.config.get("latents_mean"), vae.config.get("latents_std")
            if mean is not None and deviation is not None:
                latents = latents - torch.tensor(mean).to(latents).view(1, -1, 1, 1)
                latents = latents / torch.tensor(deviation).to(latents).view(1, -1, 1, 1)
            # Contiguous, as they are when they are taken from what was kept: kernels differ by it.
            latents = (latents * vae.config.scaling_factor).to(self.dtype).contiguous()
            for name, one in zip(names, latents, strict=True):
                self._latents[name] = one
            while len(self._latents) > _LATENTS_KEPT:
                self._latents.popitem(last=False)
            return latents
        for name in names:
            self._latents.move_to_end(name)
        return torch.stack([self._latents[name] for name in names])

    def _prompt(self, request: Request, size: int) -> dict[str, Any]:
        """Text embeddings, worked out once for each prompt, where the pipeline takes them."""
        if not {"prompt_embeds", "negative_prompt_embeds"} <= self._known:
            return {"prompt": [request.prompt] * size}
        key = (request.prompt, request.negative_prompt, request.guidance)
        if key not in self._prompts:
            found = self.pipe.encode_prompt(
                prompt=request.prompt,
                negative_prompt=request.negative_prompt,
                device=self.device,
                num_images_per_prompt=1,
                do_classifier_free_guidance=request.guidance > 1.0,
            )
            self._prompts[key] = {n: v for n, v in zip(_EMBEDS, found, strict=False) if v is not None}
        return {
            name: value.expand(size, *value.shape[1:]).contiguous()
            for name, value in self._prompts[key].items()
        }


_LOADED: list[Loaded] = []


def loaded(settings: Settings) -> Loaded:
    """The pipeline of these settings. One is kept in memory: the one that was asked for last.

    Raises:
        ConfigError: It is none that makes images of images under controls, or cannot be loaded.
    """
    if not _LOADED or _LOADED[0].settings != settings:
        _LOADED.clear()
        gc.collect()
        _LOADED.append(_load(settings))
    return _LOADED[0]


def pipeline_class(name: str) -> Any:
    """A public pipeline of diffusers by name. Raises ConfigError for any other name."""
    found: Any = getattr(diffusers, name, None) if name in dir(diffusers) and name.isidentifier() else None
    if not _is_kind_of(found, diffusers.DiffusionPipeline):
        raise ConfigError(f"pipeline {name!r}: diffusers {diffusers.__version__} has no such pipeline")
    missing = sorted({*_WANTED} - {*inspect.signature(found.__call__).parameters})
    if missing:
        raise ConfigError(
            f"pipeline {name}: it does not take {', '.join(missing)}; one that makes images of images under"
            " controls is wanted, for example StableDiffusionXLControlNetImg2ImgPipeline"
        )
    return found


def _load(settings: Settings) -> Loaded:
    began = time.perf_counter()
    kind = pipeline_class(settings.pipeline)
    device = device_of(settings.device)
    dtype = dtype_of(settings.dtype, device)
    words: dict[str, Any] = {"dtype": dtype, "use_safetensors": True, "local_files_only": True}
    nets = [_control_net(folder, words) for _, folder in settings.controls if folder]
    folder = Path(settings.folder)
    check_folder(folder, pipeline=True)
    if nets:
        words["controlnet"] = nets[0] if len(nets) == 1 else nets
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    try:
        pipe = kind.from_pretrained(str(folder), **words)
    except (OSError, ValueError, RuntimeError, TypeError, AttributeError) as error:
        line = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ConfigError(f"weights {settings.folder!r} are none of {settings.pipeline}: {line}") from error
    _check_controls(settings, pipe)
    pipe.set_progress_bar_config(disable=True)
    pipe.to(device)
    for part in pipe.components.values():
        if isinstance(part, torch.nn.Module):
            part.requires_grad_(False).eval()
    # The same batch gives the same bytes only where no kernel is chosen by its speed.
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    start = _Start()
    _share_start(pipe.scheduler, start)
    made = Loaded(settings, pipe, device, dtype, 0.0, start)
    made.load_s = time.perf_counter() - began
    return made


def _share_start(scheduler: Any, start: _Start) -> None:
    """Has the scheduler begin with what `start` says: the one place that all pipelines come through."""
    if hasattr(scheduler, "add_noise"):
        add = scheduler.add_noise

        def add_noise(image: torch.Tensor, noise: torch.Tensor, times: torch.Tensor) -> torch.Tensor:
            return torch.as_tensor(add(*start.mixed(image, noise), times))

        scheduler.add_noise = add_noise
    if hasattr(scheduler, "scale_noise"):
        scale = scheduler.scale_noise

        def scale_noise(image: torch.Tensor, times: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
            image, noise = start.mixed(image, noise)
            return torch.as_tensor(scale(image, times, noise))

        scheduler.scale_noise = scale_noise


def _control_net(folder: str, words: dict[str, Any]) -> Any:
    check_folder(Path(folder), pipeline=False)
    name = str(json.loads((Path(folder) / "config.json").read_text()).get("_class_name", ""))
    kind: Any = getattr(diffusers, name, None) if name in dir(diffusers) and "ControlNet" in name else None
    if not _is_kind_of(kind, diffusers.ModelMixin):
        raise ConfigError(f"weights {folder!r}: {name or 'nothing'} is no control network of diffusers'")
    return kind.from_pretrained(folder, **words)


def _is_kind_of(found: Any, parent: Any) -> bool:
    return inspect.isclass(found) and issubclass(found, parent)


def _check_controls(settings: Settings, pipe: Any) -> None:
    net = getattr(pipe, "controlnet", None)
    if net is None:
        raise ConfigError(f"weights {settings.folder!r}: they have no control network; name one (controls)")
    there = len(net.nets) if hasattr(net, "nets") else 1
    wanted = 1 if settings.modes else len(settings.controls)
    if there != wanted:
        raise ConfigError(
            f"controls: {len(settings.controls)} are named, but the pipeline has {there} control networks"
        )
