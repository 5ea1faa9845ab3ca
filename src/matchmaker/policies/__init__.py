"""Named recipes: which rules, which aims, and how the plan is found."""

from __future__ import annotations

from inspect import signature

from matchmaker.errors import ConfigError, did_you_mean
from matchmaker.policies.at_random import at_random
from matchmaker.policies.greedy import greedy
from matchmaker.policies.optimal import optimal
from matchmaker.policies.policy import Method, Policy
from matchmaker.policies.territorial import territorial

__all__ = ["Method", "Policy", "at_random", "greedy", "named", "optimal", "territorial"]

RECIPES = {recipe.__name__: recipe for recipe in (optimal, territorial, greedy, at_random)}


def named(name: str, **options: float) -> Policy:
    """The recipe of that name: ``named("optimal", continuity=0.1)``.

    Raises
    ------
    ConfigError
        When no recipe has that name, or the recipe has no such option.
    """
    if name not in RECIPES:
        hint = did_you_mean(name, RECIPES)
        msg = f"There is no policy {name!r}; there are {', '.join(RECIPES)}.{hint} | 没有方案策略 {name!r}，可用：{'、'.join(RECIPES)}。"
        raise ConfigError(msg)
    known = signature(RECIPES[name]).parameters
    for option in options:
        if option not in known:
            hint = did_you_mean(option, known)
            msg = f"Policy {name!r} has no option {option!r}; it has {', '.join(known)}.{hint} | 方案策略 {name!r} 没有选项 {option!r}。"
            raise ConfigError(msg)
    return RECIPES[name](**options)
