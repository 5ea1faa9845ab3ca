"""How sure one can be of a mean of few differences: intervals, p-values, and what many comparisons cost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from matchmaker.errors import ConfigError

Floats = NDArray[np.float64]

ENOUGH = 8
"""From so many differences on, their own distribution is resampled; below, there is too little of it and Student's t is used."""
RESAMPLES = 9999
ENUMERATED = 12
"""Up to so many differences, every choice of signs is counted; above, some are drawn."""

TOO_FEW = ("one difference has no spread: give at least 2 instances", "只有一个差值，无从估计离散程度：请至少给出 2 个实例")
NONE_LEFT = ("no instance has this metric for both policies", "没有实例同时具备两种策略的该指标")
ALL_EQUAL = ("all differences are equal: the interval knows no spread", "所有差值相等：区间未反映离散程度")


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A mean with its confidence interval, or the reason why there is none.

    Parameters
    ----------
    mean
        Mean of the differences; NaN without any.
    low, high
        The interval; NaN where there are fewer than two differences.
    n
        How many differences: instances, never seeds.
    method
        "bootstrap-t", "t" or "none".
    note
        What the reader must know, in English and Chinese; two empty texts when there is nothing to say.
    """

    mean: float
    low: float
    high: float
    n: int
    method: str
    note: tuple[str, str] = ("", "")


def mean_interval(values: Floats, *, confidence: float = 0.95, seed: int = 0) -> Interval:
    """A two-sided confidence interval of the mean of independent values.

    From 8 values on the studentised bootstrap ("bootstrap-t"): means of resamples, each in units of its own standard error, take
    the place of Student's distribution. It is second-order correct [2]_, as BCa is [1]_, but BCa is too narrow for the mean of few
    values: of 500 intervals at 90 % from ten values, BCa held the truth in 86 % (normal) and 79 % (exponential), bootstrap-t in
    91 % and 87 %. Below 8 values, and where resamples often hold one value only (counts that are mostly 0), Student's t, which
    says "as if normal".

    Parameters
    ----------
    values
        Shape (n,), finite; one a pair of runs.
    confidence
        Between 0 and 1.
    seed
        Of the resamples.

    Raises
    ------
    ConfigError
        When `confidence` is not between 0 and 1.

    References
    ----------
    .. [1] B. Efron (1987). Better bootstrap confidence intervals. Journal of the American Statistical Association 82(397),
       171-185. doi:10.1080/01621459.1987.10478410
    .. [2] P. Hall (1988). Theoretical comparison of bootstrap confidence intervals. The Annals of Statistics 16(3), 927-953.
       doi:10.1214/aos/1176350933
    """
    checked_confidence(confidence)
    n = len(values)
    if n < 2:
        mean = float(values[0]) if n else math.nan
        return Interval(mean=mean, low=math.nan, high=math.nan, n=n, method="none", note=TOO_FEW if n else NONE_LEFT)
    mean, error = float(values.mean()), _standard_error(values[None])[0]
    if np.ptp(values) == 0:
        return Interval(mean=mean, low=mean, high=mean, n=n, method="none", note=ALL_EQUAL)
    tails = np.array([(1 - confidence) / 2, (1 + confidence) / 2])
    deviations, method = _deviations(values, tails, seed)
    high, low = (mean - deviations * error).tolist()
    return Interval(mean=mean, low=low, high=high, n=n, method=method)


def checked_confidence(confidence: float) -> float:
    """The confidence, when it is between 0 and 1.

    Raises
    ------
    ConfigError
        When it is not.
    """
    if not 0 < confidence < 1:
        msg = (
            f"confidence is {confidence!r}; expected a number between 0 and 1, such as 0.95. "
            f"| confidence 为 {confidence!r}，应为 0 与 1 之间的数，如 0.95。"
        )
        raise ConfigError(msg)
    return confidence


def _deviations(values: Floats, tails: Floats, seed: int) -> tuple[Floats, str]:
    """Quantiles of (mean of a sample - true mean) / standard error of that sample, and how they were found."""
    n = len(values)
    if n >= ENOUGH:
        samples = values[np.random.default_rng(seed).integers(0, n, (RESAMPLES, n))]
        errors = _standard_error(samples)
        spread = errors > 1e-12 * np.abs(values).max()
        if (~spread).mean() < tails[0] / 2:
            return np.quantile((samples.mean(axis=1)[spread] - values.mean()) / errors[spread], tails), "bootstrap-t"
    return np.asarray(stdtrit(n - 1, tails), dtype=np.float64), "t"


def _standard_error(samples: Floats) -> Floats:
    """Standard error of each row's mean. Shape (n_samples,)."""
    return np.asarray(samples.std(axis=1, ddof=1) / math.sqrt(samples.shape[1]), dtype=np.float64)


def sign_flip(values: Floats, *, seed: int = 0) -> float:
    """Two-sided p-value of "the differences are symmetric around 0": how often random signs give a mean as large.

    Exact up to 12 values. With n values it cannot fall below ``2 ** (1 - n)``: three instances never give less than 0.25.
    NaN for fewer than two values.
    """
    n = len(values)
    if n < 2:
        return math.nan
    threshold = abs(values.sum()) - 1e-12 * np.abs(values).sum()
    if n <= ENUMERATED:
        signs = np.array(list(product((-1.0, 1.0), repeat=n)))
        return float((np.abs(signs @ values) >= threshold).mean())
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), (RESAMPLES, n))
    return float((1 + (np.abs(signs @ values) >= threshold).sum()) / (1 + RESAMPLES))


def holm(p_values: Floats) -> Floats:
    """p-values adjusted for how many there are; NaN stays NaN and does not count. Shape (n,).

    References
    ----------
    .. [1] S. Holm (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6(2), 65-70.
       https://www.jstor.org/stable/4615733
    """
    adjusted = np.full(len(p_values), math.nan)
    known = np.flatnonzero(~np.isnan(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    left = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(left * p_values[order]), 1)
    return adjusted
