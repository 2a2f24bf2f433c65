"""Measurements: each prints JSON; `python -m benchmarks.run` writes docs/benchmarks.md from them."""
