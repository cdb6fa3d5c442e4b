"""What stands and drives in a scene beside the flow of traffic: one composition for all plugins.

Parked vehicles, buses at stops, queues at lights, vehicles that cut in, convoys, emergency vehicles, riders,
and who breaks rules.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drivegen_generators.vehicles import checks
from drivegen_generators.vehicles.bus_calls import call
from drivegen_generators.vehicles.convoys import convoy
from drivegen_generators.vehicles.draft import Draft
from drivegen_generators.vehicles.fleet import Choice
from drivegen_generators.vehicles.models import Kind
from drivegen_generators.vehicles.parked import park
from drivegen_generators.vehicles.places import Places
from drivegen_generators.vehicles.queues import queue
from drivegen_generators.vehicles.riders import MIX, Ride, Riders
from drivegen_generators.vehicles.staged import Staged
from drivegen_generators.vehicles.styles import Behaviour
from drivegen_generators.vehicles.violations import Rates, cut_ins, mark
from drivegen_generators.vehicles.ways import TURNS, Ways

OPTIONS = (
    *("parked", "bus_stops", "queue_share", "riders", "violations"),
    *("convoys", "emergency", "lasts_s", "staged"),
)

CONVOY_KINDS = (Kind.TRUCK, Kind.BUS, Kind.UNMANNED, Kind.CAR, Kind.VAN)

_PARKED_WITHIN_M = 150.0
_CALLED_KINDS = ((Kind.EMERGENCY, 0.6), (Kind.POLICE, 0.4))


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What is asked for; nothing by default."""

    parked: float = 0.0
    """Share of the bays near the ego that are taken."""
    bus_stops: float = 0.0
    """Share of the stops near the ego with a bus."""
    queue_share: float = 0.0
    """Share of the vehicles that stand at red lights at first."""
    riders: int = 0
    """In bicycle lanes, beside those of the mix."""
    rider_mix: Mapping[str, float] = dataclasses.field(default_factory=lambda: dict(MIX))
    delivery_share: float = 0.0
    """Of e-bikes in bicycle lanes."""
    wrong_way: float = 0.0
    """Share of e-bikes in bicycle lanes against the traffic."""
    rates: Rates = dataclasses.field(default_factory=Rates)
    convoys: int = 0
    convoy_size: tuple[int, int] = (3, 5)
    convoy_kind: Kind | None = None
    """None: drawn from `CONVOY_KINDS`."""
    emergency: float = 0.0
    """Share of the vehicles in driving lanes that are on their way with beacon and siren."""
    lasts_s: float = 60.0
    """How long a scene with its warm-up may last: routes are long enough for it."""
    staged: Staged = dataclasses.field(default_factory=Staged)

    @staticmethod
    def read(options: Mapping[str, object]) -> Company:
        """From the configuration's words. Raises ConfigError for what cannot be."""
        given = checks.mapping("options", options, OPTIONS)
        riders = given.get("riders", 0)
        if not isinstance(riders, Mapping):
            riders = {"count": riders}
        more = checks.mapping("riders", riders, ("count", "mix", "delivery"))
        rates = checks.mapping(
            "violations", given.get("violations"), ("red_light", "illegal_stop", "cut_in", "wrong_way")
        )
        convoys = given.get("convoys", 0)
        if not isinstance(convoys, Mapping):
            convoys = {"count": convoys}
        row = checks.mapping("convoys", convoys, ("count", "size", "kind"))
        size = checks.ascending("convoys.size", _numbers(row.get("size", (3, 5))), 2, 20)
        kind = row.get("kind")
        if kind is not None:
            checks.shares("convoys.kind", {str(kind): 1.0}, [k.value for k in CONVOY_KINDS])
        mix = more.get("mix")
        return Company(
            parked=_share(given, "parked"),
            bus_stops=_share(given, "bus_stops"),
            queue_share=_share(given, "queue_share"),
            riders=checks.whole("riders.count", more.get("count", 0), 0, 1000),
            rider_mix=checks.shares("riders.mix", _weights(mix), tuple(MIX)) if mix else dict(MIX),
            delivery_share=_share(more, "delivery", "riders."),
            wrong_way=_share(rates, "wrong_way", "violations."),
            rates=Rates(
                red_light=_share(rates, "red_light", "violations."),
                illegal_stop=_share(rates, "illegal_stop", "violations."),
                cut_in=_share(rates, "cut_in", "violations."),
            ),
            convoys=checks.whole("convoys.count", row.get("count", 0), 0, 20),
            convoy_size=(int(size[0]), int(size[1])),
            convoy_kind=Kind(str(kind)) if kind is not None else None,
            emergency=_share(given, "emergency"),
            lasts_s=checks.number("lasts_s", given.get("lasts_s", 60.0), 1.0, 3600.0),
            staged=Staged.read(given.get("staged")),
        )

    def ride(self, ends: frozenset[int] = frozenset(), ends_against: frozenset[int] = frozenset()) -> Ride:
        """What riders do; they leave the map where they are told to."""
        return Ride(
            lasts_s=self.lasts_s,
            wrong_way=self.wrong_way,
            delivery=self.delivery_share,
            ends=ends,
            ends_against=ends_against,
        )

    def begin(
        self,
        draft: Draft,
        count: int,
        places: Places,
        order: Sequence[int],
        *,
        ratios: Mapping[str, float] = TURNS,
        leaving: bool = False,
    ) -> None:
        """Places all that must stand where it does, so before the flow of traffic; at most `count` of
        those that move.

        `leaving`: convoys are taken out where traffic leaves the map.
        """
        park(draft, self.parked, _PARKED_WITHIN_M)
        call(draft, self.bus_stops, _PARKED_WITHIN_M)
        rng = draft.rng
        standing = len(draft.vehicles)
        if self.rates.cut_in > 0.0:
            cut_ins(draft, int(rng.binomial(count, self.rates.cut_in)))
        if self.staged.cut_in > 0:
            cut_ins(draft, min(self.staged.cut_in, count))
        for _ in range(self.convoys):
            size = int(rng.integers(self.convoy_size[0], self.convoy_size[1] + 1))
            kind = self.convoy_kind or CONVOY_KINDS[int(rng.integers(0, len(CONVOY_KINDS)))]
            room = count - (len(draft.vehicles) - standing)
            if room < 2:
                draft.ask("convoy", size)
                continue
            ways = Ways.of(draft.strips.network)
            draft.ask("convoy", size - min(size, room))
            convoy(draft, places, order, ways, ratios, kind, min(size, room), leaving=leaving)
        if self.queue_share > 0.0:
            wanted = int(rng.binomial(count, self.queue_share))
            queue(draft, min(wanted, count - (len(draft.vehicles) - standing)))

    def called(self, draft: Draft, count: int) -> int:
        """How many of so many vehicles are emergency vehicles on their way."""
        if self.emergency <= 0.0 and self.staged.emergency == 0:
            return 0
        found = int(draft.rng.binomial(count, self.emergency)) if self.emergency > 0.0 else 0
        found = min(count, found + self.staged.emergency)
        draft.ask("emergency", found)
        return found

    def end(self, draft: Draft, riders: Riders) -> None:
        """Adds riders and lets some of the vehicles break rules."""
        if self.riders > 0:
            riders.add_more(self.riders, dict(self.rider_mix))
        mark(draft, self.rates, self.staged.illegal_stop)


def on_call(draft: Draft) -> tuple[Choice, Behaviour]:
    """An emergency vehicle on its way: faster, past red lights and signs, with its beacon."""
    rng = draft.rng
    choice = draft.fleet.draw_weighted(rng, _CALLED_KINDS)
    behaviour = dataclasses.replace(
        draft.fleet.behaviour(rng, choice.kind),
        speed_difference_percent=round(float(rng.uniform(-30.0, -15.0)), 2),
        lane_changes=True,
        ignores_lights_percent=100.0,
        ignores_signs_percent=100.0,
    )
    return choice, behaviour


def _share(given: Mapping[str, object], name: str, place: str = "") -> float:
    return checks.number(f"{place}{name}", given.get(name, 0.0), 0.0, 1.0)


def _numbers(value: object) -> Sequence[float]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _weights(value: object) -> Mapping[str, float]:
    return value if isinstance(value, Mapping) else {str(value): 1.0}
