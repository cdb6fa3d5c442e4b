"""Texts about recordings, in the form that CARLA's users and their parsers know."""

from drivegen.embedded.playback.reports.blocked import actors_blocked
from drivegen.embedded.playback.reports.collisions import collisions
from drivegen.embedded.playback.reports.info import file_info

__all__ = ["actors_blocked", "collisions", "file_info"]
