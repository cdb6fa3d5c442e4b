"""Futures as few numbers: what a line through the features foresees, and principal components of the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int

from drivegen_generators.vehicles.learned.scenes import Group

COMPONENTS = 14
_LEAST_SCALE_M = 0.05
_RIDGE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Codec:
    """A future of t places is (features, 1) @ lead + basis @ (scale * code), for each of g groups."""

    lead_m: Float32[np.ndarray, "g a1 t2"]
    """By ridge regression from an actor's features: mostly that it goes on as it went."""
    basis: Float32[np.ndarray, "g t2 k"]
    scale_m: Float32[np.ndarray, "g k"]

    @staticmethod
    def fit(
        future_m: Float[np.ndarray, "n t 2"], actor: Float[np.ndarray, "n a"], group: Int[np.ndarray, "n"]
    ) -> Codec:
        """From futures; a group with fewer than there are components gets all."""
        steps = 2 * future_m.shape[1]
        leads, bases, scales = [], [], []
        for each in Group:
            rows = group == each
            if rows.sum() <= COMPONENTS:
                rows = np.ones(len(group), np.bool_)
            own = future_m[rows].reshape(-1, steps).astype(np.float64)
            told = _with_one(actor[rows]).astype(np.float64)
            lead = np.linalg.solve(told.T @ told + _RIDGE * np.eye(told.shape[1]), told.T @ own)
            rest = own - told @ lead
            values, vectors = np.linalg.eigh(rest.T @ rest / len(rest))
            order = np.argsort(values)[::-1][:COMPONENTS]
            vectors = vectors[:, order]
            # Eigenvectors have no sign of their own; fix it, so that equal data give equal weights.
            vectors *= np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])])
            leads.append(lead)
            bases.append(vectors)
            scales.append(np.maximum(np.sqrt(np.maximum(values[order], 0.0)), _LEAST_SCALE_M))
        return Codec(
            lead_m=np.array(leads, np.float32),
            basis=np.array(bases, np.float32),
            scale_m=np.array(scales, np.float32),
        )

    def foreseen(
        self, actor: Float[np.ndarray, "n a"], group: Int[np.ndarray, "n"]
    ) -> Float32[np.ndarray, "n t 2"]:
        """Futures of codes that are 0."""
        flat = np.einsum("na,nat->nt", _with_one(actor), self.lead_m[group])
        return np.asarray(flat.reshape(len(actor), -1, 2), np.float32)

    def encode(
        self,
        future_m: Float[np.ndarray, "n t 2"],
        actor: Float[np.ndarray, "n a"],
        group: Int[np.ndarray, "n"],
    ) -> Float32[np.ndarray, "n k"]:
        """Codes of futures."""
        rest = (future_m - self.foreseen(actor, group)).reshape(len(future_m), -1)
        return np.asarray(np.einsum("nt,ntk->nk", rest, self.basis[group]) / self.scale_m[group], np.float32)

    def decode(
        self, code: Float[np.ndarray, "n k"], actor: Float[np.ndarray, "n a"], group: Int[np.ndarray, "n"]
    ) -> Float32[np.ndarray, "n t 2"]:
        """Futures of codes."""
        rest = np.einsum("nk,ntk->nt", code * self.scale_m[group], self.basis[group])
        return np.asarray(rest.reshape(len(code), -1, 2) + self.foreseen(actor, group), np.float32)


def _with_one(actor: Float[np.ndarray, "n a"]) -> Float[np.ndarray, "n a1"]:
    return np.concatenate([actor, np.ones((len(actor), 1), actor.dtype)], axis=1)
