"""A capture in a viewer: Rerun (`drivegen view`)."""
