"""As many as possible served; demand left unmet at a price."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchmaker.affinity import Factors
from matchmaker.assignment import Assignment
from matchmaker.instance import Instance
from matchmaker.objectives.weight import checked_weight
from matchmaker.program import Program
from matchmaker.siderows import SideRows

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Served:
    """Each place that an enterprise asks for and gets is worth `weight`.

    ``weight * sum_j min(wanted_j, sum_i x_ij)``, where ``wanted_j`` is the least that enterprise j asks for, and 1 where that is 0. To
    serve as many as possible first, let demand be short and put this in the first rank: ``Demand(least=0)`` and
    ``objectives=[Served(), then(ExpectedResolved())]``.

    Parameters
    ----------
    weight
        At least 0.

    Raises
    ------
    ConfigError
        When the weight is negative or not finite.
    """

    weight: float = 1.0

    def __post_init__(self) -> None:
        checked_weight(self.weight, "Served")

    def price(self, program: Program, instance: Instance) -> None:
        """Each place is worth as much, up to what is wanted."""
        _price_places(program, self.weight, _wanted(instance))

    def value(self, instance: Instance, assignment: Assignment) -> float:
        """Places that are served, times the weight."""
        return self.weight * float(np.minimum(assignment.served(), _wanted(instance)).sum())


@dataclass(frozen=True)
class Unmet:
    """Each place that an enterprise asks for and does not get costs `price`.

    ``-price * sum_j max(0, least_j - sum_i x_ij)``, with the least that enterprise j asks for. Use it with ``Demand(least=0)``.

    Parameters
    ----------
    price
        In affinity's unit, at least 0.

    Raises
    ------
    ConfigError
        When the price is negative or not finite.
    """

    price_each: float = 1.0

    def __post_init__(self) -> None:
        checked_weight(self.price_each, "Unmet")

    def price(self, program: Program, instance: Instance) -> None:
        """Each place is worth its price, up to what is asked for; all of them are taken off to begin with."""
        _price_places(program, self.price_each, instance.demand_low)
        program.constant -= self.price_each * float(instance.demand_low.sum())

    def value(self, instance: Instance, assignment: Assignment) -> float:
        """What is unmet costs, as a negative number."""
        return -self.price_each * float(np.maximum(instance.demand_low - assignment.served(), 0).sum())


def _wanted(instance: Instance) -> Ints:
    return np.where(instance.demand_high > 0, np.maximum(instance.demand_low, 1), 0)


def _price_places(program: Program, weight: float, wanted: Ints) -> None:
    """The first places of each enterprise, up to what is wanted, are worth `weight` each; what every plan fills is a constant."""
    n, m = program.shape
    sure = program.enterprise_low >= wanted
    program.constant += weight * float(wanted[sure].sum())
    wanted = np.where(sure, 0, wanted)
    plain = (np.minimum(program.enterprise_high, n) <= wanted) & (wanted > 0)
    if plain.any():
        program.add(Factors(np.ones((n, 1)), plain[:, None].astype(np.float64)), weight)
    counted = np.flatnonzero(~plain & (wanted > 0))
    if not len(counted):
        return
    places = program.add_variables(np.zeros(len(counted)), wanted[counted], weight)
    row = np.full(m, -1, dtype=np.int64)
    row[counted] = np.arange(len(counted))
    program.add_rows(
        SideRows(
            rule="served",
            shape=(n, m),
            low=np.zeros(len(counted)),
            high=np.full(len(counted), np.inf),
            officer_class=np.zeros(n, np.int64),
            enterprise_class=row,
            row=np.arange(len(counted))[None, :],
            variables=places,
            variable_rows=np.arange(len(counted)),
            variable_values=-np.ones(len(counted)),
        )
    )
