"""Scenery: what stands beside the road."""
