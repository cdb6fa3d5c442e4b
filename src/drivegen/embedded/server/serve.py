"""`serve`: from options to a running server, until it is told to end."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import resource
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import cast

from drivegen.core.errors import DrivegenError, ServerError
from drivegen.embedded.dynamics.warming import warm_up
from drivegen.embedded.playback import LogFolder, default_log_folder
from drivegen.embedded.renderer.context import Backend
from drivegen.embedded.server.compiling import telling_of_compilation
from drivegen.embedded.server.options import ServeOptions
from drivegen.embedded.server.simulation import Simulation
from drivegen.embedded.streaming import StreamServer
from drivegen.embedded.world.maps import MapStore
from drivegen.embedded.world.preparation import prepare_maps
from drivegen.embedded.world.stage import Stage
from drivegen.embedded.world.world import World

_PR_SET_PDEATHSIG = 1
"""prctl(2): a signal for us when the thread that started us ends."""
_DESCRIPTORS = 16384
"""Open files and sockets that the server asks for where the limit is lower: each stream is one."""
COMPILING = "compiling the vehicle dynamics for this machine, once: about half a minute"
"""Said where nothing is in numba's cache yet, so that nobody thinks the server hangs."""
_SWITCH_S = 0.0005
"""The simulation lets other threads in this often: a reader that connects must not wait for a whole step."""


def serve(options: ServeOptions) -> int:
    """Runs a server until SIGTERM, SIGINT or, if asked, the end of the starting process.

    Prints one JSON line on standard output when clients can connect:
    {"ready": true, "port": ..., "stream_port": ..., "pid": ..., "map": ...}, and one at an orderly end:
    {"ended": true, "cpu_s": ..., "rendering_cpu_s": ...}. To be called on the main thread.

    Returns:
        The process's exit code: 0 after an orderly end; 2, with one clear error on stderr, when it could not
        start.
    """
    # A city's network is millions of objects that stay; looking through them for garbage takes a third of the
    # time to load them.
    gc.disable()
    try:
        simulation = _start(options)
    except DrivegenError as error:
        _complain(error)
        return 2
    finally:
        gc.freeze()
        gc.enable()
    sys.setswitchinterval(_SWITCH_S)

    def end(_signum: int, _frame: FrameType | None) -> None:
        simulation.stop()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    if options.exit_with_parent:
        _end_with_parent(simulation)
    try:
        simulation.run(lambda: _say_ready(simulation))
    finally:
        simulation.close()
    _say(ended=True, cpu_s=time.process_time(), rendering_cpu_s=simulation.rendering_cpu_s)
    return 0


def _start(options: ServeOptions) -> Simulation:
    """Binds the ports and loads the map, what fails soonest first. Raises DrivegenError."""
    options.validate()
    _allow_descriptors()
    if options.exit_with_parent:
        # Before anything slow: the starting process may be killed while the map loads.
        _end_when_orphaned()
    maps = MapStore(options.map_path, options.tiling)
    first_map = maps.resolve(options.map_name or maps.names[0])
    with contextlib.ExitStack() as on_failure:
        listener = on_failure.enter_context(_bound(options))
        streams = StreamServer(options.host, options.reader_timeout_s)
        on_failure.callback(streams.stop)
        with telling_of_compilation(lambda: _complain(COMPILING)):
            if options.prepare_maps:
                prepare_maps(maps, options.scenery_seed)
            world = World(maps, first_map, options.seed, options.scenery_seed, families=options.families)
            # Now, rather than in a client's first tick, which would wait where nothing is cached yet.
            warm_up(world.map.ground, next(iter(world.map.spawn_points), None))
            _ = world.collisions.obstacles
        stage = Stage(cast(Backend, options.renderer), options.scenery_seed, options.gpu)
        recordings = LogFolder(Path(options.log_folder or default_log_folder()))
        simulation = Simulation(world, streams, stage, listener, recordings)
        on_failure.pop_all()
    return simulation


def _allow_descriptors() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(_DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _bound(options: ServeOptions) -> socket.socket:
    try:
        return socket.create_server((options.host, options.port), backlog=128)
    except (OSError, UnicodeError) as error:
        what = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise ServerError(
            f"cannot listen on {options.host}:{options.port}: {what}; "
            "choose another --host or --port (0 takes any free one)"
        ) from None


def _say_ready(simulation: Simulation) -> None:
    _say(
        ready=True,
        port=simulation.rpc.port,
        stream_port=simulation.stream_port,
        pid=os.getpid(),
        map=simulation.world.map.name,
    )


def _complain(what: object) -> None:
    print(f"drivegen serve: {what}", file=sys.stderr, flush=True)  # noqa: T201


def _say(**facts: object) -> None:
    # Whoever started the server may be gone or not listen any more.
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps(facts), flush=True)  # noqa: T201


def _end_when_orphaned() -> None:
    """On Linux, ends when the starting process has ended, also while the map loads.

    The kernel sends its signal when the starting *thread* ends; that alone is no reason to end.
    """
    parent = os.getppid()

    def orphaned(_signum: int, _frame: FrameType | None) -> None:
        if os.getppid() != parent:
            os._exit(0)

    if sys.platform == "linux":
        signal.signal(signal.SIGHUP, orphaned)
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGHUP, 0, 0, 0)


def _end_with_parent(simulation: Simulation) -> None:
    """Ends when standard input does: its other end is the starting process's."""

    def wait() -> None:
        while os.read(0, 4096):
            pass
        simulation.stop()

    threading.Thread(target=wait, name="parent", daemon=True).start()
