"""All families of props."""

from __future__ import annotations

from drivegen.embedded.assets.props.family import PropFamily

PROP_FAMILIES: tuple[PropFamily, ...] = ()
FAMILY_OF_BLUEPRINT = {family.blueprint_id: family for family in PROP_FAMILIES}
