"""Policies compared: every policy on every instance and seed, paired differences with intervals."""

from matchmaker.compare.comparison import Comparison
from matchmaker.compare.intervals import Interval, mean_interval
from matchmaker.compare.run import compare

__all__ = ["Comparison", "Interval", "compare", "mean_interval"]
