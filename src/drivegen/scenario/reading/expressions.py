"""Expressions `${...}` of OpenSCENARIO XML 1.1 to 1.3 (User Guide, "Expressions").

The grammar, from the least binding to the most: `or`; `and`; `not`; `+ -`; `* / %`; unary `-`; calls,
brackets, numbers, `true`, `false`, parameters `$name`. Functions: round, floor, ceil (to an integer), sqrt,
pow, sin, cos, tan, asin, acos, atan (radians), sign, abs, max, min. Nothing is ever handed to Python's own
evaluation.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Value = bool | int | float | str

MOST_CHARACTERS = 10_000
MOST_DEPTH = 40
_GREATEST_INTEGER = 2**63

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<parameter>\$[A-Za-z_]\w*)"
    r"|(?P<word>[A-Za-z_]\w*)|(?P<sign>[-+*/%(),]))",
    re.ASCII,
)


class ExpressionError(ValueError):
    """What is wrong with an expression."""


def evaluate(text: str, parameters: Mapping[str, Value]) -> Value:
    """The value of an expression without its `${` and `}`.

    Args:
        text: for example `$speed / 3.6`.
        parameters: values by name, without `$`. A string that looks like a number counts as one.

    Raises:
        ExpressionError: the text is no expression, names what is not there, or has no finite value.
    """
    if len(text) > MOST_CHARACTERS:
        raise ExpressionError(f"it is longer than {MOST_CHARACTERS} characters")
    parser = _Parser(_tokens(text), parameters)
    try:
        value = parser.whole()
    except OverflowError as error:
        raise ExpressionError("its value is too large") from error
    return value


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    rest = len(text.rstrip())
    while at < rest:
        found = _TOKEN.match(text, at)
        if found is None:
            wrong = text[at:].lstrip()[0]
            raise ExpressionError(f"{wrong!r} has no place in an expression")
        kind = str(found.lastgroup)
        tokens.append(_Token(kind, found[kind]))
        at = found.end()
    return tokens


class _Parser:
    """Recursive descent; values are reckoned while parsing."""

    def __init__(self, tokens: Sequence[_Token], parameters: Mapping[str, Value]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._parameters = parameters

    def whole(self) -> Value:
        if not self._tokens:
            raise ExpressionError("it is empty")
        value = self._or()
        if self._at < len(self._tokens):
            raise ExpressionError(f"{self._tokens[self._at].text!r} is not expected there")
        return _finite(value)

    def _peek(self) -> str:
        return self._tokens[self._at].text if self._at < len(self._tokens) else ""

    def _take(self, *texts: str) -> str | None:
        token = self._peek()
        if token and token in texts:
            self._at += 1
            return token
        return None

    def _need(self, text: str) -> None:
        if self._take(text) is None:
            raise ExpressionError(f"{text!r} is missing before {self._peek() or 'the end'!r}")

    def _or(self) -> Value:
        value = self._and()
        while self._take("or"):
            other = self._and()
            value = _truth(value) | _truth(other)
        return value

    def _and(self) -> Value:
        value = self._not()
        while self._take("and"):
            other = self._not()
            value = _truth(value) & _truth(other)
        return value

    def _not(self) -> Value:
        turns = 0
        while self._take("not"):
            turns += 1
        value = self._sum()
        if turns:
            value = _truth(value) ^ (turns % 2 == 1)
        return value

    def _sum(self) -> Value:
        value = self._product()
        while sign := self._take("+", "-"):
            value = _reckon(sign, value, self._product())
        return value

    def _product(self) -> Value:
        value = self._negated()
        while sign := self._take("*", "/", "%"):
            value = _reckon(sign, value, self._negated())
        return value

    def _negated(self) -> Value:
        turns = 0
        while sign := self._take("-", "+"):
            turns += sign == "-"
        value = self._atom()
        if turns:
            value = -_number(value) if turns % 2 else _number(value)
        return value

    def _atom(self) -> Value:
        if self._at >= len(self._tokens):
            raise ExpressionError("it ends too early")
        token = self._tokens[self._at]
        self._at += 1
        if token.kind == "number":
            return _literal(token.text)
        if token.kind == "parameter":
            return self._parameter(token.text[1:])
        if token.text == "(":
            value = self._deeper(self._or)
            self._need(")")
            return value
        if token.text in ("true", "false"):
            return token.text == "true"
        if token.text == "pi":
            return math.pi  # Not in the standard, but in public files.
        if token.kind == "word":
            return self._call(token.text)
        raise ExpressionError(f"{token.text!r} is not expected there")

    def _deeper(self, part: Callable[[], Value]) -> Value:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise ExpressionError(f"its brackets nest deeper than {MOST_DEPTH}")
        value = part()
        self._depth -= 1
        return value

    def _parameter(self, name: str) -> Value:
        if name not in self._parameters:
            raise ExpressionError(f"there is no parameter {name!r}")
        return self._parameters[name]

    def _call(self, name: str) -> Value:
        if name not in _FUNCTIONS:
            known = ", ".join(sorted(_FUNCTIONS))
            raise ExpressionError(
                f"there is no function {name!r}; there are {known} (parameters begin with $)"
            )
        count, function = _FUNCTIONS[name]
        self._need("(")
        arguments = [_number(self._deeper(self._or))]
        while self._take(","):
            arguments.append(_number(self._deeper(self._or)))
        self._need(")")
        if len(arguments) != count:
            raise ExpressionError(f"{name} takes {count} value{'s' * (count > 1)}, not {len(arguments)}")
        try:
            return _finite(function(*arguments))
        except ValueError as error:
            shown = ", ".join(f"{a:g}" for a in arguments)
            raise ExpressionError(f"{name}({shown}) has no value") from error


def _literal(text: str) -> int | float:
    if text.isdigit():
        if len(text) > 19:
            raise ExpressionError(f"the number {text[:19]}... is too large")
        return int(text)
    return float(_finite(float(text)))


def _finite(value: Value) -> Value:
    if isinstance(value, float) and not math.isfinite(value):
        raise ExpressionError("its value is not finite")
    if isinstance(value, int) and abs(value) >= _GREATEST_INTEGER:
        raise ExpressionError("its value is too large")
    return value


def _number(value: Value) -> int | float:
    if isinstance(value, bool):
        raise ExpressionError(f"{str(value).lower()} is not a number")
    if isinstance(value, str):
        try:
            return _literal(value) if value.isdigit() else float(_finite(float(value)))
        except ValueError as error:
            raise ExpressionError(f"{value!r} is not a number") from error
    return value


def _truth(value: Value) -> bool:
    if isinstance(value, str) and value in ("true", "false"):
        return value == "true"
    if not isinstance(value, bool):
        raise ExpressionError(f"{value!r} is neither true nor false")
    return value


def _reckon(sign: str, left_value: Value, right_value: Value) -> Value:
    left, right = _number(left_value), _number(right_value)
    whole = isinstance(left, int) and isinstance(right, int)
    if sign == "+":
        return _finite(left + right)
    if sign == "-":
        return _finite(left - right)
    if sign == "*":
        return _finite(left * right)
    if right == 0:
        raise ExpressionError("it divides by zero")
    if sign == "/":
        # Two integers make an integer where nothing is lost, as the standard's conversions ask.
        return _finite(left // right if whole and left % right == 0 else left / right)
    rest = math.fmod(left, right)
    return int(rest) if whole else rest


def _round(value: float) -> int:
    """To the nearest integer, halves away from zero."""
    return int(math.copysign(math.floor(abs(value) + 0.5), value))


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


_FUNCTIONS: dict[str, tuple[int, Callable[..., int | float]]] = {
    "round": (1, _round),
    "floor": (1, math.floor),
    "ceil": (1, math.ceil),
    "sqrt": (1, math.sqrt),
    "pow": (2, math.pow),
    "sin": (1, math.sin),
    "cos": (1, math.cos),
    "tan": (1, math.tan),
    "asin": (1, math.asin),
    "acos": (1, math.acos),
    "atan": (1, math.atan),
    "sign": (1, _sign),
    "abs": (1, abs),
    "max": (2, max),
    "min": (2, min),
}
