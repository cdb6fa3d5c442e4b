"""Video pipelines: chunks, overlap and seeds on a tiny WanVACE of random weights; the words of others."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivegen.core.errors import ConfigError
from drivegen.core.looks import Style
from drivegen.core.tags import Tag
from drivegen.core.weather import Weather
from drivegen_generators.appearance.diffusers_video import NAMES, DiffusersVideo, chunks_of
from tests.unit.generators.appearance.street import Block, StreetClip, street

pytest.importorskip("diffusers")
STYLE = Style(prompt="a street", weather="rain")
SMALL = {"frames": 5, "overlap": 2, "steps": 2, "guidance": 1.0, "long_side_px": 64, "multiple": 16}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A WanVACE pipeline of some hundred thousand random weights, in diffusers' own folder format."""
    import diffusers
    import torch
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers

    torch.set_num_threads(1)
    torch.manual_seed(0)
    letters = Tokenizer(models.WordLevel({"<pad>": 0, "</s>": 1, "<unk>": 2, "street": 3}, "<unk>"))
    letters.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=letters, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )
    text = transformers.UMT5Config(
        vocab_size=8, d_model=16, d_kv=4, d_ff=16, num_layers=1, num_heads=2, dropout_rate=0.0
    )
    pipe = diffusers.WanVACEPipeline(
        tokenizer=tokenizer,
        text_encoder=transformers.UMT5EncoderModel(text),
        vae=diffusers.AutoencoderKLWan(
            base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1,
            temperal_downsample=[False, True, True],
        ),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0),
        transformer=diffusers.WanVACETransformer3DModel(
            patch_size=(1, 2, 2), num_attention_heads=2, attention_head_dim=12, in_channels=16,
            out_channels=16,
            text_dim=16, freq_dim=32, ffn_dim=32, num_layers=2, rope_max_seq_len=32, vace_layers=[0, 1],
            vace_in_channels=96,
        ),
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("weights") / "wan"
    pipe.save_pretrained(folder, safe_serialization=True)
    (folder / "README.md").write_text("---\nlicense: cc0-1.0\n---\n")
    return folder


@pytest.fixture(scope="module")
def cosmos3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cosmos3 of some ten thousand random weights, as its own class saves them; without a safety checker."""
    import diffusers
    import torch
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers

    torch.set_num_threads(1)
    torch.manual_seed(0)
    words = {"<unk>": 0, "<|im_end|>": 1, "<|vision_start|>": 2, "street": 3}
    letters = Tokenizer(models.WordLevel(words, "<unk>"))
    letters.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=letters, eos_token="<|im_end|>", unk_token="<unk>",
        additional_special_tokens=["<|vision_start|>"],
    )  # fmt: skip
    tokenizer.chat_template = "{% for m in messages %}{{ m['content'] }} {% endfor %}"
    pipe = diffusers.Cosmos3OmniPipeline(
        transformer=diffusers.Cosmos3OmniTransformer(
            head_dim=12, hidden_size=24, intermediate_size=32, latent_channel=16, latent_patch_size=2,
            num_attention_heads=2, num_hidden_layers=2, num_key_value_heads=1, patch_latent_dim=64,
            rope_axes_dim=[2, 2, 2], vocab_size=len(tokenizer),
        ),
        text_tokenizer=tokenizer,
        vae=diffusers.AutoencoderKLWan(
            base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1,
            temperal_downsample=[False, True, True],
        ),
        scheduler=diffusers.UniPCMultistepScheduler(),
        enable_safety_checker=False,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("weights") / "cosmos3"
    pipe.save_pretrained(folder, safe_serialization=True)
    return folder


def clip(count: int) -> StreetClip:
    images = []
    for i in range(count):
        car = Block(low_m=(8, -2 + 0.4 * i, 0), high_m=(12, 0.4 * i, 1.5), tag=Tag.CAR, rgb=(180, 30, 30))
        images.append(street([car], time_s=0.1 * i))
    return StreetClip(images, Weather())


def made(weights: Path, count: int, seed: int = 1, **params: Any) -> list[np.ndarray]:
    maker = DiffusersVideo(weights=str(weights), **{**SMALL, **params})
    pairs = list(maker.images(clip(count), STYLE, seed))
    times = [image.time_ns for image, _ in pairs]
    assert times == sorted(times) and len(set(times)) == count
    return [bgr for _, bgr in pairs]


def test_chunks_share_frames_and_end_with_something_new() -> None:
    def numbers(count: int, overlap: int) -> list[list[int]]:
        images = [street([], time_s=float(i)) for i in range(count)]
        return [[int(i.time_ns // 10**9) for i in c] for c in chunks_of(iter(images), 5, overlap)]

    assert numbers(5, 2) == [[0, 1, 2, 3, 4]]
    assert numbers(6, 2) == [[0, 1, 2, 3, 4], [3, 4, 5]]
    assert numbers(8, 2) == [[0, 1, 2, 3, 4], [3, 4, 5, 6, 7]]
    assert numbers(6, 0) == [[0, 1, 2, 3, 4], [5]]
    assert numbers(3, 2) == [[0, 1, 2]] and numbers(0, 2) == []


def test_a_clip_goes_through_in_chunks(weights: Path) -> None:
    frames = made(weights, 7)
    assert all(f.shape == (100, 160, 3) for f in frames)
    again = made(weights, 7)
    np.testing.assert_array_equal(frames, again)
    other = made(weights, 7, seed=2)
    assert not np.array_equal(frames, other)
    # What the first chunk alone has does not depend on what comes later.
    np.testing.assert_array_equal(frames[:3], made(weights, 5)[:3])
    # Controls matter, and which.
    assert not np.array_equal(made(weights, 5, scale=0.0), made(weights, 5))
    assert not np.array_equal(made(weights, 5, control="blur"), made(weights, 5))


def test_a_chunk_goes_on_from_the_frames_that_are_there(weights: Path) -> None:
    from drivegen_generators.appearance.video_pipelines import Chunk, VideoSettings, faded, loaded_video

    model = loaded_video(VideoSettings(pipeline="WanVACEPipeline", folder=str(weights)))
    rng = np.random.default_rng(3)
    controls = rng.integers(0, 255, (5, 48, 64, 3), np.uint8)

    def of(known: np.ndarray) -> np.ndarray:
        return model.make(
            Chunk(
                controls=controls, known=known, seed=4, prompt="street", negative_prompt="", scale=1.0,
                steps=2, guidance=1.0,
            )
        )  # fmt: skip

    fresh = of(controls[:0])
    dark, light = (of(np.full((2, 48, 64, 3), value, np.uint8)) for value in (0, 255))
    assert not np.array_equal(fresh, dark) and not np.array_equal(dark[2:], light[2:])
    black, white = np.zeros((3, 2, 2, 3), np.uint8), np.full((3, 2, 2, 3), 200, np.uint8)
    assert faded(black, white)[:, 0, 0, 0].tolist() == [50, 100, 150]


def test_cosmos3_goes_through_in_chunks_and_goes_on_from_what_is_there(cosmos3: Path) -> None:
    from drivegen_generators.appearance.video_pipelines import Chunk, VideoSettings, loaded_video

    frames = made(cosmos3, 7)
    assert all(f.shape == (100, 160, 3) for f in frames)
    np.testing.assert_array_equal(frames, made(cosmos3, 7))
    assert not np.array_equal(frames, made(cosmos3, 7, seed=2))
    for params in ({"scale": 0.0}, {"control": "blur"}, {"control": "instance"}, {"dtype": "bfloat16"}):
        assert not np.array_equal(made(cosmos3, 5, **params), made(cosmos3, 5)), params
    model = loaded_video(VideoSettings(pipeline="Cosmos3OmniPipeline", folder=str(cosmos3)))
    controls = np.random.default_rng(3).integers(0, 255, (5, 48, 64, 3), np.uint8)

    def of(known: np.ndarray, fps: float = 10.0) -> np.ndarray:
        return model.make(
            Chunk(
                controls=controls, known=known, hint="depth", fps=fps, seed=4, prompt="street",
                negative_prompt="", scale=1.0, steps=2, guidance=2.0,
            )
        )  # fmt: skip

    dark, light = (of(np.full((2, 48, 64, 3), value, np.uint8)) for value in (0, 255))
    assert not np.array_equal(of(controls[:0]), dark) and not np.array_equal(dark[2:], light[2:])
    assert not np.array_equal(of(controls[:0]), of(controls[:0], fps=24.0))


def test_cosmos3_wants_its_safety_checker_unless_its_folder_says_no(cosmos3: Path, tmp_path: Path) -> None:
    DiffusersVideo(weights=str(cosmos3)).check(STYLE)
    with pytest.raises(ConfigError, match="draws from one of edges, blur, depth"):
        DiffusersVideo(weights=str(cosmos3), control="normals").check(STYLE)
    index = json.loads((cosmos3 / "model_index.json").read_text())
    (tmp_path / "a.safetensors").write_bytes(b"")
    for said in ({"enable_safety_checker": True}, {}):
        kept = {k: v for k, v in index.items() if k != "enable_safety_checker"} | said
        (tmp_path / "model_index.json").write_text(json.dumps(kept))
        with pytest.raises(ConfigError, match="install cosmos-guardrail"):
            DiffusersVideo(weights=str(tmp_path)).check(STYLE)


def test_noise_is_given_in_the_model_s_own_shape(weights: Path) -> None:
    from drivegen_generators.appearance.fit import fit_to
    from drivegen_generators.appearance.video_pipelines import VideoSettings, loaded_video

    model = loaded_video(VideoSettings(pipeline="WanVACEPipeline", folder=str(weights)))
    grid = model.grid(fit_to(160, 100, long_side_px=64, multiple=16))
    assert grid is not None and (grid.channels, grid.rows, grid.columns) == (16, 6, 8)
    assert grid.cell_px == (20.0, 20.0)
    assert not np.array_equal(made(weights, 5, share_noise=False), made(weights, 5))


def test_words_are_those_that_diffusers_has(weights: Path) -> None:
    """Against the signatures of the real classes; Cosmos cannot be run without its guardrail's package."""
    import diffusers

    from drivegen_generators.appearance.video_pipelines import PIPELINES, Chunk, words_for

    rgb = np.zeros((5, 32, 48, 3), np.uint8)
    noise = np.random.default_rng(1).standard_normal((16, 2, 4, 6)).astype(np.float32)
    chunk = Chunk(
        controls=rgb, known=rgb[:2] + np.uint8(9), seed=1, prompt="p", negative_prompt="n", scale=0.5,
        steps=3, guidance=2.0, noise=noise,
    )  # fmt: skip
    assert set(PIPELINES) == set(NAMES)
    for name in ("WanVACEPipeline", "Cosmos2_5_TransferPipeline"):
        call = inspect.signature(getattr(diffusers, name).__call__)
        words = words_for(name, chunk, {})
        bound = call.bind(None, **words)
        assert bound.arguments["num_frames"] == 5 and bound.arguments["prompt"] == "p"
        assert (bound.arguments["height"], bound.arguments["width"]) == (32, 48)
        np.testing.assert_array_equal(bound.arguments["latents"][0], noise)
    wan = words_for("WanVACEPipeline", chunk, {})
    assert [int(np.asarray(m).max()) for m in wan["mask"]] == [0, 0, 255, 255, 255]
    assert [int(np.asarray(f).max()) for f in wan["video"]] == [9, 9, 0, 0, 0]
    cosmos = words_for("Cosmos2_5_TransferPipeline", chunk, {})
    assert len(cosmos["controls"]) == 5 and cosmos["num_frames_per_chunk"] == 5


def test_what_cannot_be_is_one_error(weights: Path, tmp_path: Path) -> None:
    for params, said in (
        ({"frames": 6}, "4 k \\+ 1"),
        ({"overlap": 3, "frames": 5}, "overlap=3"),
        ({"control": "smell"}, "control='smell'"),
        ({"pipeline": "OsPipeline"}, "pipeline='OsPipeline'"),
        ({"dtype": "int3"}, "dtype='int3'"),
        ({"weights": "/nowhere/at/all"}, "no such folder"),
    ):
        with pytest.raises(ConfigError, match=said):
            DiffusersVideo(**{"weights": str(weights), **params})
    maker = DiffusersVideo(weights=str(weights))
    with pytest.raises(ConfigError, match="0 or 1 is wanted"):
        maker.check(Style(prompt="x", strength=0.5))
    with pytest.raises(ConfigError, match="no prompt"):
        maker.check(Style())
    assert maker.facts()["licence"] == "cc0-1.0" and len(maker.facts()["weights_sha256"]) == 64
    cosmos = tmp_path / "cosmos"
    cosmos.mkdir()
    (cosmos / "model_index.json").write_text(json.dumps({"_class_name": "Cosmos2_5_TransferPipeline"}))
    (cosmos / "a.safetensors").write_bytes(b"")
    with pytest.raises(ConfigError, match="install cosmos-guardrail"):
        DiffusersVideo(weights=str(cosmos)).check(STYLE)
    untouched = list(DiffusersVideo(weights=str(weights)).images(clip(2), Style(prompt="x", strength=0.0), 1))
    np.testing.assert_array_equal(untouched[1][1], untouched[1][0].bgr)
