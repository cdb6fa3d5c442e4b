"""Blueprints of vehicles and walkers: the attributes that CARLA's scripts look for."""

from __future__ import annotations

from typing import Any

import pytest

carla = pytest.importorskip("carla")

BASE_TYPES = {"car", "van", "truck", "bus", "motorcycle", "bicycle"}


def test_vehicles_have_carlas_attributes(library: Any) -> None:
    vehicles = [b for b in library.filter("vehicle.*") if ".drivegen." not in b.id]
    assert len(vehicles) == 41
    for blueprint in vehicles:
        two = blueprint.get_attribute("base_type").as_str() in ("motorcycle", "bicycle")
        assert blueprint.get_attribute("base_type").as_str() in BASE_TYPES
        assert blueprint.get_attribute("special_type").as_str() in ("", "electric", "emergency", "taxi")
        assert blueprint.get_attribute("number_of_wheels").as_int() == (2 if two else 4)
        assert blueprint.get_attribute("generation").as_int() in (1, 2)
        for name in ("has_lights", "has_dynamic_doors", "sticky_control", "terramechanics"):
            assert blueprint.get_attribute(name).as_bool() in (True, False)
        assert blueprint.get_attribute("role_name").recommended_values == [
            "autopilot",
            "scenario",
            "ego_vehicle",
        ]
        colors = blueprint.get_attribute("color")
        assert colors.recommended_values
        for value in colors.recommended_values:
            blueprint.set_attribute("color", value)
            red, green, blue = (int(v) for v in value.split(","))
            now = blueprint.get_attribute("color").as_color()
            assert (now.r, now.g, now.b) == (red, green, blue)
        assert blueprint.has_attribute("driver_id") == two
        assert not blueprint.get_attribute("number_of_wheels").is_modifiable


def test_the_filters_of_scenarios_find_vehicles(library: Any) -> None:
    readers = {bool: "as_bool", int: "as_int", str: "as_str"}

    def having(**wanted: Any) -> list[str]:
        return [
            blueprint.id
            for blueprint in library.filter("vehicle.*")
            if ".drivegen." not in blueprint.id
            and all(getattr(blueprint.get_attribute(n), readers[type(v)])() == v for n, v in wanted.items())
        ]

    assert len(having(has_dynamic_doors=True, base_type="car")) >= 6
    assert "vehicle.tesla.cybertruck" in having(special_type="electric")
    assert len(having(generation=2)) >= 14
    assert set(having(special_type="emergency")) == {
        "vehicle.carlamotors.firetruck",
        "vehicle.dodge.charger_police",
        "vehicle.dodge.charger_police_2020",
        "vehicle.ford.ambulance",
    }


def test_walkers_have_carlas_attributes(library: Any) -> None:
    walkers = sorted(b.id for b in library.filter("walker.pedestrian.*"))
    assert walkers == [f"walker.pedestrian.{number:04d}" for number in range(1, 53)]
    for blueprint in library.filter("walker.pedestrian.*"):
        assert blueprint.get_attribute("gender").as_str() in ("male", "female")
        assert blueprint.get_attribute("age").as_str() in ("adult", "child")
        assert blueprint.get_attribute("generation").as_int() in (1, 2)
        assert blueprint.get_attribute("is_invincible").as_bool()
        speeds = [float(v) for v in blueprint.get_attribute("speed").recommended_values]
        assert len(speeds) == 3
        assert speeds[0] == 0.0 < speeds[1] < speeds[2]
        blueprint.set_attribute("is_invincible", "false")
        # As CARLA's generate_traffic.py does.
        if blueprint.has_attribute("can_use_wheelchair"):
            blueprint.set_attribute("use_wheelchair", "true")
