"""From a file's bytes to the model."""
