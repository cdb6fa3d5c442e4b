"""Props: CARLA's static.prop.* as simple recognisable shapes."""

from drivegen.embedded.assets.props.asset import PropAsset, make_prop

__all__ = ["PropAsset", "make_prop"]
