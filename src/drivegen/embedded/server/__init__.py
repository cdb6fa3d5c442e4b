"""The server's process: options, sockets, the one simulation thread, and its end."""

from drivegen.embedded.server.options import ServeOptions
from drivegen.embedded.server.serve import serve

__all__ = ["ServeOptions", "serve"]
