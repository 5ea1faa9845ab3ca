"""At full size, once: the published optimum of the shared city, and a diagnosis."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import matchmaker as mm

CITY = Path(__file__).parents[2] / ".." / "shared" / "data" / "city.py"


@pytest.fixture(scope="module")
def city():
    if not CITY.exists():
        pytest.skip("the shared city is not at ../shared/data/city.py")
    spec = importlib.util.spec_from_file_location("shared_city", CITY)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.city()


def test_the_published_optimum_of_4407_by_8226(city):
    left, right, capacity = city
    result = mm.assign(mm.Factors(left, right), capacity=capacity, demand=1)
    assert result.termination == "OPTIMAL"
    assert result.objective == pytest.approx(8369.2079, abs=1e-4)
    assert result.gap <= 1e-9
    assert len(result.officers) == 8226


def test_a_city_of_identical_officers_is_not_a_million_ties(city):
    _, right, capacity = city
    result = mm.assign(mm.Factors(np.full((4407, right.shape[1]), 0.5), right), capacity=capacity, demand=1)
    assert result.termination == "OPTIMAL"
    assert result.rounds[-1].pairs < 100_000


def test_too_few_places_are_diagnosed_at_once(city):
    left, right, _ = city
    result = mm.assign(mm.Factors(left, right), capacity=1, demand=1)
    assert result.termination == "INFEASIBLE"
    assert (result.diagnosis.asked, result.diagnosis.available) == (8226, 4407)
