"""`drivegen replay --sweep search`: the values of a scenario's parameters with which the subject fails."""
