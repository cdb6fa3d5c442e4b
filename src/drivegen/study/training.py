"""One arm of a study: the same network, images, steps and order; only the colours differ. Needs torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float64, UInt8
from torch.nn import functional as F  # noqa: N812  (its usual name)

from drivegen.core.rng import derive_rng, derive_seed
from drivegen.study.classes import CLASSES, IGNORED
from drivegen.study.network import UNet, confusion, iou
from drivegen.study.pictures import Labelled


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Equal for all arms."""

    steps: int
    batch: int = 8
    learning_rate: float = 3e-3
    width: int = 12


def train(arm: list[Labelled], jitter: bool, recipe: Recipe, seed: int) -> UNet:
    """A network that has learnt from an arm.

    Args:
        arm: The same images in one or more looks; each time an image is due, one of the looks is drawn.
        jitter: Whether brightness, contrast and colour are drawn anew each time.
        recipe: Of the training.
        seed: Of the first weights and of the order of images, equal in all arms.
    """
    torch.manual_seed(derive_seed(seed, "weights"))
    net = UNet(len(CLASSES), recipe.width).to(memory_format=torch.channels_last)
    weights = _class_weights(arm[0].truth)
    optimiser = torch.optim.AdamW(net.parameters(), lr=recipe.learning_rate, weight_decay=1e-4)
    pace = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=recipe.learning_rate, total_steps=recipe.steps
    )
    order, looks = derive_rng(seed, "order"), derive_rng(seed, "looks")
    queue = np.zeros(0, np.int64)
    for _ in range(recipe.steps):
        while len(queue) < recipe.batch:
            queue = np.concatenate([queue, order.permutation(len(arm[0]))])
        chosen, queue = queue[: recipe.batch], queue[recipe.batch :]
        drawn = looks.integers(0, len(arm), recipe.batch)
        rgb = np.stack([arm[int(k)].rgb[i] for k, i in zip(drawn, chosen, strict=True)])
        flip = order.random() < 0.5
        if jitter:
            rgb = jittered(rgb, looks)
        images, truth = torch.from_numpy(rgb), torch.from_numpy(arm[0].truth[chosen]).long()
        if flip:
            images, truth = images.flip(-1), truth.flip(-1)
        optimiser.zero_grad()
        loss = F.cross_entropy(net(images), truth, weights, ignore_index=IGNORED)
        loss.backward()
        optimiser.step()
        pace.step()
    return net


@torch.no_grad()
def judge(net: UNet, test: Labelled, batch: int = 16) -> Float64[np.ndarray, "classes"]:
    """Intersection over union by class over all images; NaN for classes that are not there."""
    net.eval()
    total = torch.zeros(len(CLASSES), len(CLASSES), dtype=torch.long)
    for start in range(0, len(test), batch):
        guess = net(torch.from_numpy(test.rgb[start : start + batch])).argmax(1)
        total += confusion(torch.from_numpy(test.truth[start : start + batch]), guess)
    present = total.sum(1).numpy() > 0
    found: Float64[np.ndarray, "classes"] = np.where(present, iou(total), np.nan)
    return found


def jittered(rgb: UInt8[np.ndarray, "b 3 h w"], rng: np.random.Generator) -> UInt8[np.ndarray, "b 3 h w"]:
    """Images with other brightness, contrast and saturation (0.6 to 1.4 each) and white (0.9 to 1.1)."""
    n = len(rgb)
    bright, contrast, colour = (rng.uniform(0.6, 1.4, (n, 1, 1, 1)) for _ in range(3))
    white = rng.uniform(0.9, 1.1, (n, 3, 1, 1))
    x = rgb.astype(np.float64) * bright * white
    grey = x.mean(axis=1, keepdims=True)
    x = grey + (x - grey) * colour
    mean = x.mean(axis=(1, 2, 3), keepdims=True)
    return np.clip(np.rint(mean + (x - mean) * contrast), 0, 255).astype(np.uint8)


def _class_weights(truth: UInt8[np.ndarray, "n h w"]) -> torch.Tensor:
    """Rare classes weigh more, by the root of how rare they are; their mean over all pixels is 1."""
    counts = np.bincount(truth.ravel(), minlength=256)[: len(CLASSES)]
    share = counts / counts.sum()
    weights = np.clip(share, 1e-4, None) ** -0.5
    return torch.from_numpy((weights / (weights * share).sum()).astype(np.float32))
