"""The written text reads back as the same network and keeps to CARLA's dialect."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivegen.core.errors import MapError
from drivegen.opendrive.model import (
    Arc,
    CornerRoad,
    Cubic,
    Lane,
    LaneType,
    Line,
    ParamPoly3,
    Poly3,
    RoadNetwork,
    RoadObject,
    Spiral,
)
from drivegen.opendrive.reader import read_network
from drivegen.opendrive.writer import write_network
from tests.unit.opendrive.roads import one_road

number = st.floats(-1e4, 1e4, allow_nan=False)
curvature = st.floats(-0.2, 0.2).filter(lambda k: abs(k) >= 1e-5)
shapes = st.one_of(
    st.just(Line()),
    st.builds(Arc, curvature_pm=curvature),
    st.builds(Spiral, curvature_start_pm=curvature, curvature_end_pm=st.just(0.0)),
    st.builds(Poly3, a=number, b=number, c=number, d=number),
    st.builds(
        ParamPoly3,
        u=st.tuples(number, number, number, number),
        v=st.tuples(number, number, number, number),
        normalized=st.booleans(),
    ),
)


def test_junction_reads_back_equal(junction: RoadNetwork, junction_text: str) -> None:
    again = read_network(junction_text, "again")
    assert again.roads == junction.roads
    assert again.junctions == junction.junctions
    assert again.controllers == junction.controllers
    assert again.geo_reference == junction.geo_reference
    assert write_network(again) == junction_text


@settings(max_examples=40, deadline=None)
@given(shape=shapes, length=st.floats(0.1, 1e3), heading=st.floats(-4.0, 4.0), height=number)
def test_any_shape_reads_back_equal(shape: object, length: float, heading: float, height: float) -> None:
    network = one_road(
        shape=shape,  # type: ignore[arg-type]
        length_m=length,
        heading_rad=heading,
        elevations=(Cubic(s_m=0.0, a=height),),
    )
    text = write_network(network)
    assert read_network(text, "again").roads == network.roads
    assert write_network(network) == text


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (Arc(curvature_pm=9e-6), Line()),
        (Arc(curvature_pm=0.0), Line()),
        (Spiral(curvature_start_pm=0.01, curvature_end_pm=0.01), Arc(curvature_pm=0.01)),
        (Spiral(curvature_start_pm=0.0, curvature_end_pm=0.0), Line()),
    ],
)
def test_shapes_that_carla_misplaces_are_replaced(given: object, written: object) -> None:
    text = write_network(one_road(shape=given))  # type: ignore[arg-type]
    assert read_network(text, "x").roads[0].geometries[0].shape == written


def test_names_are_escaped() -> None:
    network = one_road()
    name = "a \"<&>' 北京"
    named = RoadNetwork(name=name, geo_reference="+proj<", roads=(replace(network.roads[0], name=name),))
    again = read_network(write_network(named), "x")
    assert (again.name, again.roads[0].name, again.geo_reference) == (name, name, "+proj<")


def test_what_carla_would_drop_is_refused() -> None:
    bordered = Lane(id=-1, type=LaneType.DRIVING, borders=(Cubic(s_m=0.0, a=-3.0),))
    with pytest.raises(MapError, match=r"lane -1 is given by borders.*Give it widths"):
        write_network(one_road(lanes=(bordered,)))
    network = one_road()
    corners = tuple(CornerRoad(s_m=s, t_m=t) for s, t in ((1.0, 0.0), (2.0, 0.0), (2.0, 3.0)))
    zebra = RoadObject(id="1", name="", type="crosswalk", s_m=1.0, t_m=0.0, outline=corners)
    broken = RoadNetwork(name="z", geo_reference="", roads=(replace(network.roads[0], objects=(zebra,)),))
    with pytest.raises(MapError, match=r"z: road 1: crosswalk 1 .*local coordinates"):
        write_network(broken)
