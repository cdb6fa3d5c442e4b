"""Readers of sentences: the keyword grammar here, a language model in `endpoint`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from drivegen.core.errors import ConfigError
from drivegen.core.words import Log, Proof, Prove, Target, Understood
from drivegen_generators.text.configuration import compile_scenes
from drivegen_generators.text.grammar import parse
from drivegen_generators.text.scenario import compile_scenario
from drivegen_generators.text.scene import Scene

GRAMMAR = "the keyword grammar"


class Grammar:
    """Reads by keywords; asks nobody."""

    def read(
        self, sentence: str, target: Target, prove: Prove, log: Log, kept: Mapping[str, Any] | None = None
    ) -> Understood:
        """See `drivegen.core.words.Reader`; nothing is kept of the grammar, which reads alike each time."""
        del log, kept
        parsed = parse(sentence)
        if parsed.scene == Scene():
            raise ConfigError(
                f"the keyword grammar understood nothing of {sentence!r}; docs/words.md lists its words, and "
                "words.url names a language model that knows more"
            )
        made = compiled(sentence, target, parsed.scene, GRAMMAR, unknown=parsed.unknown, is_grammar=True)
        return proven(made, prove(made))


def compiled(
    sentence: str,
    target: Target,
    scene: Scene,
    by: str,
    *,
    unknown: tuple[str, ...] = (),
    is_grammar: bool = False,
) -> Understood:
    """A scene as values or files."""
    plain = scene.model_dump(mode="json", exclude_defaults=True)
    made = Understood(
        sentence=sentence,
        target=target,
        by=by,
        is_grammar=is_grammar,
        scene=plain,
        wishes=(),
        unknown=(*unknown, *scene.not_expressed),
    )
    if target is Target.SCENES:
        values, wishes = compile_scenes(scene)
        return dataclasses.replace(made, values=values, wishes=wishes)
    files, main, out = compile_scenario(scene, sentence)
    return dataclasses.replace(
        made, files=files, main=main, happens=dict(out.happens), wishes=tuple(out.wishes)
    )


def proven(made: Understood, proof: Proof) -> Understood:
    """What a dry run adds. Raises ConfigError for what it found wrong."""
    if proof.problems:
        raise ConfigError(f"what {made.sentence!r} came to cannot be made: {'; '.join(proof.problems)}")
    return dataclasses.replace(made, wishes=(*made.wishes, *proof.wishes))


def scene_of(kept: Mapping[str, Any]) -> Scene:
    """A scene that was kept as plain data. Raises ConfigError when it is none."""
    try:
        return Scene.model_validate(kept, strict=False)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"the scene that was kept is broken at {where}: {first['msg']}") from None
