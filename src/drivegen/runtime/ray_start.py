"""A Ray for this process: one of its own, or a cluster's."""

from __future__ import annotations

import os
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


def prepare_environment(*, own: bool) -> None:
    """Settings of Ray that it reads when it is imported, unless the user has chosen them.

    Args:
        own: A Ray is to be started here, not joined.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Said aloud, Ray's own default for a cluster on one machine is no reason for a warning
    # (docs.ray.io, ray-security/token-auth). It keeps the token in the home folder.
    if own and os.access(Path.home(), os.W_OK):
        os.environ.setdefault("RAY_AUTH_MODE", "token")
