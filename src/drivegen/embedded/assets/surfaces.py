"""Meshes of the road surface and the ground from the evaluated OpenDRIVE network."""
