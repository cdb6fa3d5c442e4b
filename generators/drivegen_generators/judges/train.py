"""Trains the segmenter: `python -m drivegen_generators.judges.train FRAMES [--out FILE]`.

FRAMES is what `python -m benchmarks.verdicts.frames` wrote. Views whose number ends in 9 are held back and
judged by at the end. It ends after so many steps, or minutes of processor time, keeps where it is every
minute beside FRAMES, and goes on from there when it is run again. Needs the extra `train`.
"""

from __future__ import annotations

import argparse
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
from drivegen_generators.judges.channels import channels
from drivegen_generators.judges.layers import LAYERS, OUTCOMES, SAME, SHRINK, STEP_PX, VERSION
from drivegen_generators.judges.pairs import IGNORED, Pictures, hash_of, names_of
from drivegen_generators.judges.weights import write_tensors
from drivegen_generators.judges.working import THING_TAGS

WEIGHTS = Path(__file__).with_name("segmenter.safetensors")
BATCH = 8
LEARNING_RATE = 4e-3
OUTCOME_WEIGHTS = (1.0, 3.0, 3.0, 3.0, 6.0, 6.0)
"""By how rare they are, about the root of it."""
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
        """(n, channels, h, w) to (n, outcomes, h / 2, w / 2)."""
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


_DRAWN: dict[str, Any] = {}
"""Of the process that draws."""


def _begin(folder: Path, seed: int) -> None:
    cv2.setNumThreads(1)
    pictures = Pictures(folder)
    _DRAWN.update(pictures=pictures, names=taught(pictures), seed=seed)


def _batch(step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What a step learns from: it follows from seed and step alone."""
    rng = derive_rng(_DRAWN["seed"], "segmenter", step)
    drawn = [_DRAWN["pictures"].draw(_DRAWN["names"], rng) for _ in range(BATCH)]
    seen, outcomes, weight = (np.stack([d[k] for d in drawn]) for k in range(3))
    return seen, outcomes, weight


def taught(pictures: Pictures) -> list[str]:
    """Names of pictures to learn from; a view's number is followed by a or b."""
    return [n for n in pictures.names if n[-2] != "9"]


@torch.no_grad()
def judge(net: Net, pictures: Pictures) -> list[float]:
    """IoU of each outcome over all pairs of views that were held back, as drawn and in their looks."""
    net.eval()
    pixels = np.zeros((len(OUTCOMES), len(OUTCOMES)), np.int64)
    for name in sorted(set(pictures.names) - set(taught(pictures))):
        for look in (False, True):
            pair = pictures.pair(name, pictures.other(name), look=look)
            height = pair.outcomes.shape[0] // STEP_PX * STEP_PX
            things = np.isin(pair.frame.tag, THING_TAGS)
            seen = channels(pair.frame.bgr, pair.look_bgr, things)[:, :height]
            guess = net(torch.from_numpy(seen)[None]).argmax(1)[0].numpy()
            truth = pair.outcomes[:height][SHRINK // 2 :: SHRINK, SHRINK // 2 :: SHRINK]
            known = truth != IGNORED
            both = truth[known].astype(np.int64) * len(OUTCOMES) + guess[known]
            pixels += np.bincount(both, minlength=len(OUTCOMES) ** 2).reshape(pixels.shape)
    net.train()
    iou = pixels.diagonal() / np.maximum(1, pixels.sum(0) + pixels.sum(1) - pixels.diagonal())
    return [float(v) for v in iou]


def _asked(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("frames", type=Path)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--cpu-minutes", type=float, default=60.0)
    parser.add_argument("--steps", type=int, default=12000, help="ends after so many, if that is sooner")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args(words)


def main(words: list[str] | None = None) -> None:
    """Trains, and writes the weights."""
    given = _asked(words)
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    names_of(given.frames)
    net = Net().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(net.parameters(), lr=LEARNING_RATE, weight_decay=1e-4)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=LEARNING_RATE, total_steps=given.steps)
    rare = torch.tensor(OUTCOME_WEIGHTS)
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
    # (begun afresh: OpenCV's threads do not outlive a fork).
    pool = ProcessPoolExecutor(
        1, get_context("spawn"), initializer=_begin, initargs=(given.frames, given.seed)
    )
    ahead = deque(pool.submit(_batch, step) for step in range(first, min(first + _AHEAD, given.steps)))
    for step in range(first, given.steps):
        seen, outcomes, weight = (torch.from_numpy(v) for v in ahead.popleft().result())
        if step + _AHEAD < given.steps:
            ahead.append(pool.submit(_batch, step + _AHEAD))
        with torch.autocast("cpu", torch.bfloat16):
            scores = net(seen.contiguous(memory_format=torch.channels_last))
        loss = loss_of(scores.float(), outcomes.long(), weight, rare)
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
    finish(net, Pictures(given.frames), given, first + len(losses), time.process_time() - began)
    kept.unlink(missing_ok=True)


def loss_of(
    scores: torch.Tensor, outcomes: torch.Tensor, weight: torch.Tensor, rare: torch.Tensor
) -> torch.Tensor:
    """Cross-entropy; small things and rare outcomes weigh more."""
    known = outcomes != IGNORED
    weight = weight * known * rare[torch.where(known, outcomes, SAME)]
    each = F.cross_entropy(scores, outcomes, reduction="none", ignore_index=IGNORED)
    return (each * weight).sum() / weight.sum()


def finish(net: Net, pictures: Pictures, given: argparse.Namespace, steps: int, cpu_s: float) -> None:
    """Judges by the pictures that were held back, and writes the weights."""
    iou = judge(net, pictures)
    told = "  ".join(f"{name} {value:.3f}" for name, value in zip(OUTCOMES, iou, strict=True))
    say(f"held back: mIoU {np.mean(iou):.3f}: {told}")
    about = {
        "version": str(VERSION),
        "frames": str(len(taught(pictures))),
        "frames_sha256": hash_of(given.frames),
        "seed": str(given.seed),
        "steps": str(steps),
        "cpu_s": f"{cpu_s:.0f}",
        "held_back_miou": f"{np.mean(iou):.4f}",
        **{f"held_back_iou_{name}": f"{value:.4f}" for name, value in zip(OUTCOMES, iou, strict=True)},
    }
    write_tensors(given.out, net.folded(), about)
    say(f"{given.out}: {given.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
