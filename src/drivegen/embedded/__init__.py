"""The CARLA-compatible server: speaks CARLA 0.9.16's wire protocol, needs no GPU, is deterministic.

Inside, everything is right-handed in metres and radians; CARLA's frame ends where messages are decoded.
"""
