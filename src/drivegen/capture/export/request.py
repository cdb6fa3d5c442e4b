"""What is asked of every format: look, agents, selection, splits, card. Exporters see what follows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from drivegen.capture.export.card import Card, read_card
from drivegen.capture.export.carriers import read_agents
from drivegen.capture.export.known_splits import with_known
from drivegen.capture.export.marking import Marking
from drivegen.capture.export.selection import Selection, read_selection
from drivegen.capture.export.signing import Signing, read_signing
from drivegen.capture.export.splits import Splits, read_splits
from drivegen.core.agents import EGO
from drivegen.core.errors import ExportError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SELECTION = tuple(f.name for f in fields(Selection))
NAMES = ("look", "agents", *_SELECTION, "splits", "split_seed", "splits_from", "card", "c2pa")
"""Options that all formats know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked."""

    look: str = ""
    """Name of the look whose images are exported; empty: the simulator's."""
    agents: str = EGO
    """Whose sensors (`drivegen.capture.export.carriers`)."""
    selection: Selection = field(default_factory=Selection)
    splits: Splits = field(default_factory=Splits)
    card: Card = field(default_factory=Card)
    signing: Signing | None = None
    """Who signs the scenes; no byte of any other file follows from it."""

    @property
    def marking(self) -> Marking | None:
        """The mark of images; none where none is wanted."""
        card = self.card
        if not card.mark:
            return None
        producer = card.producer or card.publisher or "drivegen"
        return Marking(label=card.mark_label, producer=producer, propagator=card.propagator)

    @property
    def of_parts(self) -> dict[str, Any]:
        """What the bytes of parts follow from."""
        marking = self.marking
        return {
            **asdict(self.selection),
            "marking": None if marking is None else asdict(marking),
            **self._others,
        }

    @property
    def _others(self) -> dict[str, str]:
        """The agents, where they are not the ego alone."""
        return {} if self.agents == EGO else {"agents": self.agents}

    @property
    def plain(self) -> dict[str, Any]:
        """For the mark of the data set."""
        return {
            **({"look": self.look} if self.look else {}),
            **self._others,
            "selection": asdict(self.selection),
            "splits": dict(self.splits.shares),
            "split_seed": self.splits.seed,
            **({"splits_from_sha256": self.splits.known_sha256} if self.splits.known else {}),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked of an exporter."""

    format: str
    options: Mapping[str, Any]
    """Of the format."""
    request: Request


def take_request(options: dict[str, Any], where: str) -> Request:
    """Takes what all formats know out of a format's options. Raises ExportError for what is wrong.

    Args:
        options: What is left of them are the format's own.
        where: Name of the format, for messages.
    """
    given: Mapping[str, Any] = {name: options.pop(name) for name in NAMES if name in options}
    look = given.get("look") or ""
    if not isinstance(look, str) or (look and not is_name(look)):
        raise ExportError(f"{where}: look={look!r}: the name of a look is wanted")
    splits = read_splits(given.get("splits"), given.get("split_seed", 0), where)
    source = given.get("splits_from") or ""
    if not isinstance(source, str):
        raise ExportError(f"{where}: splits_from={source!r}: a data set's folder or a file is wanted")
    if source:
        splits = with_known(splits, source, where, shares_given=given.get("splits") is not None)
    chosen = {name: given[name] for name in _SELECTION if given.get(name) is not None}
    return Request(
        look=look,
        agents=read_agents(given.get("agents"), where),
        selection=read_selection(chosen, where),
        splits=splits,
        card=read_card(given.get("card"), where),
        signing=read_signing(given.get("c2pa"), where),
    )


def is_name(text: str) -> bool:
    """Whether a text can be part of file names."""
    return _NAME.fullmatch(text) is not None
