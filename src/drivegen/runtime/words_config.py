"""Who reads sentences: the keyword grammar, or a language model at an endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from drivegen.core.errors import ConfigError
from drivegen.runtime.rig_config import check_range


@dataclass(slots=True, kw_only=True)
class WordsConfig:
    """Of `drivegen generate "a sentence"`; see docs/words.md."""

    url: str | None = None
    """Of an OpenAI-compatible endpoint, as http://127.0.0.1:8000/v1; none: DRIVEGEN_WORDS_URL, and without
    that the keyword grammar."""
    model: str | None = None
    """Its name there; none: DRIVEGEN_WORDS_MODEL."""
    key_env: str = "DRIVEGEN_WORDS_KEY"
    """The environment variable that holds the endpoint's key. Keys are written nowhere."""
    key_file: str | None = None
    """Or a file whose first line is the key."""
    timeout_s: float = 60.0
    """Of a request."""
    retries: int = 2
    """Of requests that failed for a reason that may pass."""


def check_words(words: WordsConfig) -> None:
    """Raises ConfigError for the first value that cannot be."""
    check_range("words.timeout_s", words.timeout_s, 0.1, 3600)
    check_range("words.retries", words.retries, 0, 10)
    if words.url is not None:
        check_url("words.url", words.url)


def check_url(where: str, url: str) -> None:
    """Raises ConfigError for an address that is none, or that holds a password."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname)
        secret = parts.username is not None or parts.password is not None
    except ValueError:
        known, secret = False, False
    if not known:
        raise ConfigError(f"{where}: an address as http://127.0.0.1:8000/v1 is wanted")
    if secret or parts.query:
        raise ConfigError(
            f"{where}: it must hold no name, password or key; words.key_env names the key's variable"
        )
