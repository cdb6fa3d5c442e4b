"""The world: the episode, its actors, the map, and how time passes. One thread owns it.

Right-handed, metres, radians; knows nothing of sockets or of CARLA's wire.
"""
