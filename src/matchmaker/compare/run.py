"""Run every policy on every instance and seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from tqdm import tqdm

from matchmaker import metrics as standard
from matchmaker.assignment import Assignment
from matchmaker.compare.comparison import COLUMNS, Comparison, checked_name
from matchmaker.compare.intervals import checked_confidence
from matchmaker.errors import ConfigError
from matchmaker.instance import Instance
from matchmaker.policies import Policy, named
from matchmaker.result import Result
from matchmaker.solve import solve

Row = tuple[str, str, int, str, float]
Metric = Callable[[Instance, Assignment], float]
Instances = Sequence[Instance] | Mapping[str, Instance] | Callable[[int], Instance]

STANDARD: tuple[Metric, ...] = (
    standard.expected_resolved,
    standard.worst_served,
    standard.unserved,
    standard.places_short,
    standard.idle_officers,
    standard.load_spread,
    standard.same_district,
    standard.churn,
)


@dataclass(frozen=True, eq=False)
class Trial:
    """One solve to be done: an instance, a policy, a seed, and what to measure."""

    label: str
    instance: Instance
    policy: Policy
    seed: int
    metrics: Mapping[str, Metric]
    time_limit: float | None

    def run(self) -> tuple[dict[str, object], list[Row]]:
        """A row for the table of runs, and the rows of values."""
        result = solve(self.instance, self.policy, time_limit=self.time_limit, seed=self.seed, progress=False)
        who = (self.label, self.policy.name, self.seed)
        values = [(*who, name, self._measured(name, metric, result)) for name, metric in self.metrics.items()]
        return dict(zip(COLUMNS[:3], who, strict=True)) | _outcome(result), values

    def _measured(self, name: str, metric: Metric, result: Result) -> float:
        if result.plan is None:
            return math.nan
        value = metric(self.instance, result.plan)
        try:
            return float(value)
        except (TypeError, ValueError) as error:
            msg = (
                f"Metric {name!r} gave {type(value).__name__} {value!r}; expected one number per plan. "
                f"| 指标 {name!r} 返回的是 {type(value).__name__}，每个方案应得一个数。"
            )
            raise ConfigError(msg) from error


def compare(
    instances: Instances,
    policies: Sequence[Policy | str],
    *,
    seeds: Iterable[int] = (0,),
    metrics: Mapping[str, Metric] | Sequence[Metric] | None = None,
    baseline: str | Policy | None = None,
    confidence: float = 0.95,
    time_limit: float | None = None,
    n_jobs: int = 1,
) -> Comparison:
    """Every policy on every instance and seed, in one tidy table, and paired differences with honest intervals.

    A policy whose method says ``seeded = False`` gives the same plan for any seed and runs once per instance, with the first seed.
    Seeds of one instance are averaged before policies are compared, so ``n`` counts instances.

    Parameters
    ----------
    instances
        A list (called by their ``name``), a mapping from names, or a function that draws an instance from a seed. With a function,
        each seed is an instance of its own and every policy runs on it with that seed.
    policies
        Policies, or names of recipes such as "greedy". No name twice.
    seeds
        Whole numbers, each once.
    metrics
        Your own functions ``(instance, assignment) -> float``, beside the standard ones; in a mapping, by name. One that has
        a standard metric's name takes its place.
    baseline
        The policy that others are compared with; by default the first.
    confidence
        Of the intervals, between 0 and 1.
    time_limit
        Seconds for each solve. With a limit, results depend on the machine.
    n_jobs
        Solves at a time (joblib must be installed for more than 1); the answer does not depend on it, but for the runtimes.

    Raises
    ------
    ConfigError
        When there is nothing to compare, a name stands twice or is not known, or a metric gives no number.
    """
    recipes = _policies(policies)
    against = recipes[0].name if baseline is None else baseline if isinstance(baseline, str) else baseline.name
    checked_name(against, [policy.name for policy in recipes])
    checked_confidence(confidence)
    wanted = _metrics(metrics)
    trials = [
        Trial(label, instance, policy, seed, wanted, time_limit)
        for label, instance, own_seeds in _labelled(instances, _seeds(seeds))
        for policy in recipes
        for seed in (own_seeds if getattr(policy.method, "seeded", True) else own_seeds[:1])
    ]
    done = list(tqdm(_results(trials, n_jobs), total=len(trials), desc="compare", unit="solve", disable=None))
    return Comparison(
        frame=pd.DataFrame([row for _, values in done for row in values], columns=COLUMNS),
        runs=pd.DataFrame([run for run, _ in done]),
        baseline=against,
        confidence=confidence,
    )


def _results(trials: list[Trial], n_jobs: int) -> Iterator[tuple[dict[str, object], list[Row]]]:
    """Each trial's rows, in the order of the trials."""
    if n_jobs == 1:
        yield from (trial.run() for trial in trials)
        return
    try:
        from joblib import Parallel, delayed  # type: ignore[import-untyped]
    except ImportError as error:
        msg = (
            f"n_jobs is {n_jobs}, and more than one needs joblib: pip install joblib, or leave n_jobs=1. "
            f"| n_jobs 为 {n_jobs}，并行运行需安装 joblib：pip install joblib，或保持 n_jobs=1。"
        )
        raise ConfigError(msg) from error
    yield from Parallel(n_jobs=n_jobs, return_as="generator")(delayed(Trial.run)(trial) for trial in trials)


def _outcome(result: Result) -> dict[str, object]:
    return {
        "termination": str(result.termination),
        "objective": result.objective,
        "bound": result.bound,
        "gap": result.gap,
        "pairs": 0 if result.plan is None else len(result.plan),
        "runtime": result.runtime,
    }


def _labelled(instances: Instances, seeds: list[int]) -> Iterator[tuple[str, Instance, list[int]]]:
    """Each instance with a name of its own and the seeds to run on it."""
    if isinstance(instances, Mapping):
        given = [(str(name), instance, seeds) for name, instance in instances.items()]
    elif callable(instances):
        given = [(f"seed {seed}", instances(seed), [seed]) for seed in seeds]
    else:
        names = [instance.name for instance in instances]
        own = len(set(names)) == len(names)
        given = [
            (name if own else f"{name} {k}", instance, seeds) for k, (name, instance) in enumerate(zip(names, instances, strict=True), 1)
        ]
    if not given:
        msg = "There is no instance to compare on; give at least one, better a dozen. | 没有可供比较的实例，请至少给出一个，最好十来个。"
        raise ConfigError(msg)
    yield from given


def _policies(policies: Sequence[Policy | str]) -> list[Policy]:
    recipes = [named(policy) if isinstance(policy, str) else policy for policy in policies]
    names = [policy.name for policy in recipes]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or not names:
        fact = f"These policies share a name: {', '.join(twice)}." if twice else "There is no policy to compare."
        fact_zh = f"以下方案策略重名：{'、'.join(twice)}。" if twice else "没有可供比较的方案策略。"
        msg = (
            f"{fact} Give each policy once, with a name of its own: dataclasses.replace(policy, name=...). "
            f"| {fact_zh}每个方案策略只给一次，并各自命名：dataclasses.replace(policy, name=...)。"
        )
        raise ConfigError(msg)
    return recipes


def _seeds(seeds: Iterable[int]) -> list[int]:
    listed = [int(seed) for seed in seeds]
    if not listed or len(set(listed)) < len(listed):
        msg = f"seeds is {listed}; expected at least one whole number, each once. | seeds 为 {listed}，应至少有一个整数，且互不相同。"
        raise ConfigError(msg)
    return listed


def _metrics(own: Mapping[str, Metric] | Sequence[Metric] | None) -> dict[str, Metric]:
    """The standard metrics, and the user's own by name."""
    given = [] if own is None else list(own.items()) if isinstance(own, Mapping) else [(_called(metric), metric) for metric in own]
    names = [name for name, _ in given]
    wrong = [repr(metric) for _, metric in given if not callable(metric)]
    if wrong:
        msg = (
            f"These metrics cannot be called: {', '.join(wrong)}. Give functions of an instance and an assignment. "
            f"| 以下指标不是函数：{'、'.join(wrong)}，请给出以实例和结对方案为参数的函数。"
        )
        raise ConfigError(msg)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = (
            f"These metrics share a name: {', '.join(twice)}. Give them in a mapping, with names of their own. "
            f"| 以下指标重名：{'、'.join(twice)}，请用字典给出并各自命名。"
        )
        raise ConfigError(msg)
    return {_called(metric): metric for metric in STANDARD} | dict(given)


def _called(metric: Metric) -> str:
    return str(getattr(metric, "__name__", type(metric).__name__))
