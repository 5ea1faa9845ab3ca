"""What is known before a search under side rows begins: prices, and a plan such as that of the rank before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matchmaker.engine.search import Search
from matchmaker.engine.space import Ints, Space
from matchmaker.program import Prices, Program, among


def known_plan(program: Program, space: Space, search: Search) -> Ints | None:
    """Sorted keys of the plan that a search is given, required pairs left out; None where it breaks a rule about members or pairs.

    Whether it keeps side rows is not looked at. Nor is it of use where variables would have to be set.
    """
    if search.plan is None or len(program.variables):
        return None
    officers, enterprises = search.plan
    load, served = np.bincount(officers, minlength=program.shape[0]), np.bincount(enterprises, minlength=program.shape[1])
    limits = (load, program.officer_low, program.officer_high), (served, program.enterprise_low, program.enterprise_high)
    if any((has < low).any() or (has > high).any() for has, low, high in limits):
        return None
    every = np.sort(program.keys(officers, enterprises))
    keys = every[~among(program.required, every)]
    held = len(every) - len(keys) == len(program.required)
    may = program.allowed(*program.split(keys)).all() and not among(program.forbidden, keys).any()
    return keys if held and may and len(space.meeting(keys)) == len(keys) else None


def given_prices(program: Program, search: Search, plain: Prices | None) -> Prices:
    """Prices to begin from: those given, where they are whole, else those without side rows, else nothing."""
    start = search.start
    if start is not None and len(start.rows) == program.n_rows and np.isfinite(np.concatenate([start.officers, start.enterprises])).all():
        return start
    if plain is None:
        return Prices(np.zeros(program.shape[0]), np.zeros(program.shape[1]), np.zeros(program.n_rows))
    return replace(plain, rows=np.zeros(program.n_rows))
