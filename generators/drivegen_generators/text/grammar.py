"""The keyword grammar: a small part of English and Chinese, read by patterns and by what stands near to what.

It knows no syntax. A deed belongs to the actor that is named last before it in its clause, else to the next
one; what is left over is told as not understood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, TypeVar

from drivegen_generators.text.lexicon import Language, Lexicon, lexicon, pattern
from drivegen_generators.text.scene import (
    Actor,
    Amount,
    Conditions,
    Deed,
    Ego,
    Form,
    Maneuver,
    People,
    Place,
    Scene,
    Traffic,
    What,
)

_CHINESE = re.compile("[\u4e00-\u9fff]")
_CLAUSE = re.compile(r"[,;.!?，；。！？、]")
_GONE = "\u0000"
_MOST_DEEDS = 4
_Kind = TypeVar("_Kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What the grammar made of a sentence."""

    scene: Scene
    unknown: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class _Text:
    """A sentence of which more and more is understood."""

    text: str
    language: Language
    words: Lexicon
    spans: list[tuple[int, int]] = field(default_factory=list)

    def take(self, found: re.Pattern[str]) -> re.Match[str] | None:
        """The first match; it is gone afterwards."""
        match = found.search(self.text)
        if match is not None and match.end() > match.start():
            self._gone(match.start(), match.end())
            return match
        return None

    def first(self, patterns: tuple[tuple[_Kind, re.Pattern[str]], ...]) -> _Kind | None:
        """The first of several that matches anywhere."""
        for kind, found in patterns:
            if self.take(found) is not None:
                return kind
        return None

    def all(self, patterns: tuple[tuple[_Kind, re.Pattern[str]], ...]) -> list[tuple[int, int, _Kind]]:
        """All matches with their places, in the order of the text."""
        out = []
        for kind, found in patterns:
            while (match := self.take(found)) is not None:
                out.append((match.start(), match.end(), kind))
        return sorted(out, key=lambda each: each[0])

    def _gone(self, start: int, end: int) -> None:
        self.text = self.text[:start] + _GONE * (end - start) + self.text[end:]

    def rest(self) -> tuple[str, ...]:
        """What nothing matched, without words that ask for nothing."""
        while self.take(self.words.empty) is not None:
            pass
        if self.language is Language.ENGLISH:
            left = re.findall(r"[a-z0-9][a-z0-9'-]*", self.text)
        else:
            left = re.findall("[\u4e00-\u9fffa-z0-9]+", self.text)
        return tuple(dict.fromkeys(left))


def parse(sentence: str) -> Parsed:
    """Reads a sentence. Always gives a scene; one that nothing was understood of asks for nothing."""
    lower = sentence.lower().replace(_GONE, " ")
    language = Language.CHINESE if _CHINESE.search(lower) else Language.ENGLISH
    text = _Text(text=lower, language=language, words=lexicon(language))
    numbers = _numbers(text)
    maneuver = text.first(text.words.maneuvers)
    ego_kind = text.first(text.words.ego_kinds)
    flags = {name: True for name, found in text.words.place_flags if text.take(found) is not None}
    amounts = _amounts(text, numbers)
    deeds = text.all(text.words.deeds)
    text.take(pattern(text.words.words["ego"], language))
    three = text.take(pattern(text.words.words["three_arms"], language)) is not None
    form = Form.JUNCTION if three else text.first(text.words.forms)
    while text.first(text.words.forms) is not None:
        pass
    if form is None and maneuver is not None:
        form = _FORM_OF.get(maneuver)
    zone = text.first(text.words.zones)
    while text.first(text.words.zones) is not None:
        pass
    time = text.first(text.words.times)
    sky = text.first(text.words.skies)
    season = text.first(text.words.seasons)
    actors = text.all(text.words.actors)
    done = _deeds(lower, text, deeds, actors)
    named = {k for _, _, k in actors} - {d.who for d in done}
    arms = 3 if three else numbers.get("arms")
    scene = Scene(
        place=Place(form=form, zone=zone, arms=arms, lanes=numbers.get("lanes"), **flags),
        conditions=Conditions(sky=sky, time=time, hour=numbers.get("hour"), season=season),
        traffic=Traffic(
            amount=amounts.get("traffic"),
            vehicles=numbers.get("vehicles"),
            riders=amounts.get("riders"),
            kinds=[k for k in Actor if k in named and k not in _ON_FOOT][:6],
        ),
        people=People(amount=amounts.get("people"), count=numbers.get("people")),
        ego=Ego(kind=ego_kind, speed_kmh=numbers.get("speed"), maneuver=maneuver),
        deeds=done,
        duration_s=numbers.get("duration"),
        scenes=numbers.get("scenes"),
        seed=numbers.get("seed"),
    )
    said = scene.people.amount is not None or scene.people.count is not None
    if named & set(_ON_FOOT) and not said:
        scene = scene.model_copy(update={"people": People(amount=Amount.FEW)})
    return Parsed(scene=scene, unknown=text.rest())


_FORM_OF = {
    Maneuver.ENTERS_ROUNDABOUT: Form.ROUNDABOUT,
    Maneuver.LEAVES_ROUNDABOUT: Form.ROUNDABOUT,
    Maneuver.MERGES: Form.EXPRESSWAY,
}
"""What a maneuver says of the place."""

_ON_FOOT = (
    Actor.PEDESTRIAN,
    Actor.CHILD,
    Actor.OLD_PERSON,
    Actor.WHEELCHAIR,
    Actor.WORKER,
    Actor.DOG,
)

_NUMBERED: dict[str, tuple[tuple[str, str], float, float, bool]] = {
    # name: ((English, Chinese) around a number #, least, most, whole)
    "speed": (
        (
            r"(?:at )?#\s*(?:km/?h|kph)",
            r"(?:以|时速)?#\s*(?:公里每小时|千米每小时|公里/小时|km/?h|公里|千米)",
        ),
        5,
        120,
        False,
    ),
    "hour": ((r"(?:at )?#\s*(?:o'?clock|h\b)", "#\\s*(?:点钟?|时)"), 0, 24, False),
    "duration": ((r"(?:for )?#\s*(?:seconds?|s\b|sec)", r"(?:持续)?#\s*秒"), 2, 60, False),
    "scenes": ((r"#\s*(?:scenes|variations|clips)", "#\\s*(?:个|段)(?:场景|变体|片段)"), 1, 1000, True),
    "seed": ((r"seed #", "种子#"), 0, 2**31 - 1, True),
    "lanes": ((r"#[- ]lanes?", "(?:单向|双向)?#\\s*(?:条)?车道"), 1, 5, True),
    "arms": ((r"#[- ](?:arm(?:s|ed)?|way)(?= )", "#岔路?口?"), 3, 5, True),
    "vehicles": ((r"#\s*(?:cars|vehicles)", "#\\s*辆(?:车|车辆)"), 0, 150, True),
    "people": ((r"#\s*(?:pedestrians|people)", "#\\s*(?:个|名|位)(?:行人|路人)"), 0, 150, True),
}


def _numbers(text: _Text) -> dict[str, Any]:
    """Numbers with what they count. Those out of range are left, and so told as not understood."""
    words = "|".join(sorted(text.words.numbers, key=len, reverse=True))
    number = rf"(?P<n>\d+(?:\.\d+)?|(?<![a-z])(?:{words}))"
    out: dict[str, Any] = {}
    for name, (both, least, most, whole) in _NUMBERED.items():
        shape = both[0] if text.language is Language.ENGLISH else both[1]
        found = re.compile(shape.replace("#", number))
        match = found.search(text.text)
        if match is None:
            continue
        said = match["n"]
        value = float(text.words.numbers.get(said, 0) or said) if said in text.words.numbers else float(said)
        if not least <= value <= most or (whole and value != int(value)):
            continue
        text.take(found)
        out[name] = int(value) if whole else value
    return out


def _amounts(text: _Text, numbers: dict[str, Any]) -> dict[str, Amount]:
    """Much or little of traffic, people and riders."""
    out: dict[str, Amount] = {}
    between = r"[ -]+(?:of )?(?:the )?" if text.language is Language.ENGLISH else "的?"
    for amount, name in ((Amount.MANY, "many"), (Amount.FEW, "few"), (Amount.NONE, "none")):
        how = text.words.words[name]
        for what in ("people", "riders", "traffic"):
            if what in out or what in numbers:
                continue
            thing = text.words.words[what]
            shapes = [f"(?:{how}){between}(?:{thing})"]
            if text.language is Language.CHINESE:
                shapes.append(f"(?:{thing})(?:很|较|十分)?(?:{how})")
            if any(text.take(pattern(shape, text.language)) is not None for shape in shapes):
                out[what] = amount
    return out


def _deeds(
    sentence: str,
    text: _Text,
    found: list[tuple[int, int, What]],
    actors: list[tuple[int, int, Actor]],
) -> list[Deed]:
    """Gives each deed to the actor before it in its clause, else to the one behind it."""
    out: list[Deed] = []
    taken: set[What] = set()
    for start, end, what in found:
        if what in taken:
            continue
        taken.add(what)
        first = max((m.end() for m in _CLAUSE.finditer(sentence, 0, start)), default=0)
        match = _CLAUSE.search(sentence, end)
        last = match.start() if match else len(sentence)
        before = [a for a in actors if first <= a[0] < start]
        behind = [a for a in actors if end <= a[0] < last]
        chosen = before[-1] if before else (behind[0] if behind else None)
        count = _count(text, sentence, chosen) if chosen else None
        out.append(Deed(what=what, who=chosen[2] if chosen else None, count=count))
    return out[:_MOST_DEEDS]


def _count(text: _Text, sentence: str, actor: tuple[int, int, Actor]) -> int | None:
    """A number before an actor, at most a word away."""
    words = "|".join(sorted(text.words.numbers, key=len, reverse=True))
    gap = r"(?:\s+[a-z-]+)?\s+" if text.language is Language.ENGLISH else r"\s*(?:辆|名|个|位|条|只)?"
    match = re.search(rf"(?<![a-z0-9])(\d|{words}){gap}$", sentence[: actor[0]])
    if match is None:
        return None
    count = int(text.words.numbers.get(match[1], 0) or match[1]) if match[1] else 0
    return count if 1 < count <= 5 else None
