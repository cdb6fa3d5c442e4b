"""What a study found, as a page and as a table."""

from __future__ import annotations

import html
import math

import numpy as np

from drivegen.study.classes import CLASSES
from drivegen.study.intervals import Interval
from drivegen.study.study import ArmResult, Findings

_STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;color:#222}
table{border-collapse:collapse;margin:1rem 0}
td,th{padding:.3rem .5rem;white-space:nowrap;border-bottom:1px solid #ddd;text-align:right}
td:first-child,th:first-child{text-align:left}svg{display:block;margin:.5rem 0}p{max-width:50rem}"""


def markdown(findings: Findings) -> str:
    """Tables: a row an arm, for each test set."""
    lines = [f"{_said(findings)}", ""]
    for test in findings.arms[0].scores:
        lines += [f"Judged on {test}, {findings.images[test]} images:", ""]
        lines += [
            "| arm | mIoU | 95 % | gain | 95 % | " + " | ".join(CLASSES) + " |",
            "|---" * (5 + len(CLASSES)) + "|",
        ]
        for arm in findings.arms:
            lines.append("| " + " | ".join(_row(findings, arm, test)) + " |")
        lines.append("")
    return "\n".join(lines)


def page(findings: Findings) -> str:
    """A page of its own, that asks no other machine for anything."""
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><title>Does it help?</title>",
        f"<style>{_STYLE}</style><h1>Does it help?</h1><p>{html.escape(_said(findings))}</p>",
    ]
    for test in findings.arms[0].scores:
        parts.append(f"<h2>Judged on {html.escape(test)}</h2>{_picture(findings, test)}<table><tr>")
        parts += [f"<th>{n}</th>" for n in ("arm", "mIoU", "95 %", "gain", "95 %", *CLASSES)]
        for arm in findings.arms:
            cells = "".join(f"<td>{html.escape(cell)}</td>" for cell in _row(findings, arm, test))
            parts.append(f"</tr><tr>{cells}")
        parts.append("</tr></table>")
    parts.append(
        "<p>Red: the mean over seeds; blue: its interval, and a dot for each seed. Gain is over the first"
        " arm, seed by seed; intervals are Student's t over seeds. An interval with 0 in it has"
        " shown nothing. Seeds change first weights and order, not the scenes: what other scenes"
        " would give, it does not tell.</p></html>\n"
    )
    return "".join(parts)


def _said(findings: Findings) -> str:
    held, order = findings.holdout, findings.order
    scenes = ["1 scene" if len(s) == 1 else f"{len(s)} scenes" for s in (held.train, held.test)]
    looks = "".join(f" {arm.name}: {', '.join(arm.looks)}." for arm in findings.arms if arm.looks)
    return (
        f"Segmentation at {order['size'][0]}x{order['size'][1]}, {findings.images['training']} images of"
        f" {scenes[0]} to learn from, {order['steps']} steps in every arm,"
        f" {order['seeds']} seeds. Held out: maps {', '.join(held.maps)}; weather"
        f" {', '.join(held.weathers)} ({scenes[1]}).{looks}"
    )


def _row(findings: Findings, arm: ArmResult, test: str) -> list[str]:
    mean = findings.mean_iou(arm, test)
    first = arm is findings.arms[0]
    gain = None if first else findings.gain(arm, test)
    by_class = [np.array([score[name] for score in arm.scores[test]]) for name in CLASSES]
    return [
        arm.name,
        f"{mean.mean:.3f}",
        _range(mean, ""),
        "" if gain is None else f"{gain.mean:+.3f}",
        "" if gain is None else _range(gain, "+"),
        *("-" if np.isnan(v).all() else f"{np.nanmean(v):.3f}" for v in by_class),
    ]


def _range(interval: Interval, sign: str) -> str:
    if not math.isfinite(interval.low):
        return "-"
    return f"{interval.low:{sign}.3f} to {interval.high:{sign}.3f}"


def _picture(findings: Findings, test: str) -> str:
    """A bar of each arm's interval, as far as there are such scores (0 to 1), with a dot a seed."""
    width, left, row = 640, 210, 30
    means = [findings.mean_iou(arm, test) for arm in findings.arms]
    values = [s["mean"] for arm in findings.arms for s in arm.scores[test]]
    ends = [v for m in means for v in (m.low, m.high) if math.isfinite(v)]
    low, high = min([*values, *ends]), max([*values, *ends])
    low, high = max(low - 0.02, 0.0), min(high + 0.02, 1.0)

    def at(value: float) -> float:
        share = (min(max(value, low), high) - low) / max(high - low, 1e-6)
        return left + share * (width - left - 20)

    foot = row * len(means)
    parts = [f'<svg width="{width}" height="{foot + 30}" font-size="13">']
    parts.append(f'<line x1="{left}" x2="{width - 20}" y1="{foot + 6}" y2="{foot + 6}" stroke="#999"/>')
    for k, (arm, mean) in enumerate(zip(findings.arms, means, strict=True)):
        y = row * k + 16
        parts.append(f'<text x="0" y="{y + 4}">{html.escape(arm.name)}</text>')
        if math.isfinite(mean.low):
            parts.append(
                f'<line x1="{at(mean.low):.1f}" x2="{at(mean.high):.1f}" y1="{y}" y2="{y}" stroke="#1f5fa8"'
                ' stroke-width="3" opacity=".5"/>'
            )
        dots = (f'<circle cx="{at(s["mean"]):.1f}" cy="{y}" r="3" fill="#1f5fa8"/>' for s in arm.scores[test])
        parts += dots
        parts.append(f'<rect x="{at(mean.mean) - 1:.1f}" y="{y - 8}" width="2" height="16" fill="#c0392b"/>')
    for value in (low, high):
        parts.append(f'<text x="{at(value) - 14:.0f}" y="{foot + 24}">{value:.2f}</text>')
    parts.append(f'<text x="{(left + width) / 2 - 24:.0f}" y="{foot + 24}">mIoU</text>')
    return "".join(parts) + "</svg>"
