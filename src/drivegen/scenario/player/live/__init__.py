"""A scenario in a CARLA world, through the client: actors, weather, signals, lights, who drives."""
