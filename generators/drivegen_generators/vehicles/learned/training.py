"""Trains the denoiser: `python -m drivegen_generators.vehicles.learned.training WINDOWS.npz --out FILE`.

Runs on the processor in at most a quarter of an hour; equal windows, seed and number of threads give equal
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
from jaxtyping import Float64

from drivegen.core.errors import DrivegenError
from drivegen.core.rng import derive_rng, derive_seed
from drivegen_generators.vehicles.learned.codec import Codec
from drivegen_generators.vehicles.learned.network import Context, Denoiser
from drivegen_generators.vehicles.learned.weights import Model, load_model, save_model, schedule
from drivegen_generators.vehicles.learned.windows import Windows

DRAWS = 4
"""Noises for each window of a step: its context is read once."""
_MOST_GRADIENT = 1.0
_WARM_STEPS = 100
_AVERAGE = 0.998


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How long, with what."""

    steps: int = 1400
    windows_per_step: int = 12
    rate: float = 1.5e-3
    seed: int = 1
    most_cpu_s: float = 900.0
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
    known = np.flatnonzero(windows.known)
    codec = (
        init.codec if init else Codec.fit(windows.future[known], windows.actor[known], windows.group[known])
    )
    codes = torch.from_numpy(codec.encode(windows.future, windows.actor, windows.group))
    # Errors count by what they make in metres, and not by that alone: the last components are of centimetres.
    worth = torch.from_numpy(np.sqrt(codec.scale_m / codec.scale_m.mean(axis=1, keepdims=True)))
    weights = worth[torch.from_numpy(windows.group)]
    net = Denoiser()
    if init is not None:
        net.load_state_dict(init.network.state_dict())
    scheduler = schedule()
    optimizer = torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=1e-3)
    mean = {k: v.clone() for k, v in net.state_dict().items()}
    rng = derive_rng(recipe.seed, "batches")
    lost: list[float] = []
    done = 0

    def so_far(steps: int) -> Model:
        smooth = Denoiser()
        smooth.load_state_dict(mean)
        facts = {
            "steps": str(steps),
            "seed": str(recipe.seed),
            "windows": str(len(windows.first) - 1),
            "futures": str(len(known)),
            "data_sha256": windows.sha256,
            "loss": f"{np.mean(lost[-200:]):.4f}",
            "begun_with": init.facts.get("data_sha256", "") if init else "",
        }
        return Model(network=smooth.eval(), codec=codec, facts=facts)

    for step in range(recipe.steps):
        if time.process_time() > recipe.most_cpu_s:
            break
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * _rate(step, recipe.steps)
        chosen = rng.integers(0, len(windows.first) - 1, recipe.windows_per_step)
        rows, context = batch_of(windows, chosen)
        counted = weights[rows] * torch.from_numpy(windows.known[rows])[:, None]
        loss = _loss(net, scheduler, codes[rows], context, counted)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), _MOST_GRADIENT)
        optimizer.step()
        share = min(_AVERAGE, (1.0 + step) / (10.0 + step))
        for name, value in net.state_dict().items():
            mean[name].lerp_(value, 1.0 - share)
        lost.append(float(loss.detach()))
        done = step + 1
        if done % 100 == 0:
            if tell is not None:
                tell(done, float(np.mean(lost[-100:])))
            if keep is not None:
                keep(so_far(done))
    return so_far(done)


def _rate(step: int, steps: int) -> float:
    """Rises, then falls by half a cosine to a twentieth."""
    rise = min(1.0, (step + 1) / min(_WARM_STEPS, max(1, steps // 4)))
    return rise * (0.05 + 0.475 * (1.0 + float(np.cos(np.pi * step / max(1, steps)))))


def batch_of(windows: Windows, chosen: Float64[np.ndarray, "m"]) -> tuple[Any, Context]:
    """Rows of some windows, and their context."""
    parts = [np.arange(windows.first[w], windows.first[w + 1]) for w in chosen]
    rows = np.concatenate(parts)
    starts = np.repeat(np.cumsum([0, *(len(p) for p in parts)])[:-1], [len(p) for p in parts])
    return rows, Context(
        actor=torch.from_numpy(windows.actor[rows]),
        lane=torch.from_numpy(windows.lane[rows].astype(np.float32)),
        near=torch.from_numpy(windows.near[rows] + starts[:, None]),
        relation=torch.from_numpy(windows.relation[rows].astype(np.float32)),
        there=torch.from_numpy(windows.there[rows]),
    )


def _loss(net: Any, scheduler: DDIMScheduler, codes: Any, context: Context, counted: Any) -> Any:
    """Squared error of v, weighted by `counted` (n, c). Futures that are not known are the foreseen ones."""
    clean = torch.where(counted > 0.0, codes, 0.0).expand(DRAWS, -1, -1)
    noise = torch.randn(clean.shape)
    steps = torch.randint(0, scheduler.config.num_train_timesteps, (DRAWS, 1)).expand(-1, clean.shape[1])
    flat = steps.reshape(-1)
    shape = (-1, clean.shape[-1])
    noisy = scheduler.add_noise(clean.reshape(shape), noise.reshape(shape), flat).view(clean.shape)
    wanted = scheduler.get_velocity(clean.reshape(shape), noise.reshape(shape), flat).view(clean.shape)
    made = net(noisy, steps, net.read(context))
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
    parser.add_argument("--steps", type=int, default=usual.steps)
    parser.add_argument("--rate", type=float, default=usual.rate)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--threads", type=int, default=usual.threads)
    parser.add_argument("--most-cpu-s", type=float, default=usual.most_cpu_s)
    given = parser.parse_args(arguments)
    recipe = Recipe(
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
