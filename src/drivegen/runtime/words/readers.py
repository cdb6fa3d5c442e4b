"""Finds who reads sentences."""

from __future__ import annotations

import os
from pathlib import Path

from drivegen.core.errors import ConfigError
from drivegen.core.words import LONGEST_SENTENCE, Reader
from drivegen.runtime import plugins
from drivegen.runtime.words_config import WordsConfig, check_url

URL, MODEL = "DRIVEGEN_WORDS_URL", "DRIVEGEN_WORDS_MODEL"
KIND = "generators.text"


def reader_of(words: WordsConfig) -> Reader:
    """A language model where an endpoint is named, else the keyword grammar.

    Raises ConfigError when the extra is not installed, or the endpoint is named by half.
    """
    url = words.url or os.environ.get(URL) or None
    try:
        if url is None:
            grammar: Reader = plugins.make(KIND, "grammar", {}, "words")
            return grammar
        check_url("words.url" if words.url else URL, url)
        model = words.model or os.environ.get(MODEL)
        if not model:
            raise ConfigError(f"words.url={url}: name the model too, by words.model or {MODEL}")
        params = {
            "url": url,
            "model": model,
            "key": _key(words),
            "timeout_s": words.timeout_s,
            "retries": words.retries,
        }
        endpoint: Reader = plugins.make(KIND, "endpoint", params, "words")
        return endpoint
    except ImportError as error:
        raise ConfigError(f"sentences need the package {error.name}: pip install 'drivegen[words]'") from None


def check_sentence(sentence: str) -> None:
    """Raises ConfigError for one that is empty or far too long."""
    if not sentence.strip():
        raise ConfigError("the sentence is empty; say what the scene is to show")
    if len(sentence) > LONGEST_SENTENCE:
        raise ConfigError(f"the sentence has {len(sentence)} characters; at most {LONGEST_SENTENCE} are read")


def _key(words: WordsConfig) -> str:
    if words.key_file is None:
        return os.environ.get(words.key_env, "")
    try:
        lines = Path(words.key_file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"words.key_file={words.key_file}: cannot be read") from None
    return lines[0].strip() if lines else ""
