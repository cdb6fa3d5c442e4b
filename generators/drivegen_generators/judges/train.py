"""Trains the segmenter: `python -m drivegen_generators.judges.train FRAMES [--out FILE] [--cpu-minutes 30]`.

FRAMES is what `python -m benchmarks.verdicts.frames` wrote: two pictures of each view. The network is shown
one of them as it is, beside it the same one or the other restyled, and tells what is in that. Views whose
number ends in 9 are held back and judged by at the end. It ends after so many minutes of processor time,
keeps where it is every minute beside FRAMES, and goes on from there when it is run again. Needs the extra
`train`. A second round begins from the first one's weights: `--begin FILE --rate 0.002 --seed 1`.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812  (its usual name)

from drivegen.core.rng import derive_rng
from drivegen_generators.judges.augment import restyled
from drivegen_generators.judges.layers import (
    CLASS_OF_TAG,
    CLASSES,
    LAYERS,
    SHRINK,
    STEP_PX,
    THINGS,
    UNKNOWN,
    VERSION,
    network_input,
)
from drivegen_generators.judges.weights import read_tensors, write_tensors

WEIGHTS = Path(__file__).with_name("segmenter.safetensors")
CROP_W, CROP_H, BATCH = 240, 160, 8
LEARNING_RATE = 4e-3
_CHANGE = 5.0
"""Weight of pixels where a thing came or went, beside 1 of others and 3 of things."""
_OTHERS = 0.6
"""Of the draws, those that show two casts; the others show one before and after restyling."""
_AHEAD = 40


def say(line: str) -> None:
    """Tells at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Net(nn.Module):
    """The layers of `drivegen_generators.judges.layers` with batch norm, which is folded in at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.layers, self.norms = nn.ModuleDict(), nn.ModuleDict()
        for layer in LAYERS:
            kind: Any = nn.ConvTranspose2d if layer.up else nn.Conv2d
            self.layers[layer.name] = kind(
                layer.inputs, layer.outputs, layer.kernel, layer.stride, layer.padding,
                dilation=layer.dilation, bias=not layer.ramp,
            )  # fmt: skip
            if layer.ramp:
                self.norms[layer.name] = nn.BatchNorm2d(layer.outputs)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """(n, inputs, h, w) to (n, classes, h / 2, w / 2)."""
        seen: dict[str, torch.Tensor] = {}
        x = image
        for layer in LAYERS:
            x = self.layers[layer.name](x)
            if layer.ramp:
                x = self.norms[layer.name](x)
            if layer.plus:
                x = x + seen[layer.plus]
            if layer.ramp:
                x = F.relu(x)
            seen[layer.name] = x
        return x

    @torch.no_grad()
    def folded(self) -> dict[str, np.ndarray]:
        """Weights and biases by layer, the norms folded in."""
        out = {}
        for layer in LAYERS:
            made: Any = self.layers[layer.name]
            weight = made.weight.detach().clone()
            if layer.ramp:
                norm: Any = self.norms[layer.name]
                scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
                weight *= scale.reshape((1, -1, 1, 1) if layer.up else (-1, 1, 1, 1))
                bias = norm.bias - norm.running_mean * scale
            else:
                bias = made.bias
            out[f"{layer.name}.weight"] = weight.numpy()
            out[f"{layer.name}.bias"] = bias.detach().numpy()
        return out


def names_of(folder: Path) -> tuple[list[str], list[str]]:
    """Pictures to learn from, and those that are held back."""
    names = sorted(p.stem for p in folder.glob("*.jpg"))
    if not names:
        raise SystemExit(f"{folder}: there are no frames; make them by python -m benchmarks.verdicts.frames")
    return [n for n in names if n[-2] != "9"], [n for n in names if n[-2] == "9"]


def digest_of(folder: Path) -> str:
    """Of all frames."""
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("*.jpg"), *folder.glob("*.png")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def partner(name: str) -> str:
    """The other picture of the same view."""
    return name[:-1] + ("b" if name[-1] == "a" else "a")


class Frames:
    """Pictures in memory; a draw is a crop of a view at a random size, and of what became of it."""

    def __init__(self, folder: Path, names: list[str]) -> None:
        self.names = names
        self._of: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for name in names:
            labels = cv2.imread(str(folder / f"{name}.png"), cv2.IMREAD_UNCHANGED)
            self._of[name] = (np.asarray(cv2.imread(str(folder / f"{name}.jpg"))), np.asarray(labels))

    def draw(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Two images and the tags of the first (h, w, 7); classes of the second at half their size."""
        name = self.names[int(rng.integers(len(self.names)))]
        bgr, labels = self._of[name]
        before, known = self._of[partner(name) if rng.random() < _OTHERS else name]
        here, larger = self._place(labels[..., 1] != (0 if known is labels else known[..., 1]), rng)
        shape, way = (CROP_W, CROP_H), cv2.INTER_AREA if larger else cv2.INTER_LINEAR
        seen = cv2.resize(labels[here], shape, interpolation=cv2.INTER_NEAREST)
        before, after = (cv2.resize(image[here], shape, interpolation=way) for image in (before, bgr))
        after = restyled(after, seen[..., 0].astype(np.float32) / 256.0, seen[..., 1], rng)
        tag = cv2.resize(known[here], shape, interpolation=cv2.INTER_NEAREST)[..., 2].astype(np.uint8)
        images, classes = np.dstack([before, after, tag]), CLASS_OF_TAG[seen[..., 2].astype(np.uint8)]
        if rng.random() < 0.5:
            images, classes = images[:, ::-1], classes[:, ::-1]
        return images, classes[SHRINK // 2 :: SHRINK, SHRINK // 2 :: SHRINK]

    def _place(self, wanted: np.ndarray, rng: np.random.Generator) -> tuple[tuple[slice, slice], bool]:
        """Of two places at random the one with more that is wanted; whether it is larger than a crop."""
        height, width = wanted.shape
        scale = float(np.exp(rng.uniform(np.log(0.55), np.log(1.8))))
        w, h = min(width, round(CROP_W * scale)), min(height, round(CROP_H * scale))
        places: list[tuple[int, int, tuple[slice, slice]]] = []
        for _ in range(2):
            left, top = int(rng.integers(width - w + 1)), int(rng.integers(height - h + 1))
            here = (slice(top, top + h), slice(left, left + w))
            places.append((int(wanted[here][::4, ::4].sum()), len(places), here))
        return max(places)[2], scale > 1.0

    def held(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """As `draw`: a whole picture beside the other of its view; each time the same."""
        height = self._of[name][0].shape[0] // STEP_PX * STEP_PX
        bgr, labels, before, known = (i[:height] for n in (name, partner(name)) for i in self._of[n])
        rng = derive_rng(0, "held back", name)
        after = restyled(bgr, labels[..., 0].astype(np.float32) / 256.0, labels[..., 1], rng)
        classes = CLASS_OF_TAG[labels[..., 2].astype(np.uint8)]
        tag = known[..., 2].astype(np.uint8)
        return np.dstack([before, after, tag]), classes[SHRINK // 2 :: SHRINK, SHRINK // 2 :: SHRINK]


_DRAWN: dict[str, Any] = {}
"""Of the process that draws."""


def _begin(folder: Path, seed: int) -> None:
    cv2.setNumThreads(1)
    _DRAWN.update(frames=Frames(folder, names_of(folder)[0]), seed=seed)


def _batch(step: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """The images of a step: they follow from seed and step alone."""
    rng = derive_rng(_DRAWN["seed"], "segmenter", step)
    return [_DRAWN["frames"].draw(rng) for _ in range(BATCH)]


def as_input(drawn: list[np.ndarray]) -> torch.Tensor:
    """Images and tags to what the network takes."""
    return torch.from_numpy(np.stack([network_input(d[..., :3], d[..., 3:6], d[..., 6]) for d in drawn]))


@torch.no_grad()
def judge(net: Net, frames: Frames) -> tuple[float, float]:
    """Mean IoU, and of things alone, on pictures that were held back, restyled, beside another cast."""
    net.eval()
    pixels = np.zeros((len(CLASSES), len(CLASSES)), np.int64)
    for name in frames.names:
        images, truth = frames.held(name)
        guess = net(as_input([images])).argmax(1)[0].numpy()
        known = truth != UNKNOWN
        pair = truth[known].astype(np.int64) * len(CLASSES) + guess[known]
        pixels += np.bincount(pair, minlength=len(CLASSES) ** 2).reshape(pixels.shape)
    net.train()
    with np.errstate(invalid="ignore"):
        iou = pixels.diagonal() / (pixels.sum(0) + pixels.sum(1) - pixels.diagonal())
    say("  ".join(f"{n} {v:.3f}" for n, v in zip(CLASSES, iou, strict=True)))
    return float(np.nanmean(iou)), float(np.nanmean(iou[list(THINGS)]))


def loss_of(scores: torch.Tensor, truth: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
    """Cross entropy; things are few pixels and what it is for, those that come or go above all."""
    planes = images[:, 6:, SHRINK // 2 :: SHRINK, SHRINK // 2 :: SHRINK]
    first, last = min(THINGS), max(THINGS)
    was = planes[:, first : last + 1].sum(dim=1) > 0.5
    now = (truth >= first) & (truth <= last)
    weights = 1.0 + 2.0 * now + _CHANGE * (was != now)
    each = F.cross_entropy(scores, truth, ignore_index=UNKNOWN, reduction="none")
    known = truth != UNKNOWN
    return (each * weights)[known].sum() / weights[known].sum()


def begin_from(net: Net, path: Path, images: torch.Tensor) -> None:
    """Weights of a file, with norms that change nothing of what these compute for some images."""
    tensors, _ = read_tensors(path)
    hooks = []
    for layer in LAYERS:
        made: Any = net.layers[layer.name]
        made.weight.data = torch.from_numpy(tensors[f"{layer.name}.weight"]).contiguous()
        bias = torch.from_numpy(tensors[f"{layer.name}.bias"])
        if not layer.ramp:
            made.bias.data = bias
            continue

        def set_norm(norm: Any, given: tuple[torch.Tensor], bias: torch.Tensor = bias) -> None:
            mean, variance = given[0].mean(dim=(0, 2, 3)), given[0].var(dim=(0, 2, 3))
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(variance)
            norm.weight.data = torch.sqrt(variance + norm.eps)
            norm.bias.data = mean + bias

        hooks.append(net.norms[layer.name].register_forward_pre_hook(set_norm))
    net.eval()
    with torch.no_grad():
        net(images)
    for hook in hooks:
        hook.remove()
    net.train()


def _asked(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("frames", type=Path)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--cpu-minutes", type=float, default=30.0)
    parser.add_argument("--steps", type=int, default=3000, help="ends after so many, if that is sooner")
    parser.add_argument("--begin", type=Path, help="a file of weights to begin from")
    parser.add_argument("--rate", type=float, default=LEARNING_RATE, help="of learning, at its highest")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args(words)


def main(words: list[str] | None = None) -> None:
    """Trains, and writes the weights."""
    given = _asked(words)
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    train, held = names_of(given.frames)
    say(f"{len(train)} pictures, {len(held)} held back")
    net = Net().to(memory_format=torch.channels_last)
    if given.begin:
        some = Frames(given.frames, held[:24])
        begin_from(net, given.begin, as_input([some.held(n)[0] for n in held[:24]]))
    optimiser = torch.optim.AdamW(net.parameters(), lr=given.rate, weight_decay=1e-4)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=given.rate, total_steps=given.steps)
    kept = given.frames.with_suffix(".training.pt")
    first, spent = 0, 0.0
    if kept.exists():
        state = torch.load(kept, weights_only=True)
        net.load_state_dict(state["net"])
        optimiser.load_state_dict(state["optimiser"])
        pace.load_state_dict(state["pace"])
        first, spent = state["step"], state["cpu_s"]
    began, said = time.process_time() - spent, time.monotonic()
    losses: list[float] = []
    # Pictures are drawn in a process of their own, some steps ahead.
    # Spawned: a fork of a process whose networks have run can stand still.
    pool = ProcessPoolExecutor(
        1, get_context("spawn"), initializer=_begin, initargs=(given.frames, given.seed)
    )
    ahead = deque(pool.submit(_batch, step) for step in range(first, min(first + _AHEAD, given.steps)))
    for step in range(first, given.steps):
        drawn = ahead.popleft().result()
        if step + _AHEAD < given.steps:
            ahead.append(pool.submit(_batch, step + _AHEAD))
        images = as_input([d[0] for d in drawn]).contiguous(memory_format=torch.channels_last)
        # Half the time of 32 bits, on processors that have it.
        with torch.autocast("cpu", torch.bfloat16):
            scores = net(images).float()
        truth = torch.from_numpy(np.stack([d[1] for d in drawn]).astype(np.int64))
        loss = loss_of(scores, truth, images)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        pace.step()
        losses.append(loss.item())
        cpu_s = time.process_time() - began
        over = cpu_s > 60.0 * given.cpu_minutes
        if time.monotonic() - said > 60.0 or over:
            said = time.monotonic()
            say(f"step {step + 1}  loss {np.mean(losses[-50:]):.3f}  {cpu_s:.0f} CPU-s")
            state = {"net": net.state_dict(), "optimiser": optimiser.state_dict(), "pace": pace.state_dict()}
            torch.save({**state, "step": step + 1, "cpu_s": cpu_s}, kept)
        if over:
            break
    pool.shutdown(cancel_futures=True)
    finish(net, Frames(given.frames, held), given, first + len(losses), time.process_time() - began)
    kept.unlink(missing_ok=True)


def finish(net: Net, frames: Frames, given: argparse.Namespace, steps: int, cpu_s: float) -> None:
    """Judges by the pictures that were held back, and writes the weights."""
    miou, things = judge(net, frames)
    say(f"held back: mIoU {miou:.3f}, of things {things:.3f}")
    about = {
        "version": str(VERSION),
        "frames": str(len(names_of(given.frames)[0])),
        "frames_sha256": digest_of(given.frames),
        "seed": str(given.seed),
        "steps": str(steps),
        "cpu_s": f"{cpu_s:.0f}",
        "held_back_miou": f"{miou:.4f}",
        "held_back_things_miou": f"{things:.4f}",
    }
    write_tensors(given.out, net.folded(), about)
    say(f"{given.out}: {given.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
