"""Territorial, greedy, random: they keep every rule on pairs and places, and do what their names say."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from matchmaker import metrics
from matchmaker.affinity import Affinity, Dense, Factors, Sparse
from matchmaker.assignment import Assignment
from matchmaker.engine import Search
from matchmaker.errors import ConfigError, DataError
from matchmaker.instance import Instance, Notes
from matchmaker.policies import Policy, at_random, greedy, named, optimal, proposals, territorial
from matchmaker.program import Program, among
from matchmaker.solve import solve

HEURISTICS = [territorial, greedy, at_random]


def ids(letter: str, count: int) -> NDArray[np.object_]:
    return np.array([f"{letter}{k:03d}" for k in range(count)], dtype=object)


def notes(pairs: list[tuple[int, int]]) -> Notes:
    officers, enterprises = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    said = np.full(len(pairs), "somebody", dtype=object)
    return Notes(officers=officers, enterprises=enterprises, actor=said, reason=said)


@st.composite
def instances(draw: st.DrawFn, *, most: int = 6) -> Instance:
    """Small instances full of ties, with places, recusals, vetoes and at most one pin that can be kept."""
    n, m = draw(st.integers(1, most)), draw(st.integers(1, most))
    cells = draw(st.lists(st.integers(-1, 3), min_size=n * m, max_size=n * m))
    matrix = np.array(cells, dtype=float).reshape(n, m) / 2
    kind = draw(st.sampled_from(["dense", "factors", "sparse"]))
    affinity: Affinity = {"dense": Dense, "factors": lambda a: Factors(a, np.eye(m)), "sparse": Sparse}[kind](_as(kind, matrix))
    capacity = np.array(draw(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=n, max_size=n)))
    demand = np.array(draw(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=m, max_size=m)))
    pair = st.tuples(st.integers(0, n - 1), st.integers(0, m - 1))
    apart = draw(st.lists(pair, max_size=4, unique=True))
    place = st.sampled_from(["", "west", "east"])
    officers = pd.DataFrame(
        draw(st.lists(st.tuples(st.sampled_from(["city", "county", "township"]), place, place), min_size=n, max_size=n)),
        columns=["tier", "district", "town"],
    )
    enterprises = pd.DataFrame(draw(st.lists(st.tuples(place, place), min_size=m, max_size=m)), columns=["district", "town"])
    return Instance(
        officer_ids=ids("O", n),
        enterprise_ids=ids("E", m),
        affinity=affinity,
        capacity_low=capacity.min(axis=1),
        capacity_high=capacity.sum(axis=1),
        demand_low=demand.min(axis=1),
        demand_high=demand.sum(axis=1),
        officers=officers,
        enterprises=enterprises,
        recusals=notes(apart[:2]),
        vetoes=notes(apart[2:]),
    )


def _as(kind: str, matrix: NDArray[np.float64]) -> object:
    import scipy.sparse as sp

    return sp.csr_array(np.where(matrix < 0, 0, matrix)) if kind == "sparse" else matrix


def plan(instance: Instance, policy: Policy, seed: int = 0) -> Assignment:
    solution = policy.method.find(instance, policy.program(instance), Search(seed=seed))
    assert solution.termination == "FEASIBLE"
    assert solution.officers is not None
    assert solution.enterprises is not None
    return instance.assignment(solution.officers, solution.enterprises)


def free_pairs(instance: Instance, policy: Policy) -> tuple[Program, NDArray[np.int64]]:
    """Every pair the policy's rules allow, listed in full: what the heuristics never do."""
    program = policy.program(instance)
    officers, enterprises = np.divmod(np.arange(np.prod(instance.shape)), instance.shape[1])
    may = ~among(program.forbidden, program.keys(officers, enterprises))
    for classes in program.classes:
        may &= classes.allowed[classes.of_officer[officers], classes.of_enterprise[enterprises]]
    may &= np.isfinite(program.values(officers, enterprises))
    return program, np.flatnonzero(may)


def by_hand(instance: Instance, policy: Policy) -> set[int]:
    """The greedy plan from the full list: pins, then four passes from the highest value down, each to fuller limits."""
    program, keys = free_pairs(instance, policy)
    officers, enterprises = program.split(keys)
    order = keys[np.lexsort((enterprises, officers, -program.values(officers, enterprises)))]
    taken = set(program.required.tolist())
    low, high = np.minimum(instance.capacity_low, program.officer_high), program.officer_high
    least, most = np.minimum(instance.demand_low, program.enterprise_high), program.enterprise_high
    loads, served = (np.bincount(side, minlength=size) for side, size in zip(program.split(program.required), instance.shape, strict=True))
    for officer_limit, enterprise_limit in ((low, least), (high, least), (low, most), (high, most)):
        for key in order.tolist():
            i, j = divmod(key, instance.shape[1])
            if key not in taken and loads[i] < officer_limit[i] and served[j] < enterprise_limit[j]:
                taken.add(key)
                loads[i] += 1
                served[j] += 1
    return taken


def keys_of(assignment: Assignment) -> set[int]:
    return set((assignment.officers * len(assignment.enterprise_ids) + assignment.enterprises).tolist())


@pytest.mark.parametrize("recipe", HEURISTICS)
@settings(max_examples=50, deadline=None)
@given(instance=instances(), seed=st.integers(0, 3), pinned=st.integers(0, 35))
def test_a_heuristic_breaks_no_rule(recipe, instance: Instance, seed: int, pinned: int) -> None:
    policy = recipe()
    program, free = free_pairs(instance, policy)
    i, j = divmod(int(free[pinned % len(free)]), instance.shape[1]) if len(free) else (0, 0)
    if len(free) and program.officer_high[i] and program.enterprise_high[j]:
        instance = instance.pin(instance.officer_ids[i], instance.enterprise_ids[j], actor="lead", reason="by name")
        assert (i, j) in zip(*_pairs(plan(instance, policy, seed)), strict=True)
    assert policy.violations(instance, plan(instance, policy, seed)) == []


def _pairs(assignment: Assignment) -> tuple[list[int], list[int]]:
    return assignment.officers.tolist(), assignment.enterprises.tolist()


@pytest.mark.parametrize("length", [1, 2, 32])
@settings(max_examples=50, deadline=None)
@given(instance=instances())
def test_greedy_is_the_full_list_from_the_top_down(length: int, instance: Instance) -> None:
    with patch.object(proposals, "LIST", length), patch.object(proposals, "BLOCK", 2):
        assert keys_of(plan(instance, greedy())) == by_hand(instance, greedy())


def crowd(n: int = 60, m: int = 150, levels: int = 4) -> Instance:
    """Many pairs of few values: ties everywhere, and lists that run out."""
    matrix = np.random.default_rng(7).integers(0, levels, (n, m)) / 8
    return Instance(
        officer_ids=ids("O", n),
        enterprise_ids=ids("E", m),
        affinity=Factors(matrix, np.eye(m)),
        capacity_low=np.zeros(n),
        capacity_high=np.full(n, 3),
        demand_low=np.ones(m),
        demand_high=np.ones(m),
    )


@pytest.mark.parametrize("levels", [1, 2, 4])
def test_greedy_breaks_ties_by_id_when_lists_run_out(levels: int) -> None:
    instance = crowd(levels=levels)
    assert keys_of(plan(instance, greedy())) == by_hand(instance, greedy())


@pytest.mark.parametrize("recipe", [greedy, at_random])
def test_optimal_is_worth_at_least_as_much_where_all_are_served(recipe) -> None:
    instance = crowd()
    other = solve(instance, recipe())
    assert metrics.unserved(instance, other.assignment) == 0
    best = solve(instance, optimal())
    assert best.objective >= other.objective - 1e-9
    assert best.bound >= other.objective


@pytest.mark.parametrize("recipe", HEURISTICS)
@settings(max_examples=40, deadline=None)
@given(instance=instances(most=4), seed=st.integers(0, 3))
def test_the_optimum_is_above_whatever_keeps_its_rules(recipe, instance: Instance, seed: int) -> None:
    other = solve(instance, recipe(), seed=seed)
    best = solve(instance, optimal())
    if optimal().violations(instance, other.assignment):
        return  # somebody is left out, which the optimal policy does not allow
    assert best.termination in ("OPTIMAL", "FEASIBLE")
    assert best.objective >= other.objective - 1e-9
    assert best.bound >= other.objective - 1e-9


def test_nobody_is_left_out_where_one_more_pair_is_possible() -> None:
    instance = crowd(n=20)
    for recipe in (greedy, at_random):
        assert plan(instance, recipe()).loads().tolist() == [3] * 20


def district() -> Instance:
    """Two officers in the west (one in the town), one in the east, one of the city."""
    officers = pd.DataFrame(
        {"tier": ["city", "county", "township", "county"], "district": ["", "west", "west", "east"], "town": ["", "", "mill", ""]}
    )
    enterprises = pd.DataFrame(
        {
            "district": ["west", "west", "west", "west", "east", ""],
            "town": ["mill", "mill", "", "", "", ""],
            "registered_on": pd.to_datetime(["2001-01-01", "2000-01-01", "2003-01-01", "2002-01-01", "2004-01-01", None]),
        }
    )
    n, m = len(officers), len(enterprises)
    return Instance(
        officer_ids=ids("O", n),
        enterprise_ids=ids("E", m),
        affinity=Dense(np.random.default_rng(0).random((n, m))),
        capacity_low=np.zeros(n),
        capacity_high=np.ones(n),
        demand_low=np.ones(m),
        demand_high=np.ones(m),
        officers=officers,
        enterprises=enterprises,
    )


def test_territorial_goes_by_arrival_town_district_then_city() -> None:
    """E001 came first and takes its town's officer, E000 its county's, E003 the city's; E002 and E005 came too late."""
    assert plan(district(), territorial()).pairs == {("O002", "E001"), ("O001", "E000"), ("O000", "E003"), ("O003", "E004")}


def test_territorial_counts_the_first_request_before_the_registration() -> None:
    instance = district()
    assert instance.enterprises is not None
    filed = instance.enterprises.assign(first_filed_on=pd.to_datetime([None, None, "1999-01-01", None, None, "1999-05-01"]))
    pairs = plan(instance.replace(enterprises=filed), territorial()).pairs
    assert pairs == {("O001", "E002"), ("O000", "E005"), ("O002", "E001"), ("O003", "E004")}


def test_territorial_says_when_places_are_not_known() -> None:
    with pytest.raises(DataError, match=r"needs officers with tier, district and town.* \| 属地策略需要"):
        solve(crowd(), territorial())


def test_random_is_the_seeds_and_nothing_else() -> None:
    instance = crowd()
    first, again, other = (keys_of(plan(instance, at_random(), seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_territorial_and_greedy_do_not_look_at_the_seed() -> None:
    for recipe in (territorial, greedy):
        assert keys_of(plan(district(), recipe(), 1)) == keys_of(plan(district(), recipe(), 2))


def test_a_method_stops_when_the_time_is_up() -> None:
    instance = crowd()
    for recipe in (greedy, at_random):
        policy = recipe()
        solution = policy.method.find(instance, policy.program(instance), Search(time_limit=1e-9))
        assert solution.officers is not None
        assert len(solution.officers) == 0


def test_a_recipe_by_name() -> None:
    assert named("optimal", continuity=0.2).objectives[1].weight == 0.2  # type: ignore[attr-defined]
    assert [named(name).name for name in ("territorial", "greedy", "at_random")] == ["territorial", "greedy", "at_random"]
    with pytest.raises(ConfigError, match=r"no policy 'gredy'.*Did you mean \"greedy\"\? \| 没有方案策略 'gredy'"):
        named("gredy")
    with pytest.raises(
        ConfigError, match=r"no option 'continuty'.*Did you mean \"continuity\"\? \| 方案策略 'greedy' 没有选项 'continuty'"
    ):
        named("greedy", continuty=0.1)
