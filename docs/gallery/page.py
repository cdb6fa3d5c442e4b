"""The page: one folder with pictures and an index.html that needs nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import jinja2
from docs.gallery.studio import Image

QUALITY = 90
PAGE = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(
    Path(__file__).with_name("page.html").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tile:
    """A picture with its label views below it."""

    title: str
    picture: Image
    labels: Image | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Section:
    """Pictures of one kind."""

    title: str
    text: str
    tiles: Sequence[Tile]
    wide: bool = False


class Gallery:
    """Writes sections as they come, so that a long run shows what it has."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sections: list[dict[str, object]] = []
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, section: Section) -> None:
        """Writes a section's pictures, and the page anew."""
        anchor = _name(section.title)
        files = []
        for tile in section.tiles:
            names = [f"{anchor}-{_name(tile.title)}.jpg"]
            _write(self._folder / names[0], tile.picture)
            if tile.labels is not None:
                names.append(f"{anchor}-{_name(tile.title)}-labels.jpg")
                _write(self._folder / names[1], tile.labels)
            files.append({"title": tile.title, "files": names})
        self._sections.append(
            {
                "title": section.title,
                "text": section.text,
                "anchor": anchor,
                "files": files,
                "wide": section.wide,
            }
        )
        (self._folder / "index.html").write_text(PAGE.render(sections=self._sections), encoding="utf-8")


def _name(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _write(path: Path, image: Image) -> None:
    cv2.imwrite(str(path), image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
