"""The gallery: `make gallery` draws what drivegen can draw, with its labels, and a page to look at it."""
