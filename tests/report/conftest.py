"""One small city, made by hand, with names that try to be markup and formulas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from matchmaker.affinity import Dense, Factors
from matchmaker.diagnosis import Diagnosis
from matchmaker.instance import Instance, Notes
from matchmaker.metrics import expected_resolved
from matchmaker.profiles import Need
from matchmaker.program import Prices
from matchmaker.report.page import render
from matchmaker.result import Result, Round, Termination

MARKUP = "<script>alert('x')</script>"
FORMULA = '=HYPERLINK("http://example.invalid","x")'
NEEDS = (
    Need(code="finance", zh="金融", en="finance", keywords=()),
    Need(code="talent", zh="人才招引", en="talent", keywords=()),
    Need(code="land", zh="用地", en="land", keywords=()),
)
DISTRICTS = ("上城", "西湖", "萧山")


def notes(*rows: tuple[int, int, str, str]) -> Notes:
    officers, enterprises, actors, reasons = zip(*rows, strict=True)
    return Notes(
        officers=np.array(officers, np.int64),
        enterprises=np.array(enterprises, np.int64),
        actor=np.array(actors, object),
        reason=np.array(reasons, object),
    )


@pytest.fixture
def markup() -> str:
    """A name that is markup."""
    return MARKUP


@pytest.fixture
def formula() -> str:
    """A name that is a formula."""
    return FORMULA


@pytest.fixture(scope="session")
def city() -> Instance:
    """8 officers, 12 enterprises, 3 districts, 3 needs; everybody serves up to 2, every enterprise asks for 1."""
    rng = np.random.default_rng(7)
    n, m = 8, 12
    competence, need = rng.uniform(0.2, 0.9, (n, 3)), rng.gamma(1.0, 0.8, (m, 3))
    need[11] = 0.0
    officers = pd.DataFrame(
        {
            "name": [f"干部甲{i}" for i in range(n)],
            "department": ["经信局", "规划局"] * 4,
            "tier": ["city", "county", "county", "township"] * 2,
            "district": ["", *DISTRICTS, "", *DISTRICTS],
            "town": ["", "", "", "闻堰", "", "", "", "闻堰"],
        }
    )
    enterprises = pd.DataFrame(
        {
            "name": [f"企业乙{j}" for j in range(m)],
            "district": [DISTRICTS[j % 3] for j in range(m)],
            "town": ["", "", "闻堰"] * 4,
            "industry": ["软件"] * m,
        }
    )
    officers.loc[0, "name"], enterprises.loc[0, "name"], enterprises.loc[1, "name"] = MARKUP, MARKUP, FORMULA
    instance = Instance(
        officer_ids=np.array([f"O{i}" for i in range(n)], object),
        enterprise_ids=np.array([f"E{j:02d}" for j in range(m)], object),
        affinity=Factors(competence, need),
        capacity_low=np.zeros(n, np.int64),
        capacity_high=np.full(n, 2),
        demand_low=np.ones(m, np.int64),
        demand_high=np.full(m, 2),
        needs=NEEDS,
        competence=competence,
        need=need,
        officers=officers,
        enterprises=enterprises,
        pins=notes((0, 1, FORMULA, "企业点名")),
        vetoes=notes((2, 4, MARKUP, "刚轮换")),
        recusals=notes((3, 5, "纪检组", "亲属任职"), (4, 9, "本人", "曾任职")),
    )
    return instance.replace(previous=instance.assignment([0, 0, 1, 2, 5], [0, 1, 2, 7, 3]))


@pytest.fixture(scope="session")
def result(city: Instance) -> Result:
    """Everyone but E10 has an officer; E11 needs nothing."""
    plan = city.assignment([0, 0, 1, 1, 2, 3, 4, 5, 6, 6, 7, 7], [0, 1, 2, 3, 7, 8, 4, 5, 6, 9, 11, 0])
    value = expected_resolved(city, plan)
    return Result(
        instance=city,
        policy="demand leads",
        termination=Termination.FEASIBLE,
        objective=value,
        bound=value * 1.02,
        prices=Prices(np.linspace(0, 0.7, 8), np.linspace(-0.1, 1.0, 12)),
        terms={"expected_resolved": value - 0.2, "continuity": 0.2},
        runtime=1.5,
        rounds=(Round(40, value * 0.9, value * 1.2, 0.1), Round(52, value, value * 1.02, 0.3)),
        plan=plan,
    )


@pytest.fixture(scope="session")
def bare() -> Result:
    """A plan made from a matrix alone: no names, no needs, no places."""
    matrix = np.array([[0.5, 0.25, 0.0], [0.1, 0.2, 0.3]])
    instance = Instance(
        officer_ids=np.array(["0", "1"], object),
        enterprise_ids=np.array(["0", "1", "2"], object),
        affinity=Dense(matrix),
        capacity_low=np.zeros(2, np.int64),
        capacity_high=np.full(2, 2),
        demand_low=np.ones(3, np.int64),
        demand_high=np.ones(3, np.int64),
    )
    return Result(
        instance=instance,
        policy="assign",
        termination=Termination.OPTIMAL,
        objective=1.05,
        bound=1.05,
        plan=instance.assignment([0, 0, 1], [0, 1, 2]),
    )


@pytest.fixture(scope="session")
def infeasible(city: Instance) -> Result:
    """Two officers for five places."""
    enterprises, officers = np.array([0, 1, 2]), np.array([0])
    return Result(
        instance=city,
        policy="demand leads",
        termination=Termination.INFEASIBLE,
        objective=float("nan"),
        bound=float("inf"),
        diagnosis=Diagnosis(
            side="demand",
            officers=officers,
            enterprises=enterprises,
            officer_ids=city.officer_ids[officers],
            enterprise_ids=city.enterprise_ids[enterprises],
            asked=3,
            available=2,
        ),
    )


@pytest.fixture(scope="session")
def page(result: Result) -> str:
    """The page of the small city."""
    return render(result)
