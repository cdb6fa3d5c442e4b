"""Street lamps in the colour and brightness that they were given."""

import dataclasses

import numpy as np
import pytest

from drivegen.core.weather import Weather
from drivegen.embedded import drawables as bits
from drivegen.embedded.drawables import Drawables, lamp_look
from drivegen.embedded.renderer.lamps import emitters_of, lights_on
from drivegen.embedded.renderer.views import Output
from tests.unit.embedded.renderer.street import street, views

NIGHT = Weather(sun_altitude_deg=-40.0)
WARM = (255, 238, 206)
COLOR = frozenset({Output.COLOR})
ROAD = np.s_[130:, 60:260, :3]
"""Of the first view's picture."""


def looking(drawables: Drawables, color: tuple[int, int, int], scale: float) -> Drawables:
    """The drawables with all street lamps of that look."""
    lamp = (drawables.lights & bits.LIGHT_STREET_LAMP) != 0
    look, tint = lamp_look(color, WARM, scale)
    lights, tints = drawables.lights.copy(), drawables.tint.copy()
    lights[lamp] |= np.uint32(look)
    tints[lamp] = tint
    return dataclasses.replace(drawables, lights=lights, tint=tints)


def relative_light(library, drawables):
    return lights_on([emitters_of(m) for m in library.meshes], drawables).light


@pytest.mark.parametrize("scale", [0.01, 0.3, 1.0, 4.0, 20.0])
def test_a_lamp_gives_the_light_that_its_look_says(library, scale):
    still, _ = street(library)
    assert relative_light(library, looking(still, WARM, scale)) == pytest.approx(scale, rel=0.025)
    red = relative_light(library, looking(still, (255, 0, 0), scale))
    assert red[:, 0] == pytest.approx(scale, rel=0.025)
    assert (red[:, 1:] == 0.0).all()
    # Half as much green light as a warm lamp has.
    half = relative_light(library, looking(still, (255, 173, 206), scale))
    assert half[:, 1] == pytest.approx(0.5 * scale, rel=0.05)


def test_a_black_lamp_gives_no_light(library):
    still, _ = street(library)
    assert (relative_light(library, looking(still, (0, 0, 0), 1.0)) == 0.0).all()


def test_other_lamps_mind_no_tint(library):
    _, cars = street(library)
    assert (relative_light(library, cars) == 1.0).all()


def test_the_usual_look_is_the_lamp_as_it_was_made(library, make_renderer):
    still, _ = street(library)
    renderer = make_renderer(library)
    pictures = []
    for drawables in (
        still,
        looking(still, WARM, 1.0),
        looking(still, WARM, 0.2),
        looking(still, (0, 0, 255), 1),
    ):
        renderer.set_static(drawables)
        pictures.append(renderer.render(views()[:1], Drawables.empty(), NIGHT, COLOR)[0].bgra[ROAD])
    made, usual, dim, blue = pictures
    assert (made == usual).all()
    assert dim.mean() < 0.95 * made.mean()
    assert blue[..., 0].mean() > 1.2 * blue[..., 2].mean()
    assert made[..., 0].mean() < made[..., 2].mean()
