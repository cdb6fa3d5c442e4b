"""Words to scenes: what a sentence asks for, as values of a configuration or as an OpenSCENARIO file."""
