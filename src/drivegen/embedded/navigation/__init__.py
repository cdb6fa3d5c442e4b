"""The mesh that CARLA's client lets its walkers walk on, made from pavements, crossings and carriageways."""
