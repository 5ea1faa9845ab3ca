"""Made-up data: a small instance to read, a whole city to measure on, bare factors to measure speed."""

from matchmaker.datasets.factors import random_city
from matchmaker.datasets.hangzhou import hangzhou

__all__ = ["hangzhou", "random_city"]
