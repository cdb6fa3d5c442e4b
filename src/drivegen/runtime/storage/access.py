"""How the storage of a run is reached: plain data, picklable; its options may hold secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

OBJECT_STORES = frozenset(
    {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oss", "obs", "cos", "oci"}
)
"""Protocols under which a file appears when its upload is completed, and not before."""

S3 = frozenset({"s3", "s3a"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A run's place in storage."""

    url: str
    """Of the run, without a slash at its end."""
    options: dict[str, Any] = field(default_factory=dict, repr=False)
    """Of the file system, as the user gave them. Never printed, never written into the run."""
    part_bytes: int = 16 << 20
    call_timeout_s: float = 30.0
    timeout_s: float = 600.0
    read_back: bool = False

    @property
    def protocol(self) -> str:
        """What stands before ://."""
        return self.url.split("://", 1)[0]

    @property
    def system_options(self) -> dict[str, Any]:
        """The options, with time-outs where the file system is known to take them.

        Listings are never cached: several processes write to a run.
        """
        if self.protocol not in S3:
            return dict(self.options)
        config = {
            "connect_timeout": self.call_timeout_s,
            "read_timeout": self.call_timeout_s,
            # One more try at once; whoever asks has the patience.
            "retries": {"mode": "standard", "total_max_attempts": 2},
            **self.options.get("config_kwargs", {}),
        }
        return {"use_listings_cache": False, **self.options, "config_kwargs": config}
