"""Scenarios, catalogues and roads made to hang or to crash whoever plays them; for tests and benchmarks."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

LIBRARY = Path(__file__).parents[1] / "scenarios"
BASE = "pedestrians/occluded_child.xosc"
ROAD = "roads/parking_street.xodr"
VEHICLES = "catalogs/vehicles/vehicles.xosc"

Change = Callable[[str], str]


def put(old: str, new: str, count: int = 1) -> Change:
    """Replaces a text that must be there."""

    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, count)

    return change


def after(mark: str, new: str) -> Change:
    """Puts a text behind a mark."""
    return put(mark, mark + new)


def before(mark: str, new: str) -> Change:
    """Puts a text before a mark."""
    return put(mark, new + mark)


def both(*changes: Change) -> Change:
    """One change after another."""

    def change(text: str) -> str:
        for each in changes:
            text = each(text)
        return text

    return change


def dropped(first: str, last: str, new: str = "") -> Change:
    """Replaces all from one mark up to and with another."""

    def change(text: str) -> str:
        begin = text.index(first)
        return text[:begin] + new + text[text.index(last, begin) + len(last) :]

    return change


def attribute(element: str, name: str, value: str) -> Change:
    """Sets an attribute of the first element of a name."""

    def change(text: str) -> str:
        pattern = rf'(<{element}\b[^>]*?\s{name}=")[^"]*'
        assert re.search(pattern, text), (element, name)
        return re.sub(pattern, lambda m: m[1] + value, text, count=1)

    return change


ENDLESS = dropped("<StopTrigger>", "</StopTrigger>", "<StopTrigger/>")
AGAIN = both(
    ENDLESS,
    put(
        '<Event maximumExecutionCount="1" name="ChildStands"',
        '<Event maximumExecutionCount="4000000000" name="ChildStands"',
    ),
    put(
        'storyboardElementRef="ChildGoes" state="completeState"',
        'storyboardElementRef="ChildStands" state="standbyState"',
    ),
)
PHASES = '<LogicFile filepath="../roads/parking_street.xodr"/><TrafficSignals>{}</TrafficSignals>'
PHASE = (
    '<TrafficSignalController name="c{0}" delay="{2}" {3}><Phase name="p" duration="{1}">'
    '<TrafficSignalState trafficSignalId="1" state="red"/></Phase></TrafficSignalController>'
)
LOGIC = '<LogicFile filepath="../roads/parking_street.xodr"/>'
BOMB = '<!DOCTYPE OpenDRIVE [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">{}]>'
FETCH = '<!DOCTYPE {} [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


def _logic(path: str) -> Change:
    return put(LOGIC, f'<LogicFile filepath="{path}"/>')


def _speed(value: str) -> Change:
    return put('value="${$EgoSpeed_kmh / 3.6}"', f'value="{value}"')


def _vertices(count: int) -> Change:
    vertex = '<Vertex><Position><WorldPosition x="-75.2" y="{}"/></Position></Vertex>'
    return before("</Polyline>", "".join(vertex.format(5 + k * 1e-3) for k in range(count)))


SCENARIOS: Mapping[str, Change] = {
    "never_ends": ENDLESS,
    "never_ends_and_again": AGAIN,
    "act_never_starts": put(
        '<SimulationTimeCondition value="0" rule', '<SimulationTimeCondition value="1e300" rule'
    ),
    "stop_at_nan": put('<SimulationTimeCondition value="55"', '<SimulationTimeCondition value="NaN"'),
    "stop_at_infinity": put('<SimulationTimeCondition value="55"', '<SimulationTimeCondition value="INF"'),
    "stop_before_the_beginning": put(
        '<SimulationTimeCondition value="55"', '<SimulationTimeCondition value="-5"'
    ),
    "delay_negative": put('name="AtGoal" delay="1"', 'name="AtGoal" delay="-1"'),
    "delay_huge": put('name="AtGoal" delay="1"', 'name="AtGoal" delay="1e308"'),
    "speed_huge": _speed("1e308"),
    "speed_large": _speed("1e9"),
    "speed_nan": _speed("NaN"),
    "speed_tiny": _speed("1e-320"),
    "speed_by_zero": _speed("${1 / 0}"),
    "speed_power": _speed("${pow(10, pow(10, 10))}"),
    "time_negative": attribute("SpeedActionDynamics", "value", "-3"),
    "time_huge": both(
        attribute("SpeedActionDynamics", "value", "1e308"),
        attribute("SpeedActionDynamics", "dynamicsShape", "linear"),
    ),
    "rate_tiny": both(
        attribute("SpeedActionDynamics", "value", "1e-320"),
        attribute("SpeedActionDynamics", "dynamicsShape", "cubic"),
        attribute("SpeedActionDynamics", "dynamicsDimension", "rate"),
    ),
    "far_away": attribute("WorldPosition", "x", "1e300"),
    "beyond_the_road": attribute("LanePosition", "s", "1e12"),
    "before_the_road": attribute("LanePosition", "s", "-1e12"),
    "no_such_road": attribute("LanePosition", "roadId", "987654321"),
    "no_such_lane": attribute("LanePosition", "laneId", "-77"),
    "lane_of_digits": attribute("LanePosition", "laneId", "9" * 400),
    "heading_huge": attribute("WorldPosition", "h", "1e308"),
    "many_vertices": _vertices(5_000),
    "vertices_alike": before(
        "</Polyline>", '<Vertex><Position><WorldPosition x="-75.2" y="4.5"/></Position></Vertex>' * 50
    ),
    "many_parameters": before(
        "</ParameterDeclarations>",
        "".join(
            f'<ParameterDeclaration name="P{k}" parameterType="double" value="{k}"/>' for k in range(60_000)
        ),
    ),
    "parameters_of_one_another": before(
        "</ParameterDeclarations>",
        '<ParameterDeclaration name="A" parameterType="double" value="$B"/>'
        '<ParameterDeclaration name="B" parameterType="double" value="$A"/>',
    ),
    "parameters_that_double": before(
        "</ParameterDeclarations>",
        '<ParameterDeclaration name="D0" parameterType="string" value="ha"/>'
        + "".join(
            f'<ParameterDeclaration name="D{k}" parameterType="string" value="$D{k - 1}$D{k - 1}"/>'
            for k in range(1, 60)
        ),
    ),
    "expression_deep": _speed("${" + "(" * 3000 + "1" + ")" * 3000 + "}"),
    "expression_long": _speed("${" + "+".join(["1"] * 20_000) + "}"),
    "catalogue_outside": attribute("Directory", "path", "../../../../../../../../etc"),
    "catalogue_of_root": attribute("Directory", "path", "/"),
    "catalogue_of_processes": attribute("Directory", "path", "/proc"),
    "catalogue_is_a_device": attribute("Directory", "path", "/dev/zero"),
    "catalogue_of_nul": attribute("Directory", "path", "a&#x1;b"),
    "roads_a_password_file": _logic("/etc/passwd"),
    "roads_a_device": _logic("/dev/zero"),
    "roads_the_input": _logic("/dev/stdin"),
    "roads_a_folder": _logic(".."),
    "roads_a_pipe": _logic("../pipe.xodr"),
    "roads_nothing": _logic(""),
    "roads_missing": _logic("../roads/no_such.xodr"),
    "roads_themselves": _logic("occluded_child.xosc"),
    "roads_of_a_web_site": _logic("http://127.0.0.1:9/x.xodr"),
    "roads_of_a_long_name": _logic("x" * 5000),
    "phase_of_no_time": put(LOGIC, PHASES.format(PHASE.format(1, "0", "0", ""))),
    "phase_of_hardly_any_time": put(LOGIC, PHASES.format(PHASE.format(1, "1e-300", "0", ""))),
    "phase_negative": put(LOGIC, PHASES.format(PHASE.format(1, "-3", "0", ""))),
    "phases_after_one_another": put(
        LOGIC,
        PHASES.format(
            PHASE.format(1, "3", "1", 'reference="c2"') + PHASE.format(2, "3", "1", 'reference="c1"')
        ),
    ),
    "entities_many": before(
        "</Entities>",
        "".join(
            f'<ScenarioObject name="More{k}"><CatalogReference catalogName="vehicles" entryName="van"/>'
            "</ScenarioObject>"
            for k in range(3000)
        ),
    ),
    "entities_alike": put('<ScenarioObject name="FirstParked">', '<ScenarioObject name="Ego">'),
    "entity_of_a_strange_name": put('"FirstParked"', '"../../../x&#x202e;&lt;script&gt;"', 3),
    "box_of_nothing": put(
        '<CatalogReference catalogName="vehicles" entryName="sedan"/>',
        '<MiscObject name="m" mass="0" miscObjectCategory="obstacle"><BoundingBox><Center x="0" y="0" z="0"/>'
        '<Dimensions width="0" length="0" height="0"/></BoundingBox><Properties/></MiscObject>',
    ),
    "box_without_end": put(
        '<CatalogReference catalogName="vehicles" entryName="sedan"/>',
        '<MiscObject name="m" mass="0" miscObjectCategory="obstacle"><BoundingBox><Center x="0" y="0" z="0"/>'
        '<Dimensions width="1e300" length="1e300" height="1e300"/></BoundingBox><Properties/></MiscObject>',
    ),
    "box_negative": put(
        '<CatalogReference catalogName="vehicles" entryName="sedan"/>',
        '<MiscObject name="m" mass="0" miscObjectCategory="obstacle"><BoundingBox><Center x="0" y="0" z="0"/>'
        '<Dimensions width="-1" length="-1" height="-1"/></BoundingBox><Properties/></MiscObject>',
    ),
    "empty_file": lambda _: "",
    "zeros": lambda _: "\0" * 5000,
    "a_picture": lambda _: "\x89PNG\r\n\x1a\n" * 100,
    "criterion_nan": put(
        '<Property name="pass.goal_s.most" value="50"/>', '<Property name="pass.goal_s.most" value="NaN"/>'
    ),
    "criterion_unknown": put(
        '<Property name="pass.goal_s.most" value="50"/>', '<Property name="pass.beauty.most" value="5"/>'
    ),
    "nothing_in_it": dropped("<Entities>", "</Entities>", "<Entities/>"),
}
"""Changes of the scenario itself."""

ROADS: Mapping[str, Change] = {
    "road_empty": lambda _: "",
    "road_cut_off": lambda text: text[: len(text) // 2],
    "road_bomb": lambda text: BOMB.format("") + "<OpenDRIVE>&b;</OpenDRIVE>" + text[:0],
    "road_fetches": put("<OpenDRIVE>", FETCH.format("OpenDRIVE") + "<OpenDRIVE>&e;"),
    "road_without_roads": lambda _: (
        '<?xml version="1.0"?><OpenDRIVE><header revMajor="1" revMinor="4"/></OpenDRIVE>'
    ),
    "road_length_nan": attribute("road", "length", "NaN"),
    "road_length_zero": attribute("road", "length", "0"),
    "road_length_huge": both(attribute("road", "length", "1e15"), attribute("geometry", "length", "1e15")),
    "road_length_long": both(attribute("road", "length", "1e8"), attribute("geometry", "length", "1e8")),
    "road_length_negative": both(attribute("road", "length", "-5"), attribute("geometry", "length", "-5")),
    "road_far_away": attribute("geometry", "x", "1e300"),
    "road_tight": put("<line/>", '<arc curvature="1e300"/>'),
    "road_curls": put("<line/>", '<arc curvature="1e3"/>'),
    "road_spirals": put("<line/>", '<spiral curvStart="0" curvEnd="1e6"/>'),
    "road_curve_nan": put(
        "<line/>", '<paramPoly3 aU="NaN" bU="1" cU="0" dU="0" aV="0" bV="0" cV="0" dV="0"/>'
    ),
    "road_curve_huge": put(
        "<line/>", '<paramPoly3 aU="0" bU="1e200" cU="1e200" dU="1e200" aV="0" bV="0" cV="0" dV="0"/>'
    ),
    "road_width_nan": attribute("width", "a", "NaN"),
    "road_width_huge": attribute("width", "a", "1e300"),
    "road_width_negative": attribute("width", "a", "-30"),
    "road_ids_alike": put('id="11" junction="-1"', 'id="13" junction="-1"'),
    "road_follows_itself": attribute("successor", "elementId", "13"),
    "road_height_huge": attribute("elevation", "a", "1e300"),
    "road_height_nan": attribute("elevation", "b", "NaN"),
}
"""Changes of its OpenDRIVE file."""

ITSELF = '<Vehicle name="{0}"><CatalogReference catalogName="vehicles" entryName="{0}"/></Vehicle>'
CATALOGS: Mapping[str, Change] = {
    "catalogue_empty": lambda _: "",
    "catalogue_bomb": lambda text: text.replace(
        "<OpenSCENARIO", BOMB.format("").replace("OpenDRIVE", "OpenSCENARIO") + "<OpenSCENARIO", 1
    ).replace('name="ego_car"', 'name="&b;"', 1),
    "catalogue_of_itself": lambda text: re.sub(
        r'<Vehicle name="ego_car".*?</Vehicle>', ITSELF.format("ego_car"), text, count=1, flags=re.DOTALL
    ),
    "catalogue_entry_twice": lambda text: re.sub(
        r'(<Vehicle name="ego_car".*?</Vehicle>)', r"\1\1", text, count=1, flags=re.DOTALL
    ),
    "catalogue_pulls_itself": lambda text: re.sub(
        r'(<Vehicle name="ego_car".*?)</Vehicle>',
        r'\1<TrailerHitch dx="0"/><Trailer><CatalogReference catalogName="vehicles" entryName="ego_car"/>'
        "</Trailer></Vehicle>",
        text,
        count=1,
        flags=re.DOTALL,
    ),
    "catalogue_speed_nan": attribute("Performance", "maxSpeed", "NaN"),
    "catalogue_speed_negative": attribute("Performance", "maxSpeed", "-10"),
    "catalogue_axle_huge": attribute("RearAxle", "positionX", "1e300"),
}
"""Changes of its catalogue of vehicles."""

ALL = {**SCENARIOS, **ROADS, **CATALOGS}


def plant(name: str, folder: Path) -> Path:
    """Writes one of them into a new folder of the library's shape; the path of its scenario."""
    texts = {path: (LIBRARY / path).read_text(encoding="utf-8") for path in (BASE, ROAD, VEHICLES)}
    broken = BASE if name in SCENARIOS else ROAD if name in ROADS else VEHICLES
    texts[broken] = ALL[name](texts[broken])
    shutil.copytree(LIBRARY / "catalogs", folder / "catalogs")
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    scenario = folder / BASE
    os.mkfifo(folder / "pipe.xodr")
    return scenario.rename(scenario.with_name(f"{name}.xosc"))
