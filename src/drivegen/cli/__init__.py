"""The `drivegen` command: arguments in, exit codes out; no logic."""
