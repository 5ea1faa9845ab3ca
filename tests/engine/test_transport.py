"""The transportation problem by itself: against every flow there is, against OR-Tools, by its own prices, and at its edges."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from matchmaker.engine import transport
from matchmaker.engine.balancing import index
from matchmaker.engine.bidding import choose
from matchmaker.engine.space import Limits
from matchmaker.engine.transport import Flow, largest_cost, solve_transport
from matchmaker.errors import SolverError


@dataclass(frozen=True)
class Case:
    """What is asked: pairs and their worth, limits, prices to begin from, and what a place costs that is short, or need not be taken."""

    officers: np.ndarray
    enterprises: np.ndarray
    worth: np.ndarray
    limits: Limits
    prices: tuple[np.ndarray, np.ndarray]
    floor: np.ndarray | None = None
    free: np.ndarray | None = None

    def solved(self, **named) -> Flow:
        given = (self.officers, self.enterprises, self.worth, self.limits, self.prices)
        return solve_transport(*given, floor=self.floor, free=self.free, **named)

    @property
    def low(self) -> np.ndarray:
        return np.concatenate(self.limits.sides[0])

    @property
    def high(self) -> np.ndarray:
        return np.concatenate(self.limits.sides[1])

    @property
    def room(self) -> np.ndarray:
        live = (self.limits.officer_high[self.officers] > 0) & (self.limits.enterprise_high[self.enterprises] > 0)
        return np.where(live, self.limits.room(self.officers, self.enterprises), 0)

    @property
    def steps(self) -> tuple[np.ndarray | None, np.ndarray]:
        """What each unit of a node's load costs: up to the least, and from there to the most. The first is never above the second."""
        free = np.zeros(len(self.low)) if self.free is None else self.free
        if self.floor is None:
            return None, free
        floor = np.where(self.low == self.high, self.floor, np.minimum(self.floor, free))
        return floor, np.maximum(floor, free)

    def loads(self, amount: np.ndarray) -> np.ndarray:
        load = np.zeros(len(self.low), np.int64)
        np.add.at(load, self.officers, amount)
        np.add.at(load, self.enterprises + len(self.limits.officer_low), amount)
        return load

    def value(self, amount: np.ndarray) -> int | None:
        """What a flow is worth, its loads' costs taken off; None where it breaks a limit."""
        load = self.loads(amount)
        floor, free = self.steps
        short = load < self.low
        if (load > self.high).any() or (amount < 0).any() or (amount > self.room).any() or (floor is None and short.any()):
            return None
        must = 0 if floor is None else int(np.minimum(load, self.low) @ floor.astype(np.int64))
        return int(amount @ self.worth.astype(np.int64)) - must - int(np.maximum(load - self.low, 0) @ free.astype(np.int64))


def check_proof(case: Case, flow: Flow) -> None:
    """Limits are kept, and pairs and loads agree with prices, in whole numbers: what proves a flow optimal."""
    amount, load, room = flow.amount, case.loads(flow.amount), case.room
    n = len(case.limits.officer_low)
    price = np.concatenate([flow.officers, flow.enterprises]).astype(np.int64)
    np.testing.assert_array_equal(price, np.concatenate([flow.officers, flow.enterprises]))
    assert ((amount >= 0) & (amount <= room)).all()
    assert (load <= case.high).all()
    np.testing.assert_array_equal(np.concatenate([flow.officer_short, flow.enterprise_short]), np.maximum(case.low - load, 0))
    reduced = case.worth.astype(np.int64) - price[case.officers] - price[case.enterprises + n]
    assert (reduced[amount < room] <= 0).all()
    assert (reduced[amount > 0] >= 0).all()
    floor, free = case.steps
    assert (load[price > free] == case.high[price > free]).all()
    assert (load[price < free] <= case.low[price < free]).all()
    if floor is None:
        assert not flow.short
    else:
        assert (load[price > floor] >= case.low[price > floor]).all()
        assert (load[price < floor] == 0).all()


def by_ortools(case: Case) -> int | None:
    """The best value as a min-cost flow: a hub gives each officer, and takes from each enterprise, up to the least and then up to the most."""
    n, m = len(case.limits.officer_low), len(case.limits.enterprise_low)
    hub, nodes = n + m, np.arange(n + m)
    floor, free = case.steps
    tails, heads = np.where(nodes < n, hub, nodes), np.where(nodes < n, nodes, hub)
    solver = SimpleMinCostFlow()

    def join(start: np.ndarray, end: np.ndarray, room: np.ndarray, cost: np.ndarray) -> None:
        solver.add_arcs_with_capacity_and_unit_cost(start.astype(np.int32), end.astype(np.int32), room, cost.astype(np.int64))

    join(case.officers, case.enterprises + n, case.room, -case.worth)
    join(tails, heads, case.high - case.low, free)
    if floor is None:
        supply = np.where(nodes < n, case.low, -case.low)
        solver.set_nodes_supplies(np.arange(n + m + 1, dtype=np.int32), np.append(supply, -supply.sum()))
    else:
        join(tails, heads, case.low, floor)
    return -solver.optimal_cost() if solver.solve() == solver.OPTIMAL else None


def by_trying(case: Case) -> int | None:
    """The best value of every flow."""
    values = (case.value(np.array(amount, np.int64)) for amount in product(*(range(room + 1) for room in case.room)))
    return max((value for value in values if value is not None), default=None)


@st.composite
def tiny(draw):
    """Cases whose flows can all be tried: a few pairs, of a few units where there are fewer."""
    n, m = draw(st.sampled_from([(1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (1, 4)]))
    keys = sorted(draw(st.sets(st.integers(0, n * m - 1))))
    per_pair = draw(st.sampled_from([1, 1, 2])) if len(keys) < 6 else 1
    some = st.integers(-4, 6)

    def drawn(values, size):
        return np.array(draw(st.lists(values, min_size=size, max_size=size)), dtype=np.int64)

    low, wide = drawn(st.integers(0, 2), n + m), drawn(st.integers(0, 2), n + m)
    counts = draw(st.booleans()) and len(keys) < 4
    limits = Limits(
        *(low[:n], (low + wide)[:n], low[n:], (low + wide)[n:]),
        per_pair=per_pair,
        officer_count=drawn(st.integers(1, 2), n) if counts else None,
        enterprise_count=drawn(st.integers(1, 2), m) if counts else None,
    )
    floor = drawn(st.sampled_from([-20, -3, -1, 0, 1, 3]), n + m).astype(float) if draw(st.booleans()) else None
    free = drawn(some, n + m).astype(float) if draw(st.booleans()) else None
    prices = drawn(some, n).astype(float), drawn(some, m).astype(float)
    return Case(*np.divmod(np.array(keys, np.int64), m), drawn(some, len(keys)).astype(float), limits, prices, floor, free)


@settings(max_examples=400, deadline=None)
@given(tiny(), st.sampled_from([0.0, 1.0, 5.0]))
def test_it_is_the_best_of_every_flow(case, least):
    best = by_trying(case)
    if best is None:
        with pytest.raises(SolverError, match=r"must stay short on \d+ pairs, and none may\."):
            case.solved(least=least)
        return
    flow = case.solved(least=least)
    assert case.value(flow.amount) == best
    check_proof(case, flow)


KINDS = ("continuous", "ties", "negative", "per pair", "counts", "exact", "free", "floors above zero")


def random_case(kind: str, seed: int, sizes: tuple[int, int] = (8, 8), n_arcs: int | None = None, *, may: bool = True) -> Case:
    """Limits, prices and worth at random; where somebody `may` stay short, at a price."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    n, m = rng.integers(1, sizes[0] + 1), rng.integers(1, sizes[1] + 1)
    if n_arcs is None:
        i, j = np.nonzero(rng.random((n, m)) < rng.choice([0.3, 0.7, 1.0]))
    else:
        n, m = sizes
        i, j = np.divmod(np.sort(rng.choice(n * m, n_arcs, replace=False)), m)
    scale = {"continuous": 1_000_000, "ties": 1}.get(kind, int(rng.choice([1, 3, 1000])))
    worth = rng.integers(0, 3, len(i)).astype(float) if kind == "ties" else np.rint(rng.normal(0.3, 1, len(i)) * scale)
    worth = -np.abs(worth) if kind == "negative" else worth
    low = rng.integers(0, 3, n + m)
    wide = rng.integers(0, 2 if kind == "exact" else 3, n + m) * (rng.random(n + m) < (0.3 if kind == "exact" else 0.9))
    counts = (rng.integers(1, 4, n), rng.integers(1, 4, m)) if kind == "counts" else (None, None)
    limits = Limits(
        *(low[:n], (low + wide)[:n], low[n:], (low + wide)[n:]), 3 if kind == "per pair" else 1 + (kind == "counts" and seed % 2), *counts
    )
    price = np.rint(rng.normal(0, rng.choice([0.3, 1, 30]), n + m) * scale)
    floor = -np.rint(rng.choice([0.2, 1, 20]) * scale * rng.random(n + m))
    if kind == "floors above zero":
        floor = np.where(rng.random(n + m) < 0.5, np.rint(rng.random(n + m) * scale), floor)
    free = np.rint(rng.normal(0, 0.5, n + m) * scale) if kind == "free" else None
    return Case(i, j, worth, limits, (price[:n], price[n:]), floor if may else None, free)


def disturbed(case: Case, flow: Flow, seed: int) -> Case:
    """The prices of a flow, some of them changed, and some worth as well."""
    rng = np.random.default_rng(seed)
    size = 1 + np.abs(case.worth).max(initial=0.0)

    def changed(values: np.ndarray, share: float) -> np.ndarray:
        return values + np.rint(rng.normal(0, 0.3, len(values)) * size) * (rng.random(len(values)) < share)

    return replace(case, prices=(changed(flow.officers, 0.4), changed(flow.enterprises, 0.2)), worth=changed(case.worth, 0.2))


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_as_good_as_what_ortools_finds(kind):
    short = 0
    for seed in range(100):
        case = random_case(kind, seed)
        best = by_ortools(case)
        for least in (0.0, 1.0, 5.0):
            flow = case.solved(least=least)
            check_proof(case, flow)
            assert case.value(flow.amount) == best, (seed, least)
        short += flow.short > 0
        later = disturbed(case, flow, seed)
        again = later.solved(amount=flow.amount)
        check_proof(later, again)
        assert later.value(again.amount) == by_ortools(later), seed
    assert 10 < short < 100


@pytest.mark.parametrize("kind", ["continuous", "ties", "per pair", "counts", "exact"])
def test_where_nobody_may_stay_short_it_says_so_exactly_when_somebody_must(kind):
    refused = 0
    for seed in range(100):
        case = random_case(kind, seed, may=False)
        best = by_ortools(case)
        if best is None:
            refused += 1
            with pytest.raises(SolverError, match=r"must stay short on \d+ pairs, and none may\."):
                case.solved(least=float(seed % 2))
        else:
            flow = case.solved(least=float(seed % 2))
            check_proof(case, flow)
            assert case.value(flow.amount) == best
    assert 10 < refused < 95


@pytest.mark.parametrize("kind", KINDS)
def test_middling_cases_are_as_good_and_proven(kind):
    for seed in range(3):
        case = random_case(kind, seed, (200, 300), 5000)
        best = by_ortools(case)
        flows = [case.solved(least=least) for least in (0.0, 1.0, 1000.0)]
        for flow in flows:
            check_proof(case, flow)
            assert case.value(flow.amount) == best
        later = disturbed(case, flows[0], seed)
        again = later.solved(amount=flows[0].amount)
        check_proof(later, again)
        assert later.value(again.amount) == by_ortools(later)


def test_a_flow_to_begin_from_that_is_optimal_stays():
    for seed in range(20):
        case = random_case("ties", seed, (30, 40))
        flow = case.solved(least=1.0)
        kept = replace(case, prices=(flow.officers, flow.enterprises)).solved(amount=flow.amount)
        np.testing.assert_array_equal(kept.amount, flow.amount)


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_officers_enterprises_and_pairs_does_not_matter(kind):
    for seed in range(10):
        case = random_case(kind, seed, (40, 60), 600)
        rng = np.random.default_rng(seed)
        n, m = 40, 60
        rows, columns, order = rng.permutation(n), rng.permutation(m), rng.permutation(len(case.worth))
        back = np.concatenate([np.argsort(rows), n + np.argsort(columns)])
        moved = Case(
            rows[case.officers][order],
            columns[case.enterprises][order],
            case.worth[order],
            case.limits.of(back[:n], back[n:] - n),
            (case.prices[0][back[:n]], case.prices[1][back[n:] - n]),
            None if case.floor is None else case.floor[back],
            None if case.free is None else case.free[back],
        )
        assert moved.value(moved.solved(least=1.0).amount) == case.value(case.solved(least=1.0).amount)


def arrays(case: Case) -> Iterator[np.ndarray]:
    """Everything that is given."""
    own = (case.officers, case.enterprises, case.worth, *case.prices, case.floor, case.free)
    yield from (part for part in (*own, *vars(case.limits).values()) if isinstance(part, np.ndarray))


def check_same(one: Flow, other: Flow) -> None:
    for name, values in vars(one).items():
        np.testing.assert_array_equal(values, getattr(other, name), strict=True, err_msg=name)


@pytest.mark.parametrize("least", [0.0, 1.0])
@pytest.mark.parametrize("kind", ["ties", "free", "counts"])
def test_the_same_again_and_nothing_that_was_given_is_changed(kind, least):
    case = random_case(kind, 0, (60, 80), 1500)
    before = [part.copy() for part in arrays(case)]
    first = case.solved(least=least)
    amount = first.amount.copy()
    warm = case.solved(amount=amount)
    for part, kept in zip((*arrays(case), amount), (*before, first.amount), strict=True):
        np.testing.assert_array_equal(part, kept)
    for part in (*arrays(case), amount):
        part.flags.writeable = False
    check_same(case.solved(least=least), first)
    check_same(case.solved(amount=amount), warm)


def test_two_at_once_do_not_disturb_each_other():
    cases = [random_case("ties", seed, (300, 500), 12_000) for seed in range(8)]
    alone = [case.solved(least=1.0) for case in cases]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda case: case.solved(least=1.0), cases))
    for one, other in zip(alone, together, strict=True):
        check_same(one, other)


@pytest.mark.parametrize("kind", ["continuous", "counts", "floors above zero"])
def test_however_short_the_stretches_the_flow_is_as_good(kind, monkeypatch):
    """Each is carried on where the last one ended."""
    bid, looks = transport.bid, []
    monkeypatch.setattr(transport, "BREATH", 1)
    monkeypatch.setattr(transport, "PATIENCE", 400)
    monkeypatch.setattr(transport, "bid", lambda *given: bid(*given[:-1], 3))
    for seed in range(10):
        case = random_case(kind, seed, (40, 60), 600)
        flow = case.solved(least=1.0, check=lambda: looks.append(1))
        check_proof(case, flow)
        assert case.value(flow.amount) == by_ortools(case)
    assert len(looks) > 400


def begun(case: Case, least: int = 0) -> transport.Network:
    """Bidding made, or every enterprise's choice made where it is none."""
    network = transport._network(*(case.officers, case.enterprises, case.worth, case.limits, case.prices), case.floor, case.free, None)
    index(network)
    if least:
        transport._bid(network, least, lambda: None)
    else:
        choose(network)
    return network


@pytest.mark.parametrize("kind", ["continuous", "ties", "negative", "exact", "free"])
@pytest.mark.parametrize("share", [0.01, 0.3])
def test_bidding_ends_with_every_enterprise_nearly_content(kind, share, monkeypatch):
    """No pair left out is worth more than one in use, but for `least`; an officer's price rises only where all places are taken."""
    monkeypatch.setattr(transport, "PATIENCE", 10_000)
    for seed in range(30):
        case = random_case(kind, seed, (20, 30), 200)
        least = 1 + int(share * np.abs(case.worth).max())
        network = begun(case, least)
        n, amount, load = network.n_officers, network.amount, network.load
        np.testing.assert_array_equal(load, case.loads(amount))
        assert (load <= network.high).all()
        left = case.worth - network.price[case.officers]
        for j in range(n, n + 30):
            own, used = network.enterprise == j, amount > 0
            out = left[own & ~used & (case.room > 0)].max(initial=-np.inf)
            assert left[own & used].min(initial=np.inf) >= out - least
            if load[j] < network.high[j]:
                assert out <= (network.floor[j] if load[j] < network.low[j] else network.free[j])
        risen = network.price[:n] > np.rint(case.prices[0])
        assert (load[:n][risen] == network.high[:n][risen]).all()
        assert not (network.price[:n] < case.prices[0]).any()
    assert risen.any()


@pytest.mark.parametrize("kind", KINDS)
def test_every_enterprise_chooses_what_agrees_with_officers_prices(kind):
    """Whatever these are: loads of officers may be anything then."""
    for seed in range(30):
        case = random_case(kind, seed, (20, 30), 200)
        network = begun(case)
        np.testing.assert_array_equal(network.load, case.loads(network.amount))
        n = network.n_officers
        reduced = case.worth - network.price[case.officers] - network.price[case.enterprises + n]
        assert (reduced[network.amount < case.room] <= 0).all()
        assert (reduced[network.amount > 0] >= 0).all()
        price, load, (floor, free) = network.price[n:], network.load[n:], (step[n:] for step in case.steps)
        low, high = case.low[n:], case.high[n:]
        assert (load <= high).all()
        assert (load[price > free] == high[price > free]).all()
        assert (load[price < free] <= low[price < free]).all()
        assert (load[price > floor] >= low[price > floor]).all()
        assert (load[price < floor] == 0).all()


def limits_of(officer_low, officer_high, enterprise_low, enterprise_high) -> Limits:
    return Limits(*(np.array(side, np.int64) for side in (officer_low, officer_high, enterprise_low, enterprise_high)))


def chain(n: int, worth: np.ndarray, limits: Limits, seed: int) -> Case:
    """Officer 0, enterprise 0, officer 1, enterprise 1, ... each joined to the next. Prices to begin from are far off."""
    k = np.arange(2 * n - 1)
    wild = np.random.default_rng(seed).choice([-1.0, 0.0, 1.0], 2 * n) * largest_cost(2 * n)
    return Case((k + 1) // 2, k // 2, worth, limits, (4 * wild[:n], -4 * wild[n:]))


def best_of_chain(case: Case, n: int) -> int:
    """The best value of a chain where a pair takes one unit: node after node, in Python's whole numbers."""
    floor, free = ([int(x) for x in step] for step in case.steps)
    low, high = case.low.tolist(), case.high.tolist()
    best = {0: 0}  # what the last pair takes, and the most that all before is worth
    for k in range(2 * n):
        v = k // 2 + n * (k % 2)
        worth = int(case.worth[k]) if k < 2 * n - 1 else 0
        after: dict[int, int] = {}
        for before, value in best.items():
            for taken in (0, 1) if k < 2 * n - 1 else (0,):
                load = before + taken
                if load <= high[v]:
                    total = value + worth * taken - floor[v] * min(load, low[v]) - free[v] * max(load - low[v], 0)
                    after[taken] = max(after.get(taken, total), total)
        best = after
    return best[0]


@pytest.mark.parametrize("least", [0.0, 1.0, 2.0**40])
@pytest.mark.parametrize("seed", range(6))
def test_the_largest_worth_along_a_chain_of_thousands_stays_within_64_bits(seed, least):
    n = 2000
    rng = np.random.default_rng(seed)
    most = largest_cost(2 * n)
    low = rng.integers(0, 2, 2 * n) if seed else np.ones(2 * n, np.int64)
    high = low + rng.integers(0, 2, 2 * n) * (seed > 0)
    worth = rng.choice([-1.0, 1.0, 1.0], 2 * n - 1) * most
    case = chain(n, worth, limits_of(low[:n], high[:n], low[n:], high[n:]), seed)
    case = replace(case, floor=-most * rng.choice([0.0, 1.0], 2 * n), free=None if seed % 2 else most * rng.choice([-1.0, 0, 1], 2 * n))
    case = replace(case, free=None if case.free is None else np.maximum(case.free, case.floor))
    flow = case.solved(least=least)
    check_proof(case, flow)
    assert case.value(flow.amount) == best_of_chain(case, n)


@pytest.mark.parametrize("least", [0.0, 1.0, 2.0**40])
@pytest.mark.parametrize("n", [50, 2000])
def test_prices_that_climb_all_along_a_chain(n, least):
    """Everybody must be paired, which can be in one way only; each pair left out is worth most, so that every price is above the last."""
    most = largest_cost(2 * n)
    ones = np.ones(n, np.int64)
    case = chain(n, np.where(np.arange(2 * n - 1) % 2, most, -most).astype(float), Limits(ones, ones, ones, ones), 0)
    flow = case.solved(least=least)
    np.testing.assert_array_equal(flow.amount, np.arange(2 * n - 1) % 2 == 0)
    assert case.value(flow.amount) == -n * most
    assert np.ptp(flow.officers) >= 2 * most * (n - 1)


@pytest.mark.parametrize("bad", [0.5, np.nan, np.inf, -np.inf, 2.0**60, -(2.0**60)])
@pytest.mark.parametrize("where", ["worth", "floor", "free"])
def test_what_is_not_whole_or_too_large_is_refused(where, bad):
    case = Case(np.zeros(2, np.int64), np.arange(2), np.zeros(2), limits_of([0], [1], [1, 1], [1, 1]), (np.zeros(1), np.zeros(2)))
    given = {"worth": np.zeros(2), "floor": np.full(3, -1.0), "free": np.zeros(3)}
    given[where][-1] = bad
    with pytest.raises(SolverError, match=rf"Worth must be whole and at most {largest_cost(3)} in size; found .*(0\.5|nan|inf|1\.15)"):
        replace(case, **given).solved()


def test_the_largest_worth_is_accepted_and_one_more_is_not():
    most = largest_cost(2)
    case = Case(
        np.zeros(1, np.int64), np.zeros(1, np.int64), np.array([float(most)]), limits_of([0], [1], [0], [1]), (np.zeros(1), np.zeros(1))
    )
    assert case.solved().amount.tolist() == [1]
    with pytest.raises(SolverError, match=rf"at most {most} in size; found .*{float(most + 1)!r}"):
        replace(case, worth=np.array([float(most + 1)])).solved()


def test_prices_to_begin_from_may_be_anything():
    case = random_case("continuous", 5, (30, 40), 300)
    best = by_ortools(case)
    for prices in ((np.full(30, np.inf), np.full(40, -np.inf)), (np.full(30, -1e300), np.full(40, 1e300)), (np.zeros(30), np.zeros(40))):
        flow = replace(case, prices=prices).solved(least=1.0)
        check_proof(case, flow)
        assert case.value(flow.amount) == best


def test_too_few_pairs_and_too_few_places_are_told_apart():
    """Who has too few pairs is counted; who stands in others' way is named."""
    nothing = np.zeros(1), np.zeros(2)
    few = Case(np.zeros(1, np.int64), np.zeros(1, np.int64), np.ones(1), limits_of([0], [4], [2, 3], [2, 3]), nothing)
    with pytest.raises(SolverError, match=r"^4 places must stay short on 1 pairs, and none may\.$"):
        few.solved()
    crowded = Case(np.zeros(2, np.int64), np.arange(2), np.ones(2), limits_of([0], [1], [1, 1], [1, 1]), nothing)
    with pytest.raises(SolverError, match=r"^Node [012] of 3 must stay short on 2 pairs, and none may\.$"):
        crowded.solved()


@pytest.mark.parametrize("least", [0.0, 1.0])
def test_without_pairs_everything_is_short(least):
    none = np.empty(0, np.int64)
    case = Case(none, none, np.empty(0), limits_of([1, 0], [1, 2], [2], [2]), (np.zeros(2), np.zeros(1)), np.full(3, -5.0))
    flow = case.solved(least=least)
    check_proof(case, flow)
    assert (flow.officer_short.tolist(), flow.enterprise_short.tolist(), flow.short) == ([1, 0], [2], 3)
    with pytest.raises(SolverError, match=r"^3 places must stay short on 0 pairs, and none may\.$|^Node 0 of 3 must"):
        replace(case, floor=None).solved(least=least)


def test_with_nobody_on_a_side_there_is_nothing_to_do():
    none = np.empty(0, np.int64)
    for officers, enterprises in ((0, 3), (3, 0), (0, 0)):
        a, b = np.zeros(officers, np.int64), np.zeros(enterprises, np.int64)
        flow = Case(none, none, np.empty(0), Limits(a, a + 1, b, b + 1), (np.zeros(officers), np.zeros(enterprises))).solved(least=1.0)
        assert (len(flow.amount), len(flow.officers), len(flow.enterprises), flow.short) == (0, officers, enterprises, 0)


@pytest.mark.parametrize("least", [0.0, 1.0])
def test_nothing_goes_to_who_has_no_place(least):
    for seed in range(20):
        case = random_case("continuous", seed, (20, 30), 200)
        closed = np.random.default_rng(seed).random(50) < 0.4
        low, high = np.where(closed, 0, case.low), np.where(closed, 0, case.high)
        case = replace(case, limits=Limits(low[:20], high[:20], low[20:], high[20:]))
        flow = case.solved(least=least)
        check_proof(case, flow)
        assert not case.loads(flow.amount)[closed].any()
        assert case.value(flow.amount) == by_ortools(case)


def test_offsets_move_prices_and_nothing_else():
    """What a unit of load is worth more is the same as each pair worth more."""
    for seed in range(20):
        case = random_case("exact", seed, (20, 30), 200)
        own = np.rint(np.random.default_rng(seed).normal(0, 100, 50))
        floor = np.minimum(case.floor, 0)
        moved = replace(case, worth=case.worth + own[case.officers] + own[case.enterprises + 20], floor=floor + own, free=own)
        flow, other = replace(case, floor=floor).solved(least=1.0), moved.solved(least=1.0)
        check_proof(moved, other)
        assert moved.value(other.amount) == case.value(flow.amount)
