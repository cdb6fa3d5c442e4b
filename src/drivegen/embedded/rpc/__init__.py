"""msgpack-rpc over TCP: connections, the table of CARLA's calls, and what each of them does to the world."""
