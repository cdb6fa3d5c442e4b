"""The storyboard: conditions, triggers, and the states of its elements."""
