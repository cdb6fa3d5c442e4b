"""How vehicles and walkers move: all actors of a kind in one step over arrays.

State is right-handed, metres, radians, seconds; an actor's frame has x forward, y left, z up. A vehicle's
origin is the middle of the bottom of its box; a walker's is the middle of its box (as CARLA has them).
"""
