"""The pictures of docs/report.md: `python docs/images/report.py REPORT.html`, in headless Chromium.

Parts of a report's page at the widths of a desk and of a telephone, light and dark.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

BROWSER = "chromium"
MOST_BYTES = 390_000
TALL_PX = 48_000
SHOTS = (
    ("report_checks", 1180, "checks", 620, False),
    ("report_content", 1180, "content", 1250, False),
    ("report_sensors_dark", 1180, "sensors", 1250, True),
    ("report_strange", 1180, "strange", 1100, False),
    ("report_scenes", 1180, "scenes", 1600, False),
)
"""Name, width, id of the section, height, dark."""
PHONE = (("checks", "content", "strange", "scenes"), 390, 1250)
"""Sections side by side, as a telephone shows them."""


def main() -> None:
    """Writes the pictures beside this file."""
    page = Path(sys.argv[1]).resolve()
    for name, width, section, height, dark in SHOTS:
        write(name, shot(page, section, width, height, dark))
    sections, width, height = PHONE
    views = [shot(page, section, width, height, False) for section in sections]
    gap = np.full((height, 24, 3), 205, np.uint8)
    row = [part for view in views for part in (view, gap)][:-1]
    write("report_phone", np.hstack(row))


def shot(page: Path, section: str, width: int, height: int, dark: bool) -> np.ndarray:
    """What a window of that width shows of a section, through a frame: browsers refuse narrow windows."""
    with tempfile.TemporaryDirectory() as folder:
        probe = Path(folder) / "probe.html"
        style = f"width:{width}px;height:{TALL_PX}px;border:0"
        frame = f'<iframe id="f" src="file://{page}" style="{style}"></iframe>'
        script = (
            "onload = () => { const d = f.contentDocument; d.documentElement.style.scrollBehavior = 'auto';"
            " [...d.images].forEach(i => i.loading = 'eager');"
            f" const top = d.getElementById('{section}').getBoundingClientRect().top;"
            " document.body.style.marginTop = -Math.max(0, top - 8) + 'px' }"
        )
        probe.write_text(f'<body style="margin:0;overflow:hidden">{frame}<script>{script}</script>')
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"]
        options += ["--hide-scrollbars", f"--user-data-dir={folder}/profile", "--virtual-time-budget=6000"]
        options += [f"--window-size={max(width, 500)},{height}", f"--screenshot={folder}/shot.png"]
        if dark:
            options.append("--blink-settings=preferredColorScheme=0")
        browser = os.environ.get("CHROMIUM", BROWSER)
        subprocess.run([browser, *options, f"file://{probe}"], check=True, capture_output=True)
        image = cv2.imread(f"{folder}/shot.png")
    if image is None:
        raise SystemExit(f"{BROWSER} drew nothing of {page}")
    return np.asarray(image[:height, :width])


def write(name: str, image: np.ndarray) -> None:
    """As JPEG, of the best quality that keeps it small."""
    path = Path(__file__).parent / f"{name}.jpg"
    for quality in (90, 84, 78, 70, 60):
        data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
        if len(data) < MOST_BYTES:
            break
    path.write_bytes(data)


if __name__ == "__main__":
    main()
