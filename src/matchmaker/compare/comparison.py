"""What a comparison holds: every value in one tidy table, and the paired differences in it."""

from __future__ import annotations

import html
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.compare.intervals import holm, mean_interval, sign_flip
from matchmaker.errors import ConfigError, did_you_mean

COLUMNS = ["instance", "policy", "seed", "metric", "value"]
LEFT_OUT = ("{} instances left out: no plan, or the metric is not defined", "略去 {} 个实例：无方案或指标无定义")


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """Every policy on every instance and seed.

    Parameters
    ----------
    frame
        Tidy: one row a value, columns instance, policy, seed, metric, value; NaN where there is no plan or the metric is not defined.
    runs
        One row a solve: instance, policy, seed, termination, objective, bound, gap, pairs, runtime (seconds).
    baseline
        The policy that others are compared with.
    confidence
        Of the intervals.
    """

    frame: pd.DataFrame = field(repr=False)
    runs: pd.DataFrame = field(repr=False)
    baseline: str
    confidence: float = 0.95

    @property
    def policies(self) -> list[str]:
        """Their names, in the order given."""
        return list(dict.fromkeys(self.frame["policy"]))

    @property
    def metrics(self) -> list[str]:
        """Their names, in the order given."""
        return list(dict.fromkeys(self.frame["metric"]))

    def by_instance(self) -> pd.DataFrame:
        """One value per instance, metric and policy: the mean over its seeds.

        Seeds of one instance are draws of one policy, not further instances, so they are averaged before anything is compared:
        counting each would make intervals too narrow. NaN when any seed has no value.

        Returns
        -------
        DataFrame
            Index (metric, instance), one column a policy, all in the order given.
        """
        mean = self.frame.groupby(["metric", "instance", "policy"])["value"].agg(lambda values: values.mean(skipna=False))
        rows = pd.MultiIndex.from_product([self.metrics, list(dict.fromkeys(self.frame["instance"]))], names=["metric", "instance"])
        return mean.unstack("policy").reindex(index=rows, columns=self.policies)

    def summary(self) -> pd.DataFrame:
        """Mean over instances of each metric under each policy: index metric, one column a policy."""
        table = self.by_instance().groupby(level="metric", sort=False).mean()
        table.columns.name = None
        return table

    def differences(self, baseline: str | None = None, *, confidence: float | None = None, seed: int = 0) -> pd.DataFrame:
        """Policy minus baseline, paired by instance, with intervals over instances.

        Parameters
        ----------
        baseline
            The policy to compare with; by default the comparison's own.
        confidence
            Of each interval by itself; by default the comparison's own.
        seed
            Of the resamples.

        Returns
        -------
        DataFrame
            One row a metric and policy: metric, policy, baseline, n (instances in the pairing), mean, low, high, p (two-sided, by
            random signs), p_holm (adjusted for every row of this table: the intervals are not), method (of the interval), note,
            note_zh.

        Raises
        ------
        ConfigError
            When no policy has that name, or `confidence` is not between 0 and 1.
        """
        against = checked_name(self.baseline if baseline is None else baseline, self.policies)
        level = self.confidence if confidence is None else confidence
        rows = [
            self._difference(metric, policy, values[policy], values[against], level, seed)
            for metric, values in self.by_instance().groupby(level="metric", sort=False)
            for policy in self.policies
            if policy != against
        ]
        columns = ["metric", "policy", "n", "mean", "low", "high", "p", "method", "note", "note_zh"]
        table = pd.DataFrame(rows, columns=columns)
        table.insert(2, "baseline", against)
        table.insert(8, "p_holm", holm(table["p"].to_numpy(dtype=np.float64)))
        return table

    @staticmethod
    def _difference(
        metric: object, policy: str, ours: pd.Series[float], theirs: pd.Series[float], confidence: float, seed: int
    ) -> dict[str, object]:
        apart: NDArray[np.float64] = np.asarray(ours - theirs, dtype=np.float64)
        known = apart[~np.isnan(apart)]
        interval = mean_interval(known, confidence=confidence, seed=seed)
        left_out = [text.format(len(apart) - len(known)) if len(known) < len(apart) else "" for text in LEFT_OUT]
        notes = [sign.join(filter(None, pair)) for sign, *pair in zip(("; ", "；"), interval.note, left_out, strict=True)]
        return {
            "metric": metric,
            "policy": policy,
            "n": interval.n,
            "mean": interval.mean,
            "low": interval.low,
            "high": interval.high,
            "p": sign_flip(known, seed=seed),
            "method": interval.method,
            "note": notes[0],
            "note_zh": notes[1],
        }

    def _repr_html_(self) -> str:
        """A notebook's view: means, then paired differences with their intervals."""
        instances = self.frame["instance"].nunique()
        caption = (
            f"<p>Means over {instances} instances, then differences from <b>{html.escape(self.baseline)}</b> paired by instance, "
            f"with {self.confidence:.0%} intervals. "
            f"{instances} 个实例的均值，以及与基准策略按实例配对的差值和 {self.confidence:.0%} 区间。</p>"
        )
        means = self.summary().to_html(float_format="{:.4g}".format, na_rep="–")
        apart = self.differences().to_html(index=False, float_format="{:.3g}".format, na_rep="–")
        return caption + means + apart


def checked_name(name: str, known: list[str]) -> str:
    """The name, when it is one of the policies'.

    Raises
    ------
    ConfigError
        When it is not.
    """
    if name not in known:
        msg = (
            f"No policy here is called {name!r}; there are {', '.join(known)}.{did_you_mean(name, known)} "
            f"| 这里没有方案策略 {name!r}，可用：{'、'.join(known)}。"
        )
        raise ConfigError(msg)
    return name
