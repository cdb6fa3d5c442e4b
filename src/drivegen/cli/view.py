"""`drivegen view`: a capture in Rerun."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from drivegen.core.errors import ConfigError


def add_arguments(verb: argparse.ArgumentParser) -> None:
    """What the verb takes beside how URLs are reached."""
    verb.add_argument(
        "capture", metavar="CAPTURE", help="an .mcap file, its URL, or a run, then with --scene"
    )
    verb.add_argument("--scene", help="of a run with several, for example scene-0001")
    verb.add_argument("--save", type=Path, metavar="FILE.rrd", help="write a recording and open no window")
    verb.add_argument("--web", action="store_true", help="in the browser, from this machine alone")
    verb.add_argument(
        "--agent", action="append", default=[], metavar="NAME", help="only this one; can be repeated"
    )
    verb.add_argument(
        "--from", dest="from_s", type=float, default=0.0, metavar="S", help="from this second on"
    )
    verb.add_argument("--to", dest="to_s", type=float, default=float("inf"), metavar="S", help="until then")
    verb.add_argument("--every", type=int, default=1, metavar="N", help="one of so many frames")
    verb.add_argument("--look", default="", metavar="NAME", help="images of this look")
    verb.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Writes a recording; opens it unless it is only to be kept."""
    from drivegen.capture.reader import CaptureReader  # noqa: PLC0415
    from drivegen.cli.datasets import read_options  # noqa: PLC0415
    from drivegen.datasets.listing import captures_at  # noqa: PLC0415
    from drivegen.viewer.choice import Choice  # noqa: PLC0415

    try:
        from drivegen.viewer.rerun_recording import write_rrd  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name != "rerun":
            raise
        raise ConfigError("rerun is not installed: pip install 'drivegen[view]'") from None
    from drivegen.viewer.window import show  # noqa: PLC0415

    places = captures_at(arguments.capture, read_options(arguments.storage))
    if arguments.scene is not None:
        places = [place for place in places if place.stem == arguments.scene]
    if len(places) != 1:
        raise ConfigError(
            f"{arguments.capture}: {len(places) or 'no'} captures; give one of"
            f" {', '.join(p.stem for p in captures_at(arguments.capture, read_options(arguments.storage)))}"
            " with --scene"
        )
    choice = Choice(
        agents=tuple(arguments.agent),
        from_s=arguments.from_s,
        to_s=arguments.to_s,
        every=arguments.every,
    )
    with CaptureReader(places[0], look=arguments.look) as reader:
        if arguments.save is not None:
            frames = write_rrd(reader, arguments.save, choice)
            sys.stdout.write(f"{arguments.save}: {frames} frames\n")
            return 0
        with tempfile.TemporaryDirectory(prefix="drivegen-") as folder:
            path = Path(folder) / f"{reader.scene}.rrd"
            write_rrd(reader, path, choice)
            return show(path, web=arguments.web)
