"""A stand-in for CarlaUE4.sh: takes its command line, starts the embedded server, misbehaves on order.

Like CARLA's own script it is a shell of sorts around the server: the server is another process of its group.
Orders come by environment: STAND_IN_LEAK_MB (a second), STAND_IN_LIFE_S (then it ends by SIGSEGV),
STAND_IN_DEAF (it never listens).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time


def main() -> int:
    port = next(word.split("=")[1] for word in sys.argv if word.startswith("-carla-rpc-port="))
    if "-RenderOffScreen" not in sys.argv:
        print("no display: give -RenderOffScreen")
        return 1
    if os.environ.get("STAND_IN_DEAF"):
        time.sleep(3600)
    server = subprocess.Popen([sys.executable, "-m", "drivegen.cli.main", "serve", "--port", port])
    leak_mb = float(os.environ.get("STAND_IN_LEAK_MB", "0"))
    life_s = float(os.environ.get("STAND_IN_LIFE_S", "inf"))
    start, leaked = time.monotonic(), []
    while server.poll() is None:
        time.sleep(0.2)
        leaked.append(bytearray(os.urandom(1)) * int(leak_mb * 0.2 * 2**20))
        if time.monotonic() - start > life_s:
            server.send_signal(signal.SIGSEGV)
    return 1


if __name__ == "__main__":
    sys.exit(main())
