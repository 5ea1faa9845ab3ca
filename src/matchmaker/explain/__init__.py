"""Why this pair, who would be the next best, and what each change would cost the city."""

from matchmaker.explain.ask import explain
from matchmaker.explain.explanation import Explanation

__all__ = ["Explanation", "explain"]
