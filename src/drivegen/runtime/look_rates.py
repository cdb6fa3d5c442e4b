"""Rates of verdicts on the looks of a run, for its manifest."""

from __future__ import annotations

from typing import Any

from drivegen.capture.look_file import LookFile
from drivegen.core.errors import CaptureError
from drivegen.core.verdicts import Verdict, VerdictRates
from drivegen.runtime.folder import RunFolder


def look_rates(folder: RunFolder) -> dict[str, dict[str, Any]]:
    """By look: its verdicts added up over the scenes that lie here, and shares; only of judged looks."""
    out: dict[str, dict[str, Any]] = {}
    root = folder.root / "looks"
    for look in sorted(p for p in root.glob("*") if p.is_dir()):
        total, scenes = VerdictRates(), 0
        for path in sorted(look.glob("*.mcap")):
            rates = _rates(path)
            if rates is not None:
                total, scenes = total + rates, scenes + 1
        if scenes:
            shares = {v.value: round(total.share(v), 5) for v in Verdict}
            out[look.name] = {"scenes": scenes, **total.plain(), "shares": shares}
    return out


def _rates(path: Any) -> VerdictRates | None:
    try:
        with LookFile(path) as look:
            return look.rates
    except CaptureError:
        return None
