"""Diffusion pipelines of random weights, in diffusers' own folder format: to try the stage, not to look at.

`python -m drivegen_generators.appearance.tiny_pipeline FOLDER` saves a small one. What it draws is coloured
noise that follows its controls. A fresh control network adds nothing, for its last layers begin at zero; here
these are drawn too, or no test could tell whether controls matter.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

_WORDS = "abcdefghijklmnopqrstuvwxyz0123456789,.-'"
_BEGIN, _END = "<|startoftext|>", "<|endoftext|>"
_MARKS = {"unk_token": _END, "bos_token": _BEGIN, "eos_token": _END, "pad_token": _END}
_CARD = """---
license: cc0-1.0
---
Random weights, drawn by drivegen_generators.appearance.tiny_pipeline. Images of it are noise.
"""


def save_tiny(folder: Path, *, nets: int = 2, seed: int = 0, xl: bool = False) -> None:
    """Saves a pipeline of some 2 million random weights.

    Args:
        folder: Where to.
        nets: Control networks.
        seed: Of the weights.
        xl: In the form of Stable Diffusion XL instead of 1.5's.
    """
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    torch.manual_seed(seed)
    pipe = make_pipeline(
        folder, nets=nets, xl=xl, blocks=(16, 32), heads=(2, 4), text=32, vae=(8, 16), layers=1
    )
    pipe.save_pretrained(folder, safe_serialization=True)
    (folder / "README.md").write_text(_CARD)


def make_pipeline(
    folder: Path,
    *,
    nets: int,
    xl: bool,
    blocks: Sequence[int],
    heads: Sequence[int],
    text: int,
    vae: Sequence[int],
    layers: int,
    transformers: Sequence[int] = (0, 1),
) -> Any:
    """A pipeline whose weights are drawn from torch's own generator.

    Args:
        folder: For the tokenizer's words.
        nets: Control networks.
        xl: Stable Diffusion XL's form.
        blocks: Channels of the denoiser's levels.
        heads: Attention heads (1.5), or their widths (XL), by level.
        text: Width of the text encoder.
        vae: Channels of the image encoder's levels.
        layers: Blocks in a level.
        transformers: Transformer layers by level; 0 is a level without attention.
    """
    unet = _unet(xl, blocks, heads, text, layers, transformers)
    controls = [
        diffusers.ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=(8, 16, 16, 32))
        for _ in range(nets)
    ]
    for net in controls:
        _wake(net)
    parts: dict[str, Any] = {
        "vae": _vae(vae),
        "unet": unet,
        "controlnet": controls if nets > 1 else controls[0],
        "scheduler": diffusers.DDIMScheduler(
            beta_schedule="scaled_linear",
            beta_start=0.00085,
            beta_end=0.012,
            clip_sample=False,
            steps_offset=1,
            set_alpha_to_one=False,
        ),
        "tokenizer": _tokenizer(folder),
    }
    config = CLIPTextConfig(
        vocab_size=len(parts["tokenizer"]),
        hidden_size=text,
        intermediate_size=2 * text,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=77,
        projection_dim=text,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    if xl:
        parts |= {
            "text_encoder": CLIPTextModel(config),
            "text_encoder_2": CLIPTextModelWithProjection(config),
            "tokenizer_2": parts["tokenizer"],
        }
        return diffusers.StableDiffusionXLControlNetImg2ImgPipeline(**parts, add_watermarker=False)
    parts |= {"text_encoder": CLIPTextModel(config), "safety_checker": None, "feature_extractor": None}
    return diffusers.StableDiffusionControlNetImg2ImgPipeline(**parts, requires_safety_checker=False)


def _unet(
    xl: bool, blocks: Sequence[int], heads: Sequence[int], text: int, layers: int, transformers: Sequence[int]
) -> Any:
    more: dict[str, Any] = {}
    if xl:
        # The two encoders' words side by side; the second's whole sentence and six numbers of the size.
        more = {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 8,
            "projection_class_embeddings_input_dim": text + 6 * 8,
            "transformer_layers_per_block": tuple(max(1, t) for t in transformers),
            "use_linear_projection": True,
        }
    return diffusers.UNet2DConditionModel(
        sample_size=32,
        block_out_channels=tuple(blocks),
        layers_per_block=layers,
        cross_attention_dim=2 * text if xl else text,
        attention_head_dim=tuple(heads),
        norm_num_groups=min(32, *blocks),
        down_block_types=tuple("CrossAttnDownBlock2D" if t else "DownBlock2D" for t in transformers),
        up_block_types=tuple("CrossAttnUpBlock2D" if t else "UpBlock2D" for t in reversed(transformers)),
        **more,
    )


def _vae(channels: Sequence[int]) -> Any:
    # Three halvings, as of all of Stable Diffusion: a cell is 8 x 8 pixels.
    levels = (*channels, *[channels[-1]] * 4)[:4]
    return diffusers.AutoencoderKL(
        block_out_channels=levels,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        layers_per_block=1,
        norm_num_groups=min(8, *channels),
        sample_size=64,
    )


def _wake(net: Any) -> None:
    for layer in [*net.controlnet_down_blocks, net.controlnet_mid_block]:
        torch.nn.init.normal_(layer.weight, std=0.2)
        torch.nn.init.normal_(layer.bias, std=0.05)
    # Torch's own beginning fades a picture away over so many layers; this keeps contrast (He et al. 2015).
    for layer in net.controlnet_cond_embedding.modules():
        if isinstance(layer, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(layer.weight)
            torch.nn.init.zeros_(layer.bias)


def _tokenizer(folder: Path) -> Any:
    """Knows single letters only."""
    folder.mkdir(parents=True, exist_ok=True)
    words = [_BEGIN, _END, *_WORDS, *(f"{c}</w>" for c in _WORDS)]
    place = folder / "tokenizer"
    place.mkdir(exist_ok=True)
    (place / "vocab.json").write_text(json.dumps({word: i for i, word in enumerate(words)}))
    (place / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(
        str(place / "vocab.json"),
        str(place / "merges.txt"),
        model_max_length=77,
        **_MARKS,
    )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Saves a tiny pipeline of random weights.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--nets", type=int, default=2, help="control networks")
    parser.add_argument("--seed", type=int, default=0, help="of the weights")
    parser.add_argument("--xl", action="store_true", help="in the form of Stable Diffusion XL")
    given = parser.parse_args()
    save_tiny(given.folder, nets=given.nets, seed=given.seed, xl=given.xl)


if __name__ == "__main__":
    main()
