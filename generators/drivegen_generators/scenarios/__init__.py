"""What writes the scenario library: its roads, and its files from short descriptions of courses."""
