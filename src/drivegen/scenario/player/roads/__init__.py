"""Positions on the road network, one at a time and quickly: evaluating, walking along lanes, finding,
measuring."""
