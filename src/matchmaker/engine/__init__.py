"""The engine: proven optima by pricing, a shortlist solved exactly, and certificates. The only place that imports a solver."""

from matchmaker.engine.search import PROVEN, Search, Solution

__all__ = ["PROVEN", "Search", "Solution"]
