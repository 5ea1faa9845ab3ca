"""A made-up city whose true rates are known, for tests of what the profiles learn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from matchmaker.tables import Tables, builtin_needs

CODES = builtin_needs()["need"].to_numpy(dtype=object)
INDUSTRIES = ("纺织", "机械", "电子", "食品", "软件", "")
DISTRICTS = ("东区", "西区", "南县")


@dataclass(frozen=True)
class City:
    """Tables and the truth behind them: `ability` (n_officers, K) and `rate` (n_enterprises, K), by sorted id."""

    tables: Tables
    ability: NDArray[np.float64]
    rate: NDArray[np.float64]


def simulated_city(n: int, m: int, handled: int, *, seed: int = 0, departments: int = 26) -> City:
    """`n` officers, `m` enterprises, and `handled` requests each handled by an officer; resolved with the officer's true ability."""
    rng = np.random.default_rng(seed)
    officers, mandates = _officers(rng, n, departments)
    enterprises = _enterprises(rng, m)
    ability = _ability(rng, officers, mandates)
    rate = _rate(rng, enterprises, handled / m)
    requests = _requests(rng, rate, enterprises)
    outcomes = _outcomes(rng, requests, officers, ability)
    tables = Tables(officers=officers, enterprises=enterprises, requests=requests, outcomes=outcomes, departments=_departments(mandates))
    return City(tables, ability, rate)


def _officers(rng: np.random.Generator, n: int, departments: int) -> tuple[pd.DataFrame, list[tuple[str, ...]]]:
    mandates = [tuple(rng.choice(CODES, 2, replace=False)) for _ in range(departments)]
    department = rng.integers(0, departments, n)
    special = [(str(rng.choice(CODES)),) if lucky else () for lucky in rng.random(n) < 0.3]
    frame = pd.DataFrame(
        {
            "officer_id": [f"O{i:05d}" for i in range(n)],
            "name": "某干部",
            "department": [f"部门{d:02d}" for d in department],
            "tier": rng.choice(["city", "county", "township"], n, p=[0.1, 0.4, 0.5]),
            "district": rng.choice(DISTRICTS, n),
            "town": "",
            "capacity": rng.integers(1, 4, n),
            "min_load": 0,
            "specialities": special,
        }
    )
    return frame, mandates


def _departments(mandates: list[tuple[str, ...]]) -> pd.DataFrame:
    return pd.DataFrame({"department": [f"部门{d:02d}" for d in range(len(mandates))], "needs": mandates, "contact": ""})


def _enterprises(rng: np.random.Generator, m: int) -> pd.DataFrame:
    scopes = np.array(["服装制造、销售", "模具制造", "货运代理", "软件开发", ""], dtype=object)
    return pd.DataFrame(
        {
            "enterprise_id": [f"E{j:05d}" for j in range(m)],
            "name": "某企业",
            "district": rng.choice(DISTRICTS, m),
            "town": "",
            "industry": rng.choice(INDUSTRIES, m),
            "scope": rng.choice(scopes, m),
            "capital": np.where(rng.random(m) < 0.1, np.nan, rng.lognormal(5, 2, m)),
            "employees": np.where(rng.random(m) < 0.5, np.nan, rng.lognormal(4, 1, m)),
            "demand_low": 1,
            "demand_high": 1,
        }
    )


def _ability(rng: np.random.Generator, officers: pd.DataFrame, mandates: list[tuple[str, ...]]) -> NDArray[np.float64]:
    n, count = len(officers), len(CODES)
    department = officers["department"].str[2:].astype(int).to_numpy()
    odds = rng.normal(0.4, 0.5, count) + rng.normal(0, 0.9, (len(mandates), count))[department]
    for i, special in enumerate(officers["specialities"]):
        odds[i] += 0.8 * np.isin(CODES, mandates[department[i]]) + 1.2 * np.isin(CODES, special)
    return np.asarray(expit(odds + rng.normal(0, 0.5, (n, count))), dtype=np.float64)


def _rate(rng: np.random.Generator, enterprises: pd.DataFrame, mean: float) -> NDArray[np.float64]:
    place = pd.Index(INDUSTRIES).get_indexer(pd.Index(enterprises["industry"]))
    level = rng.gamma(4, 1 / 4, len(INDUSTRIES))[place] * rng.gamma(2, 1 / 2, len(enterprises))
    mix = rng.dirichlet(np.full(len(CODES), 0.7), len(INDUSTRIES))[place]
    return np.asarray(level[:, None] * mix * mean / level.mean(), dtype=np.float64)


def _requests(rng: np.random.Generator, rate: NDArray[np.float64], enterprises: pd.DataFrame) -> pd.DataFrame:
    counts = rng.poisson(rate)
    enterprise, need = np.repeat(np.argwhere(counts >= 0), counts.ravel(), axis=0).T
    size = len(enterprise)
    return pd.DataFrame(
        {
            "request_id": [f"R{r:06d}" for r in range(size)],
            "enterprise_id": enterprises["enterprise_id"].to_numpy()[enterprise],
            "need": CODES[need],
            "text": "",
            "urgency": rng.choice(["red", "yellow", "green"], size, p=[0.1, 0.3, 0.6]),
            "filed_on": pd.Timestamp("2023-04-01") + pd.to_timedelta(rng.integers(0, 90, size), unit="D"),
        }
    )


def _outcomes(rng: np.random.Generator, requests: pd.DataFrame, officers: pd.DataFrame, ability: NDArray[np.float64]) -> pd.DataFrame:
    officer = rng.integers(0, len(officers), len(requests))
    need = pd.Index(CODES).get_indexer(pd.Index(requests["need"]))
    return pd.DataFrame(
        {
            "request_id": requests["request_id"],
            "officer_id": officers["officer_id"].to_numpy()[officer],
            "enterprise_id": requests["enterprise_id"],
            "need": "",
            "resolved": rng.random(len(requests)) < ability[officer, need],
            "closed_on": requests["filed_on"] + pd.Timedelta(days=10),
        }
    )
