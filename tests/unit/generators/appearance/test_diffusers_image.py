"""The whole way through a pipeline of random weights; its images are noise, but they follow what is asked."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")
pytest.importorskip("transformers")

from drivegen.capture.clip import Clip  # noqa: E402
from drivegen.capture.look_file import LookFile, look_path  # noqa: E402
from drivegen.capture.looks import LookOrder, make_look, make_looks  # noqa: E402
from drivegen.capture.reader import CaptureReader  # noqa: E402
from drivegen.core.errors import ConfigError  # noqa: E402
from drivegen.core.looks import Style  # noqa: E402
from drivegen_generators.appearance.diffusers_image import DiffusersImage  # noqa: E402

sys.path.insert(0, str(Path(__file__).parents[2] / "capture"))
from synthetic_capture import make_plan, make_rig, write_capture  # noqa: E402

STYLE = Style(prompt="rain at dusk", negative_prompt="fog")
PARAMS: dict[str, Any] = {"steps": 2, "batch": 4, "long_side_px": 96, "multiple": 16, "guidance": 2.0}


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from drivegen_generators.appearance.tiny_pipeline import save_tiny

    folder = tmp_path_factory.mktemp("weights") / "tiny"
    save_tiny(folder)
    return folder


@pytest.fixture(scope="module")
def captures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two scenes of three cameras and two frames of each: 12 images."""
    folder = tmp_path_factory.mktemp("run") / "captures"
    folder.mkdir()
    rig = make_rig(90, 50, 24)
    rig = replace(rig, sensors=(*rig.cameras[:3], *rig.lidars))
    return [write_capture(folder / f"{s}.mcap", make_plan(s, 0.6, rig)).path for s in ("a", "b")]


def made(weights: Path, capture: Path, seed: int = 1, style: Style = STYLE, **params: Any) -> np.ndarray:
    """The images of a scene."""
    maker = DiffusersImage(weights=str(weights), **(PARAMS | params))
    with CaptureReader(capture) as reader:
        return np.stack([bgr for _, bgr in maker.images(Clip(reader), style, seed)])


def apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(float) - other.astype(float)).mean())


def test_controls_and_words_and_seeds_and_strength_matter(weights: Path, captures: list[Path]) -> None:
    plain = made(weights, captures[0])
    assert plain.shape == (6, 50, 90, 3) and plain.std() > 5
    np.testing.assert_array_equal(made(weights, captures[0]), plain)
    for at, kind in enumerate(("depth", "semantic")):
        controls = [{"control": "depth"}, {"control": "semantic"}]
        controls[at] = {"control": kind, "scale": 0.0}  # type: ignore[dict-item]
        assert apart(made(weights, captures[0], controls=controls), plain) > 1.0, kind
    assert apart(made(weights, captures[0], controls=["depth", "edges"]), plain) > 1.0
    assert apart(made(weights, captures[0], seed=2), plain) > 1.0
    assert apart(made(weights, captures[0], style=replace(STYLE, prompt="snow")), plain) > 0.01
    assert apart(made(weights, captures[0], strength=1.0), plain) > 1.0
    assert apart(made(weights, captures[0], carry=0.0), plain) > 0.1
    with CaptureReader(captures[0]) as reader:
        simulator = np.stack([i.bgr for i in Clip(reader).images()])
    np.testing.assert_array_equal(made(weights, captures[0], style=replace(STYLE, strength=0.0)), simulator)


def test_scenes_share_batches_and_look_as_alone(weights: Path, captures: list[Path]) -> None:
    """12 images in batches of 4; a scene alone has 6, so its last batch is filled up."""
    order = LookOrder(name="rain", plugin="diffusers_image", style=STYLE, params={})
    maker = DiffusersImage(weights=str(weights), **PARAMS)
    together = make_looks(captures, order, maker)
    assert all(isinstance(t, str) for t in together)
    report = maker.report()
    assert report["images"] == 12 and report["batches"] == 3 and report["scenes_together"] == 2
    assert 0.3 < report["busy_share"] <= 1.0 and report["device"] == "cpu" and report["dtype"] == "float32"
    with LookFile(look_path(captures[0], "rain")) as look:
        assert look.origin.facts["licence"] == "cc0-1.0"
        assert len(look.origin.facts["weights_sha256"]) == 64
        assert look.making["back_end"]["licence"] == "cc0-1.0"
        assert look.making["warp_error"]["look"] > look.making["warp_error"]["simulator"] > 0
    images = {}
    for capture in captures:
        with CaptureReader(capture, look="rain") as reader:
            images[capture] = [i.bgr for i in Clip(reader).images()]
    for path in captures:
        look_path(path, "rain").unlink()
    alone = [make_look(c, order, DiffusersImage(weights=str(weights), **PARAMS)) for c in captures]
    for capture in captures:
        with CaptureReader(capture, look="rain") as reader:
            for image, other in zip(Clip(reader).images(), images[capture], strict=True):
                # Company may move what a float rounds to; no more than that.
                assert np.abs(image.bgr.astype(int) - other.astype(int)).max() <= 24
    assert len(alone) == 2


def test_shared_noise_and_carried_latents_lower_the_warp_error(weights: Path, captures: list[Path]) -> None:
    found = {}
    # Without controls, which hold images together too.
    off = [{"control": kind, "scale": 0.0} for kind in ("depth", "semantic")]
    for name, params in (
        ("own", {"share_noise": False, "carry": 0.0}),
        ("shared", {"share_noise": True, "carry": 0.0}),
        ("carried", {"share_noise": True, "carry": 0.5}),
    ):
        order = LookOrder(name=name, plugin="diffusers_image", style=STYLE, seed=5)
        make_look(captures[0], order, DiffusersImage(weights=str(weights), controls=off, **(PARAMS | params)))
        with LookFile(look_path(captures[0], name)) as look:
            found[name] = look.making["warp_error"]["look"]
    assert found["shared"] < found["own"] and found["carried"] < 0.95 * found["own"], found


def test_what_cannot_be_is_said(weights: Path, captures: list[Path], tmp_path: Path) -> None:
    def refused(said: str, style: Style = STYLE, **params: Any) -> None:
        with pytest.raises(ConfigError, match=said):
            DiffusersImage(**({"weights": str(weights)} | PARAMS | params)).check(style)

    refused("no prompt", style=Style())
    refused("there is no such folder", weights=str(tmp_path / "none"))
    refused(r"batch=0: a value from 1", batch=0)
    refused("control 'sketch'", controls=["sketch"])
    refused("is no key of a control", controls=[{"control": "depth", "trust_remote_code": True}])
    refused("start=0.5, end=0.5", controls=[{"control": "depth", "start": 0.5, "end": 0.5}])
    refused("dtype='float64'", dtype="float64")
    with pytest.raises(TypeError, match="custom_pipeline"):
        DiffusersImage(weights=str(weights), custom_pipeline="somebody/code")  # type: ignore[call-arg]

    def fails(said: str, **params: Any) -> None:
        with pytest.raises(ConfigError, match=said):
            made(weights, captures[0], **params)

    fails("has no such pipeline", pipeline="Evil")
    fails("has no such pipeline", pipeline="ConfigMixin")
    fails("it does not take control_image", pipeline="StableDiffusionImg2ImgPipeline")
    fails("3 are named, but the pipeline has 2 control networks", controls=["depth", "semantic", "edges"])
    fails("device 'abacus'", device="abacus")
