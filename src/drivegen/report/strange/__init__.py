"""Labels that look wrong or are far from all others, each with the reason in plain words."""
