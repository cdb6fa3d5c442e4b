"""XML elements with typed attributes; whatever is wrong is one MapError with file, line and mend."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, NoReturn

from lxml import etree

from drivegen.core.errors import MapError
from drivegen.opendrive.model import Cubic

MOST = 1e9
"""No number of a road is larger, in metres, radians or m/s."""
_MOST_COEFFICIENT = 1e30
"""Of polynomials: where a lane ends within micrometres, editors write 1e13, as in CARLA's Town03."""
_REQUIRED: Final = object()


def parse_xml(text: str, source: str) -> Element:
    """The root element. No entity is expanded, no DTD and nothing from the network is loaded."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, encoding="utf-8"
    )
    data = text.encode("utf-8", errors="surrogatepass").lstrip(b"\xef\xbb\xbf \t\r\n")
    if not data:
        raise MapError(f"{source}: the file is empty. Give an OpenDRIVE file (.xodr).")
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise MapError(
            f"{source}:{line}: not well-formed XML: {error.msg}. Repair the file or export it again."
        ) from None
    document = root.getroottree().docinfo
    if document.internalDTD is not None:
        raise MapError(
            f"{source}:1: the file declares a document type, which could define entities. Remove the DOCTYPE."
        )
    return Element(root, source)


class Element:
    """An XML element of a named file."""

    __slots__ = ("_node", "source")

    def __init__(self, node: etree._Element, source: str) -> None:
        self._node = node
        self.source = source

    @property
    def tag(self) -> str:
        """Name without namespace."""
        return str(etree.QName(self._node).localname)

    @property
    def line(self) -> int:
        """Line in the file."""
        line: int | None = self._node.sourceline  # type: ignore[assignment]
        return line or 0

    @property
    def content(self) -> str:
        """Text inside."""
        return (self._node.text or "").strip()

    def fail(self, what: str, mend: str) -> NoReturn:
        """Raises MapError at this element."""
        raise MapError(f"{self.source}:{self.line}: <{self.tag}>: {what}. {mend}")

    def children(self, name: str) -> Iterator[Element]:
        """Direct children of a name, in any namespace."""
        for node in self._node.iterchildren("{*}" + name):
            yield Element(node, self.source)

    def elements(self) -> Iterator[Element]:
        """All direct children."""
        for node in self._node.iterchildren(etree.Element):
            yield Element(node, self.source)

    def child(self, name: str) -> Element | None:
        """The first child of a name."""
        return next(self.children(name), None)

    def required_child(self, name: str, mend: str) -> Element:
        """The first child of a name; fails if there is none."""
        found = self.child(name)
        if found is None:
            self.fail(f"has no <{name}>", mend)
        return found

    def has(self, name: str) -> bool:
        """True if the attribute is there."""
        return self._node.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        """A text attribute."""
        value = self._node.get(name)
        if value is None:
            if default is None:
                self.fail(f'attribute "{name}" is missing', f'Add {name}="..." to this element.')
            return default
        return str(value)

    def number(self, name: str, default: float | object = _REQUIRED, *, most: float = MOST) -> float:
        """A finite number, not beyond `most` to either side."""
        value = self._node.get(name)
        if value is None:
            if default is _REQUIRED:
                self.fail(f'attribute "{name}" is missing', f'Add {name}="..." to this element.')
            return float(default)  # type: ignore[arg-type]
        try:
            out = float(value)
        except ValueError:
            self.fail(f'{name}="{value}" is not a number', "Write a decimal number.")
        if not math.isfinite(out):
            self.fail(f'{name}="{value}" is not finite', "Write a decimal number.")
        if abs(out) > most:
            self.fail(f'{name}="{value}" is beyond {most:g}', "Write what is there, in the standard's units.")
        return out

    def optional_number(self, name: str) -> float | None:
        """A finite number, or None where the attribute is absent or empty."""
        return self.number(name) if self._node.get(name) else None

    def integer(self, name: str) -> int:
        """An integer."""
        value = self.text(name)
        try:
            return int(value)
        except ValueError:
            self.fail(
                f'{name}="{value}" is not an integer', "CARLA reads only integer ids; renumber the file."
            )

    def cubic(self, station: str = "s") -> Cubic:
        """A cubic with its start under the attribute `station`."""
        return Cubic(
            s_m=self.number(station),
            a=self.number("a"),
            b=self.number("b", most=_MOST_COEFFICIENT),
            c=self.number("c", most=_MOST_COEFFICIENT),
            d=self.number("d", most=_MOST_COEFFICIENT),
        )
