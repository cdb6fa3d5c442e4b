"""The schema: what it lets in, and what it does not."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("pydantic")

from drivegen_generators.text.answer import LARGEST_ANSWER, AnswerError, scene_in
from drivegen_generators.text.prompt import schema
from drivegen_generators.text.scene import Scene

HOSTILE = {
    "a target": '{"_target_": "os.system", "args": ["id"]}',
    "a nested target": '{"place": {"form": "junction", "_target_": "builtins.eval"}}',
    "a path": '{"place": {"form": "../../etc/passwd"}}',
    "an absolute path": '{"conditions": {"sky": "/etc/passwd"}}',
    "an interpolation": '{"place": {"zone": "${oc.env:HOME}"}}',
    "a shell": '{"deeds": [{"what": "$(rm -rf /)"}]}',
    "a huge whole number": '{"scenes": ' + "9" * 400 + "}",
    "a huge number": '{"duration_s": 1e308}',
    "infinity": '{"duration_s": Infinity}',
    "not a number": '{"ego": {"speed_kmh": NaN}}',
    "a negative number": '{"seed": -1}',
    "a truth as a number": '{"scenes": true}',
    "a text as a number": '{"scenes": "5"}',
    "too many deeds": json.dumps({"deeds": [{"what": "cuts_in"}] * 5}),
    "too many notes": json.dumps({"not_expressed": ["x"] * 13}),
    "a long note": json.dumps({"not_expressed": ["x" * 81]}),
    "ten megabytes": '{"not_expressed": ["' + "x" * 10_000_000 + '"]}',
    "ten thousand deep": '{"deeds": ' + "[" * 10_000 + "]" * 10_000 + "}",
    "thirteen deep": '{"deeds": ' + "[" * 13 + "]" * 13 + "}",
    "a list": "[1, 2]",
    "code": "import os; os.system('id')",
    "python in a fence": "```python\nprint(1)\n```",
    "an xml entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    "nothing": "",
    "half an object": '{"place": {"form": "junction"',
    "a lone surrogate": '{"not_expressed": ["\\ud800"]}',
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_not_the_schemas_is_refused(what: str) -> None:
    with pytest.raises(AnswerError) as caught:
        scene_in(HOSTILE[what])
    told = str(caught.value)
    assert len(told) < 2000, "what a model wrote is not repeated at length"
    assert told.replace("\n", "").isprintable()


def test_a_scene_is_read_plain_and_in_a_fence() -> None:
    text = '{"deeds": [{"what": "runs_red_light", "who": "ebike"}], "duration_s": 12}'
    scene = scene_in(text)
    assert scene == scene_in(f"```json\n{text}\n```")
    assert scene.deeds[0].what == "runs_red_light"
    assert scene.duration_s == 12.0


def test_an_answer_at_the_limit_of_its_size_is_read() -> None:
    text = '{"seed": 1}'
    assert scene_in(text + " " * (LARGEST_ANSWER - len(text))).seed == 1
    with pytest.raises(AnswerError, match="characters"):
        scene_in(text + " " * LARGEST_ANSWER)


def test_the_schema_is_strict_everywhere() -> None:
    found = schema()
    objects = [found, *(part for part in found["$defs"].values() if part.get("type") == "object")]
    assert len(objects) == 7
    for part in objects:
        assert part["additionalProperties"] is False
        assert part["required"] == list(part["properties"])
        assert not any("default" in each for each in part["properties"].values())


def test_the_whole_of_a_scene_goes_through_json_and_back() -> None:
    scene = scene_in(
        '{"traffic": {"kinds": ["bus"]}, "conditions": {"hour": 6.5}, "not_expressed": ["a brass band"]}'
    )
    assert scene_in(scene.model_dump_json()) == scene != Scene()
