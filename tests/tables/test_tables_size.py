"""A city of 2023's size is read and written in seconds."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pace import seconds

from matchmaker.tables import Tables, builtin_needs, load, write

DISTRICTS = np.array(["上城", "拱墅", "西湖", "滨江", "萧山", "余杭", "临平", "钱塘", "富阳", "临安", "桐庐", "淳安", "建德"], dtype=object)
OFFICERS, ENTERPRISES, REQUESTS, VISITS = 4407, 8226, 7869, 41_250


@pytest.fixture(scope="module")
def city() -> Tables:
    random = np.random.default_rng(0)
    needs = builtin_needs()["need"].to_numpy(dtype=object)
    officer, enterprise, request = (
        np.array([f"{letter}{k:05}" for k in range(size)], dtype=object)
        for letter, size in (("O", OFFICERS), ("E", ENTERPRISES), ("R", REQUESTS))
    )
    days = pd.Timestamp("2023-04-01") + pd.to_timedelta(random.integers(0, 120, VISITS), "D")
    return Tables.from_frames(
        officers=pd.DataFrame(
            {
                "officer_id": officer,
                "name": [f"干部{k}" for k in range(OFFICERS)],
                "department": [f"部门{k % 26}" for k in range(OFFICERS)],
                "tier": random.choice(["city", "county", "township"], OFFICERS),
                "district": random.choice(DISTRICTS, OFFICERS),
                "town": [f"{k % 15}镇" for k in range(OFFICERS)],
                "capacity": random.integers(1, 4, OFFICERS),
            }
        ),
        enterprises=pd.DataFrame(
            {
                "enterprise_id": enterprise,
                "name": [f"某某{k}有限公司" for k in range(ENTERPRISES)],
                "district": random.choice(DISTRICTS, ENTERPRISES),
                "town": [f"{k % 15}镇" for k in range(ENTERPRISES)],
                "scope": ["各类零部件的生产与销售;" * 12 + str(k) for k in range(ENTERPRISES)],
                "capital": random.random(ENTERPRISES) * 1e4,
                "registered_on": days[:ENTERPRISES],
            }
        ),
        requests=pd.DataFrame(
            {
                "request_id": request,
                "enterprise_id": random.choice(enterprise, REQUESTS),
                "need": random.choice(needs, REQUESTS),
                "text": [f"希望协调解决问题{k}" for k in range(REQUESTS)],
            }
        ),
        outcomes=pd.DataFrame(
            {"request_id": request, "officer_id": random.choice(officer, REQUESTS), "resolved": random.random(REQUESTS) < 0.9}
        ),
        visits=pd.DataFrame(
            {"officer_id": random.choice(officer, VISITS), "enterprise_id": random.choice(enterprise, VISITS), "visited_on": days}
        ),
    )


@pytest.mark.alone
@pytest.mark.parametrize(("format", "name", "writing", "reading"), [("csv", "city", 2, 2), ("xlsx", "city.xlsx", 8, 4)])
def test_full_size(city: Tables, tmp_path: Path, format: Any, name: str, writing: float, reading: float) -> None:  # noqa: A002
    begin = time.process_time()
    path = write(city, tmp_path / name, format=format)
    written = time.process_time()
    again = load(path)
    read = time.process_time()
    assert again.equals(city)
    assert written - begin < seconds(writing)
    assert read - written < seconds(reading)
