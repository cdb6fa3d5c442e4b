"""Weights of diffusion models: where they lie, that nothing in them is run, whose licence they have.

What a configuration names is a folder in diffusers' own format, or the name of one on a hub. Only its
safetensors, JSON and texts are read. A folder names classes; those of diffusers and transformers are taken,
any other is refused, for naming one makes diffusers import it.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from drivegen.core.errors import ConfigError

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_CLASS_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")
_LIBRARIES = frozenset({"diffusers", "transformers", "stable_diffusion", "cosmos_guardrail"})
"""Modules that a folder may take classes from; the last two hold nothing but checks of what is made."""
WANTED = ("*.json", "*.safetensors", "*.txt", "*.model", "*.jinja", "README.md")
"""What is fetched from a hub. Templates of chats (jinja) are rendered in the sandbox of transformers."""
_PIECE = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Weights as a configuration names them."""

    name: str
    """A folder, or OWNER/NAME of a hub."""
    revision: str = ""
    """Of a hub's; a commit."""

    def __post_init__(self) -> None:
        """Raises ConfigError for what is neither."""
        if not self.is_local and (not _HUB_NAME.fullmatch(self.name) or self._looks_local):
            raise ConfigError(
                f"weights {self.name!r}: there is no such folder, and a hub's name is OWNER/NAME"
            )

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine."""
        return self.name != "" and Path(self.name).is_dir()

    @property
    def _looks_local(self) -> bool:
        return self.name.startswith((".", "/", "~")) or self.name.count("/") != 1

    def folder(self) -> Path:
        """Where they lie; a hub's are fetched if they are not here. Raises ConfigError if they cannot be."""
        if self.is_local:
            return Path(self.name)
        import huggingface_hub  # noqa: PLC0415  (an extra's, and only where a hub is asked)

        try:
            found = huggingface_hub.snapshot_download(
                self.name, revision=self.revision or None, allow_patterns=list(WANTED)
            )
        except Exception as error:
            line = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise ConfigError(
                f"weights {self.name!r} could not be fetched: {line}; fetch them where there is a network"
                " and name the folder"
            ) from None
        return Path(found)


def check_folder(folder: Path, *, pipeline: bool) -> None:
    """Raises ConfigError for a folder that is none of diffusers', or that names code of others.

    Args:
        folder: Of a whole pipeline, or of one model.
        pipeline: Which of both.
    """
    index = folder / ("model_index.json" if pipeline else "config.json")
    if not index.is_file():
        raise ConfigError(f"weights {str(folder)!r}: {index.name} is missing; it is no folder of diffusers'")
    for path in sorted(folder.rglob("*.json")):
        if "auto_map" in _read(path):
            raise ConfigError(f"weights: {path} wants code of its own (auto_map), which is never run")
    code = next(iter(sorted(folder.rglob("*.py"))), None)
    if code is not None:
        raise ConfigError(f"weights: {code} is code, which is never run; remove it")
    if not any(folder.rglob("*.safetensors")):
        raise ConfigError(
            f"weights {str(folder)!r}: no safetensors lie in it, and other formats are not read"
        )
    if pipeline:
        _check_parts(index, _read(index))


def _check_parts(index: Path, parts: dict[str, Any]) -> None:
    for name, part in sorted(parts.items()):
        if name.startswith("_") or not isinstance(part, list) or part == [None, None]:
            continue
        # Several models of a kind are a list of pairs.
        for pair in part if part and isinstance(part[0], list) else [part]:
            library, kind = (*pair, None, None)[:2]
            if library not in _LIBRARIES or not isinstance(kind, str) or not _CLASS_NAME.fullmatch(kind):
                raise ConfigError(
                    f"weights: {index} takes {name} from {library!r}, {kind!r}; only classes of diffusers"
                    " and transformers are loaded"
                )


def pipeline_named(folder: Path) -> str:
    """The class of pipeline that a folder was saved from."""
    return str(_read(folder / "model_index.json").get("_class_name", ""))


def wants_guardrail(folder: Path) -> bool:
    """Whether a pipeline of Cosmos3 is to run with its safety checker: unless its folder says no."""
    return bool(_read(folder / "model_index.json").get("enable_safety_checker", True))


def licence_of(folder: Path) -> str:
    """The licence that the model card names in its front matter; `unknown` where none does."""
    card = folder / "README.md"
    if not card.is_file():
        return "unknown"
    text = card.read_text(encoding="utf-8", errors="replace")
    found = re.match(r"---\s*\n(.*?)\n---", text, re.DOTALL)
    try:
        front = yaml.safe_load(found.group(1)) if found else None
    except yaml.YAMLError:
        front = None
    if not isinstance(front, dict):
        return "unknown"
    licence = str(front.get("license") or "unknown")
    # "other" says nothing; its name does.
    return str(front.get("license_name") or licence) if licence == "other" else licence


def hash_of(folder: Path) -> str:
    """SHA-256 over names and contents of what is read of a folder."""
    paths = sorted({p for pattern in WANTED for p in folder.rglob(pattern)} - {folder / "README.md"})
    stamps = tuple((str(p.relative_to(folder)), p.stat().st_size, p.stat().st_mtime_ns) for p in paths)
    return _hash(str(folder), stamps)


@lru_cache(maxsize=64)
def _hash(folder: str, stamps: tuple[tuple[str, int, int], ...]) -> str:
    whole = hashlib.sha256()
    for name, size, _ in stamps:
        whole.update(f"{name}\0{size}\0".encode())
        with (Path(folder) / name).open("rb") as file:
            while piece := file.read(_PIECE):
                whole.update(piece)
    return whole.hexdigest()


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"weights: {path} cannot be read: {error}") from None
    return found if isinstance(found, dict) else {}
