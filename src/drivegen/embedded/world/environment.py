"""Which pieces of the map are there: layers that are loaded, pieces that are switched on."""

from __future__ import annotations

from collections.abc import Iterable

from drivegen.embedded.assets.scenery import ALL_LAYERS, MapLayer, SceneryObject

_KNOWN = sum(layer.value for layer in MapLayer)


class Environment:
    """One episode's switches. What is off is in no picture, meets no ray and stops nobody."""

    def __init__(self, layers: int = ALL_LAYERS) -> None:
        self.revision = 0
        """Grows whenever a piece may have come or gone."""
        self._layers = layers
        self._off: dict[int, MapLayer] = {}

    @property
    def is_whole(self) -> bool:
        """True while everything is there."""
        return not self._off and self._layers & _KNOWN == _KNOWN

    def is_loaded(self, piece: SceneryObject) -> bool:
        """Whether the piece's layer is loaded."""
        return (piece.layer & ~self._layers) == 0

    def is_shown(self, piece: SceneryObject) -> bool:
        """Whether the piece is there: its layer is loaded and nobody has switched it off."""
        return self.shows(piece.id, piece.layer)

    def shows(self, piece_id: int, layer: MapLayer) -> bool:
        """As `is_shown`, of a piece by its id and layer."""
        return piece_id not in self._off and (layer & ~self._layers) == 0

    def enable(self, pieces: Iterable[SceneryObject], on: bool) -> None:
        """Switches pieces on or off."""
        for piece in pieces:
            if on:
                self._off.pop(piece.id, None)
            else:
                self._off[piece.id] = piece.layer
        self.revision += 1

    def load(self, layers: int) -> None:
        """Loads layers. Those that were not there come back with all their pieces switched on."""
        coming = layers & ~self._layers
        self._layers |= layers
        self._off = {id_: layer for id_, layer in self._off.items() if not layer & coming}
        self.revision += 1

    def unload(self, layers: int) -> None:
        """Takes layers away."""
        self._layers &= ~layers
        self.revision += 1
