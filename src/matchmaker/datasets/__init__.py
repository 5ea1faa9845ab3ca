"""Made-up data: a small instance to read, a whole city to measure on, bare factors to measure speed."""

from matchmaker.datasets.factors import random_city
from matchmaker.datasets.hangzhou import hangzhou
from matchmaker.datasets.small import small_instance, small_tables
from matchmaker.datasets.staff import made_up_officers

__all__ = ["hangzhou", "made_up_officers", "random_city", "small_instance", "small_tables"]
