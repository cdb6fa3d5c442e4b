"""Lamps, faces of signs and plates."""

from __future__ import annotations

import cv2
import numpy as np

from drivegen.capture.judging import SeenObject, Shown
from drivegen.capture.jury import Jury, Rules, restore
from drivegen.core.tags import Tag
from drivegen.core.verdicts import Action, Verdict
from drivegen_generators.judges.fixtures import Fixtures

from .pictures import Picture

CAR = 5


def scene(lamp: tuple[int, int, int] = (30, 30, 240), text: str = "30", plate: str = "A12") -> Picture:
    bgr = np.full((160, 240, 3), 110, np.uint8)
    tag = np.zeros(bgr.shape[:2], np.uint8)
    instance = np.zeros(tag.shape, np.uint16)
    bgr[20:60, 20:34], tag[20:60, 20:34] = 20, Tag.TRAFFIC_LIGHT
    cv2.circle(bgr, (27, 27), 4, lamp, -1)
    tag[20:50, 80:110] = Tag.TRAFFIC_SIGN
    bgr[20:50, 80:110] = 235
    cv2.putText(bgr, text, (82, 42), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (20, 20, 20), 2)
    bgr[80:140, 130:230], tag[80:140, 130:230], instance[80:140, 130:230] = 200, Tag.CAR, CAR
    bgr[118:130, 165:195] = (150, 60, 10)
    cv2.putText(bgr, plate, (166, 128), cv2.FONT_HERSHEY_SIMPLEX, 0.35, (240, 240, 240), 1)
    return Picture(bgr=bgr, depth_m=np.full(tag.shape, 9.0, np.float32), tag=tag, instance=instance)


def shown(look: np.ndarray) -> Shown:
    car = SeenObject(track_id=CAR, object_class="car", box_px=(130.0, 80.0, 230.0, 140.0), pixels=6000)
    return Shown(controls=scene(), look_bgr=look, objects=(car,))


def verdicts(look: np.ndarray) -> dict[str, Verdict]:
    found = Jury(judges=(Fixtures(),)).judge(shown(look))
    return {o.object_class: o.verdict for o in found if o.track_id is None}


def test_what_can_be_read_is_kept_in_other_light() -> None:
    kept = dict.fromkeys(("traffic_light", "traffic_sign", "plate"), Verdict.KEPT)
    assert verdicts(scene().bgr) == kept
    assert verdicts((scene().bgr * 0.6).astype(np.uint8)) == kept


def test_a_lamp_of_another_colour_a_face_and_a_plate_that_changed_are_lost() -> None:
    assert verdicts(scene(lamp=(60, 230, 30)).bgr)["traffic_light"] is Verdict.LOST
    assert verdicts(scene(lamp=(20, 20, 20)).bgr)["traffic_light"] is Verdict.LOST
    blank = scene().bgr.copy()
    blank[22:48, 82:108] = np.random.default_rng(0).integers(0, 255, (26, 26, 3), dtype=np.uint8)
    assert verdicts(blank)["traffic_sign"] is Verdict.LOST
    garbled = scene().bgr.copy()
    garbled[118:130, 165:195] = scene().bgr[118:130, 194:164:-1]
    found = verdicts(garbled)
    assert found["plate"] is Verdict.LOST and found["traffic_sign"] is Verdict.KEPT


def test_they_are_laid_back_as_they_were_drawn() -> None:
    wrong = scene(lamp=(60, 230, 30)).bgr
    jury = Jury(judges=(Fixtures(),), rules=Rules(restored=("traffic_light",)))
    asked = shown(wrong)
    found = jury.judge(asked)
    assert [o.action for o in found if o.object_class == "traffic_light"] == [Action.RESTORE]
    back = restore(asked, found)
    np.testing.assert_array_equal(back[22:58, 22:32], scene().bgr[22:58, 22:32])
    np.testing.assert_array_equal(back[:, 60:], wrong[:, 60:])
