"""The keyword grammar over the forty sentences, and its edges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("pydantic")

from drivegen.core.errors import ConfigError
from drivegen.core.words import Proof, Target
from drivegen_generators.text.grammar import parse
from drivegen_generators.text.lexicon import PATH
from drivegen_generators.text.reader import Grammar
from drivegen_generators.text.scene import Actor, Form, Scene, Season, Sky, Time, What

SENTENCES = yaml.safe_load((Path(__file__).parents[3] / "sentences.yaml").read_text(encoding="utf-8"))


def level(row: dict[str, Any]) -> str:
    """How much of a sentence the grammar understands."""
    parsed, wanted = parse(row["text"]), Scene.model_validate(row["scene"], strict=False)
    if parsed.scene == wanted and not parsed.unknown:
        return "all"
    same = [d.what for d in parsed.scene.deeds] == [d.what for d in wanted.deeds]
    return "deeds" if same and wanted.deeds else "none"


def test_there_are_forty_sentences_of_which_twenty_are_chinese() -> None:
    chinese = [row for row in SENTENCES if any("\u4e00" <= c <= "\u9fff" for c in row["text"])]
    assert (len(SENTENCES), len(chinese)) == (40, 20)


@pytest.mark.parametrize("row", SENTENCES, ids=lambda row: row["text"])
def test_a_sentence_is_understood_as_far_as_is_said(row: dict[str, Any]) -> None:
    assert level(row) == row["grammar"]


def test_both_languages_say_the_same() -> None:
    english = parse("rainy dusk, e-bike runs a red light at a Yizhuang junction")
    assert english == parse("雨天黄昏，亦庄路口一辆电动车闯红灯")
    assert english.scene.deeds[0].who is Actor.EBIKE


def test_words_that_it_does_not_know_are_told() -> None:
    parsed = parse("purple elephants cross a street")
    assert parsed.unknown == ("purple", "elephants")
    assert parse("路口有一头紫色大象").unknown


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("a street with 12 vehicles", "vehicles", 12),
        ("a street with 900 vehicles", "vehicles", None),
        ("一条街道，50辆车", "vehicles", 50),
    ],
)
def test_numbers_are_bounded(text: str, name: str, value: int | None) -> None:
    assert getattr(parse(text).scene.traffic, name) == value


def test_a_deed_belongs_to_who_is_named_before_it_in_its_clause() -> None:
    scene = parse("a bus pulls out of its stop, and a child runs out").scene
    assert {(d.what, d.who) for d in scene.deeds} == {
        (What.PULLS_OUT, Actor.BUS),
        (What.RUNS_OUT, Actor.CHILD),
    }


def test_nothing_that_it_knows_is_an_error_that_says_where_to_look() -> None:
    with pytest.raises(ConfigError, match=r"understood nothing .* docs/words\.md"):
        Grammar().read("purple elephants dance", Target.SCENES, lambda _: Proof(), lambda _: None)


def test_hostile_sentences_are_only_words() -> None:
    for text in (
        "${oc.env:HOME} junction",
        "../../etc/passwd junction",
        "junction\x00\x1b[31m",
        "路口" * 900,
        "(" * 900,
    ):
        assert parse(text).scene.place.form in (None, Form.JUNCTION)


def test_every_value_of_the_schema_has_a_word_in_both_languages() -> None:
    data = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    without = {What.WORK_ZONE}  # said of the place
    for section, kind in (
        ("forms", Form),
        ("skies", Sky),
        ("times", Time),
        ("seasons", Season),
        ("actors", Actor),
    ):
        assert set(data[section]) == set(kind)
    assert set(data["deeds"]) == set(What) - without
    for section in ("forms", "skies", "times", "seasons", "actors", "deeds"):
        for name, both in data[section].items():
            assert both["en"] and both["zh"], name
