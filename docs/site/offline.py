"""Does the built site ask another machine for anything? `python -m docs.site.offline runs/site`

All pages are opened from disk by Chromium, each in a frame of one page; no host is found; the log of
the network tells what was asked for. A search that an address asks for must find something.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_BROWSER = ("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run")
_ALONE = (
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
_BROWSERS_OWN = (None, "not an origin")
"""What the browser asks for by itself has no page as its initiator."""
_FOUND = re.compile(r'class="md-search-result__item"')


def asked_for(site: Path, scratch: Path) -> tuple[int, list[str]]:
    """How many pages were opened, and the addresses on other machines that they asked for."""
    pages = sorted(site.rglob("*.html"))
    frames = "\n".join(f'<iframe src="{page.as_uri()}" width="1200" height="400"></iframe>' for page in pages)
    opener = scratch / "all.html"
    opener.write_text(f"<!doctype html><title>all</title>{frames}", encoding="utf-8")
    log = scratch / "network.json"
    _browse(scratch, f"--log-net-log={log}", "--virtual-time-budget=20000", "--dump-dom", opener.as_uri())
    requests = (event.get("params", {}) for event in json.loads(log.read_text(encoding="utf-8"))["events"])
    addresses = {r["url"] for r in requests if "url" in r and r.get("initiator") not in _BROWSERS_OWN}
    return len(pages), sorted(a for a in addresses if a.startswith(("http://", "https://")))


def search_works(site: Path, scratch: Path, word: str) -> bool:
    """Whether the site's search finds a word when its pages are opened from disk."""
    address = f"{(site / 'index.html').as_uri()}?q={word}"
    return bool(_FOUND.search(_browse(scratch, "--virtual-time-budget=20000", "--dump-dom", address)))


def _browse(scratch: Path, *words: str) -> str:
    command = [*_BROWSER, *_ALONE, f"--user-data-dir={scratch / 'profile'}", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=600).stdout


def main(argv: Sequence[str]) -> int:
    """Tells what it found; 1 where a page asked for something, or nothing was found."""
    site = Path(argv[0] if argv else "runs/site").resolve()
    with tempfile.TemporaryDirectory(prefix="drivegen-site-") as scratch:
        pages, addresses = asked_for(site, Path(scratch))
        found = search_works(site, Path(scratch), "voxel")
    json.dump({"pages": pages, "asked for": addresses, "search works": found}, sys.stdout, indent=1)
    sys.stdout.write("\n")
    return 1 if addresses or not found or not pages else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
