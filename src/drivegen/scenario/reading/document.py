"""XML files as trees that know the line of every tag and attribute.

A scenario may come from anyone: a file with a document type (so with entities) is refused before it is
parsed, nothing is fetched, and size, depth and the number of elements have limits.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from drivegen.scenario.model.element import Place
from drivegen.scenario.reading.problems import broken

MOST_BYTES = 64 * 2**20
MOST_ELEMENTS = 500_000
MOST_DEPTH = 64
"""The deepest nesting; the standard's own elements need less than 40."""

_ENCODINGS = {"utf-8", "utf-16", "ascii", "iso8859-1", "iso8859-15", "cp1252", "gb2312", "gbk", "gb18030"}
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_MARKUP = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|</[^>]*>|<(?P<tag>[^\s/>!?]++)(?P<rest>(?:[^>\"']++|\"[^\"]*\"|'[^']*')*+)>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([^\s=/]+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")


@dataclass(slots=True)
class Node:
    """An element: its name, attributes (those of other namespaces left out), children, text and place."""

    tag: str
    attributes: dict[str, str]
    place: Place
    children: list[Node] = field(default_factory=list)
    text: str = ""
    attribute_lines: dict[str, int] = field(default_factory=dict)
    """Lines of the attributes that do not stand on the tag's own."""

    def place_of(self, attribute: str) -> Place:
        """Where an attribute stands; the element's place if it is not there."""
        line = self.attribute_lines.get(attribute)
        return self.place if line is None else Place(file=self.place.file, line=line)

    def child(self, tag: str) -> Node | None:
        """The first child of this name."""
        return next((c for c in self.children if c.tag == tag), None)


def read_document(path: Path, shown: str | None = None) -> Node:
    """The root element of the file at `path`.

    Args:
        path: a file of at most 64 MiB.
        shown: the name for it in messages; the path itself by default.

    Raises:
        ScenarioError: the file is missing, too large, not XML, or has a document type.
    """
    name = str(path) if shown is None else shown
    top = Place(file=name, line=1)
    try:
        if not path.is_file():
            raise broken(top, "there is no such file: check the path" if not path.exists() else "not a file")
        if path.stat().st_size > MOST_BYTES:
            raise broken(top, f"the file has more than {MOST_BYTES >> 20} MiB: split it")
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise broken(top, f"the file cannot be read ({error})") from error
    return parse_document(content, name)


def parse_document(content: bytes, name: str) -> Node:
    """The root element of a file's bytes; `name` is the file's in messages."""
    top = Place(file=name, line=1)
    if not content.strip():
        raise broken(top, "the file is empty")
    text = _decoded(content, top)
    _refuse_document_type(text, name)
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise broken(Place(file=name, line=line), f"not well-formed XML: {_one_line(error.msg)}") from error
    return _Tree(text, name).build(root)


def _one_line(message: str | None) -> str:
    """The parser's message without the text of the file that it cites."""
    return "the parser gives no reason" if not message else " ".join(message.split("\n")[0].split())[:200]


def _decoded(content: bytes, top: Place) -> str:
    """The text, without a byte order mark; CRLF counts as one line end."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif content.startswith(codecs.BOM_UTF8):
        encoding = "utf-8-sig"
    else:
        found = _DECLARED.match(content.lstrip())
        encoding = "utf-8" if found is None else found[1].decode("ascii")
        try:
            known = codecs.lookup(encoding).name in _ENCODINGS
        except LookupError:
            known = False
        if not known:
            raise broken(top, f"encoding {encoding!r} is not read here: save the file as UTF-8")
    try:
        text = content.decode(encoding)
    except UnicodeError as error:
        raise broken(top, f"the file is not {encoding} text ({error}): save it as UTF-8") from error
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _refuse_document_type(text: str, name: str) -> None:
    """Entities can only be declared in a document type, and that only before the root element."""
    at = 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if text.startswith("<?", at):
            end, skip = text.find("?>", at), 2
        elif text.startswith("<!--", at):
            end, skip = text.find("-->", at + 4), 3
        elif text.startswith("<!", at):
            line = text.count("\n", 0, at) + 1
            raise broken(
                Place(file=name, line=line),
                "a document type (<!DOCTYPE ...>) is not read, since entities may be bombs: take it out",
            )
        else:
            return
        if end < 0:
            return
        at = end + skip


class _Tree:
    """Pairs lxml's elements with the tags of the text, in the order in which both stand there."""

    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._name = name
        self._tags = self._tags_with_lines()
        self._count = 0

    def _tags_with_lines(self) -> Iterator[tuple[int, re.Match[str]]]:
        line, before = 1, 0
        for found in _MARKUP.finditer(self._text):
            if found["tag"] is None:
                continue
            line += self._text.count("\n", before, found.start())
            before = found.start()
            yield line, found

    def build(self, root: etree._Element) -> Node:
        """The tree below `root`."""
        stack: list[Node] = []
        node = top = self._node(root)
        for event, element in etree.iterwalk(root, events=("start", "end")):
            if not isinstance(element.tag, str):
                continue
            if event == "end":
                stack.pop()
                continue
            if element is not root:
                node = self._node(element)
                stack[-1].children.append(node)
            stack.append(node)
            if len(stack) > MOST_DEPTH:
                raise broken(
                    node.place, f"more than {MOST_DEPTH} elements within each other: none needs so many"
                )
            node.text = "".join([element.text or "", *((c.tail or "") for c in element)]).strip()
        return top

    def _node(self, element: etree._Element) -> Node:
        self._count += 1
        line, found = next(self._tags)
        place = Place(file=self._name, line=line)
        if self._count > MOST_ELEMENTS:
            raise broken(place, f"more than {MOST_ELEMENTS} elements: split the file")
        attributes = {str(k): str(v) for k, v in element.attrib.items() if not str(k).startswith("{")}
        lines: dict[str, int] = {}
        if "\n" in found["rest"]:
            for attribute in _ATTRIBUTE.finditer(found["rest"]):
                at = self._text.count("\n", found.start("rest"), found.start("rest") + attribute.start())
                lines[attribute[1]] = line + at
        return Node(
            tag=etree.QName(element).localname, attributes=attributes, place=place, attribute_lines=lines
        )
