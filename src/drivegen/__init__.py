"""drivegen: labelled driving data by the thousand scenes."""

__version__ = "0.1.0"
