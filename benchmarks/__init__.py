"""Benchmarks: `make bench`. Not tests: they print ratios, and nothing fails when a machine is slow."""
