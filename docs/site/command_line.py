"""The reference of the command line, from the parsers themselves: `python -m docs.site.reference`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from docs.site.groups import GROUPS_LINK

from drivegen.cli.main import parser as drivegen_parser

_HEAD = """# Command line

Written from the code by `python -m docs.site.reference`; do not edit. Exit codes of all
verbs: 0 done, 1 done but something was set aside or is not as written, 2 something that a user can mend,
130 interrupted. Errors are one line on standard error.

`drivegen --version` tells the version, `drivegen VERB --help` what stands here.
"""

_GENERATE = f"""`drivegen generate [KEY=VALUE ...]`

Everything behind the verb is [Hydra](https://hydra.cc)'s:
keys in [Configuration](configuration.md), {GROUPS_LINK} too.

| | |
|---|---|
| `KEY=VALUE` | sets a key; a key that does not exist is refused |
| `GROUP=NAME` | takes another file of a group |
| `+KEY=VALUE` | adds a member to a key that holds any names, such as `map.params` |
| `--help` | the groups and what they offer |
| `--cfg job` | the whole configuration as it would be used |
| `job.dry_run=true` | tells what the job would make and cost, and writes nothing |
"""


def command_line() -> str:
    """The page."""
    lines = [_HEAD]
    for name, parser, summary in _verbs(drivegen_parser(), "drivegen"):
        lines += [f"## {name}", "", f"{_sentence(summary)}", ""]
        lines.append(_GENERATE if name == "drivegen generate" else _one(name, parser))
    return "\n".join(lines).rstrip() + "\n"


def _verbs(parser: argparse.ArgumentParser, name: str) -> Iterator[tuple[str, argparse.ArgumentParser, str]]:
    for action in parser._actions:
        if not isinstance(action, argparse._SubParsersAction):
            continue
        summaries = {a.dest: a.help or "" for a in action._choices_actions}
        for verb, inner in action.choices.items():
            if any(isinstance(a, argparse._SubParsersAction) for a in inner._actions):
                yield from _verbs(inner, f"{name} {verb}")
            else:
                yield f"{name} {verb}", inner, summaries.get(verb, "")


def _one(name: str, parser: argparse.ArgumentParser) -> str:
    actions = [a for a in parser._actions if not isinstance(a, argparse._HelpAction)]
    usage = " ".join([name, *(_usage(a) for a in actions)])
    lines = [f"`{usage}`", ""]
    if actions:
        lines += ["| argument | default | |", "|---|---|---|"]
        lines += [f"| {_names(a)} | {_default(a)} | {_help(a, parser)} |" for a in actions]
        lines.append("")
    return "\n".join(lines)


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    if action.metavar is not None:
        return action.metavar if isinstance(action.metavar, str) else " ".join(action.metavar)
    if action.choices is not None:
        return "|".join(str(c) for c in action.choices)
    return action.dest.upper()


def _usage(action: argparse.Action) -> str:
    value = _value(action)
    if not action.option_strings:
        return {"*": f"[{value} ...]", "+": f"{value} [...]", "?": f"[{value}]"}.get(str(action.nargs), value)
    word = f"{action.option_strings[-1]} {value}".strip()
    return word if action.required else f"[{word}]"


def _names(action: argparse.Action) -> str:
    value = _value(action)
    names = action.option_strings or [value]
    words = (f"{n} {value}" if action.option_strings and value else n for n in names)
    return ", ".join(f"`{word}`" for word in words).replace("|", "\\|")


def _default(action: argparse.Action) -> str:
    default = action.default
    if default in (None, False, argparse.SUPPRESS) or default == [] or not action.option_strings:
        return ""
    return f"{default:g}" if isinstance(default, float) else f"{default}"


def _help(action: argparse.Action, parser: argparse.ArgumentParser) -> str:
    text = (action.help or "").replace("(default: %(default)s)", "").replace("(default: %(default)g)", "")
    text = text % {**vars(action), "prog": parser.prog}
    return _cell(text.strip().rstrip(";"))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
