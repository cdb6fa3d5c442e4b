"""The coverage matrix as a page: HTML that needs nothing but itself, or Markdown for the documentation."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from drivegen.scenario.coverage import Matrix, Row, Runs, Section
from drivegen.scenario.library import Entry

_STYLE = """
:root{color-scheme:light dark;--line:#8885;--soft:#8882;--bad:#c0392b;--good:#1e8449;--idle:#b9770e}
*{box-sizing:border-box}
body{font:16px/1.45 system-ui,"Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif;margin:0 auto;
max-width:70rem;padding:1rem}
h1{font-size:1.5rem;line-height:1.2}h2{font-size:1.15rem;margin:2rem 0 .25rem}
p{margin:.4rem 0}.zh{opacity:.75}
.gaps{border-left:4px solid var(--bad);padding:.25rem .75rem;background:var(--soft)}
details{border-bottom:1px solid var(--line);padding:.35rem 0}
summary{cursor:pointer;display:grid;grid-template-columns:13rem 1fr 7rem 15.5rem;gap:.1rem .75rem;
align-items:baseline}
summary code{overflow-wrap:anywhere}
.n{font-variant-numeric:tabular-nums;white-space:nowrap;text-align:right}
@media(max-width:52rem){summary{grid-template-columns:1fr 1fr}summary code,summary .what{grid-column:1/-1}
.n{text-align:left}}
.gap summary{color:var(--bad)}.gap summary .what::after{content:" - gap"}
.idle .n:last-child{color:var(--idle)}.full{border-left:4px solid var(--good);padding:.25rem .75rem}
ul{margin:.3rem 0 .6rem;padding-left:1.2rem}li{margin:.25rem 0;overflow-wrap:anywhere}
.pass{color:var(--good)}.fail{color:var(--bad)}
"""


def as_html(matrix: Matrix) -> str:
    """One page, readable from 390 pixels on."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        "<title>Scenario coverage</title>",
        f"<style>{_STYLE}</style></head><body>",
        '<h1>Scenario coverage <span class="zh" lang="zh">场景覆盖矩阵</span></h1>',
        f"<p>{escape(_summary(matrix))}</p>",
    ]
    for section in matrix.sections:
        parts += _section_html(matrix, section)
    parts.append("</body></html>")
    return "\n".join(parts) + "\n"


def _section_html(matrix: Matrix, section: Section) -> Iterable[str]:
    yield f'<h2 id="{escape(section.kind)}">{escape(section.title)}</h2>'
    yield f'<p class="zh" lang="zh">{escape(section.title_zh)}</p><p>{escape(section.about)}</p>'
    gaps = _gaps(section, bool(matrix.runs))
    yield f'<p class="{"gaps" if section.gaps else "full"}">{escape(gaps)}</p>'
    for row in section.rows:
        kind = ' class="gap"' if row.gap else ' class="idle"' if row.idle and matrix.runs else ""
        yield (
            f"<details{kind}><summary><code>{escape(row.tag)}</code>"
            f'<span class="what">{escape(row.title)} <span class="zh" lang="zh">{escape(row.title_zh)}</span>'
            f'</span><span class="n">{len(row.entries)} {_plural("scenario", len(row.entries))}</span>'
            f'<span class="n">{_runs_html(row.runs)}</span></summary>'
        )
        if row.why:
            yield f"<p>{escape(row.why)}</p>"
        if row.entries:
            yield "<ul>"
            for entry in row.entries:
                yield f"<li>{_entry_html(entry, matrix.runs.get(entry.name, Runs()))}</li>"
            yield "</ul>"
        yield "</details>"


def _entry_html(entry: Entry, runs: Runs) -> str:
    verdict = entry.expected or "not measured"
    mark = f' class="{verdict}"' if entry.expected else ""
    return (
        f"<code>{escape(entry.name)}</code> {escape(entry.title)}"
        f" - expected <span{mark}>{verdict}</span>, {_runs_html(runs)}"
    )


def _runs_html(runs: Runs) -> str:
    if not runs.count:
        return "no runs"
    parts = [f"{runs.count} {_plural('run', runs.count)}:"]
    for count, what, mark in ((runs.passed, "passed", "pass"), (runs.failed, "failed", "fail")):
        parts.append(f'<span class="{mark}">{count} {what}</span>' if count else f"{count} {what}")
    return f"{parts[0]} {', '.join(parts[1:])}"


def as_markdown(matrix: Matrix) -> str:
    """The page of the documentation."""
    ran = bool(matrix.runs)
    lines = [
        "# Scenario coverage",
        "",
        "Made by `drivegen scenarios coverage`; `--runs JUNIT.xml` counts runs, `--out FILE.html` writes a",
        "page of its own.",
        "",
        _summary(matrix),
        "",
        "## Gaps",
        "",
    ]
    for section in matrix.sections:
        lines += [f"- **{section.title}**: {_gaps(section, ran)}"]
    for section in matrix.sections:
        lines += ["", f"## {section.title}", "", section.title_zh, "", section.about, ""]
        lines += ["| | requirement | 要求 | runs | scenarios |", "|---|---|---|---|---|"]
        lines += [_row_markdown(row) for row in section.rows]
    lines += [
        "",
        "## Scenarios",
        "",
        "| name | | expected of the reference ego | runs |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| `{entry.name}` | {entry.title}<br>{entry.title_zh} | {entry.expected or 'not measured'} | "
        f"{_runs(matrix.runs.get(entry.name, Runs()))} |"
        for entry in matrix.entries
    ]
    return "\n".join(lines) + "\n"


def _row_markdown(row: Row) -> str:
    names = ", ".join(f"`{entry.name}`" for entry in row.entries)
    told = f"{len(row.entries)}: {names}" if row.entries else "**none**" + (f": {row.why}" if row.why else "")
    return f"| `{row.tag}` | {row.title} | {row.title_zh} | {_runs(row.runs)} | {told} |"


def _summary(matrix: Matrix) -> str:
    rows = [row for section in matrix.sections for row in section.rows]
    covered = sum(not row.gap for row in rows)
    total = sum(matrix.runs.values(), Runs())
    idle = sum(row.idle for row in rows)
    without = (
        f"{idle} of the requirements with a scenario had none"
        if idle
        else "every requirement with a scenario had one"
    )
    ran = f" {_runs(total)}; {without}." if total.count else ""
    return (
        f"{len(matrix.entries)} scenarios against {len(rows)} requirements; {covered} have at least one "
        f"scenario, {len(rows) - covered} have none.{ran}"
    )


def _gaps(section: Section, ran: bool) -> str:
    """What has no scenario and, where runs are counted, what has no run."""
    told = []
    if section.gaps:
        without = "; ".join(row.title + (f" ({row.why})" if row.why else "") for row in section.gaps)
        told.append(f"No scenario for: {without}")
    if ran and section.idle:
        told.append(f"No run for: {'; '.join(row.title for row in section.idle)}")
    return ". ".join(told) or "No gaps"


def _runs(runs: Runs) -> str:
    if not runs.count:
        return "no runs"
    return f"{runs.count} {_plural('run', runs.count)}: {runs.passed} passed, {runs.failed} failed"


def _plural(word: str, count: int) -> str:
    return word if count == 1 else word + "s"
