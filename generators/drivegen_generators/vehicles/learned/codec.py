"""Futures as few numbers: principal components of each group's trajectories, scaled to unit variance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int

from drivegen_generators.vehicles.learned.scenes import Group

COMPONENTS = 14
_LEAST_SCALE_M = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Codec:
    """A future of t places is mean + basis @ (scale * code); one of each for each of g groups."""

    mean_m: Float32[np.ndarray, "g t2"]
    basis: Float32[np.ndarray, "g t2 k"]
    scale_m: Float32[np.ndarray, "g k"]

    @staticmethod
    def fit(future_m: Float[np.ndarray, "n t 2"], group: Int[np.ndarray, "n"]) -> Codec:
        """By the singular values of each group's futures; a group that is not there gets the first one's."""
        steps = 2 * future_m.shape[1]
        means, bases, scales = [], [], []
        for each in Group:
            own = future_m[group == each].reshape(-1, steps).astype(np.float64)
            if len(own) <= COMPONENTS:
                own = future_m.reshape(-1, steps).astype(np.float64)
            mean = own.mean(axis=0)
            values, vectors = np.linalg.eigh((own - mean).T @ (own - mean) / len(own))
            order = np.argsort(values)[::-1][:COMPONENTS]
            vectors = vectors[:, order]
            # Eigenvectors have no sign of their own; fix it, so that equal data give equal weights.
            vectors *= np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])])
            means.append(mean)
            bases.append(vectors)
            scales.append(np.maximum(np.sqrt(np.maximum(values[order], 0.0)), _LEAST_SCALE_M))
        return Codec(
            mean_m=np.array(means, np.float32),
            basis=np.array(bases, np.float32),
            scale_m=np.array(scales, np.float32),
        )

    def encode(
        self, future_m: Float[np.ndarray, "n t 2"], group: Int[np.ndarray, "n"]
    ) -> Float32[np.ndarray, "n k"]:
        """Codes of futures."""
        flat = future_m.reshape(len(future_m), -1) - self.mean_m[group]
        return np.asarray(np.einsum("nt,ntk->nk", flat, self.basis[group]) / self.scale_m[group], np.float32)

    def decode(
        self, code: Float[np.ndarray, "n k"], group: Int[np.ndarray, "n"]
    ) -> Float32[np.ndarray, "n t 2"]:
        """Futures of codes."""
        flat = np.einsum("nk,ntk->nt", code * self.scale_m[group], self.basis[group]) + self.mean_m[group]
        return np.asarray(flat.reshape(len(code), -1, 2), np.float32)
