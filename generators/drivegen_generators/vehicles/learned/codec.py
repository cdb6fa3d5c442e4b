"""Futures as few numbers: what a line through the features foresees, and principal components of the rest.

Futures are metres along ways and to their left; sideways counts more, since lanes are narrow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int

from drivegen_generators.vehicles.learned.scenes import Group

COMPONENTS = 20
_WORTH = np.array([1.0, 3.0], np.float32)
"""Of a metre along and of one sideways."""
_LEAST_SCALE_M = 0.05
_RIDGE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Codec:
    """A future of t places is (told, 1) @ lead + basis @ (scale * code), for each of g groups."""

    lead_m: Float32[np.ndarray, "g a1 t2"]
    """By ridge regression from what is told of an actor and its way: mostly that it goes on as it went."""
    basis: Float32[np.ndarray, "g t2 k"]
    scale_m: Float32[np.ndarray, "g k"]

    @staticmethod
    def fit(
        future_m: Float[np.ndarray, "n t 2"], told: Float[np.ndarray, "n a"], group: Int[np.ndarray, "n"]
    ) -> Codec:
        """From futures; a group with fewer than there are components gets all."""
        steps = 2 * future_m.shape[1]
        leads, bases, scales = [], [], []
        for each in Group:
            rows = group == each
            if rows.sum() <= COMPONENTS:
                rows = np.ones(len(group), np.bool_)
            own = (future_m[rows] * _WORTH).reshape(-1, steps).astype(np.float64)
            known = _with_one(told[rows]).astype(np.float64)
            lead = np.linalg.solve(known.T @ known + _RIDGE * np.eye(known.shape[1]), known.T @ own)
            rest = own - known @ lead
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
        self, told: Float[np.ndarray, "*r n a"], group: Int[np.ndarray, "n"]
    ) -> Float32[np.ndarray, "*r n t 2"]:
        """Futures of codes that are 0."""
        flat = np.einsum("...na,nat->...nt", _with_one(told), self.lead_m[group])
        return np.asarray(flat.reshape(*told.shape[:-1], -1, 2) / _WORTH, np.float32)

    def directions(self, group: Int[np.ndarray, "n"]) -> Float32[np.ndarray, "n t 2 k"]:
        """What a code of 1 adds to a future."""
        basis = self.basis[group] * self.scale_m[group][:, None, :]
        return np.asarray(basis.reshape(len(group), -1, 2, basis.shape[-1]) / _WORTH[:, None], np.float32)

    def encode(
        self,
        future_m: Float[np.ndarray, "*r n t 2"],
        told: Float[np.ndarray, "*r n a"],
        group: Int[np.ndarray, "n"],
    ) -> Float32[np.ndarray, "*r n k"]:
        """Codes of futures."""
        rest = ((future_m - self.foreseen(told, group)) * _WORTH).reshape(*told.shape[:-1], -1)
        return np.asarray(
            np.einsum("...nt,ntk->...nk", rest, self.basis[group]) / self.scale_m[group], np.float32
        )

    def decode(
        self,
        code: Float[np.ndarray, "*r n k"],
        told: Float[np.ndarray, "*r n a"],
        group: Int[np.ndarray, "n"],
    ) -> Float32[np.ndarray, "*r n t 2"]:
        """Futures of codes."""
        rest = np.einsum("...nk,ntdk->...ntd", code, self.directions(group))
        return np.asarray(rest + self.foreseen(told, group), np.float32)


def _with_one(told: Float[np.ndarray, "*r n a"]) -> Float[np.ndarray, "*r n a1"]:
    return np.concatenate([told, np.ones((*told.shape[:-1], 1), told.dtype)], axis=-1)
