"""OpenSCENARIO XML 1.0 to 1.3: the model, its reader and writer, and the player."""
