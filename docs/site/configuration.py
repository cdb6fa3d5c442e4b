"""The reference of the configuration, from its dataclasses: `python -m docs.site.reference`.

A field's meaning is the string below it, a section's the docstring of its class, as the code has them.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
import types
import typing
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

from docs.site.groups import groups
from omegaconf import MISSING as WANTED

from drivegen.runtime.config import Config

_HEAD = """# Configuration

Written from the code by `python -m docs.site.reference`; do not edit. These are the keys of
`drivegen generate`, with what they are where neither a group nor an override says otherwise; a key that is
not here is refused. `NAME` stands for names of one's own. What the parameters of plugins (`map.params`,
`traffic.params`, ...) may be is told in the pages of the plugins: [roads](../roads.md),
[vehicles](../traffic.md), [pedestrians](../pedestrians.md),
[weather](../weather.md#what-weather-a-scene-has), [looks](../looks.md).

## Groups

A group is a folder of `conf/`; taking a file of it sets many keys at once. Keys that are given beside it win.

"""


def configuration() -> str:
    """The page."""
    lines = [_HEAD + groups(), "## Keys", ""]
    first: dict[type, str] = {}
    for path, kind in _sections(Config, ""):
        if kind in first:
            lines += [f"### `{path}`", "", f"Keys as of `{first[kind]}`.", ""]
        else:
            first[kind] = path
            lines += _section(path, kind)
    return "\n".join(lines).rstrip() + "\n"


def _sections(kind: type, path: str, told: set[type] | None = None) -> Iterator[tuple[str, type]]:
    """Each dataclass below the root, before its own members; those of one that was told of are left out."""
    told = set() if told is None else told
    yield path, kind
    if kind in told:
        return
    told.add(kind)
    hints = typing.get_type_hints(kind)
    for field in fields(kind):
        inner = _inner(hints[field.name])
        if inner is not None:
            named = ".NAME" if typing.get_origin(hints[field.name]) is dict else ""
            yield from _sections(inner, f"{path}.{field.name}".lstrip(".") + named, told)


def _inner(hint: Any) -> type | None:
    """The dataclass in a type: itself, one that may be none, or the values of a dictionary."""
    for part in (hint, *typing.get_args(hint)):
        if isinstance(part, type) and is_dataclass(part):
            return part
    return None


def _section(path: str, kind: type) -> list[str]:
    hints, meanings = typing.get_type_hints(kind), _meanings(kind)
    rows = []
    for field in fields(kind):
        if _inner(hints[field.name]) is not None and not path:
            continue
        inner = _inner(hints[field.name])
        default = "see below" if inner is not None else _default(field)
        rows.append(
            f"| `{field.name}` | {_type(hints[field.name])} | {default} | {meanings.get(field.name, '')} |"
        )
    doc = " ".join((inspect.getdoc(kind) or "").split())
    title = f"### `{path}`" if path else "### At the top"
    head = ["| key | type | default | |", "|---|---|---|---|"]
    return [title, "", _cell(doc), "", *head, *rows, ""]


def _meanings(kind: type) -> dict[str, str]:
    """The strings below a class's fields."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(tree, ast.ClassDef)
    found: dict[str, str] = {}
    for before, after in zip(tree.body, tree.body[1:], strict=False):
        if (
            isinstance(before, ast.AnnAssign)
            and isinstance(before.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
            and isinstance(after.value.value, str)
        ):
            found[before.target.id] = _cell(after.value.value)
    inherited = [_meanings(base) for base in kind.__bases__ if is_dataclass(base)]
    return {name: text for table in [*inherited, found] for name, text in table.items()}


def _type(hint: Any) -> str:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return " or ".join("null" if a is type(None) else _type(a) for a in typing.get_args(hint))
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is list:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return "section by name" if is_dataclass(arguments[1]) else "any keys"
    if isinstance(hint, type) and is_dataclass(hint):
        return "section"
    return {"str": "text", "int": "whole number", "float": "number", "bool": "true, false"}.get(
        getattr(hint, "__name__", ""), "anything"
    )


def _default(field: Field[Any]) -> str:
    value = field.default if field.default_factory is MISSING else field.default_factory()
    if value is MISSING or value == WANTED:
        return "wanted"
    if value is None:
        return "null"
    if value == "":
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        inner = ", ".join(f"{k}: {v}" for k, v in value.items() if not isinstance(v, dict))
        return f"`{{{inner}}}`" if len(inner) <= 60 else "see below"
    if isinstance(value, list):
        return f"`[{', '.join(str(v) for v in value)}]`"
    return f"{value:g}" if isinstance(value, float) and value < 1e6 else f"{value}"


def _cell(text: str) -> str:
    """A text in a table's cell; names in single backquotes stay."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
