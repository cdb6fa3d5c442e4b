"""The delay study: what messages and roadside sight are worth to a vehicle, and what delay costs.

python -m benchmarks.v2x_delay RUN [RUN ...] [--docs docs]

Reads captures (files, or folders with captures somewhere below), writes DOCS/v2x-delay.md and its plot, and
ends with 1 if the order that must come out does not: messages help, delay hurts.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import DrivegenError
from drivegen.opendrive.reader import read_network
from drivegen.v2x.geodesy import MapProjection
from drivegen.v2x.study.delay import (
    DELAYS_S,
    MATCH_M,
    RANGES_M,
    Result,
    Tally,
    evaluate,
    order_faults,
    settings_of_study,
)
from drivegen.v2x.study.late_fusion import GATE_M, Setting, Sources
from drivegen.v2x.study.moments import Recording, Sight, recording_of

COLOURS = {Sources.VEHICLE: "#7f8c8d", Sources.MESSAGES: "#2471a3", Sources.CLOUDS: "#ca6f1e"}
PLOT = "v2x-delay.png"


def main() -> int:
    """Exit status 1: the order did not come out; 2: the captures cannot be studied."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=Path, help="captures, or folders with captures below")
    parser.add_argument("--docs", type=Path, default=Path("docs"))
    arguments = parser.parse_args()
    try:
        recordings = [_recording(path) for path in _captures(arguments.runs)]
        results = evaluate(recordings, settings_of_study())
    except DrivegenError as error:
        print(error, file=sys.stderr)
        return 2
    table = {r.setting: r for r in results}
    (arguments.docs / "images").mkdir(parents=True, exist_ok=True)
    _plot(table, arguments.docs / "images" / PLOT)
    page = _page(recordings, table)
    (arguments.docs / "v2x-delay.md").write_text(page, encoding="utf-8")
    print(page)
    faults = order_faults(results)
    for fault in faults:
        print(f"order: {fault}", file=sys.stderr)
    return 1 if faults else 0


def _captures(runs: Sequence[Path]) -> list[Path]:
    found = [p for run in runs for p in ([run] if run.is_file() else sorted(run.rglob("*.mcap")))]
    if not found:
        raise DrivegenError(f"there is no capture in {', '.join(str(r) for r in runs)}")
    return found


def _recording(path: Path) -> Recording:
    with CaptureReader(path) as reader:
        network = read_network(reader.opendrive, reader.scene)
        units = [unit.name for unit in reader.plan.roadside]
        projection = MapProjection.parse(network.geo_reference)
        return recording_of(reader.scene, reader.frames(), units, projection, reader.rigs[EGO])


def _number(value: float, form: str) -> str:
    return "-" if math.isnan(value) else format(value, form)


def _row(name: str, result: Result) -> str:
    whole, clear = result.tally(), result.tally(sight=Sight.CLEAR)
    rest = Tally(there=whole.there - clear.there, found=whole.found - clear.found)
    return (
        f"| {name} | {_number(100 * whole.recall, '.1f')} | {_number(100 * rest.recall, '.1f')} | "
        f"{_number(whole.error_m, '.2f')} | {result.wrong_per_moment:.2f} | {result.gospa_m:.2f} |"
    )


def _page(recordings: Sequence[Recording], table: dict[Setting, Result]) -> str:
    alone = table[Setting(sources=Sources.VEHICLE)]
    whole = alone.tally()
    lines = [
        "# What messages and roadside sight are worth, and what delay costs",
        "",
        "Made by `python -m benchmarks.v2x_delay RUN`; do not edit. No GPU and no trained network is",
        "involved: detections come from drivegen's detector model, messages were encoded, sent over the",
        "channel model and decoded, and are fused late, by geometry.",
        "",
        f"Scenes: {', '.join(r.name for r in recordings)}; {alone.moments} moments at which the ego",
        f"perceives; {whole.there} objects within {RANGES_M[-1][1]:.0f} m of it.",
        "",
        f"An object is found when an estimate lies within {MATCH_M:g} m of its centre in the plane, in",
        "the ego's frame (what it believes against what is true); an estimate finds one object at most.",
        f"Data of several sources within {GATE_M:g} m is one object, averaged by its variances. The error is",
        "that of objects that were found, so it cannot tell of those that were lost; GOSPA (metres a",
        "moment: distances, and a metre for each miss and each ghost) counts all. The delay is added to",
        "what the recording has already.",
        "",
        "Sight is the share of LiDAR returns that an object gives the ego over those that it would give",
        "alone: clear from a half, hidden below a tenth; far, where it would give fewer than five.",
        "",
        f"![Recall and GOSPA by delay, recall by range and by sight](images/{PLOT})",
        "",
        "## By delay",
        "",
        "| source | recall, % | of those not clear, % | error, m | ghosts a moment | GOSPA, m |",
        "|---|---|---|---|---|---|",
        _row("vehicle only", alone),
    ]
    for sources in (Sources.MESSAGES, Sources.CLOUDS):
        for compensated in (True, False):
            for delay in DELAYS_S:
                setting = Setting(sources=sources, delay_s=delay, compensated=compensated)
                how = "moved on by stamps" if compensated else "as received"
                lines.append(_row(f"{sources}, {1e3 * delay:.0f} ms, {how}", table[setting]))
    lines += ["", "## By range and sight, without added delay", ""]
    lines += ["| range, m | sight | objects | vehicle only | + messages | + roadside point clouds |"]
    lines += ["|---|---|---|---|---|---|"]
    fresh = [table[Setting(sources=s)] for s in Sources]
    for index, (low, high) in enumerate(RANGES_M):
        for sight in Sight:
            cells = [r.tally([index], sight) for r in fresh]
            if cells[0].there:
                lines.append(
                    f"| {low:.0f} to {high:.0f} | {sight} | {cells[0].there} | "
                    + " | ".join(_cell(c) for c in cells)
                    + " |"
                )
    lines += ["", "Recall in per cent, and the mean error in metres of those that were found.", ""]
    return "\n".join(lines)


def _cell(tally: Tally) -> str:
    return f"{_number(100 * tally.recall, '.0f')} ({_number(tally.error_m, '.2f')})"


def _plot(table: dict[Setting, Result], path: Path) -> None:
    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415  (after the choice of the back end)

    figure, axes = plt.subplots(2, 2, figsize=(10.0, 7.0), layout="constrained")
    delays = [1e3 * d for d in DELAYS_S]
    alone = table[Setting(sources=Sources.VEHICLE)]
    for axis, measure, name in (
        (axes[0, 0], lambda r: 100.0 * r.tally().recall, "recall, %"),
        (axes[0, 1], lambda r: r.gospa_m, "GOSPA, m a moment (less is better)"),
    ):
        axis.axhline(measure(alone), color=COLOURS[Sources.VEHICLE], label="vehicle only")
        for sources in (Sources.MESSAGES, Sources.CLOUDS):
            for compensated, style in ((True, "-o"), (False, "--s")):
                values = [
                    measure(table[Setting(sources=sources, delay_s=d, compensated=compensated)])
                    for d in DELAYS_S
                ]
                how = "moved on by stamps" if compensated else "as received"
                axis.plot(delays, values, style, color=COLOURS[sources], ms=4, label=f"{sources}, {how}")
        axis.set_xlabel("added delay, ms")
        axis.set_ylabel(name)
        axis.set_ylim(bottom=0.0)
        axis.grid(alpha=0.3)
    axes[0, 0].set_ylim(0.0, 102.0)
    axes[0, 1].legend(fontsize=8)
    _bars(axes[1, 0], table, [f"{a:.0f}-{b:.0f} m" for a, b in RANGES_M], by_range=True)
    _bars(axes[1, 1], table, [str(s) for s in Sight], by_range=False)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)


def _bars(axis: mpl.axes.Axes, table: dict[Setting, Result], names: list[str], *, by_range: bool) -> None:
    sights = list(Sight)
    for k, sources in enumerate(Sources):
        result = table[Setting(sources=sources)]
        tallies = [
            result.tally([i]) if by_range else result.tally(sight=sights[i]) for i in range(len(names))
        ]
        heights = [0.0 if math.isnan(t.recall) else 100.0 * t.recall for t in tallies]
        places = [i + 0.27 * (k - 1) for i in range(len(names))]
        axis.bar(places, heights, 0.25, color=COLOURS[sources], label=str(sources))
    axis.set_xticks(range(len(names)), names)
    axis.set_ylabel("recall without added delay, %")
    axis.set_ylim(0.0, 102.0)
    axis.grid(axis="y", alpha=0.3)
    axis.legend(fontsize=8)


if __name__ == "__main__":
    sys.exit(main())
