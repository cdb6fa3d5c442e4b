"""The standard's actions, each one as something that begins, goes on and ends."""
