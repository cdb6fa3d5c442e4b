"""The whole dispatch under hostile calls: errors are declared, and the world stays sound."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from drivegen.embedded.rpc.table import call_table
from tests.hostile import VALUES, Assault, mutated

CALLS = 800
TABLE = call_table()


@pytest.fixture(scope="module")
def assault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assault]:
    made = Assault(tmp_path_factory.mktemp("assault"), random.Random(20260101), looks=False)
    yield made
    made.close()


def _error(answer: Any) -> str:
    """The text of an answer that is an error, in whichever of the three shapes."""
    match answer:
        case [[0, [str(text)]]] | [[True, [str(text)]]] | [[[0, [str(text)]]]]:
            return text
    raise AssertionError(answer)


@pytest.mark.parametrize("name", sorted(TABLE.calls))
def test_wrong_arity_and_wrong_types_are_answered_by_an_error_that_names_the_call(
    assault: Assault, name: str
) -> None:
    right = assault.calls.arguments(name)
    for wrong in ([*right, 0], right[:-1], [], [0, *right[1:]], [[], *right], [[False]] * (len(right) + 2)):
        assert _error(assault.call(name, wrong)).startswith(name)
    decoders = TABLE.calls[name].decoders
    for i in range(1, len(right)):
        for value in ({}, [[[]]], b"\xff" * 3, "x" * 1000, 1.5, True, None, float("nan"), -1):
            if name == "apply_batch" and i == 1 and type(value) is list:
                continue
            try:
                decoders[i - 1](value)
            except Exception:
                answer = assault.call(name, [*right[:i], value, *right[i + 1 :]])
                assert _error(answer).startswith(f"{name}: {TABLE.calls[name].parameters[i - 1]}: ")


@pytest.mark.parametrize("name", sorted(TABLE.unsupported))
def test_a_call_that_is_not_supported_says_so_whatever_it_carries(assault: Assault, name: str) -> None:
    for arguments in ([], [[False]], [[False], *VALUES]):
        assert f"does not support '{name}'" in _error(assault.call(name, arguments))


def test_hostile_calls_raise_declared_errors_only_and_leave_the_world_sound(assault: Assault) -> None:
    rng = random.Random(7)
    names = [*assault.names, *["spawn_actor"] * 8, *["apply_batch"] * 6]
    for i in range(CALLS):
        name = rng.choice(names)
        assault.call(name, assault.arguments(name))
        if i % 25 == 24:
            assault.cull(12)
            assault.tick()


def test_damaged_calls_raise_declared_errors_only(assault: Assault) -> None:
    rng = random.Random(8)
    for _ in range(CALLS):
        name = rng.choice(assault.names)
        assault.call(name, mutated(rng, assault.calls.arguments(name)))
