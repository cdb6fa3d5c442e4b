"""Processes: CPU time, memory, whether they run; from /proc (proc(5))."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection
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
        # Fields 14 and 15 are utime and stime.
        fields = _stat(folder)[1]
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
            fields = _stat(folder)[1]
            pages += int(fields[21]) if int(fields[2]) == group else 0
        except (OSError, IndexError, ValueError):
            continue
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def children(names: Collection[str]) -> list[int]:
    """Processes that this one has started, by the names of their programs; none where there is no /proc."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            name, fields = _stat(folder)
            # Field 4 is ppid (proc_pid_stat(5)).
            if int(fields[1]) == os.getpid() and name in names:
                found.append(int(folder.name))
    return sorted(found)


def is_running(pid: int) -> bool:
    """False once a child has ended, reaped or not."""
    try:
        return _stat(Path("/proc") / str(pid))[1][0] not in "ZX"
    except (OSError, IndexError):
        return False


def _stat(folder: Path) -> tuple[str, list[str]]:
    """The program's name, which may hold spaces and parentheses; the fields after it, from the third on."""
    text = (folder / "stat").read_text(encoding="utf-8")
    return text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 1 :].split()
