"""What makes exports easy to compare: one split, and images without marks, in the captures' own bytes."""

from __future__ import annotations

PLAIN = {"splits": {"train": 1.0}, "card": {"mark": False}}
