"""The blueprint library against CARLA 0.9.16's facts."""

import gzip
import json
from pathlib import Path

import pytest

from drivegen.core.errors import ConfigError
from drivegen.embedded.sensors.suite import SENSOR_TYPES
from drivegen.embedded.world.blueprints import AttributeKind, BlueprintLibrary, Family
from drivegen.embedded.world.blueprints.library import variant_of

LIBRARY = BlueprintLibrary()
FACTS = Path(__file__).parents[4].parent / "shared" / "data" / "carla-0.9.16-blueprints.json.gz"


@pytest.mark.skipif(not FACTS.exists(), reason="CARLA's blueprint facts are not on this machine")
def test_ids_and_sizes_are_those_of_carla() -> None:
    facts = json.loads(gzip.decompress(FACTS.read_bytes()))
    bodies = {b.id: b.size_m for b in BlueprintLibrary(families=False).blueprints if any(b.size_m)}
    assert set(bodies) == set(facts["dims"])
    for blueprint_id, size in facts["dims"].items():
        wanted = (size["length"], size["width"], size["height"])
        assert bodies[blueprint_id] == pytest.approx(wanted, abs=1e-5)
    base_types = {
        "carModels": "car",
        "vanModels": "van",
        "truckModels": "truck",
        "busModels": "bus",
        "motorcycleModels": "motorcycle",
        "bicycleModels": "bicycle",
    }
    for group, base_type in base_types.items():
        for blueprint_id in facts["ids"][group]:
            assert LIBRARY.find(blueprint_id).default("base_type") == base_type


def test_every_blueprint_is_sound() -> None:
    ids = [b.id for b in LIBRARY.blueprints]
    assert len(ids) == len(set(ids))
    for blueprint in LIBRARY.blueprints:
        names = [a.id for a in blueprint.attributes]
        assert len(names) == len(set(names))
        assert "role_name" in names
        assert len(blueprint.id.split(".")) >= 3
        if not blueprint.refusal:
            assert LIBRARY.complete(blueprint, {}).keys() == set(names)
        for attribute in blueprint.attributes:
            if attribute.restricted:
                assert attribute.value in attribute.recommended


def test_wheels_and_riders() -> None:
    for blueprint in LIBRARY.blueprints:
        if blueprint.family is Family.VEHICLE:
            base = blueprint.default("base_type")
            two = base in ("bicycle", "motorcycle")
            wheels = "2" if two else "3" if base == "tricycle" else "4"
            assert blueprint.default("number_of_wheels") == wheels
            if blueprint.members is None:
                assert ("driver_id" in [a.id for a in blueprint.attributes]) == two


def test_own_families_come_behind_carlas_blueprints() -> None:
    carla = BlueprintLibrary(families=False).blueprints
    assert LIBRARY.blueprints[: len(carla)] == carla
    own = LIBRARY.blueprints[len(carla) :]
    assert all(".drivegen." in b.id and b.members is not None for b in own)
    assert not any(".drivegen." in b.id for b in carla)


def test_a_variant_has_its_own_size_and_no_other_number_is_taken() -> None:
    family = LIBRARY.find("vehicle.drivegen.sedan")
    values = LIBRARY.complete(family, {"variant": "17"})
    member = family.of_variant(variant_of(values))
    assert member.size_m != family.size_m
    assert family.of_variant(17).size_m == member.size_m
    for wrong in ("-1", "65536", "1.5", "red"):
        with pytest.raises(ConfigError, match="variant"):
            LIBRARY.complete(family, {"variant": wrong})


def test_sensors_that_can_be_made_can_be_spawned() -> None:
    spawnable = {b.id for b in LIBRARY.blueprints if b.family is Family.SENSOR and not b.refusal}
    worked_out_by_the_client = {"sensor.other.lane_invasion", "sensor.other.rss"}
    assert spawnable == {*SENSOR_TYPES, *worked_out_by_the_client}


def test_values_are_completed_and_checked() -> None:
    car = LIBRARY.find("vehicle.tesla.model3")
    values = LIBRARY.complete(car, {"color": "1,2,3", "number_of_wheels": "3", "mine": "x"})
    assert values["color"] == "1,2,3"
    assert values["number_of_wheels"] == "4", "what is fixed stays"
    assert values["mine"] == "x"
    assert values["base_type"] == "car"
    with pytest.raises(ConfigError, match=r"vehicle.tesla.model3: attribute color: '1,2' is not color"):
        LIBRARY.complete(car, {"color": "1,2"})
    camera = LIBRARY.find("sensor.camera.rgb")
    with pytest.raises(ConfigError, match="image_size_x"):
        LIBRARY.complete(camera, {"image_size_x": "wide"})


def test_what_cannot_be_spawned_is_named() -> None:
    with pytest.raises(ConfigError, match=r"'vehicle.trabant.601' is unknown"):
        LIBRARY.find("vehicle.trabant.601")
    with pytest.raises(ConfigError, match=r"cannot spawn 'sensor.other.v2x'"):
        LIBRARY.find("sensor.other.v2x")


def test_attribute_kinds_have_carlas_numbers() -> None:
    assert [int(k) for k in AttributeKind] == [1, 2, 3, 4, 5]
