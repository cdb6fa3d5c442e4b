"""Forty sentences through the keyword grammar, and through an endpoint that answers well, badly or never.

`python -m benchmarks.words` prints the tables of docs/measurements.md. The endpoint is a stub of the tests:
a server in a thread of its own that speaks chat completions, asked by the real client. Its good answers are
what tests/sentences.yaml says that the sentences ask for: they measure what becomes of an answer, not how
well a model understands.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig
from tests.stub_endpoint import Reply, Stub, fails, in_turn, says
from tests.unit.generators.text.test_grammar import SENTENCES, level
from tests.unit.generators.text.test_scene import HOSTILE

from drivegen.core.errors import ConfigError
from drivegen.core.words import Call, Had, Proof, Target, Understood
from drivegen.data import data_root
from drivegen.runtime.config import register_schema
from drivegen.runtime.words import scenes
from drivegen.runtime.words.scenarios import prove as play
from drivegen_generators.text.endpoint import Endpoint

LIMIT_S = 0.8
"""Of a request; a failed one is sent once more."""
KEY = "sk-benchmark-key"
Row = dict[str, Any]
Modes = dict[str, Callable[[Row], tuple[Reply, ...]]]


def _answer(row: Row) -> str:
    return json.dumps(row["scene"], ensure_ascii=False)


def _wrong(row: Row) -> str:
    return json.dumps(row["scene"] | {"mood": "gloomy"}, ensure_ascii=False)


def _hostile(row: Row) -> tuple[Reply, ...]:
    values = list(HOSTILE.values())
    return tuple(says(values[(SENTENCES.index(row) + k) % len(values)]) for k in range(3))


MODES: Modes = {
    "good": lambda row: (says(_answer(row)),),
    "good, in a fence": lambda row: (says(f"```json\n{_answer(row)}\n```"),),
    "no schemas (400), then good": lambda row: (fails(400, "response_format"), says(_answer(row))),
    "invalid, then good": lambda row: (says(_wrong(row)), says(_answer(row))),
    "invalid twice, then good": lambda row: (says("{"), says(_wrong(row)), says(_answer(row))),
    "invalid thrice": lambda row: (says(_wrong(row)),),
    "malicious thrice": _hostile,
    "slow (2 s, at most 0.8 s are waited for)": lambda row: (says(_answer(row), wait_s=2.0),),
    "a byte every 10 ms": lambda row: (says(_answer(row), drip_s=0.01),),
    "ends in the middle": lambda row: (says(_answer(row), hang_up=True),),
    "500": lambda _: (fails(500),),
    "429, retry after 0.2 s, then good": lambda row: (fails(429, retry_after="0.2"), says(_answer(row))),
    "429 for ever": lambda _: (fails(429, retry_after="0.1"),),
    "401 that sends the key back": lambda _: (fails(401, f"bad key {KEY}"),),
}


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=len(SENTENCES), help="of the forty (default: all)")
    rows = SENTENCES[: parser.parse_args().sentences]
    composed = _composed()
    print("| | all | what happens | no more |\n|---|---|---|---|")
    for name, chosen in (("English", _english), ("Chinese", lambda row: not _english(row))):
        found = Counter(level(row) for row in rows if chosen(row))
        print(f"| {name} | {found['all']} | {found['deeds']} | {found['none']} |")
    _dry_runs(rows, composed)
    print("\n| the endpoint | usable | one clear error | requests | most s |\n|---|---|---|---|---|")
    for mode, replies in MODES.items():
        print(_mode(mode, replies, rows))
    print(_nobody(rows))


def _english(row: Row) -> bool:
    return bool(row["text"].isascii())


def _composed() -> DictConfig:
    register_schema()
    with initialize_config_dir(str(data_root() / "conf"), version_base="1.3"):
        return compose("config", overrides=["experiment=tiny"])


def _dry_runs(rows: list[Row], composed: DictConfig) -> None:
    """Good answers, planned as scenes and played as scenarios: what of the wishes could be had."""
    print("\n| as | proven | wishes | had | in part | not | s a sentence |\n|---|---|---|---|---|---|---|")
    for target, dry_run in (
        (Target.SCENES, scenes.Trials(composed, {}).prove),
        (Target.SCENARIO, play),
    ):
        had: Counter[Had] = Counter()
        proven, began = 0, time.perf_counter()
        for row in rows:
            made, error = _read(in_turn(says(_answer(row))), row, target, dry_run)[:2]
            if made is None:
                print(f"<!-- {row['text']}: {error} -->")
                continue
            proven += 1
            had.update(wish.had for wish in made.wishes)
        seconds = (time.perf_counter() - began) / len(rows)
        print(
            f"| {target} | {proven} of {len(rows)} | {had.total()} | {had[Had.YES]} | {had[Had.PARTLY]} | "
            f"{had[Had.NO]} | {seconds:.2f} |"
        )


def _mode(mode: str, replies: Callable[[Row], tuple[Reply, ...]], rows: list[Row]) -> str:
    usable = errors = requests = 0
    most_s = 0.0
    for row in rows:
        began = time.perf_counter()
        made, error, asked, calls = _read(in_turn(*replies(row)), row, Target.SCENES, lambda _: Proof())
        most_s = max(most_s, time.perf_counter() - began)
        usable += made is not None
        errors += bool(error)
        requests += asked
        if KEY in error or KEY in repr(calls):
            raise SystemExit(f"{mode}: the key was told")
    return f"| {mode} | {usable} | {errors} | {requests} | {most_s:.2f} |"


def _nobody(rows: list[Row]) -> str:
    with Stub(in_turn(Reply())) as stub:
        url = stub.url
    usable = errors = 0
    began = time.perf_counter()
    for row in rows:
        try:
            Endpoint(url=url, model="stub", retries=0).read(
                row["text"], Target.SCENES, lambda _: Proof(), lambda _: None
            )
            usable += 1
        except ConfigError:
            errors += 1
    most_s = (time.perf_counter() - began) / len(rows)
    return f"| nobody listens | {usable} | {errors} | {len(rows)} | {most_s:.2f} |"


def _read(
    answer: Callable[[dict[str, Any], int], Reply],
    row: Row,
    target: Target,
    dry_run: Callable[[Understood], Proof],
) -> tuple[Understood | None, str, int, list[Call]]:
    calls: list[Call] = []
    with Stub(answer) as stub:
        reader = Endpoint(url=stub.url, model="stub", key=KEY, timeout_s=LIMIT_S, retries=1)
        try:
            made, error = reader.read(row["text"], target, dry_run, calls.append), ""
        except ConfigError as caught:
            made, error = None, str(caught)
        return made, error, len(stub.requests), calls


if __name__ == "__main__":
    main()
