"""`drivegen export` and `report`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from drivegen.capture.place import is_url
from drivegen.core.errors import ConfigError
from drivegen.runtime import plugins
from drivegen.runtime.dataset import export_run, is_dataset, report_dataset, report_run
from drivegen.runtime.stage import export_name
from drivegen.runtime.storage.opened import open_run, write_file, write_tree


def read_options(words: Sequence[str]) -> dict[str, Any]:
    """KEY=VALUE words as a tree. Raises ConfigError."""
    for word in words:
        if "=" not in word:
            raise ConfigError(f"{word!r}: KEY=VALUE is wanted, for example format=nuscenes")
    try:
        options = OmegaConf.to_container(OmegaConf.from_dotlist(list(words)), resolve=True)
    except (OmegaConfBaseException, YAMLError) as error:
        raise ConfigError(str(error).splitlines()[0]) from None
    assert isinstance(options, dict)
    return {str(k): v for k, v in options.items()}


def export(run: str, words: Sequence[str], workers: int = 1, storage: Sequence[str] = ()) -> int:
    """`drivegen export RUN format=... [out=...] [KEY=VALUE ...]`; RUN and out may be URLs."""
    options, access = read_options(words), read_options(storage)
    name = options.pop("format", None)
    if name is None:
        raise ConfigError(f"format=... is missing; installed are {', '.join(plugins.names('exporters'))}")
    if workers < 1:
        raise ConfigError(f"--workers {workers}: at least one is wanted")
    given = options.pop("out", None)
    if given is None and is_url(run):
        given = f"{run.rstrip('/')}/export/{export_name(str(name), options)}"
    with open_run(run, access) as folder:
        if given is not None and is_url(str(given)):
            write_tree(str(given), access, lambda out: export_run(folder, str(name), out, options, workers))
            sys.stdout.write(f"{given}\n")
            return 0
        out = None if given is None else Path(str(given)).resolve()
        sys.stdout.write(f"{export_run(folder, str(name), out, options, workers).out}\n")
    return 0


def report(run: str, out: str | None, storage: Sequence[str] = ()) -> int:
    """`drivegen report RUN`; RUN and --out may be URLs. RUN may be the folder of a data set."""
    access = read_options(storage)
    if not is_url(run) and is_dataset(Path(run)):
        root = Path(run).resolve()
        if out is not None and is_url(out):
            write_file(out, access, lambda path: report_dataset(root, path))
            sys.stdout.write(f"{out}\n")
            return 0
        sys.stdout.write(f"{report_dataset(root, None if out is None else Path(out))}\n")
        return 0
    if out is None and is_url(run):
        out = f"{run.rstrip('/')}/report.html"
    with open_run(run, access) as folder:
        if out is not None and is_url(out):
            write_file(out, access, lambda path: report_run(folder, path))
            sys.stdout.write(f"{out}\n")
            return 0
        sys.stdout.write(f"{report_run(folder, None if out is None else Path(out))}\n")
    return 0
