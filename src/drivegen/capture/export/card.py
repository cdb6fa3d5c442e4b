"""What a publisher says of a data set: the card's fields, which drivegen cannot know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from drivegen.capture.export.options import read_options
from drivegen.core.errors import ExportError

GENERATED = ("1", "2", "3")
"""GB 45438-2025: is generated, may be, is suspected to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Words of the publisher's; what is empty is said to be not stated."""

    title: str = ""
    """Empty: drivegen and the name of the format."""
    description: str = ""
    licence: str = ""
    """Its SPDX name, or the address of its text."""
    publisher: str = ""
    contact: str = ""
    url: str = ""
    """Where the data set is to be had."""
    release: str = "1.0.0"
    """Version of the data set, as semver.org has it."""
    date: str = ""
    """Of publication, as YYYY-MM-DD. drivegen reads no clock: equal captures give equal data sets."""
    category: str = ""
    """Its class under the rules by which the publisher shares data (data classification)."""
    grade: str = ""
    """Its grade under the same rules (data grading): for example general, important, core."""
    intended_use: str = ""
    limits: str = ""
    """Known limits beside those that hold for all of drivegen's data."""
    personal_data: str = ""
    """Empty: there is none, for all people and plates are made up."""

    mark: bool = True
    """Say in each image's metadata that it is generated (GB 45438-2025, implicit mark)."""
    mark_label: str = "1"
    """Of the mark: 1 is generated, 2 may be, 3 is suspected to be."""
    producer: str = ""
    """Of the mark: name or code of who generated it; empty: the publisher, else drivegen."""
    propagator: str = ""
    """Of the mark: name or code of who spreads it."""


def read_card(given: Any, where: str) -> Card:
    """A checked card. Raises ExportError.

    Args:
        given: Values by name.
        where: For messages.
    """
    if given is None:
        return Card()
    if not isinstance(given, Mapping):
        raise ExportError(f"{where}: card={given!r}: values by name are wanted, for example card.licence=...")
    # A date, a release or a grade may look like a number where YAML is read.
    texts = {f.name for f in fields(Card) if f.type == "str"}
    plain = {
        str(k): str(v) if k in texts and isinstance(v, int | float) and not isinstance(v, bool) else v
        for k, v in given.items()
    }
    card = read_options(Card, plain, f"{where}: card")
    if card.mark_label not in GENERATED:
        raise ExportError(f"{where}: card.mark_label={card.mark_label!r}: {', '.join(GENERATED)} are known")
    return card
