"""Shapes of input that differ in what makes them hard: a problem for a size and a seed, as we take it and as peers can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

import matchmaker as mm
from benchmarks import bids
from matchmaker.program import Program

Arguments = dict[str, Any]
Maker = Callable[[np.random.Generator, int, int], Arguments]


@dataclass(frozen=True)
class Problem:
    """One problem.

    Parameters
    ----------
    solve
        Solves it with matchmaker, from what a user would hold.
    program
        The same for peers: limits, eligibility, values.
    """

    solve: Callable[[], mm.Result]
    program: Program


def _factors(rng: np.random.Generator, n: int, m: int, rank: int = 16) -> mm.Factors:
    return mm.Factors(rng.gamma(0.6, 0.3, (n, rank)), rng.dirichlet(np.full(rank, 0.25), m))


def _dominant(rng: np.random.Generator, n: int, m: int) -> mm.Factors:
    left = rng.random((n, 4))
    left[0] = 9
    return mm.Factors(left, rng.random((m, 4)))


def _each(n: int, m: int) -> int:
    """Places an officer needs for all enterprises to be served."""
    return -(-m // n)


def _sparse(rng: np.random.Generator, n: int, m: int, share: float) -> Arguments:
    """So few pairs are eligible that not everybody can be served: whoever can be, is."""
    listed = sp.random_array((n, m), density=share, rng=rng, data_sampler=lambda size: rng.uniform(0.1, 1, size), format="csr")
    return {"affinity": listed, "capacity": _each(n, m), "demand": (0, 1)}


def _partly_infeasible(rng: np.random.Generator, n: int, m: int) -> Arguments:
    """A twentieth of the pairs is eligible; some enterprises compete for fewer places than they are."""
    eligible = rng.random((n, m)) < 0.05
    eligible[rng.integers(0, n, m), np.arange(m)] = True
    places = _each(n, m) + 1
    few = max(1, n // 100)
    eligible[few:, : few * places + max(1, m // 200)] = False
    eligible[:few, : few * places + max(1, m // 200)] = True
    return {"affinity": sp.csr_array(np.where(eligible, rng.uniform(0.1, 1, (n, m)), 0)), "capacity": places}


FAMILIES: dict[str, Maker] = {
    "random factors": lambda rng, n, m: {"affinity": _factors(rng, n, m), "capacity": _each(n, m) + rng.integers(0, 2, n)},
    "64 factors": lambda rng, n, m: {"affinity": _factors(rng, n, m, 64), "capacity": _each(n, m) + 1},
    "256 factors": lambda rng, n, m: {"affinity": _factors(rng, n, m, 256), "capacity": _each(n, m) + 1},
    "bids, from a conference": lambda rng, n, m: {"affinity": bids.real(rng, n, m), "capacity": _each(n, m) + 1},
    "bids, each drawn by itself": lambda rng, n, m: {"affinity": bids.made_up(rng, n, m), "capacity": _each(n, m) + 1},
    "identical officers": lambda rng, n, m: {"affinity": mm.Factors(np.full((n, 4), 0.3), rng.random((m, 4))), "capacity": _each(n, m)},
    "all equal": lambda rng, n, m: {"affinity": mm.Factors(np.ones((n, 1)), np.ones((m, 1))), "capacity": _each(n, m)},
    "one wanted by all": lambda rng, n, m: {"affinity": _dominant(rng, n, m), "capacity": _each(n, m)},
    "capacities of a dozen": lambda rng, n, m: {"affinity": _factors(rng, n, m), "capacity": 12},
    "three to five officers each": lambda rng, n, m: {
        "affinity": _factors(rng, n, m),
        "capacity": 5 * _each(n, m),
        "demand": rng.integers(3, 6, m),
    },
    "every place needed": lambda rng, n, m: {"affinity": _factors(rng, n, m), "capacity": np.diff(np.linspace(0, m, n + 1).astype(int))},
    "five times the places": lambda rng, n, m: {"affinity": _factors(rng, n, m), "capacity": 5 * _each(n, m)},
    "least loads": lambda rng, n, m: {"affinity": _factors(rng, n, m), "capacity": _each(n, m) + 1, "min_load": 1},
    "1 % eligible": lambda rng, n, m: _sparse(rng, n, m, 0.01),
    "0.1 % eligible": lambda rng, n, m: _sparse(rng, n, m, 0.001),
    "a dense matrix": lambda rng, n, m: {"affinity": rng.random((n, m)), "capacity": _each(n, m)},
    "twelve orders of magnitude": lambda rng, n, m: {
        "affinity": mm.Factors(10.0 ** rng.uniform(-6, 0, (n, 3)), 10.0 ** rng.uniform(-6, 0, (m, 3))),
        "capacity": _each(n, m),
    },
    "negative, optional": lambda rng, n, m: {
        "affinity": mm.Factors(rng.normal(size=(n, 6)), rng.normal(size=(m, 6))),
        "capacity": _each(n, m),
        "demand": (0, 1),
    },
    "partly infeasible": _partly_infeasible,
}
HANGZHOU = "the synthetic Hangzhou"
NAMES = (*FAMILIES, HANGZHOU)


def problem(name: str, n: int, m: int, seed: int = 0) -> Problem:
    """The family's problem of that size; everybody is served by one officer unless the family says otherwise."""
    if name == HANGZHOU:
        return _hangzhou(n, m, seed)
    given = {"demand": 1, "min_load": 0, **FAMILIES[name](np.random.default_rng(seed), n, m)}
    program = Program(n, m)
    program.limit_officers(given["min_load"], given["capacity"])
    program.limit_enterprises(*(given["demand"] if isinstance(given["demand"], tuple) else (given["demand"], given["demand"])))
    program.add(_affinity(given["affinity"]))
    return Problem(lambda: mm.assign(**given), program)


def _affinity(held: Any) -> Any:
    from matchmaker.affinity import Dense, Sparse

    if sp.issparse(held):
        return Sparse(held)
    return Dense(held) if isinstance(held, np.ndarray) else held


def _hangzhou(n: int, m: int, seed: int) -> Problem:
    """Its areas, recusals, and enterprises that take one officer or more."""
    from matchmaker import datasets

    instance = mm.build(datasets.hangzhou(seed, n_officers=n, n_enterprises=m))
    policy = mm.policies.optimal()
    return Problem(lambda: mm.solve(instance, policy), policy.program(instance))
