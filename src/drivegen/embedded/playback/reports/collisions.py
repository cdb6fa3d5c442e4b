"""`show_recorder_collisions`: who began to touch whom, and when."""

from __future__ import annotations

from dataclasses import dataclass

from drivegen.embedded.playback.log import Frame, LogError, LogReader, PacketId
from drivegen.embedded.playback.log import packets as p
from drivegen.embedded.playback.reports.text import Lines, end, head

CATEGORIES = "hvwtoa"
"""Hero, vehicle, walker, traffic light, other, any."""
_LETTER = {
    p.ActorType.VEHICLE: "v",
    p.ActorType.WALKER: "w",
    p.ActorType.TRAFFIC_LIGHT: "t",
}
_WANTED = (PacketId.EVENT_ADD, PacketId.COLLISION)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One of the two that touch."""

    actor: int
    letter: str
    blueprint: str
    hero: bool

    def fits(self, category: str) -> bool:
        return category in ("a", self.letter) or (category == "h" and self.hero)


def collisions(reader: LogReader, category1: str, category2: str) -> str:
    """The text.

    Args:
        reader: The recording.
        category1: Of the first actor, one of `CATEGORIES`.
        category2: Of the second.

    Raises:
        LogError: There is no such category.
    """
    for category in (category1, category2):
        if len(category) != 1 or category not in CATEGORIES:
            raise LogError(
                f"category {category!r} is unknown: "
                "h hero, v vehicle, w walker, t traffic light, o other, a any"
            )
    lines = Lines()
    for line in head(reader.header):
        lines.add(line)
    lines.add(f"{'Time':>8} {'Types':>6} {'Id':>6} {'Actor 1':<35} {'Id':>6} {'Actor 2':<35}")
    actors: dict[int, tuple[str, str]] = {}
    touching: set[tuple[int, int]] = set()
    rows = 0
    last: Frame | None = None
    damage = ""
    try:
        for frame in reader.frames(_WANTED):
            for add in frame.records(PacketId.EVENT_ADD):
                actors[add.actor] = _LETTER.get(add.type, "o"), add.blueprint
            touched: set[tuple[int, int]] = set()
            for hit in frame.records(PacketId.COLLISION):
                first = _side(actors, hit.actor1, hit.hero1)
                second = _side(actors, hit.actor2, hit.hero2)
                if not (first.fits(category1) and second.fits(category2)):
                    continue
                touched.add((hit.actor1, hit.actor2))
                if (hit.actor1, hit.actor2) not in touching:
                    lines.add(_row(frame.start.elapsed_s, first, second))
                    rows += 1
            touching = touched
            last = frame
            if lines.full:
                break
    except LogError as error:
        damage = str(error)
    # A row leaves CARLA's stream without decimals, and the duration after it is written with none.
    whole = f"{last.start.elapsed_s:.0f}" if rows and last else None
    end(lines, reader, last, damage, whole)
    return lines.text()


def _side(actors: dict[int, tuple[str, str]], actor: int, hero: bool) -> _Side:
    letter, blueprint = actors.get(actor, ("o", ""))
    return _Side(actor=actor, letter=letter, blueprint=blueprint, hero=hero)


def _row(elapsed_s: float, first: _Side, second: _Side) -> str:
    return (
        f"{elapsed_s:8.0f}   {first.letter} {second.letter}  {first.actor:>6} {first.blueprint:<35}"
        f" {second.actor:>6} {second.blueprint:<35}"
    )
