"""A Ray for this process: one of its own, or a cluster's."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from pathlib import Path
from typing import Any

from drivegen.core.errors import ConfigError


def start_ray(address: str | None = None, mend: str = "", **options: Any) -> None:
    """Starts a Ray on this machine with such options, or joins the one at an address.

    Raises ConfigError when Ray cannot be had; `mend` is the end of what it says.
    """
    prepare_environment(own=address is None)
    import ray  # noqa: PLC0415  (seconds to import: only where Ray is used)

    if address is None:
        options["include_dashboard"] = False
    try:
        ray.init(address=address, log_to_driver=False, logging_level="warning", **options)
    except (RuntimeError, OSError, ValueError, ConnectionError) as error:
        where = f" at {address}" if address else ""
        raise ConfigError(f"Ray{where} cannot be had: {str(error).splitlines()[0]}{mend}") from None


def ray_runs() -> bool:
    """Whether this process has started a Ray or joined one; imports nothing."""
    ray: Any = sys.modules.get("ray")
    return ray is not None and bool(ray.is_initialized())


def prepare_environment(*, own: bool) -> None:
    """Settings of Ray that it reads when it is imported, unless the user has chosen them.

    Args:
        own: A Ray is to be started here, not joined.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Said aloud, Ray's own default for a cluster on one machine is no reason for a warning
    # (docs.ray.io, ray-security/token-auth). It keeps the token in the home folder.
    # Once Ray is imported, the mode it runs in is what its servers must be started in.
    if own and "ray" not in sys.modules and os.access(Path.home(), os.W_OK):
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        if os.environ["RAY_AUTH_MODE"] == "token":
            _make_token(Path.home() / ".ray" / "auth_token")


def _make_token(path: Path) -> None:
    """Makes the user's token where there is none: whole at once, the first of several wins.

    Ray makes it as well, but truncates and writes: of two Rays that start in a new home at the
    same moment the first is left with a token that is no longer in the file, and cannot be
    reached by its own driver.
    """
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".auth_token.")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        os.link(name, path)
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()
