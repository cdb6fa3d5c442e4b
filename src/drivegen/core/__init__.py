"""Value types that every layer speaks: geometry, tags, sensors, plans, labels. No simulator, no renderer."""
