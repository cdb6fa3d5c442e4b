"""People on foot: parametric bodies with a walk cycle."""

from drivegen.embedded.assets.walkers.asset import WalkerAsset, make_walker

__all__ = ["WalkerAsset", "make_walker"]
