"""The face for whoever has just a matrix: published optima, and every bad input named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

import matchmaker as mm
from matchmaker.errors import ConfigError, DataError, SolverError

BIDS = Path(__file__).parents[1] / ".." / "shared" / "data" / "bids"
published = pytest.mark.skipif(not BIDS.exists(), reason="the published bids are not at ../shared/data/bids")


def bids(name):
    lines = (BIDS / f"{name}.in").read_text().splitlines()
    n_papers = int(lines[0].split()[0])
    return np.array([list(map(float, line.split())) for line in lines[1 : n_papers + 1]]).T


@published
@pytest.mark.parametrize("name", ["aamas2015", "preflib1", "preflib2"])
def test_published_optima(name):
    row = json.loads((BIDS / "published.json").read_text())[name]
    affinity = bids(name)
    result = mm.assign(affinity, capacity=row["capacity"], demand=row["demand"])
    assert result.termination == "OPTIMAL"
    assert result.objective == row["optimum_total"]
    for capped in row["capped"]:
        lottery = mm.lottery(affinity, capacity=row["capacity"], demand=row["demand"], max_probability=capped["max_probability"])
        assert lottery.termination == "OPTIMAL"
        assert lottery.objective / row["optimum_total"] == pytest.approx(capped["ratio_to_optimum"], rel=1e-9)
        assert lottery.probabilities.data.max() <= capped["max_probability"]


def test_a_tuple_is_a_range_and_a_list_is_one_each():
    affinity = np.array([[1.0, -1.0, 2.0]])
    assert mm.assign(affinity, capacity=3, demand=(0, 1)).enterprises.tolist() == [0, 2]
    assert mm.assign(affinity, capacity=3, demand=[1, 1, 0]).enterprises.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("affinity", "match"),
    [
        ([[1.0, np.nan]], "row 0, column 1.*nan.*finite"),
        ([[1.0, np.inf], [-np.inf, 0.0]], "2 cells"),
        ([["a", "b"]], "dtype"),
        (np.array([[1, None]], dtype=object), "dtype object"),
        ([[1j, 2.0]], "dtype complex"),
        ([1.0, 2.0], "1 dimensions"),
        (np.zeros((0, 3)), "empty"),
        (np.zeros((2, 2, 2)), "3 dimensions"),
        (sp.csr_array([[1.0, np.nan]]), "finite"),
    ],
)
def test_a_matrix_that_cannot_be_used(affinity, match):
    with pytest.raises(DataError, match=match):
        mm.assign(affinity, capacity=2)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"capacity": -1}, "capacity.*-1.*whole number"),
        ({"capacity": [1, np.nan]}, "row 1.*nan"),
        ({"capacity": [1.5, 2.5]}, "2 cells"),
        ({"capacity": [1, 2, 3]}, r"shape \(3,\).*expected a number or shape \(2,\)"),
        ({"capacity": 1e300}, "whole number"),
        ({"capacity": "two"}, "dtype"),
        ({"capacity": 1, "min_load": 2}, "least is above the most"),
        ({"demand": (2, 1)}, "least is above the most"),
        ({"demand": np.inf}, "whole number"),
        ({"forbidden": [(0, 3)]}, "out of range"),
        ({"forbidden": [(-1, 0), (0, 9)]}, "2 cells"),
        ({"forbidden": np.zeros((3, 2), bool)}, "transposed"),
        ({"forbidden": [(0.5, 1.0)]}, "whole positions"),
        ({"required": [(2, 0)]}, "out of range"),
        ({"required": [(0, 0)], "forbidden": [(0, 0)]}, "both required and forbidden"),
    ],
)
def test_arguments_that_cannot_be_used(arguments, match):
    with pytest.raises(DataError, match=match):
        mm.assign(np.ones((2, 3)), **arguments)


def test_factors_that_do_not_fit_each_other():
    with pytest.raises(DataError, match="Is one transposed"):
        mm.Factors(np.ones((2, 3)), np.ones((3, 4)))


def test_a_required_pair_that_sparse_affinity_does_not_list():
    with pytest.raises(DataError, match="not listed as eligible"):
        mm.assign(sp.csr_array(([1.0], ([0], [0])), shape=(2, 2)), required=[(1, 1)])


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"objective": "totl"}, 'Did you mean "total"'),
        ({"gap": -0.1}, "gap"),
        ({"gap": float("nan")}, "gap"),
        ({"time_limit": 0}, "time_limit"),
        ({"time_limit": "ten"}, "time_limit"),
        ({"threads": 0}, "threads"),
        ({"threads": 1.5}, "threads"),
        ({"seed": -1}, "seed"),
        ({"seed": "x"}, "seed"),
    ],
)
def test_settings_that_cannot_be_used(arguments, match):
    with pytest.raises(ConfigError, match=match):
        mm.assign(np.ones((2, 3)), **arguments)


def test_a_users_own_aim():
    class Unequal:
        def price(self, program, instance):
            program.add_pairs([0, 1], [1, 0], [5.0, 5.0])

        def value(self, instance, assignment):
            return 5.0 * float(np.sum(assignment.officers != assignment.enterprises))

    result = mm.assign(np.zeros((2, 2)), capacity=1, objective=Unequal())
    assert result.objective == 10
    assert result.enterprises.tolist() == [1, 0]


def test_a_plan_that_breaks_a_rule_is_never_returned():
    class Liar:
        def price(self, program, instance):
            program.add(instance.affinity)

        def value(self, instance, assignment):
            return 1e9

    with pytest.raises(SolverError, match="above its bound"):
        mm.assign(np.ones((2, 2)), capacity=1, objective=Liar())


def test_stopped_in_time_with_an_honest_gap():
    rng = np.random.default_rng(0)
    affinity = mm.Factors(rng.random((900, 20)), rng.random((1700, 20)))
    result = mm.assign(affinity, capacity=2, time_limit=1e-6)
    assert result.termination == "NOT_FOUND"
    with pytest.raises(mm.errors.NoAssignmentError, match="time_limit"):
        _ = result.assignment


def test_a_wide_gap_stops_early_and_says_so():
    rng = np.random.default_rng(0)
    affinity = mm.Factors(rng.random((300, 20)), rng.random((570, 20)))
    result = mm.assign(affinity, capacity=2, gap=0.5)
    assert result.gap <= 0.5
    assert result.objective <= result.bound
