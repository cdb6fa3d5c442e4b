"""Scenario files broken on purpose, by kinds; for tests and for `python -m benchmarks scenario_fuzz`.

Everything is drawn from one `random.Random`.
"""

from __future__ import annotations

import random
import re
import string
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from drivegen.core.errors import ScenarioError
from drivegen.scenario.distributions import concrete_parameters, read_distribution
from drivegen.scenario.reader import read_scenario
from drivegen.scenario.support import check_support

TAG = re.compile(r"<(?P<name>[A-Za-z]\w*)(?P<rest>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(?P<end>/?)>")
ONE = r"<(/?){}\b(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?(/?)>"
ATTRIBUTE = re.compile(r"(?P<space>\s)(?P<name>[A-Za-z]\w*)\s*=\s*\"(?P<value>[^\"]*)\"")
PLACE = re.compile(r"^(?P<file>.+?):(?P<line>\d+): ")
GIVEN = re.compile(r"^(?P<file>.+?) \(parameters given\): ")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A file's new text, whether it must be an error, and in which lines an error may be (None: in any)."""

    kind: str
    text: str
    fails: bool
    lines: tuple[int, int] | None = None


class Breaker:
    """Breaks one text after another."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def broken(self, text: str, kind: str | None = None) -> Mutant:
        """The text broken in one way, of the kind given or of any."""
        chosen = kind or self.random.choice(list(KINDS))
        mutant = KINDS[chosen](self, text)
        return Mutant(chosen, *mutant)

    def tag(self, text: str, *, within: bool = True) -> re.Match[str]:
        """An opening tag; below the root and outside the header, if `within`."""
        tags = [t for t in TAG.finditer(text) if not in_comment(text, t.start())]
        if within:
            begin = text.find("</FileHeader>")
            begin = begin if begin >= 0 else text.index("<FileHeader")
            later = [t for t in tags if t.start() > begin and t["name"] not in ("FileHeader", "Properties")]
            tags = later or tags
        return self.random.choice(tags)

    def attribute(self, text: str) -> tuple[int, re.Match[str]]:
        """An attribute of some element, and where its tag begins."""
        while True:
            tag = self.tag(text)
            found = list(ATTRIBUTE.finditer(text, tag.start("rest"), tag.end("rest")))
            if found:
                return tag.start(), self.random.choice(found)

    def end(self, text: str, tag: re.Match[str]) -> int:
        """Where the element that a tag opens ends."""
        if tag["end"]:
            return tag.end()
        depth = 0
        for found in re.finditer(ONE.format(tag["name"]), text[tag.start() :]):
            depth += -1 if found[1] else int(not found[2])
            if depth == 0:
                return tag.start() + found.end()
        return len(text)


NUMBERS = """
x y z s t ds dt dx dy dLane pathS height width length h maxSpeed delay tolerance duration mass trackWidth
maximumExecutionCount
"""
"""Attributes that are numbers in every element that has them."""


def in_comment(text: str, at: int) -> bool:
    """Whether a place of a text lies in a comment."""
    return text.rfind("<!--", 0, at) > text.rfind("-->", 0, at)


def attributes(text: str) -> list[re.Match[str]]:
    """All attributes outside comments."""
    return [
        a
        for a in ATTRIBUTE.finditer(text)
        if text.rfind("<!--", 0, a.start()) <= text.rfind("-->", 0, a.start())
    ]


Outcome = tuple[str, bool, tuple[int, int] | None]


def lines(text: str, begin: int, end: int) -> tuple[int, int]:
    """The lines, from 1, of a part of a text."""
    return text.count("\n", 0, begin) + 1, text.count("\n", 0, end) + 1


def element_dropped(breaker: Breaker, text: str) -> Outcome:
    tag = breaker.tag(text)
    return text[: tag.start()] + text[breaker.end(text, tag) :], False, None


def element_doubled(breaker: Breaker, text: str) -> Outcome:
    tag = breaker.tag(text)
    end = breaker.end(text, tag)
    return text[:end] + text[tag.start() : end] + text[end:], False, None


def elements_swapped(breaker: Breaker, text: str) -> Outcome:
    first, second = sorted((breaker.tag(text), breaker.tag(text)), key=lambda t: t.start())
    end, last = breaker.end(text, first), breaker.end(text, second)
    if second.start() < end:
        return element_dropped(breaker, text)
    parts = (text[: first.start()], text[second.start() : last], text[end : second.start()])
    return "".join(parts) + text[first.start() : end] + text[last:], False, None


def element_renamed(breaker: Breaker, text: str) -> Outcome:
    tag = breaker.tag(text)
    end = breaker.end(text, tag)
    inner = text[tag.start() : end]
    name = tag["name"]
    changed = f"<X{inner[1:]}"
    if not tag["end"]:
        changed = changed[: -len(name) - 1] + f"X{name}>"
    return text[: tag.start()] + changed + text[end:], True, lines(text, tag.start(), end)


def element_unclosed(breaker: Breaker, text: str) -> Outcome:
    closing = breaker.random.choice(list(re.finditer(r"</\w+>", text)))
    return text[: closing.start()] + text[closing.end() :], True, None


def attribute_dropped(breaker: Breaker, text: str) -> Outcome:
    _, found = breaker.attribute(text)
    return text[: found.start()] + text[found.end() :], False, None


def attribute_renamed(breaker: Breaker, text: str) -> Outcome:
    begin, found = breaker.attribute(text)
    changed = f"{found['space']}x{found['name']}"
    return (
        text[: found.start()] + changed + text[found.start("name") + len(found["name"]) :],
        True,
        lines(text, begin, found.end()),
    )


def attribute_doubled(breaker: Breaker, text: str) -> Outcome:
    _, found = breaker.attribute(text)
    return text[: found.end()] + found[0] + text[found.end() :], True, None


WORDS = """
abc NaN INF -INF 1e400 -1 0 99999999999999999999 1,5 0x10 true $ ${ ${} $nothing ${1/0} ${$nothing} -0 1e-320
${__import__(1)} ${pow(9,pow(9,9))} ../../../../etc/passwd /dev/zero 行人 &lt;a&gt; %s%n 1970-01-01T00:00:00
"""
LONG = ("", "${" + "(" * 200 + "}", "x" * 5000)


def value_changed(breaker: Breaker, text: str) -> Outcome:
    _, found = breaker.attribute(text)
    value = breaker.random.choice([*LONG, *WORDS.split()])
    return text[: found.start("value")] + value + text[found.end("value") :], False, None


def number_spoilt(breaker: Breaker, text: str) -> Outcome:
    """A number that is none: always an error, at the attribute."""
    numeric = (
        "x",
        "y",
        "z",
        "s",
        "t",
        "ds",
        "dt",
        "dx",
        "dy",
        "dLane",
        "pathS",
        "height",
        "width",
        "length",
        "h",
    )
    numeric += ("maxSpeed", "delay", "tolerance", "maximumExecutionCount", "duration", "mass", "trackWidth")
    found = [a for a in ATTRIBUTE.finditer(text) if a["name"] in numeric and not in_comment(text, a.start())]
    if not found:
        return element_renamed(breaker, text)
    chosen = breaker.random.choice(found)
    value = breaker.random.choice(("abc", "1,5", "", "NaN", "1.2.3", "${1/0}", "$nothing", "one"))
    begin = text.rfind("<", 0, chosen.start())
    changed = text[: chosen.start("value")] + value + text[chosen.end("value") :]
    return changed, True, lines(text, begin, chosen.end())


def entity_unknown(breaker: Breaker, text: str) -> Outcome:
    found = [
        a for a in ATTRIBUTE.finditer(text) if a["name"] in ("entityRef", "masterEntityRef") and a["value"]
    ]
    found = [a for a in found if not in_comment(text, a.start())]
    if not found:
        return element_renamed(breaker, text)
    chosen = breaker.random.choice(found)
    name = "".join(breaker.random.choices(string.ascii_letters, k=9))
    begin = text.rfind("<", 0, chosen.start())
    changed = text[: chosen.start("value")] + name + text[chosen.end("value") :]
    return changed, True, lines(text, begin, chosen.end())


def entry_unknown(breaker: Breaker, text: str) -> Outcome:
    found = [a for a in attributes(text) if a["name"] in ("catalogName", "entryName")]
    if not found:
        return element_renamed(breaker, text)
    chosen = breaker.random.choice(found)
    begin = text.rfind("<", 0, chosen.start())
    changed = text[: chosen.start("value")] + "no_such_thing" + text[chosen.end("value") :]
    return changed, True, lines(text, begin, chosen.end())


def cut_off(breaker: Breaker, text: str) -> Outcome:
    last = text.rindex(">")
    return text[: breaker.random.randrange(last)], True, None


def bytes_changed(breaker: Breaker, text: str) -> Outcome:
    letters = list(text)
    for _ in range(breaker.random.randint(1, 5)):
        at = breaker.random.randrange(len(letters))
        letters[at] = breaker.random.choice(string.printable + "\x01\ufffd<>&\"'")
    return "".join(letters), False, None


def entity_bomb(breaker: Breaker, text: str) -> Outcome:
    depth = breaker.random.randint(3, 30)
    laughs = "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(depth))
    head = f'<!DOCTYPE OpenSCENARIO [<!ENTITY l0 "ha">{laughs}]>'
    _, found = breaker.attribute(text)
    changed = text[: found.start("value")] + f"&l{depth};" + text[found.end("value") :]
    at = changed.index("<OpenSCENARIO")
    return changed[:at] + head + changed[at:], True, lines(text, at, at)


def outside_entity(breaker: Breaker, text: str) -> Outcome:
    where = breaker.random.choice(("file:///etc/passwd", "http://127.0.0.1:9/x", "/dev/zero"))
    head = f'<!DOCTYPE OpenSCENARIO [<!ENTITY e SYSTEM "{where}">]>'
    at = text.index("<OpenSCENARIO")
    tag = breaker.tag(text[at:], within=True)
    changed = text[:at] + head + text[at : at + tag.end()] + "&e;" + text[at + tag.end() :]
    return changed, True, lines(text, at, at)


def nested_deep(breaker: Breaker, text: str) -> Outcome:
    tag = breaker.tag(text)
    depth = breaker.random.choice((70, 300, 20_000))
    name = tag["name"]
    deep = f"<{name}>" * depth + f"</{name}>" * depth
    return text[: tag.start()] + deep + text[tag.start() :], True, None


def repeated(breaker: Breaker, text: str) -> Outcome:
    tag = breaker.tag(text)
    end = breaker.end(text, tag)
    part = text[tag.start() : end]
    if len(part) > 500:
        return element_doubled(breaker, text)
    return text[:end] + part * 300 + text[end:], False, None


def stray_text(breaker: Breaker, text: str) -> Outcome:
    tag = breaker.tag(text)
    return text[: tag.start()] + "stray" + text[tag.start() :], False, None


def parameter_of_itself(breaker: Breaker, text: str) -> Outcome:
    found = [t for t in TAG.finditer(text) if t["name"] == "ParameterDeclaration"]
    found = [t for t in found if not in_comment(text, t.start())]
    if not found:
        return value_changed(breaker, text)
    tag = breaker.random.choice(found)
    name = re.search(r"\bname=\"(\w+)\"", tag[0])
    value = re.search(r"\bvalue=\"([^\"]*)\"", tag[0])
    if name is None or value is None:
        return value_changed(breaker, text)
    at = tag.start() + value.start(1)
    changed = text[:at] + f"${{${name[1]} + 1}}" + text[tag.start() + value.end(1) :]
    return changed, False, None


KINDS: Mapping[str, Callable[[Breaker, str], Outcome]] = {
    f.__name__: f
    for f in (
        element_dropped,
        element_doubled,
        elements_swapped,
        element_renamed,
        element_unclosed,
        attribute_dropped,
        attribute_renamed,
        attribute_doubled,
        value_changed,
        number_spoilt,
        entity_unknown,
        entry_unknown,
        cut_off,
        bytes_changed,
        entity_bomb,
        outside_entity,
        nested_deep,
        repeated,
        stray_text,
        parameter_of_itself,
    )
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant: the error's message, or None where it was read."""

    message: str | None
    seconds: float


def read(path: Path) -> None:
    """Reads a file of any kind as a user would; ScenarioError where that is what a user would see."""
    if b"<ParameterValueDistribution" in path.read_bytes():
        distribution = read_distribution(path)
        for parameters, _ in zip(concrete_parameters(distribution), range(2), strict=False):
            read_scenario(distribution.scenario_path, parameters)
        return
    check_support(read_scenario(path))


def judged(path: Path) -> Verdict:
    """Reads a file; every error but ScenarioError goes on to the caller."""
    start = time.perf_counter()
    try:
        read(path)
    except ScenarioError as error:
        return Verdict(str(error), time.perf_counter() - start)
    return Verdict(None, time.perf_counter() - start)


def complaint(verdict: Verdict, mutant: Mutant, path: Path) -> str | None:
    """Why a verdict is not as it must be, or None.

    An error is one line that begins with a file and a line of it; a mutant that must fail does, and where the
    fault's place is known the error names it.
    """
    message = verdict.message
    if message is None:
        return "it was read" if mutant.fails else None
    if GIVEN.match(message) and "\n" not in message:
        return None  # A value of a distribution that the scenario's own constraints refuse.
    found = PLACE.match(message)
    if found is None or "\n" in message:
        return f"no place or more than one line: {message!r}"
    file, line = Path(found["file"]), int(found["line"])
    if (
        not file.is_file()
        or not 1 <= line <= file.read_text(encoding="utf-8", errors="replace").count("\n") + 1
    ):
        return f"there is no such place: {message!r}"
    if mutant.lines is not None and file == path and not mutant.lines[0] <= line <= mutant.lines[1]:
        return f"another place than lines {mutant.lines}: {message!r}"
    return None
