"""Pins that cannot hold together are an answer with names in it, by any policy, not an error about a broken plan."""

from __future__ import annotations

import numpy as np
import pytest

import matchmaker as mm
from matchmaker.policies import at_random, greedy, optimal


@pytest.mark.parametrize("recipe", [optimal, greedy, at_random])
def test_more_pins_than_places_are_diagnosed(recipe):
    instance = mm.assign(np.ones((2, 3)), capacity=1, demand=(0, 1)).instance
    for enterprise in (0, 1):
        instance = instance.pin(0, enterprise, actor="office", reason="asked for")
    result = mm.solve(instance, recipe())
    assert result.termination == "INFEASIBLE"
    assert result.diagnosis.side == "pins"
    assert "officer 0" in result.diagnosis.text("en")


@pytest.mark.parametrize("recipe", [greedy, at_random])
def test_a_pin_that_is_vetoed_is_diagnosed(recipe):
    instance = mm.assign(np.ones((2, 2)), capacity=2).instance
    instance = instance.pin(1, 0, actor="office", reason="asked for").veto(1, 0, actor="firm", reason="declined")
    result = mm.solve(instance, recipe())
    assert result.termination == "INFEASIBLE"
    assert "forbidden" in result.diagnosis.text("en")


@pytest.mark.parametrize("recipe", [greedy, at_random])
def test_pins_that_fit_are_kept(recipe):
    instance = mm.assign(np.eye(3), capacity=1).instance.pin(0, 1, actor="office", reason="asked for")
    assert (0, 1) in mm.solve(instance, recipe()).assignment.pairs
