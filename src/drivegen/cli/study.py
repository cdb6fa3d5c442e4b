"""`drivegen study`: does a look help a network that learns from it?"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path


def add_arguments(verb: argparse.ArgumentParser) -> None:
    """What the verb takes."""
    verb.add_argument("run_folder", metavar="RUN", type=Path, help="a run folder whose scenes have looks")
    verb.add_argument("--out", type=Path, help="folder of what is found; default: RUN/study")
    verb.add_argument(
        "--hold-maps", default="", metavar="NAME,...", help="maps to judge on; default: a third, drawn"
    )
    verb.add_argument(
        "--hold-weather",
        default="",
        metavar="NAME,...",
        help="weather presets to judge on; default: half, drawn",
    )
    verb.add_argument(
        "--real",
        type=Path,
        metavar="FOLDER",
        help="real pictures to judge on: Cityscapes, or images/ and masks/",
    )
    verb.add_argument(
        "--size", default="128x72", metavar="WxH", help="that the network sees (default: %(default)s)"
    )
    verb.add_argument(
        "--steps", type=int, default=400, help="of training, in every arm (default: %(default)s)"
    )
    verb.add_argument("--seeds", type=int, default=5, help="trainings of every arm (default: %(default)s)")
    verb.add_argument("--seed", type=int, default=0, help="of all draws (default: %(default)s)")
    verb.add_argument("--images", type=int, default=0, help="to learn from; default: all of the scenes")
    verb.add_argument("--threads", type=int, default=0, help="of torch; default: as torch has it")
    verb.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Trains, judges, writes study.json, study.md and study.html, and prints the tables."""
    from drivegen.core.errors import ConfigError  # noqa: PLC0415
    from drivegen.study.page import markdown, page  # noqa: PLC0415  (captures: only where used)
    from drivegen.study.study import Order, study  # noqa: PLC0415

    size = re.fullmatch(r"(\d{1,5})x(\d{1,5})", arguments.size)
    if size is None:
        raise ConfigError(f"--size {arguments.size}: a width and a height are wanted, such as 128x72")
    order = Order(
        run=arguments.run_folder,
        hold_maps=_names(arguments.hold_maps),
        hold_weather=_names(arguments.hold_weather),
        real=arguments.real,
        size=(int(size[1]), int(size[2])),
        steps=arguments.steps,
        seeds=arguments.seeds,
        first_seed=arguments.seed,
        most_images=arguments.images,
    )
    _threads(arguments.threads)
    findings = study(order, _tell)
    out: Path = arguments.out or arguments.run_folder / "study"
    out.mkdir(parents=True, exist_ok=True)
    (out / "study.json").write_text(findings.to_json(), encoding="utf-8")
    (out / "study.md").write_text(markdown(findings), encoding="utf-8")
    (out / "study.html").write_text(page(findings), encoding="utf-8")
    sys.stdout.write(markdown(findings))
    return 0


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _names(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _threads(count: int) -> None:
    if count < 1:
        return
    try:
        import torch  # noqa: PLC0415  (only where used)
    except ModuleNotFoundError:
        return  # The study says so.
    torch.set_num_threads(count)
