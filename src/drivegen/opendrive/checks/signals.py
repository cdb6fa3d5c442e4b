"""Checks of traffic lights and their controllers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from drivegen.opendrive.checks.finding import Finding, Severity
from drivegen.opendrive.model import Road, RoadNetwork, Signal
from drivegen.opendrive.signals import SignalHead, signal_heads

_FOR_PEDESTRIANS = frozenset({"1000002", "1000007"})


def check_signals(network: RoadNetwork) -> Iterator[Finding]:
    """Findings of lights without control, without lanes, and of names that nothing bears."""
    place = {s.id: (road, s) for road in network.roads for s in road.signals}
    counts = Counter(s.id for road in network.roads for s in road.signals)
    for signal_id, count in counts.items():
        if count > 1:
            yield _finding(network, signal_id, "signal-twice", f"signal id {signal_id} is used {count} times")
    controlled = {s for c in network.controllers for s in c.signal_ids}
    for head in signal_heads(network):
        road, signal = place[head.signal_id]
        if head.signal_id not in controlled:
            kind = "light-without-controller"
            what = f"light {signal.id} (type {signal.type}) has no controller: its phase is guessed"
            yield _light(
                head, road, signal, kind, what, "name it in a <controller>, and that in the junction"
            )
        if not head.stop_lines and signal.type not in _FOR_PEDESTRIANS:
            mend = "give it a <validity>, or refer to it from the connecting roads"
            yield _light(
                head, road, signal, "light-without-lane", f"light {signal.id} governs no driving lane", mend
            )
    yield from _names(network, set(place))


def _light(head: SignalHead, road: Road, signal: Signal, kind: str, what: str, mend: str) -> Finding:
    return Finding(
        severity=Severity.WARNING,
        kind=kind,
        what=what,
        mend=mend,
        road_id=road.id,
        s_m=signal.s_m,
        x_m=float(head.foot_m[0]),
        y_m=float(head.foot_m[1]),
    )


def _names(network: RoadNetwork, known: set[str]) -> Iterator[Finding]:
    for controller in network.controllers:
        for signal_id in controller.signal_ids:
            if signal_id not in known:
                what = f"controller {controller.id} names signal {signal_id}, which the file does not have"
                yield _finding(network, signal_id, "no-such-signal", what)
    controllers = {c.id for c in network.controllers}
    for junction in network.junctions:
        for entry in junction.controllers:
            if entry.id not in controllers:
                yield Finding(
                    severity=Severity.WARNING,
                    kind="no-such-controller",
                    what=f"names controller {entry.id}, which the file does not have",
                    mend="add the <controller> or remove the name",
                    junction_id=junction.id,
                )
    for road in network.roads:
        for reference in road.signal_references:
            if reference.signal_id not in known:
                yield Finding(
                    severity=Severity.WARNING,
                    kind="no-such-signal",
                    what=f"refers to signal {reference.signal_id}, which the file does not have",
                    mend="add the <signal> or remove the reference",
                    road_id=road.id,
                    s_m=reference.s_m,
                )


def _finding(network: RoadNetwork, signal_id: str, kind: str, what: str) -> Finding:
    road = next((r for r in network.roads if any(s.id == signal_id for s in r.signals)), None)
    return Finding(
        severity=Severity.WARNING,
        kind=kind,
        what=what,
        mend="give every signal one id of its own and name only signals that are there",
        road_id=road.id if road is not None else None,
    )
