"""Why this pair, who would be the next best, and what the city would lose by each change."""

from matchmaker.explain.ask import explain
from matchmaker.explain.explanation import Explanation

__all__ = ["Explanation", "explain"]
