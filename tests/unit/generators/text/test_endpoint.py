"""A language model at an endpoint: the real client against a real server that answers as it is told to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

pytest.importorskip("openai")

from drivegen.core.errors import ConfigError
from drivegen.core.words import Call, Proof, Target, Understood
from drivegen_generators.text.endpoint import LARGEST_BODY, Endpoint
from tests.stub_endpoint import Answer, Reply, Stub, closed_port, fails, in_turn, says
from tests.unit.generators.text.test_scene import HOSTILE

GOOD = json.dumps({"place": {"form": "junction"}, "deeds": [{"what": "runs_red_light", "who": "ebike"}]})
SENTENCE = "an e-bike runs a red light"
KEY = "sk-secret-0123456789"


class Asked:
    """One sentence, read at a stub."""

    def __init__(
        self,
        answer: Answer,
        *,
        proofs: tuple[Proof, ...] = (),
        kept: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        self.calls: list[Call] = []
        self.error = ""
        self.made: Understood | None = None
        proofs_left = list(proofs)
        options: dict[str, Any] = {"key": KEY, "timeout_s": 5.0, "retries": 0} | more
        with Stub(answer) as self.stub:
            reader = Endpoint(url=self.stub.url, model="stub", **options)
            try:
                self.made = reader.read(
                    SENTENCE,
                    Target.SCENES,
                    lambda _: proofs_left.pop(0) if proofs_left else Proof(),
                    self.calls.append,
                    kept,
                )
            except ConfigError as error:
                self.error = str(error)

    @property
    def outcomes(self) -> list[str]:
        """Their first words."""
        return [call.outcome.split(":")[0] for call in self.calls]


def test_a_good_answer_is_taken_at_once() -> None:
    asked = Asked(in_turn(says(GOOD)))
    assert asked.made is not None and asked.outcomes == ["accepted"]
    assert asked.made.values["map.plugin"] == "junction"
    (request,) = asked.stub.requests
    assert request["response_format"]["json_schema"]["strict"] is True
    assert request["messages"][-1] == {"role": "user", "content": SENTENCE}
    assert asked.stub.keys == [f"Bearer {KEY}"]


@pytest.mark.parametrize("bad", ["{}", "no", '{"place": {"form": "moon"}}', ""])
def test_an_unusable_answer_is_repaired(bad: str) -> None:
    asked = Asked(in_turn(says(bad), says(GOOD)))
    assert asked.made is not None and asked.outcomes == ["refused", "accepted"]
    sent = asked.stub.requests[1]["messages"]
    assert sent[-1]["role"] == "user" and "not usable" in sent[-1]["content"]
    reason = asked.calls[0].outcome.removeprefix("refused: ")
    assert reason in sent[-1]["content"], "the model is told what was wrong"


def test_what_cannot_be_made_is_repaired_too() -> None:
    asked = Asked(in_turn(says(GOOD)), proofs=(Proof(problems=("map.params: no such road",)),))
    assert asked.outcomes == ["refused", "accepted"]
    assert "no such road" in asked.stub.requests[1]["messages"][-1]["content"]


def test_after_two_repairs_it_is_over() -> None:
    asked = Asked(in_turn(says("no")))
    assert len(asked.stub.requests) == 3 and asked.outcomes == ["refused"] * 3
    assert "no usable answer after 2 repairs" in asked.error


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_answer_never_counts(what: str) -> None:
    asked = Asked(in_turn(says(HOSTILE[what])))
    assert asked.made is None and len(asked.stub.requests) == 3
    assert all(len(call.answer) <= 16_384 for call in asked.calls)
    sent = json.dumps(asked.stub.requests[-1])
    assert len(sent) < 40_000, "what it said does not come back at length"


BODIES = {
    "no json": b"<html>",
    "no choices": b"{}",
    "no text": json.dumps({"choices": [{"message": {"content": None}}]}).encode(),
    "a tool": json.dumps({"choices": [{"message": {"content": ["x"], "tool_calls": []}}]}).encode(),
    "ten thousand deep": b"[" * 10_000 + b"]" * 10_000,
    "larger than is read": b" " * (LARGEST_BODY + 1),
}


@pytest.mark.parametrize("what", BODIES)
def test_a_response_that_is_no_completion_is_refused(what: str) -> None:
    asked = Asked(in_turn(Reply(body=BODIES[what]), says(GOOD)))
    assert asked.outcomes == ["refused", "accepted"]


def test_one_that_was_cut_off_is_refused() -> None:
    cut = json.loads(says(GOOD).body)
    cut["choices"][0]["finish_reason"] = "length"
    assert Asked(in_turn(Reply(body=json.dumps(cut).encode()), says(GOOD))).outcomes == [
        "refused",
        "accepted",
    ]


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (says(GOOD, wait_s=1.5), "no answer within 0.3 s"),
        (says(GOOD, drip_s=0.01), "no whole answer within 0.3 s"),
        (says(GOOD, hang_up=True), "broke off"),
        (fails(500), "status 500"),
        (fails(401, f"wrong key {KEY}"), "status 401"),
        (fails(404), "status 404"),
        (fails(429), "status 429"),
    ],
)
def test_no_answer_is_one_clear_error(reply: Reply, told: str) -> None:
    asked = Asked(in_turn(reply), timeout_s=0.3)
    assert told in asked.error and "keyword grammar" in asked.error
    assert asked.outcomes == ["no answer"], "a call that failed is logged too"
    assert KEY not in asked.error and KEY not in repr(asked.calls), "the key is told nowhere"


def test_nobody_there_is_one_clear_error() -> None:
    reader = Endpoint(url=f"http://127.0.0.1:{closed_port()}/v1", model="stub", retries=0)
    calls: list[Call] = []
    with pytest.raises(ConfigError, match="cannot be reached"):
        reader.read(SENTENCE, Target.SCENES, lambda _: Proof(), calls.append)
    assert len(calls) == 1


def test_what_may_pass_is_tried_again_when_the_endpoint_says() -> None:
    asked = Asked(
        in_turn(fails(429, retry_after="0.2"), fails(500, retry_after_ms="50"), says(GOOD)), retries=2
    )
    assert asked.made is not None and len(asked.stub.requests) == 3
    assert asked.outcomes == ["accepted"]
    assert asked.calls[0].seconds >= 0.25


def test_without_schemas_the_schema_stands_in_the_message() -> None:
    def answer(request: dict[str, Any], _: int) -> Reply:
        return fails(400, "response_format is unknown") if "response_format" in request else says(GOOD)

    asked = Asked(answer)
    assert asked.made is not None and len(asked.stub.requests) == 2
    assert '"additionalProperties": false' in asked.stub.requests[1]["messages"][0]["content"]
    assert Asked(in_turn(fails(400, "no such model"))).error.count("no such model") == 1


def test_a_kept_scene_is_compiled_and_nobody_is_asked() -> None:
    asked = Asked(in_turn(fails(500)), kept=json.loads(GOOD))
    assert asked.made is not None and not asked.stub.requests
    assert (
        "kept is broken at place.form" in Asked(in_turn(fails(500)), kept={"place": {"form": "/etc"}}).error
    )
