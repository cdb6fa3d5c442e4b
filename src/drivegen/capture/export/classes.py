"""What drivegen's classes and tags are called in a format: vocabularies, read from a file and checked.

A file holds one vocabulary a format. `categories` are the format's own, `classes` says which of them each
`ObjectClass` becomes, `tags` the same of each `Tag`; what gets lost on the way stands there in words:

    kitti:
      about: KITTI object and tracking
      categories:
        Cyclist: {id: 5}
        Misc: {id: 7}
      classes:
        bicycle: {as: Cyclist, without_rider: Misc, lost: a bicycle that nobody rides is Misc}
        ...

Of an entry of `classes`, `as` is the category (null: the format has none, and `lost` says so), `kinds` the
categories of some blueprints (patterns of `fnmatch`, the first that fits), `without_rider` the category of
what nobody rides, and `rider` the category of the rider, in formats where that is an object of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from jaxtyping import Int64
from yaml.nodes import MappingNode, Node, ScalarNode

from drivegen.core.actors import ObjectClass
from drivegen.core.errors import ExportError
from drivegen.core.labels import ObjectLabel
from drivegen.core.tags import Tag

_PARTS = frozenset({"about", "categories", "classes", "tags", "lost"})
_ENTRY = frozenset({"as", "kinds", "without_rider", "rider", "lost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A class of a format."""

    name: str
    id: int
    """The format's number of it."""
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What else the format says of it: a colour, a training id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one of drivegen's classes becomes."""

    category: Category | None
    kinds: tuple[tuple[str, Category], ...] = ()
    """Patterns of blueprints with a category of their own."""
    without_rider: Category | None = None
    rider: Category | None = None
    lost: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """A format's categories, and which of them stand for drivegen's classes and tags."""

    format: str
    about: str
    categories: Mapping[str, Category]
    """By name, in the order of the file."""
    classes: Mapping[ObjectClass, Entry]
    """All classes, or none where the format knows no objects."""
    tags: Mapping[Tag, Entry]
    """All tags, or none where the format knows no surfaces."""
    lost: tuple[str, ...]
    """What else is lost."""

    def category(self, label: ObjectLabel) -> Category | None:
        """What an object is called; none where the format has no such things."""
        entry = self.classes[label.object_class]
        for pattern, category in entry.kinds:
            if fnmatchcase(label.blueprint, pattern):
                return category
        if entry.without_rider is not None and not label.rider:
            return entry.without_rider
        return entry.category

    def rider(self, label: ObjectLabel) -> Category | None:
        """What the object's rider is called, where that is an object of its own and somebody rides."""
        return self.classes[label.object_class].rider if label.rider else None

    def tag_table(self, otherwise: int = 0, value: str = "id") -> Int64[np.ndarray, "256"]:
        """The format's number by tag: `table[image]` translates an image.

        Args:
            otherwise: For tags that the format has no category for, and numbers that are no tags.
            value: Which number: `id`, or a name of `Category.values`.
        """
        table = np.full(256, otherwise, np.int64)
        for tag, entry in self.tags.items():
            if entry.category is not None:
                found = entry.category.id if value == "id" else entry.category.values[value]
                table[tag] = otherwise if found is None else found
        return table


def read_vocabularies(path: Path) -> dict[str, Vocabulary]:
    """The vocabularies of a file by format.

    Raises:
        ExportError: The file is no such file; a category, class or tag is unknown, missing, or there twice.
            The message names the file and the line.
    """
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise ExportError(f"{path} cannot be read: {error.strerror or error}") from error
    except yaml.YAMLError as error:
        raise ExportError(f"{path} is no YAML: {error}") from None
    reader = _Reader(path)
    return {name: reader.vocabulary(name, node) for name, node in reader.items(root, "formats").items()}


class _Reader:
    """Reads nodes, which know their lines."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def vocabulary(self, name: str, node: Node) -> Vocabulary:
        parts = self.items(node, f"{name}: its parts", _PARTS)
        if "categories" not in parts:
            raise self._error(node, f"{name}: categories are missing")
        categories = {
            key: self._category(f"{name}.{key}", key, each)
            for key, each in self.items(parts["categories"], f"{name}: categories").items()
        }
        ids: dict[int, str] = {}
        for key, category in categories.items():
            if ids.setdefault(category.id, key) != key:
                raise self._error(
                    parts["categories"], f"{name}: {ids[category.id]} and {key} both have id {category.id}"
                )
        return Vocabulary(
            format=name,
            about=str(self.value(parts["about"])) if "about" in parts else "",
            categories=categories,
            classes=self._table(parts, "classes", ObjectClass, name, categories),
            tags=self._table(parts, "tags", Tag, name, categories),
            lost=self._words(parts.get("lost"), name),
        )

    def _category(self, where: str, name: str, node: Node) -> Category:
        values = {key: self.value(each) for key, each in self.items(node, where).items()}
        number = values.pop("id", None)
        if not isinstance(number, int) or isinstance(number, bool):
            raise self._error(node, f"{where}: id must be a whole number, not {number!r}")
        return Category(name=name, id=number, values=values)

    def _table(
        self, parts: Mapping[str, Node], part: str, kind: type[Enum], name: str, known: Mapping[str, Category]
    ) -> dict[Any, Entry]:
        """Entries by member of an enumeration: each of its members, or nothing at all."""
        if part not in parts:
            return {}
        members = {m.value if isinstance(m.value, str) else m.name.lower(): m for m in kind}
        nodes = self.items(parts[part], f"{name}: {part}", frozenset(members))
        missing = [key for key in members if key not in nodes]
        if missing:
            raise self._error(parts[part], f"{name}: {part}: {', '.join(missing)} missing")
        return {
            member: self._entry(f"{name}.{part}.{key}", nodes[key], known) for key, member in members.items()
        }

    def _entry(self, where: str, node: Node, known: Mapping[str, Category]) -> Entry:
        if isinstance(node, ScalarNode):
            found = self._known(where, node, known)
            if found is None:
                raise self._error(node, f"{where}: say {{as: null, lost: ...}} where the format has none")
            return Entry(category=found)
        parts = self.items(node, where, _ENTRY)
        if "as" not in parts:
            raise self._error(node, f"{where}: as: is missing")
        lost = str(self.value(parts["lost"])) if "lost" in parts else ""
        category = self._known(where, parts["as"], known)
        if category is None and not lost:
            raise self._error(node, f"{where}: the format has none, so lost: must say what becomes of it")
        kinds = self.items(parts["kinds"], f"{where}.kinds") if "kinds" in parts else {}
        found_kinds = [(pattern, self._known(where, each, known)) for pattern, each in kinds.items()]
        return Entry(
            category=category,
            kinds=tuple((pattern, c) for pattern, c in found_kinds if c is not None),
            without_rider=self._known(where, parts.get("without_rider"), known),
            rider=self._known(where, parts.get("rider"), known),
            lost=lost,
        )

    def _known(self, where: str, node: Node | None, known: Mapping[str, Category]) -> Category | None:
        name = None if node is None else self.value(node)
        if name is None:
            return None
        if name not in known:
            raise self._error(node, f"{where}: {name!r} is no category; there are {', '.join(known)}")
        return known[name]

    def _words(self, node: Node | None, name: str) -> tuple[str, ...]:
        found = [] if node is None else self.value(node)
        if not isinstance(found, list):
            raise self._error(node, f"{name}: lost must be a list of sentences")
        return tuple(str(each) for each in found)

    def items(self, node: Node | None, where: str, known: frozenset[str] | None = None) -> dict[str, Node]:
        """A mapping's values by key; keys that come twice, or that are not known, are refused."""
        if not isinstance(node, MappingNode):
            raise self._error(node, f"{where}: a mapping is wanted")
        found: dict[str, Node] = {}
        for key_node, value in node.value:
            key = str(self.value(key_node))
            if key in found:
                raise self._error(key_node, f"{where}: {key} is there twice")
            if known is not None and key not in known:
                raise self._error(
                    key_node, f"{where}: {key} is unknown; there are {', '.join(sorted(known))}"
                )
            found[key] = value
        return found

    @staticmethod
    def value(node: Node) -> Any:
        """Plain data of a node."""
        loader = yaml.SafeLoader("")
        try:
            return loader.construct_object(node, deep=True)
        finally:
            loader.dispose()

    def _error(self, node: Node | None, what: str) -> ExportError:
        line = "" if node is None else f":{node.start_mark.line + 1}"
        return ExportError(f"{self._path}{line}: {what}")
