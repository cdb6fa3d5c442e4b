from __future__ import annotations

from pathlib import Path

import pytest

from drivegen.core.errors import ScenarioError
from drivegen.scenario.model.entities import Vehicle
from drivegen.scenario.model.positions import LanePosition, TrajectoryPosition
from drivegen.scenario.model.private_actions import FollowTrajectoryAction
from drivegen.scenario.model.routing import Polyline
from drivegen.scenario.reader import read_scenario
from drivegen.scenario.reading.catalogs import CatalogFiles
from drivegen.scenario.reading.document import read_document
from tests.unit.scenario.texts import SCENARIO, VEHICLE, changed, line_of

HEADER = '<FileHeader revMajor="1" revMinor="1" date="2024-05-01T12:00:00" description="" author="us"/>'
INLINE = VEHICLE.format(name="car").replace("\n", "\n      ")
WIDE = VEHICLE.format(name="wide").replace(
    "<ParameterDeclarations/>",
    '<ParameterDeclarations><ParameterDeclaration name="Width" parameterType="double" value="1.8"/>'
    "</ParameterDeclarations>",
)
WIDE = WIDE.replace('width="1.9"', 'width="${$Width + 0.2}"')


def catalog(name: str, *entries: str) -> str:
    inner = "\n".join(entries)
    return f'<OpenSCENARIO>\n{HEADER}\n<Catalog name="{name}">\n{inner}\n</Catalog>\n</OpenSCENARIO>\n'


def trajectory(name: str, *vertices: str) -> str:
    inner = "".join(f"<Vertex><Position>{v}</Position></Vertex>" for v in vertices)
    return (
        f'<Trajectory name="{name}" closed="false"><Shape><Polyline>{inner}</Polyline></Shape></Trajectory>'
    )


def along(entry: str) -> str:
    reference = f'<CatalogReference catalogName="ways" entryName="{entry}"/>'
    return f'<TrajectoryPosition s="1"><TrajectoryRef>{reference}</TrajectoryRef></TrajectoryPosition>'


POINT = '<LanePosition roadId="0" laneId="-1" s="1"/>'
FOLLOW = """<RoutingAction><FollowTrajectoryAction>
  <TrajectoryRef><CatalogReference catalogName="ways" entryName="{entry}"/></TrajectoryRef>
  <TimeReference><None/></TimeReference><TrajectoryFollowingMode followingMode="position"/>
</FollowTrajectoryAction></RoutingAction>"""
LOCATIONS = """<CatalogLocations>
    <VehicleCatalog><Directory path="cars"/></VehicleCatalog>
    <TrajectoryCatalog><Directory path="./ways"/></TrajectoryCatalog>
  </CatalogLocations>"""
REFERENCE = '<CatalogReference catalogName="cars" entryName="wide">{}</CatalogReference>'
TELEPORT = SCENARIO[SCENARIO.index("<TeleportAction>") : SCENARIO.index("</TeleportAction>") + 17]


def written(folder: Path, text: str, *ways: str) -> Path:
    (folder / "cars").mkdir()
    (folder / "ways").mkdir()
    (folder / "cars" / "cars.xosc").write_text(catalog("cars", WIDE))
    (folder / "cars" / "README.txt").write_text("not a catalogue")
    (folder / "ways" / "of_all_kinds.xosc").write_text(catalog("ways", *ways))
    path = folder / "scenario.xosc"
    path.write_text(text.replace("<CatalogLocations/>", LOCATIONS))
    return path


def test_an_entry_takes_the_parameters_that_the_reference_assigns(tmp_path: Path) -> None:
    assignment = '<ParameterAssignment parameterRef="Width" value="${1 + 1}"/>'
    assigned = f"<ParameterAssignments>{assignment}</ParameterAssignments>"
    path = written(tmp_path, changed((INLINE, REFERENCE.format(assigned))))
    ego, lead = read_scenario(path).entities.scenario_objects
    assert isinstance(ego.entity_object, Vehicle) and isinstance(lead.entity_object, Vehicle)
    assert ego.entity_object.bounding_box.dimensions.width == pytest.approx(2.2)
    assert ego.entity_object.place.file == str(tmp_path / "cars" / "cars.xosc")
    assert lead.entity_object.name == "other"


def test_an_entry_without_assignments_has_its_own_values(tmp_path: Path) -> None:
    path = written(tmp_path, changed((INLINE, REFERENCE.format(""))))
    vehicle = read_scenario(path).entities.scenario_objects[0].entity_object
    assert isinstance(vehicle, Vehicle)
    assert vehicle.bounding_box.dimensions.width == pytest.approx(2.0)


def test_a_catalogue_may_refer_to_another_entry(tmp_path: Path) -> None:
    text = changed((TELEPORT, FOLLOW.format(entry="b")))
    path = written(tmp_path, text, trajectory("a", POINT, POINT), trajectory("b", POINT, along("a")))
    action = read_scenario(path).storyboard.init.actions.privates[0].private_actions[0]
    assert isinstance(action, FollowTrajectoryAction) and isinstance(action.trajectory.shape, Polyline)
    last = action.trajectory.shape.vertices[1].position
    assert isinstance(last, TrajectoryPosition) and isinstance(last.trajectory.shape, Polyline)
    assert last.trajectory.shape.vertices[0].position == LanePosition(road_id="0", lane_id="-1", s=1.0)


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        ((trajectory("b", POINT, along("b")),), "in a circle: ways/b -> ways/b"),
        (
            (trajectory("a", POINT, along("b")), trajectory("b", POINT, along("a"))),
            "in a circle: ways/b -> ways/a -> ways/b",
        ),
        ((trajectory("b", POINT, along("c")),), "catalogue 'ways' has no entry 'c'"),
        ((WIDE.replace('"wide"', '"b"'),), "ways/b is a Vehicle; a Trajectory is needed here"),
        (
            (
                *(trajectory(f"n{i}", *[along(f"n{i + 1}")] * 20) for i in range(20)),
                trajectory("b", along("n0"), POINT),
            ),
            "more than 8 deep",
        ),
    ],
)
def test_references_that_lead_nowhere_are_told(ways: tuple[str, ...], said: str, tmp_path: Path) -> None:
    path = written(tmp_path, changed((TELEPORT, FOLLOW.format(entry="b"))), *ways)
    with pytest.raises(ScenarioError) as caught:
        read_scenario(path)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('catalogName="cars"', 'catalogName="cabs"'), "no catalogue 'cabs' in 'cars'; did you mean 'cars'?"),
        (
            ('entryName="wide"', 'entryName="wild"'),
            "catalogue 'cars' has no entry 'wild'; did you mean 'wide'?",
        ),
        (("<CatalogLocations/>", "<CatalogLocations> </CatalogLocations>"), "names no VehicleCatalog"),
    ],
)
def test_a_catalogue_that_is_not_there_is_told(change: tuple[str, str], said: str, tmp_path: Path) -> None:
    text = changed((INLINE, REFERENCE.format("")), change)
    path = written(tmp_path, text)
    with pytest.raises(ScenarioError) as caught:
        read_scenario(path)
    assert said in str(caught.value)
    assert f"{path}:" in str(caught.value)


def test_an_error_in_a_catalogue_is_told_with_its_own_file_and_line(tmp_path: Path) -> None:
    path = written(tmp_path, changed((INLINE, REFERENCE.format(""))))
    broken = tmp_path / "cars" / "cars.xosc"
    broken.write_text(broken.read_text().replace('maxSpeed="60"', 'maxSpeed="sixty"'))
    with pytest.raises(ScenarioError) as caught:
        read_scenario(path)
    line = line_of("<Performance", broken.read_text())
    assert str(caught.value) == f"{broken}:{line}: maxSpeed of Performance: 'sixty' is not a number"


def test_a_broken_catalogue_is_told_where_it_is_missed(tmp_path: Path) -> None:
    path = written(tmp_path, changed((INLINE, REFERENCE.format(""))))
    (tmp_path / "cars" / "cars.xosc").write_text("<OpenSCENARIO>")
    with pytest.raises(ScenarioError, match=r"cars\.xosc:1: not well-formed XML"):
        read_scenario(path)


def test_catalogues_are_read_once_for_many_scenarios_and_anew_when_they_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, changed((INLINE, REFERENCE.format(""))))
    read: list[str] = []

    def counted(file: Path) -> object:
        read.append(file.name)
        return read_document(file)

    monkeypatch.setattr("drivegen.scenario.reading.catalogs.read_document", counted)
    files = CatalogFiles()
    scenarios = [read_scenario(path, catalogs=files) for _ in range(3)]
    assert scenarios[0] == scenarios[1] == scenarios[2] == read_scenario(path)
    # Once for the three, once for the one that was handed nothing.
    assert read.count("cars.xosc") == 2
    (tmp_path / "cars" / "cars.xosc").write_text(catalog("cars", WIDE.replace("+ 0.2", "+ 0.35")))
    vehicle = read_scenario(path, catalogs=files).entities.scenario_objects[0].entity_object
    assert isinstance(vehicle, Vehicle)
    assert vehicle.bounding_box.dimensions.width == pytest.approx(2.15)
