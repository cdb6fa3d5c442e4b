"""Trains the denoiser: `python -m drivegen_generators.vehicles.learned.training WINDOWS.npz --out FILE`.

Runs on the processor in some ten minutes; equal windows, seed and number of threads give equal
weights. `--init` goes on from weights, the way to fit them to recorded traffic.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import DDIMScheduler
from jaxtyping import Int64

from drivegen.core.errors import DrivegenError
from drivegen.core.rng import derive_rng, derive_seed
from drivegen_generators.vehicles.learned.codec import Codec
from drivegen_generators.vehicles.learned.network import FARTHEST, MEETS, Context, Denoiser, Known
from drivegen_generators.vehicles.learned.places import Lines
from drivegen_generators.vehicles.learned.weights import Model, load_model, save_model, schedule
from drivegen_generators.vehicles.learned.windows import Windows, turned

DRAWS = 4
"""Noises for each window of a step: its context is read once."""
_MOST_GRADIENT = 1.0
_WARM_STEPS = 100
_AVERAGE = 0.998
_READ_AT_ONCE = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How long, with what."""

    reading_steps: int = 1200
    """Of learning what is expected, before the denoising is learned."""
    steps: int = 2500
    windows_per_step: int = 12
    rate: float = 1e-3
    seed: int = 1
    most_cpu_s: float = 1800.0
    """Stops there, at the weights of that moment."""
    threads: int = 1


def train(
    windows: Windows,
    recipe: Recipe,
    *,
    init: Model | None = None,
    tell: Callable[[int, float], None] | None = None,
    keep: Callable[[Model], None] | None = None,
) -> Model:
    """A model of these windows.

    Args:
        windows: To learn from.
        recipe: Steps, rate, seed.
        init: Weights and codec to begin with.
        tell: Called with (step, mean loss) every hundred steps.
        keep: Called with the model so far as often, for who may be stopped.
    """
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(derive_seed(recipe.seed, "weights"))
    learner = _Learner(windows, recipe, init, tell, keep)
    net = learner.net
    learner.go(recipe.reading_steps, _READ_AT_ONCE, [net.reading], learner.expect)
    net.load_state_dict(learner.mean)
    net.reading.requires_grad_(False)
    learner.lost.clear()
    others = [part for name, part in net.named_children() if name != "reading"]
    return learner.so_far(learner.go(recipe.steps, recipe.windows_per_step, others, learner.denoise))


class _Learner:
    """A network on its way."""

    def __init__(
        self,
        windows: Windows,
        recipe: Recipe,
        init: Model | None,
        tell: Callable[[int, float], None] | None,
        keep: Callable[[Model], None] | None,
    ) -> None:
        self._windows, self._recipe, self._tell, self._keep = windows, recipe, tell, keep
        known = np.flatnonzero(windows.known)
        self._codec = codec = (
            init.codec
            if init
            else Codec.fit(windows.future[known], windows.told[known], windows.group[known])
        )
        found = codec.encode(windows.future, windows.told, windows.group)
        # Whose future is not known goes on as foreseen.
        self._codes = torch.from_numpy(np.where(windows.whole[:, None], found, 0.0).astype(np.float32))
        # Errors count by what they make in metres, and not by that alone: the last components are of
        # centimetres.
        worth = torch.from_numpy(np.sqrt(codec.scale_m / codec.scale_m.mean(axis=1, keepdims=True)))
        self._worth = worth[torch.from_numpy(windows.group)]
        self.net = Denoiser()
        if init is not None:
            self.net.load_state_dict(init.network.state_dict())
        self._scheduler = schedule()
        self.mean = {k: v.clone() for k, v in self.net.state_dict().items()}
        """Of the weights of late steps."""
        self._rng = derive_rng(recipe.seed, "batches")
        self.lost: list[float] = []
        self._facts = {
            "seed": str(recipe.seed),
            "windows": str(len(windows.first) - 1),
            "futures": str(len(known)),
            "data_sha256": windows.sha256,
            "begun_with": init.facts.get("data_sha256", "") if init else "",
        }

    def so_far(self, steps: int) -> Model:
        """The model after some steps."""
        smooth = Denoiser()
        smooth.load_state_dict(self.mean)
        loss = f"{np.mean(self.lost[-200:]):.4f}" if self.lost else ""
        facts = {**self._facts, "steps": str(steps), "loss": loss}
        return Model(network=smooth.eval(), codec=self._codec, facts=facts)

    def go(
        self,
        steps: int,
        at_once: int,
        parts: Sequence[Any],
        loss_of: Callable[[Any, Any, Context], Any],
    ) -> int:
        """Trains parts of the network; how many steps there was time for."""
        recipe, windows = self._recipe, self._windows
        values = [v for part in parts for v in part.parameters()]
        optimizer = torch.optim.AdamW(values, lr=recipe.rate, weight_decay=1e-3)
        for step in range(steps):
            if time.process_time() > recipe.most_cpu_s:
                return step
            for group in optimizer.param_groups:
                group["lr"] = recipe.rate * _rate(step, steps)
            chosen = self._rng.integers(0, len(windows.first) - 1, at_once)
            loss = loss_of(*batch_of(windows, self._codec, chosen))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(values, _MOST_GRADIENT)
            optimizer.step()
            share = min(_AVERAGE, (1.0 + step) / (10.0 + step))
            for name, value in self.net.state_dict().items():
                self.mean[name].lerp_(value, 1.0 - share)
            self.lost.append(float(loss.detach()))
            if step % 100 == 99:
                if self._tell is not None:
                    self._tell(step + 1, float(np.mean(self.lost[-100:])))
                if self._keep is not None:
                    self._keep(self.so_far(step + 1))
        return steps

    def expect(self, rows: Any, window: Any, context: Context) -> Any:  # noqa: ARG002 - called as denoise is
        """The loss of what is expected."""
        return _unexpected(self.net.read(context), self._codes[rows], self._counted(rows))

    def denoise(self, rows: Any, window: Any, context: Context) -> Any:
        """The loss of the denoising."""
        return _loss(self.net, self._scheduler, self._codes[rows], window, context, self._counted(rows))

    def _counted(self, rows: Any) -> Any:
        return self._worth[rows] * torch.from_numpy(self._windows.known[rows])[:, None]


def _rate(step: int, steps: int) -> float:
    """Rises, then falls by half a cosine to a twentieth."""
    rise = min(1.0, (step + 1) / min(_WARM_STEPS, max(1, steps // 4)))
    return rise * (0.05 + 0.475 * (1.0 + float(np.cos(np.pi * step / max(1, steps)))))


def batch_of(windows: Windows, codec: Codec, chosen: Int64[np.ndarray, "m"]) -> tuple[Any, Any, Context]:
    """Rows of some windows, which of these windows each belongs to, and their context."""
    parts = [np.arange(windows.first[w], windows.first[w + 1]) for w in chosen]
    rows = np.concatenate(parts)
    counts = [len(p) for p in parts]
    starts = np.repeat(np.cumsum([0, *counts])[:-1], counts)
    told = np.concatenate([windows.actor[rows], windows.way[rows]], axis=1)
    group, times = windows.group[rows], list(MEETS)
    context = Context(
        told=torch.from_numpy(told)[None],
        lane=torch.from_numpy(windows.lane[rows].astype(np.float32)),
        near=torch.from_numpy(windows.near[rows] + starts[:, None]),
        relation=torch.from_numpy(windows.relation[rows].astype(np.float32)),
        turned=torch.from_numpy(turned(windows.relation[rows])),
        there=torch.from_numpy(windows.there[rows]),
        lines=Lines(
            points=torch.from_numpy(windows.line[rows].astype(np.float32))[None],
            foreseen=torch.from_numpy(codec.foreseen(told, group)[:, times])[None],
            directions=torch.from_numpy(codec.directions(group)[:, times]),
        ),
    )
    return rows, torch.from_numpy(np.repeat(np.arange(len(parts)), counts)), context


def _unexpected(known: Known, codes: Any, counted: Any) -> Any:
    """Negative log likelihood of codes (n, c), if they were normal, weighted by `counted`."""
    off = (codes - known.mean) / known.scale
    return (counted * (0.5 * off**2 + known.scale.log())).sum() / counted.sum().clamp(min=1.0)


def _loss(net: Any, scheduler: DDIMScheduler, codes: Any, window: Any, context: Context, counted: Any) -> Any:
    """Squared error of v, weighted by `counted` (n, c); each window is noised to a level of its own."""
    known = net.read(context)
    # Errors count by what they make: those of who has no choice next to nothing.
    counted = counted * known.scale[0].sqrt()
    clean = ((codes - known.mean) / known.scale).clamp(-FARTHEST, FARTHEST).expand(DRAWS, -1, -1)
    noise = torch.randn(clean.shape)
    levels = torch.randint(0, scheduler.config.num_train_timesteps, (DRAWS, int(window[-1]) + 1))
    steps = levels[:, window]
    flat = steps.reshape(-1)
    shape = (-1, clean.shape[-1])
    noisy = scheduler.add_noise(clean.reshape(shape), noise.reshape(shape), flat).view(clean.shape)
    wanted = scheduler.get_velocity(clean.reshape(shape), noise.reshape(shape), flat).view(clean.shape)
    made = net(noisy, steps, known)
    return (counted * (made - wanted) ** 2).sum() / (counted.sum() * DRAWS).clamp(min=1.0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Trains and writes a file of weights."""
    usual = Recipe()
    parser = argparse.ArgumentParser(
        prog="drivegen_generators.vehicles.learned.training", description=__doc__
    )
    parser.add_argument("windows", type=Path, help="an .npz of rollouts or of foreign tracks")
    parser.add_argument("--out", type=Path, required=True, help="the .safetensors file to write")
    parser.add_argument("--init", type=Path, help="weights to begin with")
    parser.add_argument("--reading-steps", type=int, default=usual.reading_steps)
    parser.add_argument("--steps", type=int, default=usual.steps)
    parser.add_argument("--rate", type=float, default=usual.rate)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--threads", type=int, default=usual.threads)
    parser.add_argument("--most-cpu-s", type=float, default=usual.most_cpu_s)
    given = parser.parse_args(arguments)
    recipe = Recipe(
        reading_steps=given.reading_steps,
        steps=given.steps,
        rate=given.rate,
        seed=given.seed,
        threads=given.threads,
        most_cpu_s=given.most_cpu_s,
    )

    def tell(step: int, loss: float) -> None:
        sys.stdout.write(f"step {step}: loss {loss:.4f}, {time.process_time():.0f} CPU-s\n")
        sys.stdout.flush()

    try:
        init = load_model(given.init) if given.init else None
        part = given.out.with_suffix(".part.safetensors")
        model = train(
            Windows.load(given.windows), recipe, init=init, tell=tell, keep=lambda m: save_model(m, part)
        )
        save_model(model, given.out)
        part.unlink(missing_ok=True)
    except (DrivegenError, OSError) as error:
        sys.stderr.write(f"training: {error}\n")
        return 1
    sys.stdout.write(f"{given.out}: {given.out.stat().st_size} bytes, {model.facts}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
