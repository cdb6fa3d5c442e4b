"""Sentences in jobs and scenarios: what is let through, who wins, what is kept, what is told."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pydantic")
pytest.importorskip("openai")

from drivegen.cli.generate import sentence_in
from drivegen.cli.main import main
from drivegen.core.errors import ConfigError
from drivegen.core.words import Had, Target, Understood, Wish
from drivegen.runtime.words.kept import kept_scene
from drivegen.runtime.words.readers import check_sentence, reader_of
from drivegen.runtime.words.scenarios import scenario_from
from drivegen.runtime.words.table import table
from drivegen.runtime.words.whitelist import check_values
from drivegen.runtime.words_config import WordsConfig, check_url
from drivegen_generators.text.endpoint import Endpoint
from drivegen_generators.text.reader import Grammar
from tests.stub_endpoint import Stub, fails, in_turn, says

KEY = "sk-secret-0123456789"
SCENE = {
    "place": {"form": "junction"},
    "deeds": [{"what": "runs_red_light", "who": "ebike"}],
    "not_expressed": ["a band"],
}
WHOLE = json.dumps(SCENE)


@pytest.fixture(autouse=True)
def _plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("DRIVEGEN_WORDS", "OPENAI_")):
            monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["fog on an expressway", "job.scenes=3"], "fog on an expressway"),
        (["大雾快速路"], "大雾快速路"),
        (["--text", "junction", "job.scenes=3"], "junction"),
        (["--text", "speed = 40 km/h"], "speed = 40 km/h"),
        (["job.name=my run"], None),
        (["traffic.params={riders: 12}"], None),
        (["job.name=测试"], None),
        (["junction"], None),
        (["--help"], None),
        ([""], ""),
        (["~traffic.params", "a b"], None),
        ([], None),
    ],
)
def test_a_sentence_is_told_from_overrides(words: list[str], sentence: str | None) -> None:
    found, rest = sentence_in(words)
    assert found == sentence
    assert len(rest) == len(words) - (0 if sentence is None else 1 + ("--text" in words))


def test_text_wants_a_sentence() -> None:
    for words in (["--text"], ["--text", "job.dry_run=true"], ["--text", "+look.fog.judges={edges:{}}", "x"]):
        with pytest.raises(ConfigError, match="wants a sentence"):
            sentence_in(words)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("job.runs_dir", "x"),
        ("server.command", ["sh"]),
        ("storage.url", "file:///"),
        ("map.file", "/etc/passwd"),
        ("map.plugin", "../x"),
        ("map.plugin", "${oc.env:HOME}"),
        ("rig.blueprint", "${oc.env:HOME}"),
        ("rig.blueprint", "vehicle.a.b/../c"),
        ("map.params", {"_target_": "os.system"}),
        ("map.params", {"a": {"b": {"c": {"d": 1}}}}),
        ("traffic.vehicles", float("inf")),
        ("traffic.vehicles", 10**12),
        ("weather.hours", list(range(41))),
        ("weather.presets", ["rain; id"]),
        ("weather.presets", object()),
    ],
)
def test_what_words_may_not_set_is_refused(key: str, value: Any) -> None:
    with pytest.raises(ConfigError, match="words may not set"):
        check_values({key: value})


def test_plain_values_of_listed_keys_pass() -> None:
    check_values(
        {
            "map.file": None,
            "rig.blueprint": "vehicle.lincoln.mkz_2020",
            "map.params": {"lanes": [2, 3], "slips": False},
        }
    )


@pytest.mark.parametrize(
    "url", ["ftp://x/v1", "x", "http://", "http://me:pw@host/v1", "http://h/v1?key=x", "http://[::1"]
)
def test_an_address_is_an_address_and_holds_no_secret(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_url("words.url", url)
    assert "pw" not in str(caught.value)


def test_who_reads_is_named_by_configuration_or_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert isinstance(reader_of(WordsConfig()), Grammar)
    with pytest.raises(ConfigError, match="name the model"):
        reader_of(WordsConfig(url="http://127.0.0.1:1/v1"))
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert isinstance(reader_of(WordsConfig()), Grammar), "a key alone makes nobody ask"
    monkeypatch.setenv("DRIVEGEN_WORDS_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("DRIVEGEN_WORDS_MODEL", "m")
    assert isinstance(reader_of(WordsConfig()), Endpoint)
    with pytest.raises(ConfigError, match="cannot be read"):
        reader_of(WordsConfig(key_file=str(tmp_path / "none")))


@pytest.mark.parametrize("sentence", ["", "  \n", "x" * 2001])
def test_sentences_have_a_length(sentence: str) -> None:
    with pytest.raises(ConfigError):
        check_sentence(sentence)


def test_the_table_obeys_no_terminal() -> None:
    made = Understood(
        sentence="x",
        target=Target.SCENES,
        by="m\x1b[2J",
        is_grammar=False,
        scene={},
        wishes=(Wish(asked="snow", got="none", had=Had.NO),),
        unknown=("\x1b]0;x\x07",),
    )
    lines = table(made)
    assert "".join(lines).isprintable()
    assert any("NO" in line for line in lines)


def _dry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *words: str) -> int:
    return main(["generate", *words, "experiment=tiny", f"job.runs_dir={tmp_path}", "job.dry_run=true"])


def test_a_sentence_is_planned_and_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (
        "rainy dusk, e-bike runs a red light at a Yizhuang junction",
        "weather.hours=[12.0]",
        "job.seed=3",
    )
    assert _dry(monkeypatch, tmp_path, *words) == 0
    told = capsys.readouterr()
    assert "read by the keyword grammar" in told.err
    assert "weather.hours=[12.0] on the command line" in told.err
    line = next(line for line in told.err.splitlines() if "red light rider: 1" in line)
    assert "1 in the plan of the first scene" in line
    assert "1 planned" in told.out
    assert not list(tmp_path.iterdir()), "a dry run of the grammar writes nothing"


def test_a_seed_is_found_that_has_what_was_asked_for_unless_one_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*words: str) -> dict[str, str]:
        assert _dry(monkeypatch, tmp_path, *words) == 0
        lines = capsys.readouterr().err.splitlines()
        return {line[12:].split("  ")[0]: line for line in lines if line.startswith("drivegen:   ")}

    sentence = "a child runs out between parked cars"
    by_seed = {n: " yes " in said(sentence, f"job.seed={n}")["dart out: 1"] for n in range(4)}
    assert not by_seed[0] and any(by_seed.values()), by_seed
    first = min(n for n, has in by_seed.items() if has)
    found = said(sentence)
    assert " yes " in found["dart out: 1"] and f"seed {first}" in found
    # With the seed that it found by hand, the plan is the same, and nothing is said of seeds.
    assert not any(line.startswith("seed") for line in said(sentence, f"job.seed={first}"))
    assert " NO " in said(f"{sentence}, seed 0")["dart out: 1"]


def test_a_model_is_asked_once_and_its_answer_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DRIVEGEN_WORDS_KEY", KEY)
    with Stub(in_turn(says("nonsense"), says(WHOLE))) as stub:
        words = ("--text", "ebike", f"words.url={stub.url}", "words.model=stub", "job.name=said")
        assert _dry(monkeypatch, tmp_path, *words) == 0
        assert _dry(monkeypatch, tmp_path, *words) == 0
        assert len(stub.requests) == 2, "the second job reads what the first one kept"
    folder = tmp_path / "said"
    calls = [json.loads(line) for line in (folder / "words.jsonl").read_text().splitlines()]
    assert [call["outcome"].split(":")[0] for call in calls] == ["refused", "accepted"]
    assert calls[1]["model"] == "stub" and calls[1]["answer"] == WHOLE
    assert calls[1]["messages"][1]["content"] == "ebike"
    kept = json.loads((folder / "words.json").read_text())
    assert kept["scene"] == SCENE and kept["values"]["map.plugin"] == "junction"
    assert kept_scene(folder, "ebike") == SCENE and kept_scene(folder, "another") is None
    everything = "".join(p.read_text() for p in folder.rglob("*") if p.is_file())
    told = capsys.readouterr()
    assert KEY not in everything + told.out + told.err
    assert "not expressed: a band" in told.err


def test_a_model_that_fails_is_an_error_and_logged(tmp_path: Path) -> None:
    with Stub(in_turn(fails(500))) as stub, pytest.raises(ConfigError, match="status 500"):
        scenario_from("fog", tmp_path / "out", WordsConfig(url=stub.url, model="m", retries=0))
    (line,) = (tmp_path / "out" / "words.jsonl").read_text().splitlines()
    assert json.loads(line)["outcome"].startswith("no answer: status 500")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["words.jsonl"]


def test_a_scenario_from_text_is_written_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["scenarios", "from-text", "雨天黄昏，路口电动车闯红灯", "-o", str(out)]) == 0
    told = capsys.readouterr()
    path = Path(told.out.strip())
    assert path.is_file() and path.parent == out / "words"
    assert "ebike runs red light  yes     began after" in told.err
    assert main(["scenarios", "validate", str(out / "words")]) == 0
    assert json.loads((out / "words.json").read_text())["file"] == f"words/{path.name}"
    assert main(["scenarios", "from-text", "purple elephants", "-o", str(out)]) == 2
