"""`drivegen`: one command with a verb."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from drivegen import __version__
from drivegen.cli import doctor, maps, query, replay, scenarios, study, view
from drivegen.core.errors import ConfigError, DrivegenError, Interrupted

USER_ERROR = 2
INTERRUPTED = 130


def parser() -> argparse.ArgumentParser:
    """All verbs and their options."""
    out = argparse.ArgumentParser(
        prog="drivegen", description="Labelled driving data by the thousand scenes, through the CARLA client."
    )
    out.add_argument("--version", action="version", version=f"drivegen {__version__}")
    verbs = out.add_subparsers(dest="verb", required=True, metavar="VERB")

    _add_job_verbs(verbs)
    verb = verbs.add_parser(
        "query", help="ask a run's index with SQL: scenes, frames, agents, objects, sightings"
    )
    query.add_arguments(verb)
    _add_storage(verb)

    verb = verbs.add_parser("view", help="open a capture in Rerun, or write it as an .rrd file")
    view.add_arguments(verb)
    _add_storage(verb)

    verb = verbs.add_parser(
        "study", help="does it help? train with and without looks, judge on held-out maps and weather"
    )
    study.add_arguments(verb)

    _add_serve(verbs)
    for each in (maps, scenarios, replay):
        each.add_parser(verbs)

    verb = verbs.add_parser("doctor", help="what this machine can do: drawing, CARLA client, Ray, disk")
    verb.set_defaults(run=lambda _: doctor.run())
    return out


def _add_job_verbs(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """What makes a run and its data sets, and tells of them."""
    verb = verbs.add_parser(
        "generate",
        help="run a job: plan, record, export, report (a sentence, Hydra overrides; run again to resume)",
        add_help=False,
    )
    verb.set_defaults(run=_generate)

    verb = verbs.add_parser("export", help="write a data set from the captures of a run")
    verb.add_argument("run_folder", metavar="RUN", help="a run folder, for example runs/demo, or its URL")
    verb.add_argument(
        "options", nargs="*", metavar="KEY=VALUE", help="format=NAME, out=FOLDER_OR_URL, and the format's own"
    )
    verb.add_argument(
        "--workers", type=int, default=1, help="scenes at once, as Ray tasks (default: %(default)s)"
    )
    _add_storage(verb)
    verb.set_defaults(run=_export)

    verb = verbs.add_parser("verify", help="compare a data set with its manifest, byte for byte")
    verb.add_argument("dataset", metavar="DATASET", type=Path, help="the folder of an exported data set")
    verb.add_argument("--root", help="the root hash as it is known from elsewhere")
    verb.add_argument(
        "--run",
        dest="made_from",
        metavar="RUN",
        type=Path,
        help="the run folder that it was exported from: its captures must be those in the manifest",
    )
    verb.add_argument(
        "--trust",
        metavar="PEM",
        type=Path,
        help="root certificates: every scene must be signed, by somebody whom they vouch for",
    )
    verb.set_defaults(run=_verify)

    verb = verbs.add_parser("report", help="write the HTML report of a run or of an exported data set")
    verb.add_argument("run_folder", metavar="RUN")
    verb.add_argument("--out", help="default: RUN/report.html; of a data set DATASET.report.html, beside it")
    _add_storage(verb)
    verb.set_defaults(run=_report)

    verb = verbs.add_parser("status", help="what became of a run's scenes: states, attempts, causes, times")
    verb.add_argument("run_folder", metavar="RUN", type=Path)
    verb.add_argument("--scene", help="every attempt at one scene, for example scene-0001")
    verb.add_argument("--json", action="store_true", dest="as_json", help="for programs")
    verb.set_defaults(run=_status)


def _add_serve(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verb = verbs.add_parser("serve", help="start the embedded CARLA-compatible server alone")
    verb.add_argument(
        "--map", type=Path, help="an .xodr file or a folder of them; default: a generated junction"
    )
    verb.add_argument("--map-name", help="which map of a folder to begin with")
    verb.add_argument(
        "--prepare-maps",
        action="store_true",
        help="compute all maps of the folder before clients can connect, and keep that on disk",
    )
    verb.add_argument(
        "--tiles-above",
        type=int,
        default=300,
        metavar="ROADS",
        help="hold maps with more roads by tiles, built where somebody comes (default: %(default)s)",
    )
    verb.add_argument(
        "--tile-size", type=float, default=320.0, metavar="METRES", help="of a tile (default: %(default)g)"
    )
    verb.add_argument("--host", default="127.0.0.1", help="address to bind (default: %(default)s)")
    verb.add_argument("--port", type=int, default=2000, help="RPC port, 0 for any (default: %(default)s)")
    verb.add_argument("--scenery-seed", type=int, default=0, help="of what stands beside the roads")
    verb.add_argument("--seed", type=int, default=0, help="of sensor noise and all other draws")
    verb.add_argument(
        "--renderer", choices=("auto", "egl", "osmesa"), default="auto", help="which OpenGL draws"
    )
    verb.add_argument(
        "--gpu", type=int, help="which GPU draws, from 0 in EGL's order; default: the first, if there is one"
    )
    verb.add_argument(
        "--log-folder", type=Path, help="where recordings lie; default: below the user's cache folder"
    )
    verb.add_argument(
        "--families",
        action="store_true",
        help="offer drivegen's own blueprints too (vehicle.drivegen.*, ...)",
    )
    verb.add_argument("--exit-with-parent", action="store_true", help="end when standard input closes")
    verb.set_defaults(run=_serve)


def _add_storage(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--storage",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="how URLs are reached, as storage.options of a job: endpoint_url=http://...; can be repeated",
    )


def _generate(arguments: argparse.Namespace) -> int:
    from drivegen.cli import generate  # noqa: PLC0415  (hydra and the whole job: only where used)

    return generate.run(arguments.overrides)


def _export(arguments: argparse.Namespace) -> int:
    from drivegen.cli import datasets  # noqa: PLC0415  (pyarrow, mcap: only where used)

    return datasets.export(arguments.run_folder, arguments.options, arguments.workers, arguments.storage)


def _verify(arguments: argparse.Namespace) -> int:
    from drivegen.cli import verify  # noqa: PLC0415

    return verify.run(arguments.dataset, arguments.root, arguments.made_from, arguments.trust)


def _report(arguments: argparse.Namespace) -> int:
    from drivegen.cli import datasets  # noqa: PLC0415

    return datasets.report(arguments.run_folder, arguments.out, arguments.storage)


def _status(arguments: argparse.Namespace) -> int:
    from drivegen.cli import status  # noqa: PLC0415

    return status.run(arguments.run_folder, arguments.scene, arguments.as_json)


def _serve(arguments: argparse.Namespace) -> int:
    from drivegen.cli import serve  # noqa: PLC0415  (moderngl, numba: only where used)

    return serve.run(arguments)


def main(argv: Sequence[str] | None = None) -> int:
    """The console script; returns 0, 1 (scenes set aside, a data set not as written), 2 (a user can mend it),
    130 (Ctrl-C).
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] == "generate":
        # Behind the verb come a sentence perhaps, and what is Hydra's: its overrides and its own options.
        arguments = argparse.Namespace(run=_generate, overrides=words[1:])
    else:
        arguments = parser().parse_args(words)
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return run(arguments)
    except DrivegenError as error:
        if isinstance(error, Interrupted):
            sys.stderr.write(f"drivegen: {error}\n")
            return INTERRUPTED
        kind = "configuration" if isinstance(error, ConfigError) else "error"
        sys.stderr.write(f"drivegen: {kind}: {error}\n")
        return USER_ERROR
    except KeyboardInterrupt:
        sys.stderr.write("drivegen: interrupted; what is finished stays, run the command again to go on\n")
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
