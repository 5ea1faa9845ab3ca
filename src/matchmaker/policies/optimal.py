"""Demand leads: the best plan there is, with its proof."""

from __future__ import annotations

from matchmaker.policies.policy import Policy
from matchmaker.policies.rules import all_rules, usual_aims


def optimal(continuity: float = 0.05) -> Policy:
    """The plan with the most requests expected resolved, within every rule, proven over all pairs.

    Parameters
    ----------
    continuity
        What keeping one of last round's pairs is worth, in requests.

    Raises
    ------
    ConfigError
        When `continuity` is negative or not finite.
    """
    return Policy(name="optimal", constraints=all_rules(), objectives=usual_aims(continuity))
