"""From a live CARLA world to a capture: connection, cast, sensor streams, truth, visibility, walkers."""
