"""CARLA 0.9.16's wire formats: msgpack structs, stream messages, the episode snapshot, sensor payloads.

Values here are in CARLA's frame (left-handed, degrees); `wire.frames` turns them into drivegen's and back.
"""
