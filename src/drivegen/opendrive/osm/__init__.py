"""OpenStreetMap extracts to OpenDRIVE: `drivegen maps import`."""

from drivegen.opendrive.osm.importing import ImportedMap, import_osm
from drivegen.opendrive.osm.normalise import normalise

__all__ = ["ImportedMap", "import_osm", "normalise"]
