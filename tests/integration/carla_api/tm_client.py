"""A client of its own process with a Traffic Manager: does what it is told on its standard input.

Each line is Python; its value is printed. At the end it goes without the client's own clean-up, which may
abort.
"""

from __future__ import annotations

import os
import sys

import carla


def main(port: int) -> None:
    client = carla.Client("127.0.0.1", port)
    client.set_timeout(20.0)
    names = {"carla": carla, "client": client}
    print("on", flush=True)
    for line in sys.stdin:
        try:
            value = eval(line, names)
        except Exception as error:
            value = f"{type(error).__name__}: {error}"
        print(value, flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
