"""Video pipelines of diffusers under one call: control frames in, frames out. Loads torch.

Each pipeline has words of its own for the same things; `words_for` says them. A pipeline is loaded once in a
process and kept until another is asked for.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
import transformers
from jaxtyping import Float32, UInt8
from PIL import Image

from drivegen.core.errors import ConfigError
from drivegen_generators.appearance.devices import device_of, dtype_of, surroundings
from drivegen_generators.appearance.diffusers_video import COSMOS3
from drivegen_generators.appearance.fit import Fit
from drivegen_generators.appearance.noise import Grid
from drivegen_generators.appearance.weights import check_folder, wants_guardrail

Frames = UInt8[np.ndarray, "f h w 3"]
"""Red first."""
_WORDS = 512
"""Tokens of a prompt (`max_sequence_length` of Wan's pipelines)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chunk:
    """What is asked for in one call."""

    controls: Frames
    known: Frames
    """Frames at the chunk's beginning that are there already; may be none."""
    noise: Float32[np.ndarray, "c t rows columns"] | None = None
    """What the model begins with, where it is given."""
    hint: str = ""
    """What Cosmos3 calls the control."""
    fps: float = 10.0
    seed: int
    prompt: str
    negative_prompt: str
    scale: float
    steps: int
    guidance: float


def words_for(pipeline: str, chunk: Chunk, embeds: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments of a pipeline's call. `embeds`: of the prompts, where they are known."""
    return PIPELINES[pipeline](chunk, embeds)


def _wan_vace(chunk: Chunk, embeds: dict[str, Any]) -> dict[str, Any]:
    """VACE: frames that are there stand in the control video, with a mask that is black where they do."""
    count, height, width = chunk.controls.shape[:3]
    video = np.concatenate([chunk.known, chunk.controls[len(chunk.known) :]])
    masks = [np.full((height, width), 0 if i < len(chunk.known) else 255, np.uint8) for i in range(count)]
    prompts = embeds or {"prompt": chunk.prompt, "negative_prompt": chunk.negative_prompt}
    return {
        **prompts,
        "video": [Image.fromarray(frame) for frame in video],
        "mask": [Image.fromarray(mask) for mask in masks],
        "conditioning_scale": chunk.scale,
        "height": height,
        "width": width,
        "num_frames": count,
        "num_inference_steps": chunk.steps,
        "guidance_scale": chunk.guidance,
        "latents": _latents(chunk),
        "generator": torch.Generator("cpu").manual_seed(chunk.seed),
        "output_type": "np",
    }


def _latents(chunk: Chunk) -> torch.Tensor | None:
    return None if chunk.noise is None else torch.from_numpy(chunk.noise)[None]


def _cosmos_transfer(chunk: Chunk, embeds: dict[str, Any]) -> dict[str, Any]:
    """Cosmos-Transfer2.5 begins every call anew: frames that are there are not taken."""
    count, height, width = chunk.controls.shape[:3]
    prompts = embeds or {"prompt": chunk.prompt, "negative_prompt": chunk.negative_prompt}
    return {
        **prompts,
        "controls": [Image.fromarray(frame) for frame in chunk.controls],
        "controls_conditioning_scale": chunk.scale,
        "height": height,
        "width": width,
        "num_frames": count,
        "num_frames_per_chunk": count,
        "num_inference_steps": chunk.steps,
        "guidance_scale": chunk.guidance,
        "latents": _latents(chunk),
        "generator": torch.Generator("cpu").manual_seed(chunk.seed),
        "output_type": "np",
    }


def _cosmos3(chunk: Chunk, embeds: dict[str, Any]) -> dict[str, Any]:
    """Cosmos3's transfer: frames that are there stand at the beginning of the video that it goes on from."""
    count, height, width = chunk.controls.shape[:3]
    known = {"video": [Image.fromarray(f) for f in chunk.known]} if len(chunk.known) else {}
    return {
        **known,
        **(embeds or {"prompt": chunk.prompt, "negative_prompt": chunk.negative_prompt}),
        "control_videos": {chunk.hint: [Image.fromarray(frame) for frame in chunk.controls]},
        "control_guidance": chunk.scale,
        "height": height,
        "width": width,
        "num_frames": count,
        "num_video_frames_per_chunk": count,
        "num_first_chunk_conditional_frames": len(chunk.known),
        "num_inference_steps": chunk.steps,
        "guidance_scale": chunk.guidance,
        "fps": chunk.fps,
        "generator": torch.Generator("cpu").manual_seed(chunk.seed),
        "output_type": "np",
        "output": "videos",
    }


PIPELINES: dict[str, Callable[[Chunk, dict[str, Any]], dict[str, Any]]] = {
    "WanVACEPipeline": _wan_vace,
    "Cosmos2_5_TransferPipeline": _cosmos_transfer,
    COSMOS3: _cosmos3,
}
"""By class of diffusers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoSettings:
    """What a loaded pipeline depends on."""

    pipeline: str
    folder: str
    dtype: str = "auto"
    device: str = "auto"


@dataclass
class LoadedVideo:
    """A pipeline in memory."""

    settings: VideoSettings
    pipe: Any
    device: torch.device
    dtype: torch.dtype
    load_s: float
    _embeds: dict[tuple[str, str, bool], dict[str, Any]] = field(default_factory=dict)

    @torch.inference_mode()
    def make(self, chunk: Chunk) -> Frames:
        """The frames of a chunk. Raises ConfigError where the pipeline gives others than were asked for."""
        words = words_for(self.settings.pipeline, chunk, self._prompts(chunk))
        answer = self.pipe(**words)
        made = np.asarray(answer if isinstance(answer, np.ndarray) else answer.frames[0])
        if made.shape != chunk.controls.shape:
            raise ConfigError(
                f"{self.settings.pipeline} gave frames (n, h, w, rgb) of {made.shape};"
                f" {chunk.controls.shape} were asked for (frames, multiple)"
            )
        return np.rint(np.clip(made, 0.0, 1.0) * 255.0).astype(np.uint8)

    def grid(self, fit: Fit) -> Grid | None:
        """The cells of the model's latent images; none where it draws its noise itself."""
        if self.settings.pipeline == COSMOS3:
            return None
        cell = self.pipe.vae_scale_factor_spatial
        return Grid(
            channels=self.pipe.vae.config.z_dim,
            rows=fit.model_px[1] // cell,
            columns=fit.model_px[0] // cell,
            cell_px=(cell / fit.scale[0], cell / fit.scale[1]),
        )

    def _prompts(self, chunk: Chunk) -> dict[str, Any]:
        """Text embeddings, worked out once for all chunks. Cosmos checks the words themselves."""
        if self.settings.pipeline != "WanVACEPipeline":
            return {}
        key = (chunk.prompt, chunk.negative_prompt, chunk.guidance > 1.0)
        if key not in self._embeds:
            positive = self._encoded(chunk.prompt)
            negative = self._encoded(chunk.negative_prompt) if key[2] else None
            self._embeds[key] = {"prompt_embeds": positive, "negative_prompt_embeds": negative}
        return self._embeds[key]

    def _encoded(self, text: str) -> torch.Tensor:
        """As Wan's pipelines encode a prompt, but for their mending of broken characters (package ftfy)."""
        words = self.pipe.tokenizer(
            [text],
            padding="max_length",
            max_length=_WORDS,
            truncation=True,
            return_attention_mask=True,
            return_tensors="pt",
        )
        there = words.attention_mask.to(self.device)
        found = self.pipe.text_encoder(words.input_ids.to(self.device), there).last_hidden_state
        # What is behind the words is 0.
        return torch.as_tensor(found * there[..., None]).to(self.dtype)

    def describe(self) -> dict[str, Any]:
        """For a look's file."""
        return {
            "pipeline": self.settings.pipeline,
            **surroundings(self.device, self.dtype),
            "load_s": round(self.load_s, 3),
        }


_LOADED: list[LoadedVideo] = []


def loaded_video(settings: VideoSettings) -> LoadedVideo:
    """The pipeline of these settings. Raises ConfigError where the weights are none of it."""
    if not _LOADED or _LOADED[0].settings != settings:
        _LOADED.clear()
        gc.collect()
        _LOADED.append(_load(settings))
    return _LOADED[0]


def _load(settings: VideoSettings) -> LoadedVideo:
    began = time.perf_counter()
    folder = Path(settings.folder)
    check_folder(folder, pipeline=True)
    device = device_of(settings.device)
    dtype = dtype_of(settings.dtype, device)
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    try:
        pipe = _read(settings.pipeline, folder, dtype)
    except (OSError, ValueError, RuntimeError, TypeError, AttributeError) as error:
        line = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ConfigError(f"weights {settings.folder!r} are none of {settings.pipeline}: {line}") from error
    pipe.set_progress_bar_config(disable=True)
    pipe.to(device)
    if dtype != torch.float32:
        # Wan's own recipe: latents of video lose too much in half the bits.
        pipe.vae.to(torch.float32)
    for part in pipe.components.values():
        if isinstance(part, torch.nn.Module):
            part.requires_grad_(False).eval()
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    return LoadedVideo(settings, pipe, device, dtype, time.perf_counter() - began)


def _read(name: str, folder: Path, dtype: torch.dtype) -> Any:
    kept: dict[str, Any] = {"dtype": dtype, "use_safetensors": True, "local_files_only": True}
    kind: Any = getattr(diffusers, name)
    if name != COSMOS3:
        return kind.from_pretrained(str(folder), **kept)
    # The class that a folder names makes no transfer; diffusers' blocks of the same parts do.
    pipe = diffusers.Cosmos3OmniBlocks().init_pipeline()
    place = str(folder)
    pipe.update_components(
        transformer=diffusers.Cosmos3OmniTransformer.from_pretrained(place, subfolder="transformer", **kept),
        vae=diffusers.AutoencoderKLWan.from_pretrained(place, subfolder="vae", **kept),
        scheduler=diffusers.UniPCMultistepScheduler.from_pretrained(
            place, subfolder="scheduler", local_files_only=True
        ),
        text_tokenizer=transformers.AutoTokenizer.from_pretrained(
            place, subfolder="text_tokenizer", local_files_only=True
        ),
    )
    if wants_guardrail(folder):
        pipe.enable_safety_checker()
    else:
        pipe.disable_safety_checker()
    return pipe


def faded(before: Frames, after: Sequence[UInt8[np.ndarray, "h w 3"]] | Frames) -> Frames:
    """Frames that two chunks have in common, from the one's into the other's, by even steps."""
    new = np.asarray(after)
    share = (np.arange(len(new)) + 1.0)[:, None, None, None] / (len(new) + 1.0)
    return np.rint(before * (1.0 - share) + new * share).astype(np.uint8)
