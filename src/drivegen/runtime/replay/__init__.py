"""`drivegen replay`: scenarios are played and judged, one after another or side by side."""
