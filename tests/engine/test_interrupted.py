"""Ctrl-C ends a search with the best plan so far, or as always where there is none yet."""

from __future__ import annotations

import pytest

import matchmaker as mm
from matchmaker.engine import column_generation
from matchmaker.program import Round


def city() -> dict[str, object]:
    left, right, capacity = mm.datasets.random_city(400, 700, seed=3)
    return {"affinity": mm.Factors(left, right), "capacity": capacity}


def test_the_best_plan_so_far_is_kept_with_its_bound() -> None:
    best = mm.assign(**city()).objective

    def interrupt(done: Round) -> None:
        if done.objective > 0:
            raise KeyboardInterrupt

    result = mm.assign(**city(), progress=interrupt)
    assert result.stopped.startswith("Interrupted: this is the best plan so far. | 已中断")
    assert len(result.enterprises) == 700
    assert 0.9 * best < result.objective <= best + 1e-9 <= result.bound + 1e-6
    assert result.gap == pytest.approx((result.bound - result.objective) / result.objective, abs=1e-12)


def test_without_a_plan_it_is_what_it_always_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(column_generation, "settle", interrupted)
    with pytest.raises(KeyboardInterrupt):
        mm.assign(**city())
