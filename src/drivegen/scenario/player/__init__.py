"""Plays scenarios: a kinematic core that needs no simulator, and what carries it into a CARLA world."""
