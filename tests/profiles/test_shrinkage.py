"""Pooling finds the strengths that made the counts, and its likelihoods are those of scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import betabinom, dirichlet_multinomial, nbinom

from matchmaker.profiles.shrinkage import Ladder, Proportions, Rates, pool

ONE_STEP = (20.0,)


def binary(good: NDArray[np.int64], handled: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.stack([good, handled - good], axis=1).astype(np.float64)


def flat(size: int, *defaults: float) -> Ladder:
    """Leaves within one group within the prior."""
    return Ladder(parents=(np.zeros(1, np.int64), np.zeros(size, np.int64)), defaults=defaults)


def test_two_columns_are_the_beta_binomial() -> None:
    counts, mean = np.array([[3.0, 4.0], [0.0, 2.0]]), np.array([[0.3, 0.7], [0.6, 0.4]])
    ours = [Proportions().log_likelihood(counts, counts.sum(axis=1), mean, strength) for strength in (2.0, 50.0)]
    theirs = [sum(betabinom.logpmf(c[0], c.sum(), s * m[0], s * m[1]) for c, m in zip(counts, mean, strict=True)) for s in (2.0, 50.0)]
    assert ours[1] - ours[0] == pytest.approx(theirs[1] - theirs[0])


def test_more_columns_are_the_dirichlet_multinomial() -> None:
    counts, mean = np.array([[3.0, 4.0, 0.0]]), np.array([[0.2, 0.5, 0.3]])
    ours = [Proportions().log_likelihood(counts, counts.sum(axis=1), mean, s) for s in (2.0, 50.0)]
    theirs = [float(dirichlet_multinomial.logpmf(counts[0].astype(int), s * mean[0], np.array(7))) for s in (2.0, 50.0)]
    assert ours[1] - ours[0] == pytest.approx(theirs[1] - theirs[0])


def test_rates_are_the_negative_binomial() -> None:
    counts, exposure, mean = np.array([[3.0], [0.0]]), np.array([2.0, 1.5]), np.array([[1.2], [0.4]])
    ours = [Rates().log_likelihood(counts, exposure, mean, s) for s in (0.5, 8.0)]
    theirs = [
        sum(nbinom.logpmf(c, s * m, s / (s + e)) for c, e, m in zip(counts[:, 0], exposure, mean[:, 0], strict=True)) for s in (0.5, 8.0)
    ]
    assert ours[1] - ours[0] == pytest.approx(theirs[1] - theirs[0])


@pytest.mark.parametrize("strength", [2.0, 10.0, 60.0])
def test_the_strength_that_made_the_counts_is_found(strength: float) -> None:
    rng = np.random.default_rng(1)
    handled = rng.integers(2, 30, 3000)
    good = rng.binomial(handled, rng.beta(0.7 * strength, 0.3 * strength, 3000))
    found = pool(binary(good, handled), handled.astype(float), np.array([[0.5, 0.5]]), flat(3000, 20.0, 20.0), Proportions())
    assert strength / 1.6 < found.strengths[-1] < strength * 1.6
    assert found.groups[0][0, 0] == pytest.approx(0.7, abs=0.02)


@pytest.mark.parametrize("strength", [0.5, 4.0])
def test_the_strength_that_made_the_rates_is_found(strength: float) -> None:
    rng = np.random.default_rng(2)
    counts = rng.poisson(2.0 * rng.gamma(1.5 * strength, 1 / strength, 4000)).astype(float)
    found = pool(counts[:, None], np.full(4000, 2.0), np.array([[1.0]]), flat(4000, 30.0, 1.0), Rates())
    assert strength / 1.6 < found.strengths[-1] < strength * 1.6
    assert found.groups[0][0, 0] == pytest.approx(1.5, rel=0.05)


def test_groups_that_do_not_differ_are_pooled_whole() -> None:
    rng = np.random.default_rng(3)
    handled = rng.integers(2, 30, 2000)
    good = rng.binomial(handled, 0.6)
    found = pool(binary(good, handled), handled.astype(float), np.array([[0.5, 0.5]]), flat(2000, 20.0, 8.0), Proportions())
    assert found.strengths[-1] > 200
    assert found.means[:, 0].std() < 0.02


def test_without_any_record_the_prior_and_the_defaults_stand() -> None:
    found = pool(np.zeros((4, 2)), np.zeros(4), np.array([[0.8, 0.2]]), flat(4, 16.0, 4.0), Proportions())
    assert found.means[:, 0] == pytest.approx(0.8)
    assert found.strengths == pytest.approx((16.0, 4.0))


def test_one_busy_child_does_not_speak_for_its_group() -> None:
    handled = np.array([1000, 10, 10, 10, 10, 10])
    good = np.array([1000, 2, 2, 2, 2, 2])
    ladder = Ladder(parents=(np.zeros(1, np.int64), np.array([0] * 6)), defaults=(2.0, 2.0))
    found = pool(binary(good, handled), handled.astype(float), np.array([[0.5, 0.5]]), ladder, Proportions())
    assert found.groups[0][0, 0] < 0.6
    assert found.means[0, 0] > 0.95


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 2)), min_size=1, max_size=12), st.floats(0.05, 0.95))
def test_a_leaf_stands_between_its_own_rate_and_its_groups(cells: list[tuple[int, int, int]], prior: float) -> None:
    counts = np.array([(good, bad) for good, bad, _ in cells], dtype=np.float64)
    group = np.array([group for *_, group in cells], dtype=np.int64)
    ladder = Ladder(parents=(np.zeros(3, np.int64), group), defaults=(10.0, 5.0))
    weight = counts.sum(axis=1)
    found = pool(counts, weight, np.array([[prior, 1 - prior]]), ladder, Proportions())
    above = found.groups[0][group, 0]
    own = np.where(weight > 0, counts[:, 0] / np.maximum(weight, 1), above)
    assert np.allclose(found.means.sum(axis=1), 1)
    assert (found.means[:, 0] >= np.minimum(own, above) - 1e-12).all()
    assert (found.means[:, 0] <= np.maximum(own, above) + 1e-12).all()
