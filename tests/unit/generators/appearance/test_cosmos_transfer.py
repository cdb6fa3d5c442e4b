"""Cosmos-Transfer2.5: its call, by a tiny one of random weights and a stand-in for its guardrail.

The packages cosmos-guardrail and torchvision, without which the back end refuses, are left out: what is tried
here is the call. Of torchvision diffusers uses one function, which brings an even mask to another size.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("diffusers")
import diffusers
import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers

from drivegen_generators.appearance.fit import fit_to
from drivegen_generators.appearance.video_pipelines import Chunk, LoadedVideo, VideoSettings


class Guardrail(torch.nn.Module):
    """Lets everything pass but one word; keeps what it was asked."""

    device, dtype = torch.device("cpu"), torch.float32

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def check_text_safety(self, text: str) -> bool:
        self.texts.append(text)
        return "riot" not in text

    def check_video_safety(self, frames: np.ndarray) -> np.ndarray:
        return frames


def _tokenizer() -> Any:
    letters = Tokenizer(models.WordLevel({"<pad>": 0, "<unk>": 1, "street": 2}, "<unk>"))
    letters.pre_tokenizer = pre_tokenizers.Whitespace()
    made = transformers.PreTrainedTokenizerFast(
        tokenizer_object=letters, pad_token="<pad>", unk_token="<unk>"
    )
    made.chat_template = "{% for m in messages %}{{ m['content'][0]['text'] }} {% endfor %}"
    return made


def _text_encoder() -> Any:
    config = transformers.Qwen2_5_VLConfig(
        text_config={
            "vocab_size": 8, "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2,
            "num_attention_heads": 2, "num_key_value_heads": 2, "rope_theta": 1e6,
            "rope_scaling": {"mrope_section": [1, 1, 2], "rope_type": "default", "type": "default"},
        },
        vision_config={
            "depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 16,
        },
    )  # fmt: skip
    return transformers.Qwen2_5_VLForConditionalGeneration(config)


def _resized(image: torch.Tensor, size: list[int], **_: Any) -> torch.Tensor:
    return torch.nn.functional.interpolate(image, size=size)


@pytest.fixture(scope="module")
def model() -> Iterator[LoadedVideo]:
    resize = SimpleNamespace(
        functional=SimpleNamespace(resize=_resized), InterpolationMode=SimpleNamespace(NEAREST=0)
    )
    with pytest.MonkeyPatch.context() as patch:
        for module in ("controlnets.controlnet_cosmos", "transformers.transformer_cosmos"):
            patch.setattr(f"diffusers.models.{module}.transforms", resize, raising=False)
        yield _model()


def _model() -> LoadedVideo:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    common = {
        "num_attention_heads": 2, "attention_head_dim": 16, "mlp_ratio": 2, "text_embed_dim": 32,
        "adaln_lora_dim": 4, "max_size": (8, 32, 32), "patch_size": (1, 2, 2), "rope_scale": (2.0, 1.0, 1.0),
        "extra_pos_embed_type": "learnable", "img_context_dim_in": 32, "img_context_dim_out": 32,
    }  # fmt: skip
    control = diffusers.CosmosControlNetModel(
        n_controlnet_blocks=2, in_channels=18, latent_channels=18, model_channels=32,
        use_crossattn_projection=False, **common,
    )  # fmt: skip
    for weight in control.parameters():
        # A fresh one adds nothing: its last layers are zero.
        if not weight.any():
            torch.nn.init.normal_(weight, std=0.2)
    pipe = diffusers.Cosmos2_5_TransferPipeline(
        tokenizer=_tokenizer(),
        text_encoder=_text_encoder(),
        transformer=diffusers.CosmosTransformer3DModel(
            in_channels=17, out_channels=16, num_layers=2, concat_padding_mask=True,
            controlnet_block_every_n=1, img_context_num_tokens=4, **common,
        ),
        controlnet=control,
        vae=diffusers.AutoencoderKLWan(
            base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1,
            temperal_downsample=[False, True, True],
            latents_mean=[0.0] * 16, latents_std=[1.0] * 16,
        ),
        scheduler=diffusers.UniPCMultistepScheduler(),
        safety_checker=Guardrail(),
    )  # fmt: skip
    pipe.set_progress_bar_config(disable=True)
    settings = VideoSettings(pipeline="Cosmos2_5_TransferPipeline", folder="")
    return LoadedVideo(settings, pipe, torch.device("cpu"), torch.float32, 0.0)


def chunk(**other: Any) -> Chunk:
    usual: dict[str, Any] = {
        "controls": np.random.default_rng(3).integers(0, 255, (5, 48, 64, 3), np.uint8),
        "known": np.zeros((0, 48, 64, 3), np.uint8), "seed": 4, "prompt": "street", "negative_prompt": "",
        "scale": 1.0, "steps": 2, "guidance": 2.0,
    }  # fmt: skip
    return Chunk(**{**usual, **other})


def test_a_chunk_follows_controls_seed_and_noise(model: LoadedVideo) -> None:
    first = model.make(chunk())
    assert first.shape == (5, 48, 64, 3) and first.std() > 1
    np.testing.assert_array_equal(first, model.make(chunk()))
    grid = model.grid(fit_to(64, 48, long_side_px=64, multiple=16))
    assert grid is not None
    noise = np.random.default_rng(1).standard_normal((grid.channels, 2, grid.rows, grid.columns))
    for other in (
        {"seed": 5},
        {"scale": 0.0},
        {"controls": np.zeros((5, 48, 64, 3), np.uint8)},
        {"noise": noise.astype(np.float32)},
    ):
        assert not np.array_equal(first, model.make(chunk(**other))), other.keys()


def test_its_guardrail_is_asked_about_the_words(model: LoadedVideo) -> None:
    model.make(chunk(prompt="a street at night"))
    assert model.pipe.safety_checker.texts[-1] == "a street at night"
    with pytest.raises(ValueError, match="unsafe"):
        model.make(chunk(prompt="a riot"))
