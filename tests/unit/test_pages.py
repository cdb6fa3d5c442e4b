"""The pages of docs/: all are in the navigation, links lead somewhere, pages from code follow the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from docs.site.reference import FOLDER, PAGES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SETTINGS = DOCS / "site" / "mkdocs.yml"
READMES = ("README.md", "README.zh.md")
_LINK = re.compile(r"\]\(\s*([^)\s]+)\s*\)")
_HEADING = re.compile(r"^#{1,6} +(.*?) *#*$", re.MULTILINE)
_CODE = re.compile(r"^```.*?^```[ ]*$", re.MULTILINE | re.DOTALL)


def files_of(nav: list[Any]) -> Iterator[str]:
    for entry in nav:
        if isinstance(entry, str):
            yield entry
            continue
        (inner,) = entry.values()
        if isinstance(inner, str):
            yield inner
        else:
            yield from files_of(inner)


def test_every_page_is_in_the_navigation_once() -> None:
    named = list(files_of(yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))["nav"]))
    there = {str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")}
    assert sorted(set(named)) == sorted(named), "a page is twice under nav in docs/site/mkdocs.yml"
    assert there - set(named) == set(), "give them a line under nav in docs/site/mkdocs.yml"
    assert set(named) - there == set(), "under nav in docs/site/mkdocs.yml, but not there"


def anchor(heading: str) -> str:
    """What the builder makes of a heading (Markdown's slugify)."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("\\", "")
    words = re.sub(r"[^\w\s-]", "", plain.encode("ascii", "ignore").decode())
    return re.sub(r"[-\s]+", "-", words.strip().lower())


def anchors_of(path: Path) -> set[str]:
    return {anchor(h) for h in _HEADING.findall(_CODE.sub("", path.read_text(encoding="utf-8")))}


ALL = [*(ROOT / name for name in READMES), *sorted(DOCS.rglob("*.md"))]


@pytest.mark.parametrize("path", ALL, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", _CODE.sub("", path.read_text(encoding="utf-8")))
    for target in _LINK.findall(text):
        if re.match(r"https?://|mailto:", target):
            continue
        name, _, part = target.partition("#")
        file = path if not name else (path.parent / name)
        assert file.exists(), f"{path.relative_to(ROOT)}: {target}"
        if part and file.suffix == ".md":
            assert part in anchors_of(file), f"{path.relative_to(ROOT)}: {target}: no such heading"


@pytest.mark.parametrize("path", ALL, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_stand_in_fences_where_they_are_run(path: Path) -> None:
    bare = _CODE.sub("", path.read_text(encoding="utf-8"))
    assert not re.findall(r"^ {4}(?:drivegen|make|python -m) .*$", bare, re.MULTILINE), (
        "put them into a fence of sh, so that the tests run them (docs/howto/write-pages.md)"
    )


@pytest.mark.parametrize("name", sorted(PAGES))
def test_pages_from_code_are_in_step(name: str) -> None:
    assert PAGES[name]() == (FOLDER / name).read_text(encoding="utf-8"), "run: python -m docs.site.reference"


_OUTLINE = re.compile(
    r"^(?P<level>#+) |^```(?P<fence>.*?)^```[ ]*$|!\[[^\]]*\]\((?P<picture>[^)]*)\)",
    re.MULTILINE | re.DOTALL,
)


def outline(path: Path) -> list[str]:
    """Levels of headings, fences with what stands in them less its comments, and pictures, in their order."""
    found = []
    for match in _OUTLINE.finditer(path.read_text(encoding="utf-8")):
        if match["fence"] is not None:
            found.append(re.sub(r"\s+# .*|\"[a-z ,'-]+\"", "", match["fence"]))
        else:
            found.append(match["level"] or match["picture"])
    return found


def test_the_chinese_readme_is_in_step() -> None:
    english, chinese = (outline(ROOT / name) for name in READMES)
    assert english == chinese, "README.zh.md has other headings, commands or pictures than README.md"


@pytest.mark.parametrize("name", READMES)
def test_the_readme_tells_the_layers_as_they_are(name: str) -> None:
    import tomllib

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(
        c for c in settings["tool"]["importlinter"]["contracts"] if c["containers"] == ["drivegen"]
    )
    layers = [layer for line in contract["layers"] for layer in line.split(" | ")]
    (told,) = re.findall(
        r"^.*`cli`[^`]*`runtime`.*$", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE
    )
    assert re.findall(r"`(\w+)`", told)[: len(layers)] == layers


def links(path: Path) -> set[str]:
    return set(_LINK.findall(path.read_text(encoding="utf-8"))) - set(READMES)


def test_both_readmes_link_to_the_same() -> None:
    assert links(ROOT / READMES[0]) == links(ROOT / READMES[1])


KIN = {"v2x_seq": "dair_v2x.md", "v2x_sim": "nuscenes.md"}
"""Formats that tell of their options on the page of another."""


def test_every_format_has_a_page_that_names_its_options() -> None:
    from dataclasses import fields
    from importlib.metadata import entry_points

    index = (DOCS / "formats" / "index.md").read_text(encoding="utf-8")
    for entry in entry_points(group="drivegen.exporters"):
        page = DOCS / "formats" / f"{entry.name}.md"
        assert page.is_file(), f"{entry.name} has no page in docs/formats"
        assert f"({entry.name}.md)" in index
        text = page.read_text(encoding="utf-8")
        if entry.name in KIN:
            text += (DOCS / "formats" / KIN[entry.name]).read_text(encoding="utf-8")
        for field in fields(entry.load().Options):
            row = re.search(rf"^\|[^|\n]*`{field.name}`[^|\n]*\| ([^|\n]*) \|", text, re.MULTILINE)
            assert row, f"{page.name} does not tell of the option {field.name}"
            plain = f"{field.default:g}" if isinstance(field.default, float) else str(field.default)
            wanted = plain.lower() if isinstance(field.default, bool) else plain
            assert wanted in row[1].split(", ") or wanted == "", (
                f"{page.name}: {field.name} is {wanted!r}, not {row[1]!r}"
            )
