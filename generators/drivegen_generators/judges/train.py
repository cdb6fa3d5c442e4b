"""Trains the segmenter: `python -m drivegen_generators.judges.train FRAMES RUN [RUN ...] [--out FILE]`.

FRAMES is what `python -m benchmarks.verdicts.frames` wrote, RUN a run folder whose looks are learnt from too.
Views of FRAMES whose number ends in 9 are held back and judged by at the end. It ends after so many minutes
of processor time, keeps where it is every minute beside FRAMES, and goes on from there when it is run again.
Needs the extra `train`.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812  (its usual name)

from drivegen.capture.clip import Clip
from drivegen.capture.reader import CaptureReader
from drivegen.core.rng import derive_rng
from drivegen_generators.judges.augment import restyled
from drivegen_generators.judges.layers import CLASSES, LAYERS, SHRINK, THINGS, VERSION
from drivegen_generators.judges.weights import write_tensors
from drivegen_generators.judges.working import THING_TAGS

WEIGHTS = Path(__file__).with_name("segmenter.safetensors")
IGNORED = 255
CLASS_OF_TAG = np.full(256, IGNORED, np.uint8)
for _number, _tags in enumerate(CLASSES.values()):
    CLASS_OF_TAG[list(_tags)] = _number
CROP_W, CROP_H, BATCH = 240, 160, 8
LEARNING_RATE = 4e-3
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
        """(n, 3, h, w) from -1 to 1 to (n, classes, h / 2, w / 2)."""
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


class Frames:
    """All frames in memory, and all looks of some runs; a draw is a crop at a random size, restyled."""

    def __init__(self, folder: Path, runs: Sequence[Path]) -> None:
        names = sorted(p.stem for p in folder.glob("*.jpg"))
        if not names:
            raise SystemExit(
                f"{folder}: there are no frames; make them by python -m benchmarks.verdicts.frames"
            )
        # A view's number is followed by a or b.
        self.train = [n for n in names if n[-2] != "9"]
        self.held = [n for n in names if n[-2] == "9"]
        digest = hashlib.sha256()
        self._of: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for name in names:
            for kind in ("jpg", "png"):
                digest.update((folder / f"{name}.{kind}").read_bytes())
            labels = cv2.imread(str(folder / f"{name}.png"), cv2.IMREAD_UNCHANGED)
            self._of[name] = (np.asarray(cv2.imread(str(folder / f"{name}.jpg"))), np.asarray(labels))
        for run in runs:
            for name, bgr, labels in _looks_of(run):
                digest.update(bgr.tobytes() + labels.tobytes())
                self._of[name] = (bgr, labels)
                self.train.append(name)
        self.sha256 = digest.hexdigest()

    def whole(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Colours and labels of a frame."""
        return self._of[name]

    def draw(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """An image (h, w, 3) and its classes at half its size."""
        bgr, labels = self._of[self.train[int(rng.integers(len(self.train)))]]
        here, scale = _place(np.isin(labels[..., 2], THING_TAGS), rng)
        shape = (CROP_W, CROP_H)
        seen = cv2.resize(labels[here], shape, interpolation=cv2.INTER_NEAREST)
        colors = cv2.resize(bgr[here], shape, interpolation=cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR)
        depth_m = seen[..., 0].astype(np.float32) / 256.0
        colors = restyled(colors, depth_m, seen[..., 1], rng)
        classes = CLASS_OF_TAG[seen[..., 2].astype(np.uint8)]
        if rng.random() < 0.5:
            colors, classes = colors[:, ::-1], classes[:, ::-1]
        return colors, classes[SHRINK // 2 :: SHRINK, SHRINK // 2 :: SHRINK]


def _place(things: np.ndarray, rng: np.random.Generator) -> tuple[tuple[slice, slice], float]:
    """Of two places at random the one with more things; and how large it is beside a crop."""
    height, width = things.shape
    scale = float(np.exp(rng.uniform(np.log(0.45), np.log(1.6))))
    w, h = min(width, round(CROP_W * scale)), min(height, round(CROP_H * scale))
    places: list[tuple[int, int, tuple[slice, slice]]] = []
    for number in range(2):
        left, top = int(rng.integers(width - w + 1)), int(rng.integers(height - h + 1))
        here = (slice(top, top + h), slice(left, left + w))
        places.append((int(things[here][::3, ::3].sum()), number, here))
    return max(places)[2], scale


def _looks_of(run: Path) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Name, colours and labels, as `benchmarks.verdicts.frames` keeps them, of each image in each look."""
    found = sorted((run / "looks").glob("*/*.mcap"))
    if not found:
        raise SystemExit(f"{run}: there are no looks; make them by drivegen generate look=[...]")
    for path in found:
        look = path.parent.name
        with CaptureReader(run / "captures" / path.name, look=look) as reader:
            for image in Clip(reader).images():
                depth, tag = (image.depth_m * 256.0).astype(np.uint16), image.tag.astype(np.uint16)
                name = f"{run.name}-{path.stem}-{look}-{image.agent}-{image.channel}-{image.frame}"
                yield name, image.bgr, np.stack([depth, image.instance, tag], axis=-1)


_DRAWN: dict[str, Any] = {}
"""Of the process that draws."""


def _begin(folder: Path, runs: Sequence[Path], seed: int) -> None:
    cv2.setNumThreads(1)
    _DRAWN.update(frames=Frames(folder, runs), seed=seed)


def _batch(step: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """The images of a step: they follow from seed and step alone."""
    rng = derive_rng(_DRAWN["seed"], "segmenter", step)
    return [_DRAWN["frames"].draw(rng) for _ in range(BATCH)]


def as_input(bgr: list[np.ndarray]) -> torch.Tensor:
    """Images to what the network takes."""
    stacked = np.ascontiguousarray(np.stack(bgr).transpose(0, 3, 1, 2))
    return torch.from_numpy(stacked).float() / 127.5 - 1.0


@torch.no_grad()
def judge(net: Net, frames: Frames) -> tuple[float, float]:
    """Mean IoU, and of things alone, on frames that were held back, as they are."""
    net.eval()
    pixels = np.zeros((len(CLASSES), len(CLASSES)), np.int64)
    for name in frames.held:
        bgr, labels = frames.whole(name)
        height = bgr.shape[0] // 16 * 16
        guess = net(as_input([bgr[:height]])).argmax(1)[0].numpy()
        truth = CLASS_OF_TAG[labels[:height, :, 2].astype(np.uint8)][1::2, 1::2]
        known = truth != IGNORED
        pair = truth[known].astype(np.int64) * len(CLASSES) + guess[known]
        pixels += np.bincount(pair, minlength=len(CLASSES) ** 2).reshape(pixels.shape)
    net.train()
    with np.errstate(invalid="ignore"):
        iou = pixels.diagonal() / (pixels.sum(0) + pixels.sum(1) - pixels.diagonal())
    return float(np.nanmean(iou)), float(np.nanmean(iou[list(THINGS)]))


def _asked(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("frames", type=Path)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--cpu-minutes", type=float, default=14.0)
    parser.add_argument("--steps", type=int, default=3200, help="ends after so many, if that is sooner")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args(words)


def main(words: list[str] | None = None) -> None:
    """Trains, and writes the weights."""
    given = _asked(words)
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    frames = Frames(given.frames, given.runs)
    say(f"{len(frames.train)} frames, {len(frames.held)} held back")
    net = Net().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(net.parameters(), lr=LEARNING_RATE, weight_decay=1e-4)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=LEARNING_RATE, total_steps=given.steps)
    # Things are few pixels and what it is for.
    weights = torch.tensor([3.0 if n in THINGS else 1.0 for n in range(len(CLASSES))])
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
    pool = ProcessPoolExecutor(1, initializer=_begin, initargs=(given.frames, given.runs, given.seed))
    ahead = deque(pool.submit(_batch, step) for step in range(first, min(first + _AHEAD, given.steps)))
    for step in range(first, given.steps):
        drawn = ahead.popleft().result()
        if step + _AHEAD < given.steps:
            ahead.append(pool.submit(_batch, step + _AHEAD))
        scores = net(as_input([d[0] for d in drawn]).contiguous(memory_format=torch.channels_last))
        truth = torch.from_numpy(np.stack([d[1] for d in drawn]).astype(np.int64))
        loss = F.cross_entropy(scores, truth, weights, ignore_index=IGNORED)
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
    finish(net, frames, given, first + len(losses), time.process_time() - began)
    kept.unlink(missing_ok=True)


def finish(net: Net, frames: Frames, given: argparse.Namespace, steps: int, cpu_s: float) -> None:
    """Judges by the frames that were held back, and writes the weights."""
    miou, things = judge(net, frames)
    say(f"held back: mIoU {miou:.3f}, of things {things:.3f}")
    about = {
        "version": str(VERSION),
        "frames": str(len(frames.train)),
        "frames_sha256": frames.sha256,
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
