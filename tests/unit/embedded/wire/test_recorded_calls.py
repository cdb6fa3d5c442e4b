"""Calls as the real 0.9.16 client sends them, one of each name: argument lists recorded on the wire."""

import json
from pathlib import Path

import pytest

from drivegen.embedded.rpc.dispatch import decoded
from drivegen.embedded.rpc.table import call_table
from drivegen.embedded.wire.commands import SpawnActor, decode_command

RECORDED: dict[str, list[object]] = json.loads((Path(__file__).parent / "recorded_calls.json").read_text())
TABLE = call_table()


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_a_recorded_call_is_decoded_or_refused_by_name(name: str) -> None:
    arguments = RECORDED[name]
    if name in TABLE.unsupported:
        (answer,) = TABLE.carry_out(None, name, arguments)
        assert f"does not support '{name}'" in str(answer)
        return
    values = decoded(TABLE.calls[name], arguments)
    assert len(values) == len(arguments) - 1


def test_no_call_is_both_carried_out_and_refused() -> None:
    assert not set(TABLE.calls) & set(TABLE.unsupported)


def test_an_unknown_call_is_refused_by_name() -> None:
    ((kind, (text,)),) = TABLE.carry_out(None, "fly", [[False]])
    assert kind == 0
    assert "'fly'" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([[False]], "destroy_actor: wants 1 arguments (actor), not 0"),
        ([[False], 1, 2], "destroy_actor: wants 1 arguments (actor), not 2"),
        ([[False], "one"], "destroy_actor: actor: an integer is wanted, not 'one'"),
        ([], "destroy_actor: the first argument is the client's metadata"),
        ([7, 1], "destroy_actor: the first argument is the client's metadata"),
    ],
)
def test_wrong_arity_and_types_are_answered(arguments: list[object], message: str) -> None:
    ((kind, (text,)),) = TABLE.carry_out(None, "destroy_actor", arguments)
    assert kind == 0
    assert message in text


def test_recorded_commands_are_decoded() -> None:
    commands = RECORDED["apply_batch"][1]
    assert isinstance(commands, list)
    for plain in commands:
        command = decode_command(plain)
        assert isinstance(command, SpawnActor)
        assert command.description.id == "walker.pedestrian.0002"
        assert command.parent is None
