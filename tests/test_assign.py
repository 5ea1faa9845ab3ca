"""The face for whoever has just a matrix: published optima, and every bad input named."""

from __future__ import annotations

import json
import re
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
    with pytest.raises(DataError, match=r"with the same rank\. Is one transposed\? \| 两侧因子数不一致"):
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


@pytest.mark.parametrize("progress", ["yes", "", 0, 1, [print]])
def test_progress_is_a_function_or_a_bool_or_none(progress):
    said = rf"progress is {re.escape(repr(progress))}; expected True, False, None, or a function.* \| progress 应为 True、False、None"
    with pytest.raises(ConfigError, match=said):
        mm.assign(np.ones((2, 3)), progress=progress)
    with pytest.raises(ConfigError, match=said):
        mm.solve(mm.datasets.small_instance(), progress=progress)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"affinity": [["a", "b"]]}, r"affinity has dtype <U1; expected real numbers.* \| affinity 应为实数"),
        ({"affinity": [1.0, 2.0]}, r"affinity has 1 dimensions, shape \(2,\); expected 2\. \| affinity 应为 2 维"),
        ({"affinity": np.zeros((0, 3))}, r"it is empty\. Give at least one officer and one enterprise\. \| affinity 为空"),
        ({"affinity": sp.csr_array((0, 3))}, r"it is empty\. Give at least one officer and one enterprise\. \| affinity 为空"),
        ({"affinity": sp.csr_array(np.eye(2) * 1j)}, r"affinity has dtype complex128.* \| affinity 应为实数"),
        ({"affinity": sp.coo_array(np.ones(3))}, r"affinity has 1 dimensions.* \| affinity 应为 2 维"),
        ({"affinity": [[1.0, 2.0], [3.0]]}, r"affinity is no array: .* Are its rows of one length\? \| affinity 不是数组"),
        ({"affinity": np.ma.masked_less([[1.0, 2.0]], 2)}, r"affinity has masked cells; give scipy\.sparse.* \| affinity 含被遮蔽的单元格"),
        ({"demand": (1, 2, 3)}, r"demand is a tuple of 3; expected \(low, high\).* \| demand 应为（下限，上限）"),
        ({"forbidden": np.zeros((3, 2), bool)}, r"expected \(2, 3\) = .*transposed\? \| forbidden 的形状应为 \(2, 3\)（干部数, 企业数）"),
        ({"required": [(0.5, 1.0)]}, r"expected whole positions of shape \(n_pairs, 2\).* \| required 应为 \(n_pairs, 2\) 的整数位置"),
        ({"affinity": np.full((2, 3), 1e308)}, r"Affinities reach about 2\*\*1025.* Divide them by 1e10 or more\. \| 匹配度约达 2\*\*1025"),
        ({"objective": "totl"}, r'expected "total", .* Did you mean "total"\? \| objective 应为 "total"、.*或目标对象'),
    ],
)
def test_what_is_wrong_is_said_in_both_languages(arguments, match):
    with pytest.raises((ConfigError, DataError), match=match):
        mm.assign(**{"affinity": np.ones((2, 3))} | arguments)


def test_an_affinity_that_the_engine_does_not_price_is_refused_in_both_languages():
    class Distances:
        shape = (2, 3)

    class Far:
        def price(self, program, instance):
            program.add(Distances())

        def value(self, instance, assignment):
            return 0.0

    with pytest.raises(ConfigError, match=r"Distances is none of them\. \| 求解引擎不支持 Distances 类匹配度"):
        mm.assign(np.ones((2, 3)), objective=Far())
    with pytest.raises(ConfigError, match=r"expected \(3, 2\) = .*transposed\? \| 匹配度的形状应为 \(3, 2\)"):
        mm.assign(np.ones((3, 2)), objective=Far())


def test_a_users_own_aim():
    class Unequal:
        def price(self, program, instance):
            program.add_pairs([0, 1], [1, 0], [5.0, 5.0])

        def value(self, instance, assignment):
            return 5.0 * float(np.sum(assignment.officers != assignment.enterprises))

    result = mm.assign(np.zeros((2, 2)), capacity=1, objective=Unequal())
    assert result.objective == 10
    assert result.enterprises.tolist() == [1, 0]


def test_a_plan_above_its_bound_is_never_returned():
    class Liar:
        def price(self, program, instance):
            program.add(instance.affinity)

        def value(self, instance, assignment):
            return 1e9

    with pytest.raises(SolverError, match=r"above its bound .* \| 方案目标值 .* 超过其上界"):
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
