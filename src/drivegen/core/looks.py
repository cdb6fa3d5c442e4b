"""What a look is to be like."""

from __future__ import annotations

from dataclasses import dataclass

from drivegen.core.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How images are to look. A back end reads what it understands and says in its text what that is."""

    prompt: str = ""
    negative_prompt: str = ""
    weather: str = ""
    """For example clear, haze, fog."""
    time: str = ""
    """Of the day, for example day, dusk, night."""
    season: str = ""
    strength: float = 1.0
    """0 leaves images nearly as they are, 1 is all that the style says."""

    def __post_init__(self) -> None:
        """Raises ConfigError when the strength is no share."""
        if not 0.0 <= self.strength <= 1.0:
            raise ConfigError(f"strength={self.strength}: a value from 0 to 1 is wanted")

    @property
    def dark(self) -> bool:
        """Whether much of what is there may hardly be seen."""
        return self.time in ("dusk", "night", "dawn")
