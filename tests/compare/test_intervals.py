"""Intervals say what they promise: coverage by simulation, and honesty where there is too little to go by."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from matchmaker.compare import intervals
from matchmaker.compare.intervals import holm, mean_interval, sign_flip
from matchmaker.errors import ConfigError

RUNS = 400


@pytest.mark.parametrize(
    ("n", "shape", "method"),
    [(4, "normal", "t"), (12, "normal", "bootstrap-t"), (25, "normal", "bootstrap-t"), (20, "skewed", "bootstrap-t")],
)
def test_nine_intervals_of_ten_hold_the_truth(monkeypatch: pytest.MonkeyPatch, n: int, shape: str, method: str) -> None:
    monkeypatch.setattr(intervals, "RESAMPLES", 999)
    draw = np.random.default_rng(2024)
    samples = draw.normal(3, 2, (RUNS, n)) if shape == "normal" else draw.exponential(3, (RUNS, n))
    found = [mean_interval(values, confidence=0.9, seed=k) for k, values in enumerate(samples)]
    assert {interval.method for interval in found} == {method}
    covered = np.mean([interval.low <= 3 <= interval.high for interval in found])
    assert 0.85 <= covered <= 0.95


def test_an_interval_that_is_too_narrow_would_be_caught() -> None:
    """The check above can fail: 70 % intervals do not pass for 90 % ones."""
    samples = np.random.default_rng(2024).normal(3, 2, (RUNS, 4))
    covered = np.mean([(i := mean_interval(values, confidence=0.7)).low <= 3 <= i.high for values in samples])
    assert covered < 0.85


@pytest.mark.parametrize(("values", "note"), [([], "no instance has this metric"), ([2.0], "give at least 2 instances")])
def test_without_two_differences_there_is_no_interval_and_a_reason(values: list[float], note: str) -> None:
    interval = mean_interval(np.array(values))
    assert math.isnan(interval.low)
    assert math.isnan(interval.high)
    assert interval.n == len(values)
    assert note in interval.note[0]
    assert interval.note[1]


def test_equal_differences_are_said_to_be_equal() -> None:
    interval = mean_interval(np.full(5, 0.5))
    assert (interval.low, interval.mean, interval.high) == (0.5, 0.5, 0.5)
    assert "knows no spread" in interval.note[0]


def test_counts_that_are_mostly_zero_fall_back_to_t() -> None:
    interval = mean_interval(np.array([0.0] * 9 + [1.0]))
    assert interval.method == "t"
    assert math.isfinite(interval.low)
    assert math.isfinite(interval.high)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-100, 100), min_size=2, max_size=15), st.floats(-50, 50))
def test_an_interval_holds_its_mean_and_moves_with_the_values(values: list[float], shift: float) -> None:
    array: NDArray[np.float64] = np.round(np.array(values), 3)
    interval, moved = mean_interval(array, seed=1), mean_interval(array + round(shift, 3), seed=1)
    assert interval.low <= interval.mean + 1e-9
    assert interval.mean <= interval.high + 1e-9
    assert moved.mean == pytest.approx(interval.mean + round(shift, 3), abs=1e-6)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(0).normal(size=12)
    assert mean_interval(values, seed=3) == mean_interval(values, seed=3)
    assert mean_interval(values, seed=3) != mean_interval(values, seed=4)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95])
def test_confidence_is_a_share(confidence: float) -> None:
    with pytest.raises(ConfigError, match="between 0 and 1"):
        mean_interval(np.array([1.0, 2.0]), confidence=confidence)


def test_random_signs_by_hand() -> None:
    assert sign_flip(np.array([1.0, 2.0, 3.0])) == 0.25  # +++ and --- of eight
    assert sign_flip(np.array([1.0, 2.0, -3.0])) == 1.0
    assert sign_flip(np.zeros(4)) == 1.0
    assert math.isnan(sign_flip(np.array([1.0])))


def test_random_signs_reject_five_in_a_hundred_where_nothing_differs() -> None:
    samples = np.random.default_rng(5).normal(size=(RUNS, 10))
    assert 0.02 <= np.mean([sign_flip(values) <= 0.05 for values in samples]) <= 0.08


def test_drawn_signs_agree_with_counted_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(1).normal(0.4, 1, 12)
    exact = sign_flip(values)
    monkeypatch.setattr(intervals, "ENUMERATED", 0)
    assert sign_flip(values) == pytest.approx(exact, abs=0.02)


def test_holm_by_hand() -> None:
    adjusted = holm(np.array([0.01, 0.04, math.nan, 0.03]))
    assert adjusted[[0, 1, 3]].tolist() == pytest.approx([0.03, 0.06, 0.06])
    assert math.isnan(adjusted[2])
    assert holm(np.array([0.9, 0.8])).tolist() == [1.0, 1.0]
