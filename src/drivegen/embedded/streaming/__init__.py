"""Streams: one TCP connection for each client and stream, each with a bounded sender of its own."""

from drivegen.embedded.streaming.server import StreamServer

__all__ = ["StreamServer"]
