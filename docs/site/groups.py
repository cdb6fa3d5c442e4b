"""The groups of conf/: which files each offers, and what their first lines say."""

from __future__ import annotations

from pathlib import Path

from drivegen.data import data_root

GROUPS_LINK = "[groups](configuration.md#groups)"


def groups() -> str:
    """Tables of all groups, a file a row."""
    conf = data_root() / "conf"
    chosen = _defaults(conf / "config.yaml")
    lines: list[str] = []
    for folder in sorted(p for p in conf.iterdir() if p.is_dir()):
        default = chosen.get(folder.name)
        lines += [f"### Group {folder.name}", ""]
        told = f"unless told otherwise `{default}`" if default else "none unless asked for"
        lines += [f"`{_override(folder.name)}=NAME`; {told}.", ""]
        lines += ["| name | |", "|---|---|"]
        lines += [f"| `{file.stem}` | {_first_words(file)} |" for file in sorted(folder.glob("*.yaml"))]
        lines.append("")
    return "\n".join(lines)


def _override(group: str) -> str:
    return "roadside@agents.roadside.rig" if group == "roadside" else group


def _defaults(path: Path) -> dict[str, str]:
    """The list of defaults, read as text: it is a list of single pairs."""
    chosen = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        words = line.strip().removeprefix("- ").split(": ")
        if line.startswith("  - ") and len(words) == 2 and words[1] != "null" and "/" not in words[0]:
            chosen[words[0]] = words[1]
    return chosen


def _first_words(path: Path) -> str:
    """The comment that a file begins with, or its keys where it has none."""
    words, keys = [], []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") and not line.startswith("# @package") and not keys:
            words.append(line.removeprefix("#").strip())
        elif not line.startswith("#") and not line.rstrip().endswith((":", "{}")):
            keys.append(" ".join(line.split()))
    if not words:
        return f"`{', '.join(keys)}`" if len(keys) < 5 else f"`{keys[0]}`, and more"
    return " ".join(words).replace("|", "\\|")
