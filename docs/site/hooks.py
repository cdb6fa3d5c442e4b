"""What the site's builder does to pages: marks of commands (`docs.site.commands`) are not for readers."""

from __future__ import annotations

import re
from typing import Any

_MARKED = re.compile(r"^( *```\w+) [^`\n]*$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Takes the marks out of fences' info strings."""
    return _MARKED.sub(r"\1", markdown)
