"""Random numbers. Every draw comes from a generator derived from (job seed, scene, purpose)."""

from __future__ import annotations

import hashlib

import numpy as np


def derive_seed(*parts: int | str) -> int:
    """A 63-bit seed from names and numbers; stable across machines and versions of Python."""
    text = "\x1f".join(f"{type(p).__name__}:{p}" for p in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little") >> 1


def derive_rng(*parts: int | str) -> np.random.Generator:
    """A generator of its own for one purpose, for example `derive_rng(job_seed, scene, "vehicles")`."""
    return np.random.Generator(np.random.PCG64(derive_seed(*parts)))
