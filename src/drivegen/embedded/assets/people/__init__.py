"""People: bodies in parts, for those who walk and those who ride."""
