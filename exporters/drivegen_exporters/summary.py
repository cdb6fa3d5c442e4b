"""What an exporter says of its work."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSummary:
    """A data set that was written."""

    format: str
    out: Path
    scenes: int
    files: int
    bytes: int
    counts: dict[str, int] = field(default_factory=dict)
    """Of the format's own things, for example samples and annotations."""
