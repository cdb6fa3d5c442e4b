"""What `dair_v2x` and `v2x_seq` share: a vehicle and roadside units, frame by frame in pairs."""
