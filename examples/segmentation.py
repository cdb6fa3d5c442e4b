"""Learns to segment street scenes from captures, on a processor within minutes, and shows its curve.

    drivegen generate experiment=segmentation
    python examples/segmentation.py runs/segmentation

It writes curve.png, predictions.png and unet.pt into --out, and prints the mean intersection over union
(mIoU) on scenes that it has not learnt from, beside that of a guess which knows of every pixel only what is
most often there. The network is a plain small U-Net (Ronneberger, Fischer, Brox 2015), the one that
`drivegen study` trains too.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import matplotlib as mpl
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812  (its usual name)
from torch.utils.data import DataLoader

from drivegen import datasets
from drivegen.datasets import FrameSet, ImageView
from drivegen.study.classes import CLASS_OF_TAG, CLASSES, IGNORED
from drivegen.study.network import UNet, confusion, iou

mpl.use("Agg")
from matplotlib import pyplot as plt

COLOURS = np.array(
    [[128, 64, 128], [244, 35, 232], [70, 70, 70], [220, 220, 0],
     [107, 142, 35], [70, 130, 180], [220, 20, 60], [0, 0, 142]], np.uint8,
)  # fmt: skip


def example(image: ImageView) -> dict[str, np.ndarray]:
    """What one image teaches, at half its size: a plain function, so that workers can have it."""
    rgb, tag = image.rgb, image.semantic
    size = rgb.shape[1] // 2, rgb.shape[0] // 2
    return {
        "rgb": cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).transpose(2, 0, 1),
        "truth": CLASS_OF_TAG[cv2.resize(tag, size, interpolation=cv2.INTER_NEAREST)],
    }


def frequencies(train: DataLoader[Any]) -> torch.Tensor:
    """(h, w, classes): how often each class is at each pixel of the training images."""
    counts: torch.Tensor | None = None
    for batch in train:
        truth = batch["truth"].long()
        seen = F.one_hot(torch.where(truth == IGNORED, len(CLASSES), truth), len(CLASSES) + 1).sum(0)
        counts = seen if counts is None else counts + seen
    assert counts is not None
    return counts[..., : len(CLASSES)]


def baseline(often: torch.Tensor, val: DataLoader[Any]) -> np.ndarray:
    """IoU by class of the guess that each pixel is what it is most often."""
    guess = often.argmax(-1)
    total = torch.zeros(len(CLASSES), len(CLASSES), dtype=torch.long)
    for batch in val:
        total += confusion(batch["truth"], guess.expand_as(batch["truth"]))
    return iou(total)


def class_weights(often: torch.Tensor) -> torch.Tensor:
    """Rare classes weigh more, by the root of how rare they are; their mean over all pixels is 1."""
    share = often.sum((0, 1)).double() / often.sum()
    weights = share.clamp(min=1e-4).rsqrt()
    return (weights / (weights * share).sum()).float()


@torch.no_grad()
def judge(net: nn.Module, val: DataLoader[Any]) -> np.ndarray:
    """IoU by class of a network."""
    net.eval()
    total = torch.zeros(len(CLASSES), len(CLASSES), dtype=torch.long)
    for batch in val:
        total += confusion(batch["truth"], net(batch["rgb"]).argmax(1))
    net.train()
    return iou(total)


@dataclass(slots=True)
class Curve:
    """What became of it on the way."""

    losses: list[float] = field(default_factory=list)
    """By step."""
    steps: list[int] = field(default_factory=list)
    miou: list[float] = field(default_factory=list)
    """On the validation scenes, after so many `steps`."""


def learn(
    net: nn.Module,
    train: DataLoader[Any],
    val: DataLoader[Any],
    weights: torch.Tensor,
    epochs: int,
    steps: int,
) -> Curve:
    """Trains for some epochs, or fewer steps, and judges after each epoch."""
    curve = Curve()
    total = min(steps, epochs * len(train))
    optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-4)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=3e-3, total_steps=total)
    began = time.perf_counter()
    while len(curve.losses) < total:
        for batch in train:
            if len(curve.losses) == total:
                break
            optimiser.zero_grad()
            truth = batch["truth"].long()
            loss = F.cross_entropy(net(batch["rgb"]), truth, weights, ignore_index=IGNORED)
            loss.backward()
            optimiser.step()
            pace.step()
            curve.losses.append(loss.item())
        curve.steps.append(len(curve.losses))
        curve.miou.append(float(np.nanmean(judge(net, val))))
        print(
            f"step {len(curve.losses):5d}  loss {np.mean(curve.losses[-len(train) :]):.3f}"
            f"  mIoU {curve.miou[-1]:.3f}  {time.perf_counter() - began:.0f} s",
            flush=True,
        )
    return curve


def draw_curve(curve: Curve, guess: float, path: Path) -> None:
    """Loss by step, and mIoU beside that of the baseline."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    window = max(1, len(curve.losses) // 50)
    smooth = np.convolve(curve.losses, np.full(window, 1 / window), "valid")
    left.plot(curve.losses, color="#bbbbbb", linewidth=0.8)
    left.plot(np.arange(len(smooth)) + window - 1, smooth, color="#1f5fa8", label=f"mean of {window}")
    left.set(xlabel="step", ylabel="cross entropy, training scenes", yscale="log")
    left.legend(frameon=False)
    right.plot(curve.steps, curve.miou, "o-", color="#1f5fa8", markersize=4, label="U-Net")
    right.axhline(guess, color="#c0392b", linestyle="--", label="most frequent class of each pixel")
    right.set(xlabel="step", ylabel="mIoU, validation scenes", ylim=(0, 1))
    right.legend(frameon=False, loc="lower right")
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)
    plt.close(figure)


@torch.no_grad()
def draw_predictions(net: nn.Module, images: list[ImageView], path: Path) -> None:
    """Image, truth and prediction side by side."""
    net.eval()
    rows = []
    for image in images:
        found = example(image)
        guess = net(torch.from_numpy(found["rgb"])[None]).argmax(1)[0].numpy()
        truth = np.append(COLOURS, np.zeros((1, 3), np.uint8), axis=0)[
            np.minimum(found["truth"], len(COLOURS))
        ]
        rows.append(np.concatenate([found["rgb"].transpose(1, 2, 0), truth, COLOURS[guess]], axis=1))
    sheet = np.repeat(np.repeat(np.concatenate(rows), 2, axis=0), 2, axis=1)
    cv2.imwrite(str(path), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))


def main(words: list[str] | None = None) -> float:
    """Runs it all and returns the mIoU on the validation scenes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("run", help="a run folder, a folder of captures, or a URL")
    parser.add_argument("--out", type=Path, default=Path("runs/segmentation-unet"))
    parser.add_argument("--where", default="", help="learn only from frames that this is true of")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--steps", type=int, default=1_000_000, help="end after so many, if that is sooner")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--workers", type=int, default=1, help="processes that read captures")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(words)
    torch.manual_seed(given.seed)
    # Processes that read have cores of their own; threads that wait for one another cost more than they give.
    torch.set_num_threads(max(1, (os.cpu_count() or 1) - given.workers))
    given.out.mkdir(parents=True, exist_ok=True)

    splits = datasets.open(given.run).split({"train": 0.75, "val": 0.25}, seed=given.seed)
    parts: dict[str, FrameSet] = {
        "train": splits["train"].where(given.where) if given.where else splits["train"]
    }
    parts["val"] = splits["val"]
    if not all(len(part) for part in parts.values()):
        raise SystemExit(
            f"{given.run}: too few scenes to learn from some and judge by others; record four or more"
        )
    images = {name: part.images() for name, part in parts.items()}
    train, val = (
        DataLoader(
            images[name].torch(example),
            batch_size=given.batch,
            shuffle=name == "train",
            num_workers=given.workers,
            persistent_workers=given.workers > 0,
        )
        for name in ("train", "val")
    )
    for name, part in parts.items():
        print(f"{name}: {len(part.scenes)} scenes, {len(images[name])} images")
    net = UNet(len(CLASSES)).to(memory_format=torch.channels_last)
    print(f"U-Net of {sum(p.numel() for p in net.parameters()):,} weights")
    often = frequencies(train)
    guess = baseline(often, val)
    curve = learn(net, train, val, class_weights(often), given.epochs, given.steps)
    found = judge(net, val)
    print(f"\n{'IoU':10} {'U-Net':>7} {'baseline':>9}")
    for name, ours, theirs in zip(CLASSES, found, guess, strict=True):
        print(f"{name:10} {ours:7.3f} {theirs:9.3f}")
    print(f"{'mean':10} {np.nanmean(found):7.3f} {np.nanmean(guess):9.3f}")
    draw_curve(curve, float(np.nanmean(guess)), given.out / "curve.png")
    spread = np.linspace(0, len(images["val"]) - 1, 6).astype(int)
    draw_predictions(net, [images["val"][int(i)] for i in spread], given.out / "predictions.png")
    torch.save(net.state_dict(), given.out / "unet.pt")
    return float(np.nanmean(found))


if __name__ == "__main__":
    main()
