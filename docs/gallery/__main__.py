"""`python -m docs.gallery [FOLDER] [SECTION ...]`: draws the gallery."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from docs.gallery import families, sensors, weather
from docs.gallery.page import Gallery, Section
from docs.gallery.studio import Studio, studio

JOBS: dict[str, Callable[[], Section]] = {
    "lenses": sensors.lenses,
    "lidars": sensors.lidars,
    "radars": sensors.radars,
}
"""They run jobs of their own."""
STREET: dict[str, Callable[[Studio], Section]] = {
    "weather": weather.presets,
    "hours": weather.hours,
    "vehicles": lambda s: families.families(s, "vehicle"),
    "people": lambda s: families.families(s, "walker"),
    "things": lambda s: families.families(s, "static"),
    "carla-vehicles": lambda s: families.families(s, "vehicle", own=False),
    "carla-people": lambda s: families.families(s, "walker", own=False),
    "carla-things": lambda s: families.families(s, "static", own=False),
}
SECTIONS = (*STREET, *JOBS)
OUT = Path("runs/gallery")


def main() -> None:
    """Draws all sections, or those named."""
    parser = argparse.ArgumentParser(prog="python -m docs.gallery", description="Draw the gallery.")
    parser.add_argument(
        "sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}; all if none"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("runs/gallery"), help="folder (default: %(default)s)"
    )
    arguments = parser.parse_args()
    for name in arguments.sections:
        if name not in SECTIONS:
            parser.error(f"{name}: choose of {names}")
    gallery = Gallery(arguments.out)
    for name in arguments.sections or SECTIONS:
        start = time.perf_counter()
        if name in JOBS:
            gallery.add(JOBS[name]())
        else:
            with studio() as place:
                gallery.add(STREET[name](place))
        print(f"{name}: {time.perf_counter() - start:.0f} s", flush=True)  # noqa: T201
    print(arguments.out / "index.html")  # noqa: T201


if __name__ == "__main__":
    main()
