"""Judges of looks: what became of each object (docs/verdicts.md)."""
