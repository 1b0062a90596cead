"""Benchmarks: `python -m bench --help`. What they measure and how to read them is in docs/benchmarks.md."""
