"""Traffic lights: how they cycle, and which vehicles they stop."""
