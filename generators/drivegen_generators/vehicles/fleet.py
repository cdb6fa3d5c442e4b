"""Which vehicles there are: kinds by their share, models, colours and drivers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from drivegen_generators.vehicles import checks
from drivegen_generators.vehicles.applications import KIND_OF, MODELS_OF, ROBOTAXI_PAINT, Application
from drivegen_generators.vehicles.draws import Table, choose
from drivegen_generators.vehicles.models import KERB_KINDS, MODELS, PAINT, Kind, Model, Rgb
from drivegen_generators.vehicles.styles import Behaviour, Styles

VARIANTS = 65536
"""Members of a family."""

RIDDEN: dict[str, Kind] = {"ebike": Kind.MOTORCYCLE, "bicycle": Kind.BICYCLE, "etricycle": Kind.TRICYCLE}
"""Families that ride in bicycle lanes, and the kinds that they are of."""

NAMES = (*(k.value for k in Kind), *(a.value for a in Application))
"""What a mix is given in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a vehicle is, before it has a place."""

    kind: Kind
    model: Model
    paints: tuple[tuple[Rgb, float], ...]
    roles: tuple[str, ...] = ()


class Fleet:
    """Draws vehicles of a mix."""

    def __init__(
        self,
        *,
        mix: Mapping[str, float],
        speed_difference_percent: Sequence[float],
        two_wheeler_difference_percent: float,
        following_distance_m: Sequence[float],
        lane_change_share: float,
        variants_per_family: int,
        styles: Mapping[str, object] | None,
    ) -> None:
        """Takes options of `Traffic`. Raises ConfigError for what cannot be."""
        self.mix = checks.shares("mix", mix, NAMES)
        self._all = Table(list(self.mix.items()))
        motor = [(n, w) for n, w in self.mix.items() if (_kind_of(n)) not in KERB_KINDS]
        self._motor = Table(motor) if motor else None
        mean, deviation = checks.pair("speed_difference_percent", speed_difference_percent, -100.0, 95.0)
        low, high = checks.ascending("following_distance_m", following_distance_m, 0.5, 50.0)
        share = checks.number("lane_change_share", lane_change_share, 0.0, 1.0)
        self._plain = (mean, deviation, low, high, share)
        self._slow = checks.number(
            "two_wheeler_difference_percent", two_wheeler_difference_percent, -100.0, 95.0
        )
        self.pool = checks.whole("variants_per_family", variants_per_family, 1, VARIANTS)
        ridden = [(n, w * _riding(n)) for n, w in self.mix.items() if _riding(n) > 0.0]
        driven = [(n, w * (1.0 - _riding(n))) for n, w in self.mix.items() if _riding(n) < 1.0]
        self._ridden = Table(ridden) if ridden else None
        self._driven = Table(driven) if driven else None
        self.rider_share = sum(w for _, w in ridden) / sum(self.mix.values())
        """How many of the mix belong in bicycle lanes."""
        self._styles = Styles(styles) if styles else None

    def draw(self, rng: np.random.Generator) -> Choice:
        """One of the mix."""
        return self._draw_named(rng, self._all.draw(rng))

    def _draw_named(self, rng: np.random.Generator, name: str) -> Choice:
        if name in _APPLICATIONS:
            application = Application(name)
            model = _MODELS[application].draw(rng)
            kind = KIND_OF[application]
            paints = ROBOTAXI_PAINT if application is Application.ROBOTAXI else PAINT[kind]
            return Choice(kind=kind, model=model, paints=model.paints or paints, roles=(application.value,))
        return self.draw_of(rng, Kind(name))

    def draw_of(self, rng: np.random.Generator, kind: Kind) -> Choice:
        """One of a kind."""
        model = _MODELS[kind].draw(rng)
        return Choice(kind=kind, model=model, paints=model.paints or PAINT[kind])

    def draw_motor(self, rng: np.random.Generator) -> Choice:
        """One of the mix that drives in the lanes of cars; a car where the mix has none such."""
        if self._motor is None:
            return self.draw_of(rng, Kind.CAR)
        return self._draw_named(rng, self._motor.draw(rng))

    def draw_rider(self, rng: np.random.Generator) -> Choice:
        """One of the mix that rides."""
        return self._draw_such(rng, rides=True)

    def draw_driven(self, rng: np.random.Generator) -> Choice:
        """One of the mix that belongs in driving lanes."""
        return self._draw_such(rng, rides=False)

    def _draw_such(self, rng: np.random.Generator, *, rides: bool) -> Choice:
        table = self._ridden if rides else self._driven
        if table is None:
            raise ValueError("none such is in the mix")
        name = table.draw(rng)
        while True:
            found = self._draw_named(rng, name)
            if rides is is_rider(found.model):
                return found

    def draw_weighted(self, rng: np.random.Generator, kinds: Sequence[tuple[Kind, float]]) -> Choice:
        """One of several kinds, as likely as their weights."""
        return self.draw_of(rng, choose(rng, kinds))

    def behaviour(self, rng: np.random.Generator, kind: Kind) -> Behaviour:
        """How its driver drives on driving lanes."""
        slow = kind in KERB_KINDS
        mean, deviation, low, high, share = self._plain
        if self._styles is not None and not slow:
            return self._styles.draw(rng)
        slower = rng.normal(self._slow if slow else mean, deviation)
        following = round(float(rng.uniform(low, high)), 2)
        return Behaviour(
            speed_difference_percent=round(min(max(float(slower), -30.0), 90.0), 2),
            following_distance_m=following,
            lane_changes=bool(rng.random() < share) and not slow,
        )


def _kind_of(name: str) -> Kind:
    return KIND_OF[Application(name)] if name in _APPLICATIONS else Kind(name)


def is_rider(model: Model) -> bool:
    """Whether it belongs in a bicycle lane where there is one. Motorcycles do not."""
    return model.blueprint.rpartition(".")[2] in RIDDEN


def _riding(name: str) -> float:
    """Share of riders among the models of a name of a mix."""
    models = MODELS_OF[Application(name)] if name in _APPLICATIONS else MODELS[Kind(name)]
    return sum(m.share for m in models if is_rider(m)) / sum(m.share for m in models)


_MODELS: dict[Kind | Application, Table[Model]] = {
    **{kind: Table([(m, m.share) for m in models]) for kind, models in MODELS.items()},
    **{application: Table([(m, m.share) for m in models]) for application, models in MODELS_OF.items()},
}

_APPLICATIONS = frozenset(a.value for a in Application)


class Variants:
    """Members of families that one scene draws from: each is a mesh in the server's memory."""

    def __init__(self, rng: np.random.Generator, fleet: Fleet) -> None:
        self._rng = rng
        self._size = fleet.pool
        self._pools: dict[str, list[int]] = {}

    def draw(self, blueprint: str) -> int:
        """A member."""
        if blueprint not in self._pools:
            self._pools[blueprint] = self._rng.integers(0, VARIANTS, self._size).tolist()
        pool = self._pools[blueprint]
        return pool[int(self._rng.integers(0, len(pool)))]
