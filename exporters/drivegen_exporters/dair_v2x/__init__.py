"""DAIR-V2X-C, as the data set's own tools load it."""
