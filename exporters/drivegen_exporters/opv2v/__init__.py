"""OPV2V and V2XSet: a folder an agent, CARLA's left-handed frame."""
