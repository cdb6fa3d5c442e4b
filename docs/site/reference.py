"""Writes the pages that follow from the code: `python -m docs.site.reference`.

A test holds the pages against the code, so they cannot fall behind.
"""

from __future__ import annotations

from pathlib import Path

from docs.site.command_line import command_line
from docs.site.configuration import configuration

FOLDER = Path(__file__).parents[1] / "reference"
PAGES = {"command-line.md": command_line, "configuration.md": configuration}


def main() -> None:
    """Writes all of them."""
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
