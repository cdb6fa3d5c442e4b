"""Asks whether a CARLA server answers: `python -m drivegen.runtime.servers.probe HOST PORT TIMEOUT_S`.

A process of its own, because the carla client may hang or abort when a server is half dead. Prints a line of
JSON: version and map, or error.
"""

from __future__ import annotations

import json
import os
import sys

import carla


def main(host: str, port: int, timeout_s: float) -> int:
    """0 when the server answers."""
    try:
        client = carla.Client(host, port)
        client.set_timeout(timeout_s)
        answer = {"version": client.get_server_version(), "map": client.get_world().get_map().name}
    except RuntimeError as error:
        answer = {"error": str(error).strip()}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    return 1 if "error" in answer else 0


if __name__ == "__main__":
    code = main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
    # The client's threads may wait for the server for ever.
    os._exit(code)
