"""Catalogues: where they are, and the entries in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from drivegen.scenario.model.element import Element, Place
from drivegen.scenario.model.entities import Controller, MiscObject, Pedestrian, Vehicle
from drivegen.scenario.model.environment import Environment
from drivegen.scenario.model.routing import Route, Trajectory
from drivegen.scenario.model.storyboard import Maneuver
from drivegen.scenario.reading.document import Node, read_document
from drivegen.scenario.reading.problems import BrokenScenarioError, broken, nearest
from drivegen.scenario.reading.scope import Scope

KINDS: Mapping[str, type[Element]] = {
    "Vehicle": Vehicle,
    "Controller": Controller,
    "Pedestrian": Pedestrian,
    "MiscObject": MiscObject,
    "Environment": Environment,
    "Maneuver": Maneuver,
    "Trajectory": Trajectory,
    "Route": Route,
}
"""What a catalogue may hold, by the entries' element; the locations are named `VehicleCatalog` and so on."""

MOST_FILES = 500
"""The most files that are looked at in one folder."""


class CatalogFiles:
    """Files of catalogues that were read, for whoever reads many scenarios that share them.

    A file that was written anew since is read again.
    """

    def __init__(self) -> None:
        self._read: dict[Path, tuple[tuple[int, int], Node | BrokenScenarioError]] = {}

    def document(self, path: Path) -> Node | BrokenScenarioError:
        """A file's tree, which nobody may change, or what is wrong with it."""
        try:
            facts = path.stat()
        except (OSError, ValueError):
            return self._parsed(path)
        stamp = (facts.st_mtime_ns, facts.st_size)
        known = self._read.get(path)
        if known is None or known[0] != stamp:
            known = self._read[path] = (stamp, self._parsed(path))
        return known[1]

    @staticmethod
    def _parsed(path: Path) -> Node | BrokenScenarioError:
        try:
            return read_document(path)
        except BrokenScenarioError as error:
            return error


@dataclass(slots=True)
class Catalogs:
    """The catalogues of one scenario; files are read when they are first needed, each once."""

    folder: Path
    """The scenario's; locations are relative to it."""
    locations: dict[str, tuple[str, Place]] = field(default_factory=dict)
    """Paths and their places by kind."""
    files: CatalogFiles = field(default_factory=CatalogFiles)
    """What other scenarios have read."""
    _found: dict[str, dict[str, dict[str, Node]]] = field(default_factory=dict)
    _documents: dict[Path, Node | BrokenScenarioError] = field(default_factory=dict)

    def declare(self, node: Node, scope: Scope) -> None:
        """Takes in a `CatalogLocations` element."""
        for child in node.children:
            kind = child.tag.removesuffix("Catalog")
            if child.tag == kind or kind not in KINDS:
                known = [f"{k}Catalog" for k in KINDS]
                raise broken(child.place, f"CatalogLocations has no {child.tag}; {nearest(child.tag, known)}")
            path, place = _directory(child, scope)
            self.locations[kind] = (path, place)

    def entry(self, reference: Node, catalog: str, name: str, kinds: Iterable[str]) -> Node:
        """The element of a catalogue that `reference` means, one of `kinds`.

        Raises:
            ScenarioError: no location, no such catalogue, no such entry, or an entry of another kind.
        """
        wanted = list(kinds)
        places = [k for k in wanted if k in self.locations] or list(self.locations)
        if not places:
            raise broken(
                reference.place,
                f"catalogue {catalog!r} cannot be looked up: CatalogLocations names no {wanted[0]}Catalog",
            )
        seen: dict[str, dict[str, Node]] = {}
        for kind in [*places, *(k for k in self.locations if k not in places)]:
            try:
                found = self._catalogs(kind)
            except BrokenScenarioError:
                if kind in places:
                    raise
                continue
            for title, entries in found.items():
                seen.setdefault(title, {}).update(entries)
            node = found.get(catalog, {}).get(name)
            if node is None:
                continue
            if node.tag not in wanted:
                raise broken(
                    reference.place,
                    f"{catalog}/{name} is a {node.tag}; a {' or '.join(wanted)} is needed here",
                )
            return node
        if catalog in seen:
            near = nearest(name, seen[catalog])
            raise broken(reference.place, f"catalogue {catalog!r} has no entry {name!r}; {near}")
        self._tell_broken(places)
        looked = ", ".join(repr(self.locations[k][0]) for k in places)
        raise broken(reference.place, f"no catalogue {catalog!r} in {looked}; {nearest(catalog, seen)}")

    def _tell_broken(self, kinds: Iterable[str]) -> None:
        """A file that cannot be read may be the one that is missed."""
        for kind in kinds:
            for path in self._files(kind):
                document = self._documents.get(path)
                if isinstance(document, BrokenScenarioError):
                    raise document

    def _files(self, kind: str) -> list[Path]:
        text, place = self.locations[kind]
        path = self.folder / text
        try:
            if path.is_file():
                return [path]
            if not path.is_dir():
                raise broken(place, f"the folder {text!r} of {kind}Catalog does not exist")
            files = sorted(f for f in path.iterdir() if f.suffix.lower() in (".xosc", ".xml"))
        except (OSError, ValueError) as error:
            raise broken(place, f"the folder {text!r} cannot be read ({error})") from error
        if len(files) > MOST_FILES:
            raise broken(place, f"the folder {text!r} holds more than {MOST_FILES} scenario files")
        return files

    def _catalogs(self, kind: str) -> dict[str, dict[str, Node]]:
        """Entries by name, by catalogue, of one location."""
        if kind not in self._found:
            self._found[kind] = self._looked_up(kind)
        return self._found[kind]

    def _looked_up(self, kind: str) -> dict[str, dict[str, Node]]:
        found: dict[str, dict[str, Node]] = {}
        for path in self._files(kind):
            catalog = self._catalog(path)
            if catalog is None:
                continue
            # Some tools look for a file of the catalogue's name, whatever it says within.
            for title in dict.fromkeys((catalog.attributes.get("name", ""), path.stem)):
                entries = found.setdefault(title, {})
                for entry in catalog.children:
                    entries.setdefault(entry.attributes.get("name", ""), entry)
        return found

    def _catalog(self, path: Path) -> Node | None:
        if path not in self._documents:
            self._documents[path] = self.files.document(path)
        document = self._documents[path]
        return None if isinstance(document, BrokenScenarioError) else document.child("Catalog")


def _directory(location: Node, scope: Scope) -> tuple[str, Place]:
    """The path that a `VehicleCatalog` or the like gives, and its place."""
    for child in location.children:
        if child.tag != "Directory":
            raise broken(child.place, f"{location.tag} has no child {child.tag}: only Directory")
    if len(location.children) != 1:
        raise broken(location.place, f"{location.tag} needs just one Directory")
    [node] = location.children
    if [*node.attributes] != ["path"]:
        raise broken(node.place, "Directory needs the attribute 'path' and no other")
    try:
        return scope.resolve(node.attributes["path"]), node.place
    except ValueError as error:
        raise broken(node.place_of("path"), f"path of Directory: {error}") from None
