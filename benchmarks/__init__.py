"""Measured side by side: ``python -m benchmarks`` prints each table, with ratios and equal objectives."""
