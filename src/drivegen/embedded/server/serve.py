"""`serve`: from options to a running server, until it is told to end."""

from __future__ import annotations

from drivegen.embedded.server.options import ServeOptions


def serve(options: ServeOptions) -> int:
    """Runs a server until SIGTERM, SIGINT or, if asked, the end of the starting process.

    Prints one JSON line on standard output when clients can connect:
    {"ready": true, "port": ..., "stream_port": ..., "pid": ..., "map": ...}.

    Returns:
        The process's exit code: 0 after an orderly end; 2, with one clear error on stderr, when it could not
        start.
    """
    raise NotImplementedError
