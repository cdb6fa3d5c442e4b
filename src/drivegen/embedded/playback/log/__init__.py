"""CARLA's recordings: packets, writer and reader. Knows nothing of a world."""

from drivegen.embedded.playback.log.layout import LogError
from drivegen.embedded.playback.log.packets import PacketId
from drivegen.embedded.playback.log.reader import Frame, LogReader
from drivegen.embedded.playback.log.writer import LogWriter

__all__ = ["Frame", "LogError", "LogReader", "LogWriter", "PacketId"]
