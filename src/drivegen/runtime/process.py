"""CPU time and peak memory of a running process, from /proc (proc(5))."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a process has used so far; zeros when it is gone or the system has no /proc."""

    cpu_s: float = 0.0
    peak_memory_mb: float = 0.0


def usage_of(pid: int) -> Usage:
    """User and system time of a process, all threads, and its greatest resident size."""
    folder = Path("/proc") / str(pid)
    try:
        # The name in parentheses may hold spaces; after it, fields 14 and 15 are utime and stime.
        fields = (folder / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        ticks = int(fields[11]) + int(fields[12])
        status = (folder / "status").read_text(encoding="utf-8")
    except (OSError, IndexError, ValueError):
        return Usage()
    peak_kb = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), 0)
    return Usage(cpu_s=ticks / os.sysconf("SC_CLK_TCK"), peak_memory_mb=peak_kb / 1024.0)


def group_memory_mb(group: int) -> float:
    """Resident size of all processes of a process group now; 0 when it is gone or there is no /proc."""
    pages = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # Field 5 is pgrp, field 24 rss in pages (proc_pid_stat(5)).
            fields = (folder / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
            pages += int(fields[21]) if int(fields[2]) == group else 0
        except (OSError, IndexError, ValueError):
            continue
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
