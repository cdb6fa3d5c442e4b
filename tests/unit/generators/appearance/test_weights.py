"""Folders of weights: nothing in them is run, and what they say of themselves is read."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from drivegen.core.errors import ConfigError
from drivegen.core.looks import Style
from drivegen_generators.appearance.weights import Weights, check_folder, hash_of, licence_of, pipeline_named


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    index = {
        "_class_name": "StableDiffusionXLPipeline",
        "unet": ["diffusers", "UNet2DConditionModel"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "safety_checker": [None, None],
        "requires_safety_checker": False,
    }
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    (tmp_path / "unet").mkdir()
    (tmp_path / "unet" / "model.safetensors").write_bytes(b"1234")
    (tmp_path / "unet" / "config.json").write_text("{}")
    return tmp_path


def plant(folder: Path, name: str, value: object) -> None:
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps(index | {name: value}))


def test_a_folder_of_diffusers_is_taken(folder: Path) -> None:
    check_folder(folder, pipeline=True)
    assert pipeline_named(folder) == "StableDiffusionXLPipeline"


@pytest.mark.parametrize(
    ("library", "kind"),
    [
        ("os", "System"),
        ("my_unet", "Unet"),
        ("diffusers", "__import__"),
        ("builtins", "Exec"),
        (None, "Unet"),
    ],
)
def test_classes_of_others_are_never_named_to_diffusers(folder: Path, library: str, kind: str) -> None:
    plant(folder, "scheduler", [library, kind])
    with pytest.raises(ConfigError, match="only classes of diffusers and transformers"):
        check_folder(folder, pipeline=True)


def test_code_pickles_and_remote_code_are_refused(folder: Path) -> None:
    (folder / "unet" / "model.safetensors").rename(folder / "unet" / "pytorch_model.bin")
    with pytest.raises(ConfigError, match="no safetensors"):
        check_folder(folder, pipeline=True)
    (folder / "unet" / "my_unet.py").write_text("raise SystemExit")
    with pytest.raises(ConfigError, match="is code"):
        check_folder(folder, pipeline=True)
    (folder / "unet" / "config.json").write_text('{"auto_map": {"AutoModel": "my_unet.Unet"}}')
    with pytest.raises(ConfigError, match="auto_map"):
        check_folder(folder, pipeline=True)
    with pytest.raises(ConfigError, match=r"model_index\.json is missing"):
        check_folder(folder / "unet", pipeline=True)


@pytest.mark.parametrize(
    "name", ["", "one", "a/b/c", "../weights", "/none/such", "~/w", "https://x/y", "a b/c"]
)
def test_names_that_are_no_folder_and_no_hub_s_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="there is no such folder"):
        Weights(name=name)


def test_a_hub_s_name_is_asked_for_only_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = pytest.importorskip("huggingface_hub")
    asked = []

    def download(name: str, **words: object) -> str:
        asked.append((name, words))
        raise OSError("no network\nand more")

    monkeypatch.setattr(hub, "snapshot_download", download)
    weights = Weights(name="somebody/model", revision="abc")
    assert not asked
    with pytest.raises(ConfigError, match=r"'somebody/model' could not be fetched: no network;"):
        weights.folder()
    assert asked[0][1]["revision"] == "abc" and "*.bin" not in str(asked) and "*.py" not in str(asked)


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("---\nlicense: openrail++\n---\ntext", "openrail++"),
        (
            "---\nlicense: other\nlicense_name: flux-1-dev-non-commercial-license\n---",
            "flux-1-dev-non-commercial-license",
        ),
        ("no front matter", "unknown"),
        ("---\n: : [\n---", "unknown"),
    ],
)
def test_the_card_tells_the_licence(folder: Path, card: str, licence: str) -> None:
    assert licence_of(folder) == "unknown"
    (folder / "README.md").write_text(card)
    assert licence_of(folder) == licence


def test_the_hash_is_of_what_is_read(folder: Path) -> None:
    first = hash_of(folder)
    (folder / "README.md").write_text("card")
    (folder / "notes.bin").write_bytes(b"x")
    assert hash_of(folder) == first
    (folder / "unet" / "model.safetensors").write_bytes(b"1235")
    assert hash_of(folder) != first


@pytest.mark.parametrize("back_end", ["diffusers_image", "diffusers_video"])
def test_without_the_extra_one_error_names_it(
    back_end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from drivegen_generators.appearance.diffusers_image import DiffusersImage
    from drivegen_generators.appearance.diffusers_video import DiffusersVideo

    kind = {"diffusers_image": DiffusersImage, "diffusers_video": DiffusersVideo}[back_end]
    # As Python has it where a package is not installed.
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ConfigError, match=rf"{back_end}: torch.* is missing; install drivegen\[diffusion\]"):
        kind(weights=str(tmp_path)).check(Style(prompt="rain"))
