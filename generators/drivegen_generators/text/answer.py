"""An answer of a language model as a scene: data of bounded size and depth, and nothing but the schema's."""

from __future__ import annotations

import re

from pydantic import ValidationError

from drivegen_generators.text.scene import Scene

LARGEST_ANSWER = 16_384
"""Characters; a scene that says everything has some 2,500."""
_DEEPEST = 12
_FENCE = re.compile(r"\A```(?:json)?\s*\n(.*)\n?```\Z", re.DOTALL)
_MOST_ERRORS = 8
_LONGEST_ERROR = 200


class AnswerError(Exception):
    """Why an answer is no scene, in words for the model and for people."""


def scene_in(answer: str) -> Scene:
    """The scene that an answer is. Raises AnswerError."""
    if len(answer) > LARGEST_ANSWER:
        raise AnswerError(f"the answer has {len(answer)} characters; at most {LARGEST_ANSWER} are read")
    text = answer.strip()
    fenced = _FENCE.match(text)
    text = fenced[1].strip() if fenced else text
    if not text.startswith("{"):
        raise AnswerError("the answer is no JSON object")
    if _depth(text) > _DEEPEST:
        raise AnswerError(f"the answer is nested deeper than {_DEEPEST}")
    try:
        return Scene.model_validate_json(text)
    except ValidationError as error:
        raise AnswerError(_told(error)) from None


def _depth(text: str) -> int:
    """How deep brackets are nested, whether or not they stand in texts: an upper bound."""
    depth = deepest = 0
    for c in text:
        if c in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif c in "}]":
            depth -= 1
    return deepest


def _told(error: ValidationError) -> str:
    """The first errors, each cut short: what a model wrote is not repeated at length."""
    lines = []
    for each in error.errors(include_url=False, include_context=False, include_input=False)[:_MOST_ERRORS]:
        where = ".".join(str(part) for part in each["loc"]) or "the object"
        line = f"{where}: {each['msg']}"[:_LONGEST_ERROR]
        # A field that the schema does not have is named as the model named it.
        lines.append("".join(c if c.isprintable() else " " for c in line))
    more = error.error_count() - len(lines)
    return "\n".join(lines) + (f"\nand {more} more" if more > 0 else "")
