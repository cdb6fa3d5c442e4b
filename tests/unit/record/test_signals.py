import numpy as np
import pytest

from drivegen.core.geometry import Pose
from drivegen.opendrive.signals import SignalHead
from drivegen.record.signals import GREEN, RED, YELLOW, LightState, SignalView, turns_of


def head(signal_id, controller, sequence, junction=1):
    return SignalHead(
        index=0,
        signal_id=signal_id,
        pose=Pose.identity(),
        foot_m=np.zeros(3),
        controller_id=controller,
        junction_id=junction,
        sequence=sequence,
        stop_lines=(),
    )


HEADS = [head("n", "10", 0), head("s", "10", 0), head("e", "11", 1), head("w", "12", 2)]


def light(state, elapsed=0.0):
    return LightState(state=state, elapsed_s=elapsed, green_s=10.0, yellow_s=3.0, red_s=2.0)


def view(**states):
    return SignalView(lights=states, turns=turns_of(HEADS))


def test_controllers_take_turns_by_their_sequence():
    assert turns_of(HEADS)["e"] == (("n", "s"), ("e",), ("w",))


def test_junctions_without_controllers_have_no_known_turns():
    assert turns_of([head("a", None, 0), head("b", "1", 0)]) == {}


@pytest.mark.parametrize(
    ("states", "signal", "expected"),
    [
        # e has 4 s of green left, then 3 + 2, then w's whole turn, then n.
        ({"n": RED, "s": RED, "e": (GREEN, 6.0), "w": RED}, "n", 4 + 5 + 15),
        ({"n": RED, "s": RED, "e": (GREEN, 6.0), "w": RED}, "w", 4 + 5),
        ({"n": RED, "s": RED, "e": (GREEN, 6.0), "w": RED}, "e", 0),
        ({"n": RED, "s": RED, "e": RED, "w": (YELLOW, 1.0)}, "s", 2 + 2),
        ({"n": RED, "s": RED, "e": RED, "w": (YELLOW, 1.0)}, "e", 2 + 2 + 15),
        ({"n": RED, "s": RED, "e": RED, "w": RED}, "e", 0),
    ],
)
def test_how_long_red_lasts(states, signal, expected):
    lights = {k: light(v) if isinstance(v, str) else light(*v) for k, v in states.items()}
    assert view(**lights).red_left_s(signal) == pytest.approx(expected)


def test_an_unknown_signal_has_no_known_time():
    assert view(n=light(RED)).red_left_s("elsewhere") == 0.0
    assert np.isfinite(view(n=light(RED)).red_left_s("n"))
