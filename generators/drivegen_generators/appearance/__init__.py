"""Back ends that give the frames of captures other looks."""
