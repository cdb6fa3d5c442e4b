"""Exporters: what a format implements, the parts it makes of captures, and the data set it joins them to."""
