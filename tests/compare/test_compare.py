"""Every policy on every instance and seed: a tidy table, paired differences, no seed counted as an instance."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from matchmaker import metrics
from matchmaker.affinity import Factors
from matchmaker.assignment import Assignment
from matchmaker.compare import Comparison, compare
from matchmaker.constraints import Demand
from matchmaker.errors import ConfigError
from matchmaker.instance import Instance
from matchmaker.policies import at_random, greedy, optimal, territorial

DISTRICTS = ["east", "west"]


def town(seed: int, n: int = 5, m: int = 8) -> Instance:
    """A small city: two districts, an officer of the city, three needs."""
    draw = np.random.default_rng(seed)
    officers = pd.DataFrame(
        {"tier": ["city"] + ["county"] * (n - 1), "district": [""] + [DISTRICTS[k % 2] for k in range(n - 1)], "town": ""}
    )
    return Instance(
        officer_ids=np.array([f"O{k}" for k in range(n)], dtype=object),
        enterprise_ids=np.array([f"E{k}" for k in range(m)], dtype=object),
        affinity=Factors(draw.random((n, 3)), draw.random((m, 3))),
        capacity_low=np.zeros(n),
        capacity_high=np.full(n, 3),
        demand_low=np.ones(m),
        demand_high=np.ones(m),
        officers=officers,
        enterprises=pd.DataFrame({"district": [DISTRICTS[k % 2] for k in range(m)], "town": ""}),
        name="town",
    )


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    cities = {f"city {seed}": town(seed) for seed in range(9)}
    return compare(cities, [territorial(), greedy(), at_random(), optimal()], seeds=(0, 1, 2), baseline="territorial", confidence=0.9)


def test_the_frame_is_tidy_and_policies_without_a_draw_run_once(comparison: Comparison) -> None:
    assert list(comparison.frame.columns) == ["instance", "policy", "seed", "metric", "value"]
    assert not comparison.frame.duplicated(["instance", "policy", "seed", "metric"]).any()
    runs = comparison.runs.groupby("policy").size().to_dict()
    assert runs["territorial"] == runs["greedy"] == 9
    assert runs["at_random"] == 27
    assert {"termination", "objective", "bound", "gap", "pairs", "runtime"} <= set(comparison.runs.columns)


def test_values_are_the_metrics_of_the_plans(comparison: Comparison) -> None:
    values = comparison.frame.query("metric == 'expected_resolved' and policy == 'greedy'")["value"].to_numpy()
    assert values == pytest.approx(comparison.runs.query("policy == 'greedy'")["objective"].to_numpy())


def test_differences_are_paired_by_instance_and_count_instances(comparison: Comparison) -> None:
    table = comparison.differences()
    row = table.query("metric == 'expected_resolved' and policy == 'at_random'").iloc[0]
    means = comparison.frame.query("metric == 'expected_resolved'").groupby(["policy", "instance"])["value"].mean()
    apart = means["at_random"] - means["territorial"]
    assert row["n"] == 9
    assert row["baseline"] == "territorial"
    assert row["mean"] == pytest.approx(apart.mean())
    assert row["low"] < row["mean"] < row["high"]
    assert 0 < row["p"] <= row["p_holm"] <= 1


def test_seeds_do_not_narrow_an_interval() -> None:
    """The same draws under ten seeds' names: were each counted, the interval would shrink by about the root of ten."""
    cities = [town(seed) for seed in range(6)]
    same = dataclasses.replace(at_random(), name="lot")
    few, many = (compare(cities, [greedy(), same], seeds=range(count)).differences() for count in (1, 10))
    assert few["n"].tolist() == many["n"].tolist()
    widths = [(table.set_index("metric").loc["expected_resolved", ["low", "high"]]).diff().iloc[-1] for table in (few, many)]
    assert widths[1] > widths[0] / 3


def test_the_best_plan_is_above_all(comparison: Comparison) -> None:
    table = comparison.differences("optimal").query("metric == 'expected_resolved'")
    assert (table["mean"] < 1e-9).all()
    assert comparison.summary().loc["expected_resolved"].idxmax() == "optimal"


def test_one_instance_has_no_interval_and_says_why() -> None:
    table = compare([town(0)], [territorial(), at_random()], seeds=range(5)).differences()
    row = table.query("metric == 'expected_resolved'").iloc[0]
    assert row["n"] == 1
    assert math.isfinite(row["mean"])
    assert math.isnan(row["low"])
    assert math.isnan(row["p"])
    assert "at least 2 instances" in row["note"]
    assert "至少给出 2 个实例" in row["note_zh"]


def test_a_metric_that_is_not_defined_is_left_out_and_said(comparison: Comparison) -> None:
    row = comparison.differences().query("metric == 'churn' and policy == 'greedy'").iloc[0]
    assert row["n"] == 0
    assert "9 instances left out" in row["note"]
    assert "略去 9 个实例" in row["note_zh"]


def test_an_instance_without_a_plan_is_left_out() -> None:
    strict = dataclasses.replace(optimal(), name="strict")
    impossible = town(2).replace(capacity_high=np.ones(5))
    found = compare({"a": town(0), "b": town(1), "c": impossible}, [greedy(), strict])
    assert found.runs.set_index(["instance", "policy"]).loc[("c", "strict"), "termination"] == "INFEASIBLE"
    row = found.differences().query("metric == 'expected_resolved'").iloc[0]
    assert row["n"] == 2
    assert "1 instances left out" in row["note"]


def test_a_function_draws_one_instance_a_seed() -> None:
    found = compare(town, ["greedy", "at_random"], seeds=range(4))
    assert found.runs.groupby("policy").size().tolist() == [4, 4]
    assert found.differences()["n"].max() == 4
    assert found.frame["instance"].unique().tolist() == ["seed 0", "seed 1", "seed 2", "seed 3"]


def test_instances_of_one_name_are_numbered() -> None:
    found = compare([town(0), town(1)], ["greedy", "territorial"])
    assert found.frame["instance"].unique().tolist() == ["town 1", "town 2"]


def pairs_of(instance: Instance, assignment: Assignment) -> float:
    return float(len(assignment))


def test_own_metrics_stand_beside_the_standard_ones() -> None:
    found = compare([town(0)], ["greedy"], metrics={"pairs": pairs_of, "unserved": lambda _, plan: -1.0})
    values = found.summary()["greedy"]
    assert values["pairs"] == 8
    assert values["unserved"] == -1
    assert values["expected_resolved"] > 0
    assert "pairs_of" in compare([town(0)], ["greedy"], metrics=[pairs_of]).metrics


def test_two_jobs_at_a_time_give_the_same_values(comparison: Comparison) -> None:
    pytest.importorskip("joblib")
    one, two = (compare(town, ["territorial", "at_random"], seeds=range(3), n_jobs=jobs) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one.frame, two.frame)
    pd.testing.assert_frame_equal(one.runs.drop(columns="runtime"), two.runs.drop(columns="runtime"))
    pd.testing.assert_frame_equal(one.differences(), two.differences())


def test_a_notebook_shows_both_tables_and_escapes_names() -> None:
    named = dataclasses.replace(greedy(), name="<b>greedy</b>")
    shown = compare([town(0), town(1)], [named, "territorial"])._repr_html_()
    assert "p_holm" in shown
    assert "按实例配对" in shown
    assert "<b>greedy</b>" not in shown.replace("<b>&lt;b&gt;greedy&lt;/b&gt;</b>", "")
    assert "&lt;b&gt;greedy" in shown


def array_metric(instance: Instance, assignment: Assignment) -> float:
    return metrics.enterprise_value(instance, assignment)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"policies": []}, "no policy to compare"),
        ({"policies": ["greedy", greedy(0.1)]}, "share a name: greedy"),
        ({"policies": ["gredy"]}, 'Did you mean "greedy"'),
        ({"instances": []}, "no instance to compare on"),
        ({"seeds": []}, r"seeds is \[\]"),
        ({"seeds": [1, 1]}, r"seeds is \[1, 1\]"),
        ({"baseline": "gredy"}, 'Did you mean "greedy"'),
        ({"confidence": 95}, "between 0 and 1"),
        ({"metrics": [array_metric]}, "Metric 'array_metric' gave ndarray"),
        ({"metrics": [pairs_of, pairs_of]}, "share a name: pairs_of"),
    ],
)
def test_what_cannot_be_compared_is_said(change: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        compare(**({"instances": [town(0)], "policies": ["greedy", "territorial"]} | change))  # type: ignore[arg-type]


def test_an_unknown_baseline_in_the_differences_is_said(comparison: Comparison) -> None:
    with pytest.raises(ConfigError, match="No policy here is called 'optmal'"):
        comparison.differences("optmal")


def test_a_rule_of_ones_own_is_kept_by_its_policy_only() -> None:
    twice = dataclasses.replace(greedy(), name="two each", constraints=(*greedy().constraints[:1], Demand(least=0, most=1)))
    found = compare([town(0)], [greedy(), twice])
    assert found.summary().loc["unserved", "two each"] == 0


def test_a_metric_is_a_function() -> None:
    with pytest.raises(ConfigError, match=r"These metrics cannot be called: 'churn'\. Give functions of an instance"):
        compare([town(0)], ["greedy"], metrics=["churn"])  # type: ignore[list-item]
