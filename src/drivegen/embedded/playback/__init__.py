"""Recorder and replayer with CARLA's binary log format."""

from drivegen.embedded.playback.cast import Hooks
from drivegen.embedded.playback.folder import LogFolder, default_log_folder
from drivegen.embedded.playback.playback import Playback
from drivegen.embedded.playback.replayer import ReplayOptions

__all__ = ["Hooks", "LogFolder", "Playback", "ReplayOptions", "default_log_folder"]
