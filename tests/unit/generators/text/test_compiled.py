"""Scenes as values and as scenarios."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree

pytest.importorskip("pydantic")

from drivegen.core.words import Had, Target
from drivegen.runtime.words.scenarios import prove
from drivegen.runtime.words.whitelist import check_values
from drivegen.scenario.library import library_folder
from drivegen_generators.scenarios.courses import SCENARIOS
from drivegen_generators.text.configuration import compile_scenes
from drivegen_generators.text.deeds import BY_FORM, BY_MANEUVER, FORM_OF, KINDS, SHOWN
from drivegen_generators.text.reader import compiled
from drivegen_generators.text.scenario import compile_scenario
from drivegen_generators.text.scene import (
    Actor,
    Amount,
    Conditions,
    Deed,
    Ego,
    EgoKind,
    Form,
    Maneuver,
    People,
    Place,
    Scene,
    Season,
    Sky,
    Time,
    Traffic,
    What,
    Zone,
)

HOSTILE = '--><Evil/><!-- "&lt; ]]> $EgoSpeed_kmh ${1+1} \x00\x1b[31m ../../x {port} 路口'
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


def _every_value() -> Iterator[Scene]:
    for form in Form:
        yield Scene(
            place=Place(
                form=form, zone=Zone.BEIJING, bus_stop=True, parked_cars=True, work_zone=True, lanes=2, arms=3
            )
        )
    for sky, time, season in itertools.zip_longest(Sky, Time, Season):
        yield Scene(conditions=Conditions(sky=sky, time=time, season=season))
    for what in What:
        for who in (None, *Actor):
            yield Scene(deeds=[Deed(what=what, who=who, count=2, speed_kmh=20)])
    for kind, maneuver in itertools.zip_longest(EgoKind, Maneuver):
        yield Scene(ego=Ego(kind=kind, maneuver=maneuver, speed_kmh=40))
    for amount in Amount:
        yield Scene(
            traffic=Traffic(amount=amount, riders=amount, kinds=list(Actor)[:6]), people=People(amount=amount)
        )
    yield Scene(traffic=Traffic(vehicles=150), people=People(count=150), duration_s=60, scenes=1000, seed=7)


def test_whatever_a_scene_says_only_listed_keys_and_plain_values_come_of_it() -> None:
    keys = set()
    for scene in _every_value():
        values, wishes = compile_scenes(scene)
        check_values(values)
        assert wishes, scene
        keys |= set(values)
    assert len(keys) > 20


def test_rows_name_scenarios_entities_and_kinds_that_there_are() -> None:
    catalogues = {
        f"{folder}/{each.get('name')}"
        for folder in ("vehicles", "pedestrians", "objects")
        for each in etree.parse(library_folder() / "catalogs" / folder / f"{folder}.xosc").getroot()[1]
        if isinstance(each.tag, str)
    }
    assert set(KINDS.values()) <= catalogues
    assert set(SHOWN) == set(What)
    for rows in SHOWN.values():
        for row in rows:
            names = {a.name for a in BY_NAME[row.scenario].actors}
            assert not row.who or row.who in names, row
    assert {*BY_FORM.values(), *BY_MANEUVER.values()} <= set(BY_NAME)
    assert {s.road for s in SCENARIOS} <= set(FORM_OF)


@pytest.mark.parametrize("what", What)
def test_each_deed_is_its_row_of_the_library(what: What) -> None:
    for row in SHOWN[what]:
        who = row.actors[-1] if row.actors else None
        scene = Scene(
            deeds=[Deed(what=what, who=who)],
            conditions=Conditions(sky=row.skies[0] if row.skies else None),
            ego=Ego(maneuver=row.maneuvers[0] if row.maneuvers else None),
        )
        files, main, out = compile_scenario(scene, "x")
        assert main.startswith("words/") and main in files
        if who is not None and row.who and out.scenario.name.rpartition("_")[0] == row.scenario:
            player = next(a for a in out.scenario.actors if a.name == row.who)
            assert player.kind == (
                KINDS[who] if len(row.actors) > 1 else BY_NAME[row.scenario].actors[0].kind
            ) or (who is row.actors[0])


def _proof(scene: Scene, sentence: str = "x") -> dict[str, Any]:
    made = compiled(sentence, Target.SCENARIO, scene, "a test")
    proof = prove(made)
    assert proof.problems == ()
    return {wish.asked: wish for wish in (*made.wishes, *proof.wishes)}


def test_an_ebike_runs_a_red_light_in_the_rain_at_dusk() -> None:
    scene = Scene(
        deeds=[Deed(what=What.RUNS_RED_LIGHT, who=Actor.TRICYCLE, speed_kmh=18)],
        conditions=Conditions(sky=Sky.LIGHT_RAIN, time=Time.DUSK),
        ego=Ego(speed_kmh=400 / 10),
    )
    files, main, out = compile_scenario(scene, "x")
    assert out.scenario.actors[0].kind == "vehicles/etricycle"
    assert {p.name: p.value for p in out.scenario.parameters} == {"EgoSpeed_kmh": 40, "EbikeSpeed_kmh": 18}
    tree = etree.fromstring(files[main].encode())
    (sun,) = tree.iter("Sun")
    assert 0.0 < float(sun.get("elevation")) < 0.06, "the sun is just above the horizon"
    assert next(tree.iter("Precipitation")).get("precipitationType") == "rain"
    found = _proof(scene, HOSTILE)
    assert found["tricycle runs red light"].got.startswith("began after")


def test_a_speed_beyond_the_course_is_brought_into_it_and_told() -> None:
    _, _, out = compile_scenario(Scene(deeds=[Deed(what=What.SWERVES)], ego=Ego(speed_kmh=120)), "x")
    (wish,) = (w for w in out.wishes if w.asked == "the ego drives 120 km/h")
    assert wish.had is Had.PARTLY
    assert wish.got == "50 km/h; the course is made for 20 to 50"


def test_deeds_on_one_road_are_joined_and_others_are_told() -> None:
    riders = [Deed(what=What.RUNS_RED_LIGHT, who=who) for who in (Actor.EBIKE, Actor.FIRE_ENGINE)]
    _, _, out = compile_scenario(Scene(deeds=riders), "x")
    assert [a.name for a in out.scenario.actors] == ["Ebike", "Engine"]
    assert len(out.happens) == 2
    found = _proof(Scene(deeds=riders))
    assert all(found[f"{who} runs red light"].had is Had.YES for who in ("ebike", "fire engine"))
    apart = Scene(deeds=[Deed(what=What.RUNS_RED_LIGHT), Deed(what=What.CUTS_IN)])
    _, _, out = compile_scenario(apart, "x")
    assert [w.had for w in out.wishes if w.asked == "cuts in"] == [Had.NO]


def test_without_a_deed_the_ego_drives_with_others_behind_it() -> None:
    found = _proof(Scene(place=Place(form=Form.STREET), traffic=Traffic(amount=Amount.MANY)))
    assert found["many vehicles"].got.startswith("2 behind")


def test_a_sentence_cannot_leave_its_comment() -> None:
    files, main, _ = compile_scenario(Scene(deeds=[Deed(what=What.RUNS_RED_LIGHT)]), HOSTILE)
    plain, name, _ = compile_scenario(Scene(deeds=[Deed(what=What.RUNS_RED_LIGHT)]), "x")
    tree = etree.fromstring(files[main].encode())
    assert not list(tree.iter("Evil"))
    assert ["".join(e.itertext()) or e.tag for e in tree.iter() if isinstance(e.tag, str)] == [
        "".join(e.itertext()) or e.tag
        for e in etree.fromstring(plain[name].encode()).iter()
        if isinstance(e.tag, str)
    ]
    assert {Path(path).parts[0] for path in files} == {"words", "roads"}


def test_notes_of_a_model_reach_neither_values_nor_files() -> None:
    note = "${oc.env:HOME} --><Evil/> _target_"
    scene = Scene(deeds=[Deed(what=What.CUTS_IN)], not_expressed=[note])
    values, _ = compile_scenes(scene)
    assert "oc.env" not in repr(values)
    files, _, _ = compile_scenario(scene, "x")
    assert not any("Evil" in text or "oc.env" in text for text in files.values())


def test_the_sentences_of_the_file_make_different_scenarios() -> None:
    rows = yaml.safe_load((Path(__file__).parents[3] / "sentences.yaml").read_text(encoding="utf-8"))
    names = [
        compile_scenario(Scene.model_validate(r["scene"], strict=False), r["text"])[1] for r in rows[:20]
    ]
    assert len(set(names)) == 20
