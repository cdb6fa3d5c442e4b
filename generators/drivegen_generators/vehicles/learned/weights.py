"""Weights in a file: safetensors alone, half precision, with the codec and the facts of the training."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import DDIMScheduler
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from drivegen.core.errors import ConfigError
from drivegen_generators.vehicles.learned.codec import Codec
from drivegen_generators.vehicles.learned.network import Denoiser

SHIPPED = Path(__file__).with_name("weights") / "traffic.safetensors"
NOISES = 100
_KIND = "drivegen learned traffic 2"
_ENTRY = "drivegen"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """A trained denoiser."""

    network: Any
    """`Denoiser`"""
    codec: Codec
    facts: Mapping[str, str]
    """Of its training: steps, seed, windows, futures, data_sha256, loss."""


def schedule() -> DDIMScheduler:
    """The noise: `NOISES` steps of the squared cosine (Nichol and Dhariwal 2021), v-prediction, no clipping
    (codes have no bounds), the last step without any signal (Lin and others 2024)."""
    return DDIMScheduler(
        num_train_timesteps=NOISES,
        beta_schedule="squaredcos_cap_v2",
        prediction_type="v_prediction",
        clip_sample=False,
        set_alpha_to_one=True,
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
    )


def save_model(model: Model, path: Path) -> None:
    """Raises OSError."""
    tensors = {f"network.{k}": v.half().contiguous() for k, v in model.network.state_dict().items()}
    for name in ("lead_m", "basis", "scale_m"):
        tensors[f"codec.{name}"] = torch.from_numpy(getattr(model.codec, name))
    # One entry: a file's entries come in no order of their own.
    told = json.dumps({"kind": _KIND, **model.facts}, sort_keys=True)
    save_file(tensors, path, metadata={_ENTRY: told})


def load_model(path: Path = SHIPPED) -> Model:
    """Raises ConfigError where there is no such file, or one of another kind."""
    try:
        with safe_open(path, framework="pt") as file:
            facts = dict(json.loads((file.metadata() or {}).get(_ENTRY, "{}")))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise ConfigError(f"{path}: no weights can be read there: {error}") from None
    if facts.pop("kind", "") != _KIND:
        raise ConfigError(f"{path} holds no weights of learned traffic; make some with learned.training")
    network = Denoiser()
    try:
        network.load_state_dict(
            {k.removeprefix("network."): v.float() for k, v in tensors.items() if k.startswith("network.")}
        )
        codec = Codec(**{n: np.asarray(tensors[f"codec.{n}"]) for n in ("lead_m", "basis", "scale_m")})
    except (RuntimeError, KeyError) as error:
        raise ConfigError(f"{path}: these weights are of another network: {error}") from None
    return Model(network=network.eval(), codec=codec, facts=facts)
