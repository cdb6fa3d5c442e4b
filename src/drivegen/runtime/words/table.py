"""What was asked for and what came, side by side."""

from __future__ import annotations

from drivegen.core.words import Had, Understood

_MARK = {Had.YES: "yes", Had.PARTLY: "partly", Had.NO: "NO"}
_WIDEST = 34


def shown(text: str) -> str:
    """A text without what a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in text)


def table(understood: Understood) -> list[str]:
    """Lines for people."""
    lines = [f"words: read by {shown(understood.by)}"]
    if understood.is_grammar:
        lines[0] += (
            ", which knows a small part of English and Chinese (docs/words.md); words.url names a model"
        )
    width = min(_WIDEST, max((len(w.asked) for w in understood.wishes), default=0))
    for wish in understood.wishes:
        lines.append(f"  {wish.asked:<{width}}  {_MARK[wish.had]:<6}  {wish.got}")
    if understood.unknown:
        what = "words not understood" if understood.is_grammar else "not expressed"
        lines.append(f"  {what}: {shown(', '.join(understood.unknown))}")
    return lines
