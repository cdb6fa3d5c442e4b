"""Messages made from what agents believe, perceive and know of the map."""
