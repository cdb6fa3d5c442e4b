"""Maps in the report: what is drawn, where, and how heavy it is."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from lxml import etree, html

from drivegen.core.rng import derive_rng
from drivegen.opendrive.sites import roadside_sites
from drivegen.report import plan_view
from drivegen.report.plan_view import MapView, draw_map
from drivegen_generators.roads.junction import SignalisedJunction

SVG = "{http://www.w3.org/2000/svg}"


def junction():
    return SignalisedJunction().generate(derive_rng(3, "map"), "m")


def parsed(view: MapView) -> etree._Element:
    return etree.fromstring(view.svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def test_lights_sites_and_ways_stand_where_they_are() -> None:
    network = junction()
    way = np.array([[0.0, -60.0], [0.0, 10.0], [30.0, 10.0]])
    view = draw_map(network, 'crossing "A" <1>', {"scene-0001": way, "scene-0002": np.zeros((0, 2))})
    assert (view.junctions, view.lights, view.sites, view.simplified) == (1, 8, 4, False)
    assert [scene for scene, _ in view.ways] == ["scene-0001"]
    root = parsed(view)
    groups = {g.get("class"): g for g in root.iter(SVG + "g")}
    assert len(groups["light"]) == 8 and len(groups["site"]) == 4
    start = groups["start"][0]
    low = np.array([float(start.get("cx")), float(start.get("cy"))])
    for circle, site in zip(groups["site"], roadside_sites(network), strict=True):
        apart = np.array([float(circle.get("cx")), float(circle.get("cy"))]) - low
        expected = site.foot.position_m[:2] - way[0]
        np.testing.assert_allclose(apart, expected * (1.0, -1.0), atol=0.11)  # north is up


def test_large_maps_are_simplified_and_light(monkeypatch) -> None:
    network = junction()
    full = len(draw_map(network, "m", {}).svg)
    monkeypatch.setattr(plan_view, "_DETAILED_ROADS", 5)
    medium = draw_map(network, "m", {})
    assert medium.simplified and 'class="bike"' not in medium.svg and 'class="drive"' in medium.svg
    monkeypatch.setattr(plan_view, "_PLAIN_ROADS", 5)
    plain = draw_map(network, "m", {})
    assert 'class="link"' in plain.svg and len(plain.svg) < len(medium.svg) < full
    assert len(re.findall('class="link"', plain.svg)) == plain.roads


def test_the_page_shows_the_map_of_a_run(page: Path) -> None:
    document = html.fromstring(page.read_text(encoding="utf-8"))
    (plan,) = (svg for svg in document.iter("svg") if svg.get("class") == "plan")
    assert plan.get("aria-label").endswith("from above, north up")
    caption = plan.getparent().find("figcaption").text_content()
    assert "scene-0001" in caption and "scene-0002" in caption
