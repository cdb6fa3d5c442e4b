"""A tree of XML elements and comments, and how it is written so that people can read and edit it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

Value = str | float | int | bool
"""What an attribute can hold; a string may be a parameter or an expression of OpenSCENARIO."""

_WIDTH = 110
_CHINESE = 0x2E80


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """Text between the elements, broken into lines."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element; attributes keep the order they are given in."""

    tag: str
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple[Element | Comment, ...] = ()


Content = Element | Comment


def element(tag: str, /, *children: Content | None, **attributes: Value | None) -> Element:
    """An element; children and attributes that are None are left out."""
    return Element(
        tag=tag,
        attributes=tuple((k, written(v)) for k, v in attributes.items() if v is not None),
        children=tuple(child for child in children if child is not None),
    )


def written(value: Value) -> str:
    """A value as XML Schema writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return f"{float(value):.9g}" if isinstance(value, float) else str(value)


def document(root: Element, head: Sequence[str] = ()) -> str:
    """A whole file.

    Args:
        root: Its root.
        head: Paragraphs of the comment before it.
    """
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    if head:
        lines += ["<!--", *(line for paragraph in head for line in _broken(paragraph, 2)), "-->"]
    _write(lines, root, 0)
    return "\n".join(lines) + "\n"


def _write(lines: list[str], what: Content, depth: int) -> None:
    margin = "  " * depth
    if isinstance(what, Comment):
        text = _broken(what.text, len(margin) + 5)
        lines.append(f"{margin}<!-- {text[0].strip()}" + (" -->" if len(text) == 1 else ""))
        lines.extend(f"{margin}     {line.strip()}" for line in text[1:-1])
        if len(text) > 1:
            lines.append(f"{margin}     {text[-1].strip()} -->")
        return
    opening = what.tag + "".join(f" {name}={quoteattr(value)}" for name, value in what.attributes)
    if not what.children:
        lines.append(f"{margin}<{opening}/>")
        return
    lines.append(f"{margin}<{opening}>")
    for child in what.children:
        _write(lines, child, depth + 1)
    lines.append(f"{margin}</{what.tag}>")


def _broken(text: str, margin: int) -> list[str]:
    """Lines of a comment. Chinese characters are twice as wide as others and need no spaces to break at."""
    safe = text.replace("--", "- -")
    width = _WIDTH - margin - 4
    if sum(ord(c) > _CHINESE for c in safe) > len(safe) // 4:
        step = width // 2
        return [" " * margin + safe[k : k + step] for k in range(0, len(safe), step)]
    return textwrap.wrap(
        safe,
        width=_WIDTH,
        initial_indent=" " * margin,
        subsequent_indent=" " * margin,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]
