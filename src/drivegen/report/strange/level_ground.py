"""The ground under labels: of the map, or where there is none of the labels around."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64
from scipy.spatial import cKDTree

from drivegen.opendrive.ground import Ground
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.surfaces.mesh import mesh_network
from drivegen.report.rows import Labels

_MESHED_ROADS = 250
"""Maps of more roads take too long for a report: the labels around tell there."""
_AROUND_M = 12.0
_NEIGHBOURS = 24
_TRACKS = 2


class LevelGround:
    """Heights of the ground of a run's maps; each map is meshed once."""

    def __init__(self) -> None:
        self._grounds: dict[str, Ground | None] = {}

    def under(self, labels: Labels, network: RoadNetwork | None) -> Float64[np.ndarray, "n"]:
        """Of each label, NaN where it is not known.

        Args:
            labels: Of a scene.
            network: The scene's map, if there is one.
        """
        if network is not None and network.name not in self._grounds:
            meshed = Ground(network, mesh_network(network)) if len(network.roads) <= _MESHED_ROADS else None
            self._grounds[network.name] = meshed
        ground = self._grounds[network.name] if network is not None else None
        if ground is None:
            return under_by_neighbours(labels)
        feet = labels.xyz_m.copy()
        feet[:, 2] -= 0.5 * labels.size_m[:, 2]
        known = np.isfinite(feet).all(axis=1)
        out = np.full(len(labels), np.nan)
        if known.any():
            out[known] = ground.height_near(feet[known])
        return out


def under_by_neighbours(labels: Labels) -> Float64[np.ndarray, "n"]:
    """The median height of the ego and of the lower sides of other objects that pass within 12 m.

    NaN where fewer than two others pass.
    """
    feet = labels.xyz_m[:, 2] - 0.5 * labels.size_m[:, 2]
    known = np.isfinite(labels.xyz_m).all(axis=1) & np.isfinite(feet)
    ego = np.unique(np.round(labels.map_ego[:, :3], 1), axis=0)
    ego = ego[np.isfinite(ego).all(axis=1)]
    places = np.concatenate([labels.xyz_m[known, :2], ego[:, :2]])
    heights = np.concatenate([feet[known], ego[:, 2]])
    tracks = np.concatenate([labels.track[known], np.full(len(ego), -1)])
    out = np.full(len(labels), np.nan)
    if not known.any():
        return out
    # One place of each track in each cell of 3 m, so that what stands long does not fill all the room.
    cells = np.column_stack([tracks, np.floor(places / 3.0).astype(np.int64)])
    _, first = np.unique(cells, axis=0, return_index=True)
    places, heights, tracks = places[first], heights[first], tracks[first]
    count = min(_NEIGHBOURS, len(places))
    far, near = cKDTree(places).query(labels.xyz_m[known, :2], k=count, distance_upper_bound=_AROUND_M)
    far, near = far.reshape(-1, count), np.minimum(near.reshape(-1, count), len(places) - 1)
    other = np.isfinite(far) & (tracks[near] != labels.track[known][:, None])
    values = np.where(other, heights[near], np.nan)
    enough = np.array(
        [len(set(t[o])) >= _TRACKS for t, o in zip(tracks[near], other, strict=True)], dtype=bool
    )
    rows = np.flatnonzero(known)[enough]
    if len(rows):
        out[rows] = np.nanmedian(values[enough], axis=1)
    return out
