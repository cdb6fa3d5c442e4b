"""`drivegen doctor`: what this machine can do, and why."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from drivegen import __version__
from drivegen.core.errors import DrivegenError

_DRAW = (
    "from drivegen.embedded.renderer.context import gpu_names, open_context\n"
    "info = open_context('auto').info\n"
    "print(f'{info.renderer}, by {info.backend}, OpenGL {info.version}')\n"
    "print(*(f'not {way}' for way in info.tried), sep='\\n')\n"
    "print(*(f'--gpu {k} draws by {name}' for k, name in enumerate(gpu_names())), sep='\\n')\n"
)


def run() -> int:
    """Prints the findings; 0 when a job can run here, 1 when something that it needs is missing."""
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(width=4)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    good = True
    for name, (ok, text) in _findings().items():
        good &= ok
        table.add_row("ok" if ok else "BAD", name, text)
    Console(soft_wrap=False).print(table)
    return 0 if good else 1


def _findings() -> dict[str, tuple[bool, str]]:
    return {
        "drivegen": (True, f"{__version__} in {Path(sys.prefix)}"),
        "python": (
            sys.version_info[:2] in {(3, 11), (3, 12)},
            f"{platform.python_version()}; 3.11 or 3.12 is wanted",
        ),
        "machine": (True, _machine()),
        "carla client": _package("carla", "0.9.16"),
        "ray": _package("ray"),
        "drawing": _drawing(),
        "ray casting": _ray_casting(),
        "gpu": (True, _gpu()),
        "disk": _disk(),
    }


def _python() -> tuple[bool, str]:
    return sys.version_info[:2] in {(3, 11), (3, 12)}, f"{platform.python_version()}; 3.11 or 3.12 is wanted"


def _machine() -> str:
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{platform.platform()}; {len(os.sched_getaffinity(0))} cores, {memory_gb:.0f} GiB"


def _package(name: str, wanted: str | None = None) -> tuple[bool, str]:
    try:
        found = version(name)
    except PackageNotFoundError:
        return False, f"not installed; pip install {name}" + (f"=={wanted}" if wanted else "")
    if wanted is not None and found != wanted:
        return False, f"{found}; {wanted} is wanted: pip install {name}=={wanted}"
    return True, found


def _drawing() -> tuple[bool, str]:
    """Tried in a process of its own: a driver that crashes must not take the doctor along."""
    result = subprocess.run(
        [sys.executable, "-c", _DRAW],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if result.returncode == 0:
        return True, "\n".join(filter(None, result.stdout.splitlines()))
    return False, (result.stderr.strip().splitlines() or [f"ended with code {result.returncode}"])[-1]


def _ray_casting() -> tuple[bool, str]:
    from drivegen.embedded.raycast.embree import library_version  # noqa: PLC0415

    try:
        return True, f"Embree {library_version()}"
    except DrivegenError as error:
        return False, str(error)


def _gpu() -> str:
    if shutil.which("nvidia-smi") is None:
        return "no NVIDIA driver found; nothing here needs one"
    result = subprocess.run(
        ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return "; ".join(result.stdout.strip().splitlines()) or result.stderr.strip()


def _disk() -> tuple[bool, str]:
    free_gb = shutil.disk_usage(Path.cwd()).free / 2**30
    return free_gb >= 1, f"{free_gb:.0f} GiB free in {Path.cwd()}"
