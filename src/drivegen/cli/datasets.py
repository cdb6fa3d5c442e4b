"""`drivegen export`, `report` and `query`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from drivegen.capture.index import query as query_index
from drivegen.core.errors import ConfigError
from drivegen.runtime import plugins
from drivegen.runtime.dataset import export_run, report_run
from drivegen.runtime.folder import RunFolder


def _folder(path: Path) -> RunFolder:
    if not path.is_dir():
        raise ConfigError(f"{path}: no such run folder; runs lie in runs/NAME")
    return RunFolder(path.resolve())


def export(run: Path, words: Sequence[str], workers: int = 1) -> int:
    """`drivegen export RUN format=... [out=...] [KEY=VALUE ...]`."""
    folder = _folder(run)
    for word in words:
        if "=" not in word:
            raise ConfigError(f"{word!r}: KEY=VALUE is wanted, for example format=nuscenes")
    try:
        options = OmegaConf.to_container(OmegaConf.from_dotlist(list(words)), resolve=True)
    except (OmegaConfBaseException, YAMLError) as error:
        raise ConfigError(str(error).splitlines()[0]) from None
    assert isinstance(options, dict)
    name = options.pop("format", None)
    if name is None:
        raise ConfigError(f"format=... is missing; installed are {', '.join(plugins.names('exporters'))}")
    if workers < 1:
        raise ConfigError(f"--workers {workers}: at least one is wanted")
    given = options.pop("out", None)
    out = None if given is None else Path(str(given)).resolve()
    summary = export_run(folder, str(name), out, {str(k): v for k, v in options.items()}, workers)
    sys.stdout.write(f"{summary.out}\n")
    return 0


def report(run: Path, out: Path | None) -> int:
    """`drivegen report RUN`."""
    sys.stdout.write(f"{report_run(_folder(run), out)}\n")
    return 0


def query(run: Path, sql: str) -> int:
    """`drivegen query RUN SQL`: the answer as a table."""
    sys.stdout.write(f"{query_index(_folder(run).root, sql)}\n")
    return 0
