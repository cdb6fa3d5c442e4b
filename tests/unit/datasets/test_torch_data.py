"""The Dataset of torch; skipped where torch is not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivegen import datasets
from drivegen.core.errors import ConfigError


def item(image: datasets.ImageView) -> dict[str, Any]:
    return {"name": image.name, "rgb": image.rgb, "tag": image.semantic, "boxes": image.pixel_boxes()}


def test_torch_is_imported_only_where_it_is_used(run: Path) -> None:
    code = (
        "import sys; from drivegen import datasets; f = datasets.open(sys.argv[1]);"
        " f[0].agent().boxes(); f.images()[0].rgb; print('torch' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code, str(run)], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_it_is_said_when_torch_is_missing(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "drivegen.datasets.torch_data", raising=False)
    with pytest.raises(ConfigError, match=r"pip install 'drivegen\[train\]'"):
        datasets.open(run).images().torch()


def test_items_are_tensors(run: Path) -> None:
    torch = pytest.importorskip("torch")
    images = datasets.open(run).images()
    found = images.torch()[3]
    assert found["instance"].dtype == torch.int32 and found["rgb"].dtype == torch.uint8
    np.testing.assert_array_equal(found["instance"].numpy(), images[3].instance)
    np.testing.assert_array_equal(found["boxes"]["box_px"].numpy(), images[3].pixel_boxes().box_px)
    frame = datasets.open(run).torch(lambda frame: frame.boxes())[0]
    assert frame["center_m"].shape == (len(datasets.open(run)[0].objects), 3)


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_workers_and_shuffling(run: Path, start: str) -> None:
    torch = pytest.importorskip("torch")
    from torch.utils.data import DataLoader

    from drivegen.datasets.torch_data import collate

    images = datasets.open(run).images(agents=["ego"])
    images[0].rgb.sum()  # a capture is open when workers are started
    loader = DataLoader(
        images.torch(item),
        batch_size=3,
        shuffle=True,
        num_workers=2,
        collate_fn=collate,
        multiprocessing_context=start,
        generator=torch.Generator().manual_seed(4),
    )
    by_name = {image.name: image for image in images}
    order = []
    for batch in loader:
        assert batch["rgb"].shape[1:] == (90, 160, 3)
        for i, name in enumerate(batch["name"]):
            np.testing.assert_array_equal(batch["rgb"][i].numpy(), by_name[name].rgb)
            np.testing.assert_array_equal(batch["tag"][i].numpy(), by_name[name].semantic)
            assert len(batch["boxes"][i]["track_id"]) == len(by_name[name].pixel_boxes())
            order.append(name)
    assert sorted(order) == sorted(by_name) and order != sorted(order)
