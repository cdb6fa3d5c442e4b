"""Names that one part of a scenario uses for another must be there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from drivegen.scenario.model.conditions import StoryboardElementStateCondition
from drivegen.scenario.model.element import Element, Place
from drivegen.scenario.model.entities import TrailerObject, TrailerRef
from drivegen.scenario.model.names import StoryboardElementType
from drivegen.scenario.model.road_network import TrafficSignalController
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.model.walk import walk
from drivegen.scenario.reading.problems import Problem, nearest
from drivegen.scenario.reading.schema import Attribute, schema_of, tag_of
from drivegen.scenario.storyboard_names import NamedElement, matching, named_elements

Note = Callable[[Place, str], None]


def reference_problems(scenario: Scenario, note: Note) -> Iterator[Problem]:
    """Double names and references to what is not there; `note` is told what is only doubtful."""
    yield from _double_names(scenario)
    known = _known(scenario)
    elements = list(named_elements(scenario.storyboard))
    for element in walk(scenario):
        for attribute, name in _references(element):
            names = known[str(attribute.refers)]
            if name not in names and not (name == "" and isinstance(element, TrailerRef)):
                said = (
                    f"there is no {attribute.refers} {name!r} ({attribute.name} of {tag_of(type(element))})"
                )
                yield Problem(place=element.place, text=f"{said}; {nearest(name, names)}")
        if isinstance(element, StoryboardElementStateCondition):
            yield from _element_reference(element, elements, note)
        elif isinstance(element, TrafficSignalController) and element.reference is not None:
            names = known["signal controller"]
            if element.reference not in names:
                near = nearest(element.reference, names)
                said = f"there is no signal controller {element.reference!r}; {near}"
                yield Problem(place=element.place, text=said)


def _known(scenario: Scenario) -> Mapping[str, frozenset[str]]:
    entities = {o.name for o in scenario.entities.scenario_objects}
    entities |= {s.name for s in scenario.entities.entity_selections}
    entities |= {t.name for t in walk(scenario.entities) if isinstance(t, TrailerObject)}
    return {
        "entity": frozenset(entities),
        "parameter": frozenset(p.name for p in scenario.parameter_declarations),
        "variable": frozenset(v.name for v in scenario.variable_declarations),
        "monitor": frozenset(m.name for m in scenario.monitor_declarations),
        "signal controller": frozenset(c.name for c in scenario.road_network.traffic_signals),
    }


def _references(element: Element) -> Iterator[tuple[Attribute, str]]:
    for attribute in schema_of(type(element)).attributes.values():
        if attribute.refers is not None:
            name = getattr(element, attribute.field)
            if name is not None:
                yield attribute, name


def _element_reference(
    condition: StoryboardElementStateCondition,
    elements: list[NamedElement],
    note: Note,
) -> Iterator[Problem]:
    kind, reference = condition.storyboard_element_type, condition.storyboard_element_ref
    found = matching(elements, kind, reference)
    if not found:
        names = [e.names[-1] for e in elements if e.type is kind]
        said = f"the storyboard has no {kind.value} {reference!r}; {nearest(reference, names)}"
        others = [t.value for t in StoryboardElementType if matching(elements, t, reference)]
        if others:
            said = f"{reference!r} is no {kind.value} but {' and '.join(others)}: mend storyboardElementType"
        yield Problem(place=condition.place, text=said)
    elif len(found) > 1:
        note(
            condition.place,
            f"{len(found)} elements of the storyboard are named {reference!r}: put a parent's name before, "
            f"as in {'::'.join(found[0].names[-2:])}",
        )


def _double_names(scenario: Scenario) -> Iterator[Problem]:
    objects, selections = scenario.entities.scenario_objects, scenario.entities.entity_selections
    groups = (
        ("entities", [*[(e.name, e.place) for e in objects], *[(e.name, e.place) for e in selections]]),
        ("variables", [(v.name, v.place) for v in scenario.variable_declarations]),
        ("monitors", [(m.name, m.place) for m in scenario.monitor_declarations]),
        ("signal controllers", [(c.name, c.place) for c in scenario.road_network.traffic_signals]),
    )
    for title, group in groups:
        seen: set[str] = set()
        for name, place in group:
            if name in seen:
                yield Problem(place=place, text=f"two {title} are named {name!r}: give one another name")
            seen.add(name)
