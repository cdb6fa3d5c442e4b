"""The section `storage` of a job's configuration."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from drivegen.core.errors import ConfigError
from drivegen.runtime.storage.access import Access

_LEAST_PART_MB = 5
"""S3 takes no smaller part but the last (docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html)."""


@dataclass(slots=True, kw_only=True)
class StorageConfig:
    """Where runs are kept."""

    url: str | None = None
    """The run lies at URL/NAME, of any kind that fsspec knows, and runs_dir/NAME is its spool; none: it lies
    at runs_dir/NAME and nowhere else."""
    options: dict[str, Any] = field(default_factory=dict)
    """Of the file system, as fsspec takes them: endpoint_url=... Keys are better given by the environment."""
    spool_gb: float = 20.0
    """Captures on the disk of a machine that wait for their upload; beyond it workers wait."""
    part_mb: int = 16
    """Captures are sent in parts of this size."""
    call_timeout_s: float = 30.0
    """Of one request."""
    timeout_s: float = 600.0
    """So long a request that fails is made again, with growing pauses, before the job stops."""
    read_back: bool = False
    """Read each capture back after its upload, also where the storage's own checksum has shown it whole."""


def check_storage(storage: StorageConfig) -> None:
    """Raises ConfigError for the first value that is out of range."""
    for key, low, high in (
        ("spool_gb", 0.0, math.inf),
        ("part_mb", _LEAST_PART_MB, 1024),
        ("call_timeout_s", 0.1, 3600),
        ("timeout_s", 0.0, 1e6),
    ):
        value = getattr(storage, key)
        if not (math.isfinite(value) and low <= value <= high):
            raise ConfigError(f"storage.{key}={value}: a value from {low:g} to {high:g} is wanted")
    url = storage.url
    if url is not None and "://" not in url:
        raise ConfigError(
            f"storage.url={url}: a URL is wanted, for example s3://BUCKET/PREFIX or file:///FOLDER"
        )


def access_of(storage: StorageConfig, run: str) -> Access:
    """How the storage of a run is reached. Only where `storage.url` is given."""
    assert storage.url is not None
    return Access(
        url=f"{storage.url.rstrip('/')}/{run}",
        options=dict(storage.options),
        part_bytes=storage.part_mb << 20,
        call_timeout_s=storage.call_timeout_s,
        timeout_s=storage.timeout_s,
        read_back=storage.read_back,
    )
