"""The recorder process: `python -m drivegen.runtime.recorder RUN SCENE`, started by `drivegen.runtime.scene`.

Reads one line of JSON from standard input, the order; writes events to standard output, one JSON a line:
progress, then result or error. Standard input stays open as its lifeline.
"""

from __future__ import annotations

import errno
import json
import os
import platform
import sys
import time
import traceback
from importlib.metadata import version
from pathlib import Path
from typing import Any

from drivegen import __version__
from drivegen.core.errors import DrivegenError, PlanError
from drivegen.core.plans import ScenePlan
from drivegen.record.session import Endpoint, record_scene
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.lifeline import end_with_parent
from drivegen.runtime.process import usage_of

PROGRESS_PERIOD_S = 0.2


def main() -> int:
    """Records the scene of the order; 0 when it is whole."""
    order: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    end_with_parent()
    # The protocol keeps standard output; whatever libraries print goes to the scene's log.
    events = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1, encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def tell(event: str, **data: Any) -> None:
        events.write(json.dumps({"event": event, **data}) + "\n")

    try:
        tell("result", **_record(order, tell))
    except (DrivegenError, OSError, RuntimeError, MemoryError) as error:
        traceback.print_exc()
        tell("error", kind=type(error).__name__, message=str(error), fatal=_is_fatal(error))
        return 1
    finally:
        events.flush()
    return 0


def _record(order: dict[str, Any], tell: Any) -> dict[str, Any]:
    folder = RunFolder(Path(sys.argv[1]))
    plan = ScenePlan.from_json(folder.plan(sys.argv[2]).read_text(encoding="utf-8"))
    last = 0.0

    def progress(stage: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= PROGRESS_PERIOD_S or done == total:
            last = now
            tell("progress", stage=stage, done=done, total=total)

    result = record_scene(
        plan,
        map_path=folder.maps / plan.map.opendrive,
        endpoint=Endpoint(host=order["host"], port=order["port"], call_timeout_s=order["call_timeout_s"]),
        capture_path=folder.capture(plan.scene),
        provenance=_provenance(),
        jpeg_quality=order["jpeg_quality"],
        progress=progress,
    )
    return {
        "content_sha256": result.capture.content_sha256,
        "frames": result.capture.frames,
        "keyframes": result.capture.keyframes,
        "bytes": result.capture.bytes,
        "sha256": result.capture.sha256,
        "stages": result.stage_s,
        "cpu_seconds": {"recorder": time.process_time()},
        "peak_memory_mb": {"recorder": usage_of(os.getpid()).peak_memory_mb},
        "achieved": result.achieved,
        "spawn_failures": list(result.spawn_failures),
    }


def _provenance() -> dict[str, str]:
    """What made the capture. No wall clock: it is part of the bytes."""
    return {"drivegen": __version__, "carla": version("carla"), "python": platform.python_version()}


def _is_fatal(error: BaseException) -> bool:
    """Whether another attempt would meet the same: an impossible plan, no room, or no right to write."""
    if isinstance(error, PlanError):
        return True
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, OSError) and chain.errno in {
            errno.ENOSPC,
            errno.EDQUOT,
            errno.EACCES,
            errno.EROFS,
        }:
            return True
        chain = chain.__cause__ or chain.__context__
    return False


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # Not sys.exit: after a tick that never came back the client's destructors wait for it for ever.
    os._exit(code)
