"""Known edits of our own frames, and how well judges find them (docs/verdicts.md)."""
