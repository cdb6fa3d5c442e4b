"""Light vehicles with people on them: bicycles, e-bikes, motorcycles, tricycles."""
