from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivegen.scenario.reading.expressions import ExpressionError, Value, evaluate

PARAMETERS: dict[str, Value] = {"speed": 36.0, "count": 7, "on": True, "text": "abc", "lane": "-4"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("-2 * -3", 6),
        ("--2", 2),
        ("10 - 4 - 3", 3),
        ("7 / 2", 3.5),
        ("8 / 2", 4),
        ("7 % 4", 3),
        ("-7 % 4", -3),
        ("7.5 % 2", 1.5),
        ("2.1E-1 * 10", 2.1),
        (".5", 0.5),
        ("$speed / 3.6", 10.0),
        ("($count + 1) % 2", 0),
        ("abs($lane)", 4.0),
        ("round(2.5)", 3),
        ("round(-2.5)", -3),
        ("floor(-2.1)", -3),
        ("ceil(2.1)", 3),
        ("sqrt(9)", 3.0),
        ("pow(2, 10)", 1024.0),
        ("sign(-3.2)", -1),
        ("max(1, 2.5)", 2.5),
        ("min(3, 2)", 2),
        ("sin(asin(0.5))", 0.5),
        ("cos(acos(0.5))", 0.5),
        ("tan(atan(0.5))", 0.5),
        ("true and not false", True),
        ("false or true and false", False),
        ("not not $on", True),
        ("$text", "abc"),
        ("$on", True),
    ],
)
def test_an_expression_has_its_value_and_type(text: str, value: Value) -> None:
    found = evaluate(text, PARAMETERS)
    assert type(found) is type(value)
    assert found == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        ("1 +", "it ends too early"),
        ("1 2", "'2' is not expected there"),
        ("(1", "')' is missing"),
        ("$nothing", "there is no parameter 'nothing'"),
        ("speed", "there is no function 'speed'"),
        ("__import__(1)", "there is no function '__import__'"),
        ("'os'", "has no place"),
        ("1 ** 2", "'*' is not expected there"),
        ("1 < 2", "'<' has no place"),
        ("1 / 0", "it divides by zero"),
        ("1 % 0", "it divides by zero"),
        ("sqrt(-1)", "sqrt(-1) has no value"),
        ("pow(10, 400)", "too large"),
        ("1e308 * 10", "not finite"),
        ("9999999999999999999999", "too large"),
        ("pow(2)", "pow takes 2 values, not 1"),
        ("true + 1", "true is not a number"),
        ("1 and true", "1 is neither true nor false"),
        ("$text * 2", "'abc' is not a number"),
        ("(" * 5000 + "1" + ")" * 5000, "longer than"),
        ("(" * 300 + "1" + ")" * 300, "nest deeper"),
    ],
)
def test_what_is_no_expression_is_told(text: str, said: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate(text, PARAMETERS)
    assert said in str(caught.value)


SIGNS = st.sampled_from(["+", "-", "*"])
SUMS = st.recursive(
    st.integers(0, 99).map(str) | st.floats(0, 99, allow_nan=False).map(lambda v: f"{v:.3f}"),
    lambda inner: st.tuples(inner, SIGNS, inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
    max_leaves=12,
)


@given(SUMS)
@settings(max_examples=100, deadline=None)
def test_sums_and_products_are_those_of_arithmetic(text: str) -> None:
    expected = eval(text, {"__builtins__": {}})  # The test's own text: digits, brackets and three signs.
    if abs(expected) < 2**63:
        assert math.isclose(float(evaluate(text, {})), float(expected), rel_tol=1e-12, abs_tol=1e-9)


@given(st.text(alphabet="0123456789.eE+-*/%(),$ abnottrue_{}'\"\\", max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_text_has_a_value_or_an_error(text: str) -> None:
    try:
        value = evaluate(text, PARAMETERS)
    except ExpressionError:
        return
    assert isinstance(value, bool | int | float | str)
