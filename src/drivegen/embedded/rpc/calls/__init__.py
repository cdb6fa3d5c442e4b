"""CARLA's calls by subject. A public function is the call of its name; annotations are its wire types."""
