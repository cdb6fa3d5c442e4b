"""Parameters: declared, constrained, assigned, and looked up where they are visible."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from drivegen.scenario.model.element import Place
from drivegen.scenario.model.names import ParameterType, Rule
from drivegen.scenario.reading.document import Node
from drivegen.scenario.reading.expressions import ExpressionError, Value, evaluate
from drivegen.scenario.reading.problems import broken, nearest
from drivegen.scenario.reading.values import as_text, to_date_time, to_double, to_typed, to_word

_WORDS = re.compile(r"\$?\w[\w .:-]*")
_REFERENCE = re.compile(r"\$([A-Za-z_]\w*)", re.ASCII)


@dataclass(slots=True)
class Scope:
    """The parameters that are visible somewhere, with their texts and values."""

    texts: dict[str, str] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)

    def within(self) -> Scope:
        """A scope that begins with what is visible here."""
        return Scope(texts=dict(self.texts), values=dict(self.values))

    def resolve(self, text: str) -> str:
        """An attribute's text with a parameter or an expression replaced by its value.

        Raises:
            ValueError: the parameter is not declared, or the expression has no value.
        """
        if not text.startswith("$"):
            return text[1:] if text.startswith("\\$") else text
        if text.startswith("${"):
            if not text.rstrip().endswith("}"):
                raise ValueError(f"the expression {text!r} has no closing bracket }}")
            try:
                return as_text(evaluate(text.rstrip()[2:-1], self.values))
            except ExpressionError as error:
                raise ValueError(f"the expression {text!r} cannot be reckoned: {error}") from None
        found = _REFERENCE.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is neither a parameter ($name) nor an expression (${{...}})")
        if found[1] not in self.texts:
            near = nearest(found[1], self.texts)
            raise ValueError(f"there is no parameter {found[1]!r} here: declare it ({near})")
        return self.texts[found[1]]

    def joined(self, text: str) -> str:
        """`${a + $b + c}` as texts one after another, which some tools allow where a text is wanted.

        Raises:
            ValueError: it is not made of words and parameters alone.
        """
        if not (text.startswith("${") and text.endswith("}")) or "+" not in text:
            raise ValueError(f"{text!r} joins no texts")
        parts = [part.strip() for part in text[2:-1].split("+")]
        for part in parts:
            if not _WORDS.fullmatch(part):
                raise ValueError(f"{part!r} is neither a word nor a parameter")
        return "".join(self.resolve(part) for part in parts)

    def declare(
        self,
        declarations: Node,
        assigned: Mapping[str, tuple[str, Place]],
        note: Callable[[Place, str], None],
        *,
        lenient: bool = False,
        complete: bool = False,
    ) -> None:
        """Adds a `ParameterDeclarations` element's parameters, with assigned values in place of the defaults.

        Args:
            declarations: the element; a later parameter may use an earlier one.
            assigned: values with the places to name where one is wrong, by parameter.
            note: is told of what is only doubtful.
            lenient: a value that is not of its type is doubtful only.
            complete: an assigned parameter that is not declared is an error, not doubtful.
        """
        own: set[str] = set()
        for node in declarations.children:
            if (
                node.tag == "ParameterDeclaration"
                and {"name", "parameterType", "value"} <= node.attributes.keys()
            ):
                name = node.attributes["name"].removeprefix("$")
                if name in own:
                    note(node.place, f"parameter {name!r} is declared twice: the last declaration counts")
                own.add(name)
                self._declare_one(node, name, assigned.get(name), note if lenient else None)
        for name, (_, place) in assigned.items():
            if name not in own:
                said = f"there is no parameter {name!r} to assign; {nearest(name, own)}"
                if complete:
                    raise broken(place, said)
                note(place, said)

    def _declare_one(
        self,
        node: Node,
        name: str,
        assigned: tuple[str, Place] | None,
        note: Callable[[Place, str], None] | None,
    ) -> None:
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise broken(
                node.place_of("name"), f"{name!r} is no name for a parameter: use letters, digits and _"
            )
        text, place = (node.attributes["value"], node.place_of("value")) if assigned is None else assigned
        try:
            kind_text = self.resolve(node.attributes["parameterType"])
            kind = to_word("int" if kind_text == "integer" else kind_text, ParameterType)
            resolved = self.resolve(text) if assigned is None else text
            try:
                value = to_typed(resolved, kind)
            except ValueError as error:
                if note is None:
                    raise
                note(place, f"parameter {name!r}: {error}")
                value = resolved
        except ValueError as error:
            raise broken(place, f"parameter {name!r}: {error}") from None
        self._constrain(node, name, resolved, kind, place)
        self.texts[name] = resolved
        self.values[name] = value

    def _constrain(self, node: Node, name: str, text: str, kind: ParameterType, place: Place) -> None:
        groups = node.children
        if any(g.tag != "ConstraintGroup" for g in groups):
            return  # Reading the declaration itself tells what cannot stand there.
        wrong = []
        for group in groups:
            failed = None
            for constraint in group.children:
                rule_text, bound = constraint.attributes.get("rule"), constraint.attributes.get("value")
                if constraint.tag != "ValueConstraint" or rule_text is None or bound is None:
                    return  # Reading the declaration itself tells what is missing.
                try:
                    rule, limit = to_word(self.resolve(rule_text), Rule), self.resolve(bound)
                    met = compare(text, rule, limit, kind)
                except ValueError as error:
                    raise broken(constraint.place, f"the constraint of {name!r}: {error}") from None
                if not met:
                    failed = f"{rule.value} {limit}"
                    break
            if failed is None:
                return
            wrong.append(failed)
        if wrong:
            said = " or ".join(dict.fromkeys(wrong))
            raise broken(place, f"parameter {name!r} is {text}, but it must be {said}")


def compare(text: str, rule: Rule, other: str, kind: ParameterType) -> bool:
    """Whether two texts meet a rule as values of a type; texts are only equal or not.

    Raises:
        ValueError: a text is not of the type, or texts are to be ordered that are not numbers.
    """
    left: float | datetime | str
    right: float | datetime | str
    if kind in (ParameterType.STRING, ParameterType.BOOLEAN):
        if rule in (Rule.EQUAL_TO, Rule.NOT_EQUAL_TO):
            return (_plain(text, kind) == _plain(other, kind)) == (rule is Rule.EQUAL_TO)
        left, right = to_double(text), to_double(other)
    elif kind is ParameterType.DATE_TIME:
        left, right = to_date_time(text), to_date_time(other)
        if (left.tzinfo is None) != (right.tzinfo is None):
            left, right = left.replace(tzinfo=None), right.replace(tzinfo=None)
    else:
        left, right = to_double(text), to_double(other)
    return ordered(left, rule, right)


def ordered(left: float | datetime | str, rule: Rule, right: float | datetime | str) -> bool:
    """Whether `left rule right` for two values of one type."""
    if rule is Rule.EQUAL_TO:
        return left == right
    if rule is Rule.NOT_EQUAL_TO:
        return left != right
    if rule is Rule.GREATER_THAN:
        return left > right  # type: ignore[operator]
    if rule is Rule.LESS_THAN:
        return left < right  # type: ignore[operator]
    if rule is Rule.GREATER_OR_EQUAL:
        return left >= right  # type: ignore[operator]
    return left <= right  # type: ignore[operator]


def _plain(text: str, kind: ParameterType) -> str:
    return {"1": "true", "0": "false"}.get(text, text) if kind is ParameterType.BOOLEAN else text
