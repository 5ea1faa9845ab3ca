"""Small tables to read: two officers, two enterprises and what they said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

Frames = dict[str, pd.DataFrame]
Writer = Callable[..., Path]

OFFICERS = "干部编号,姓名,部门,层级,区县,乡镇街道,可服务企业数\n001,甲,经信局,市,,,3\n002,乙,规划局,县,西湖区,,2\n"
ENTERPRISES = "企业编号,企业名称,区县\nE1,某某公司,西湖区\nE2,另一公司,\n"


@pytest.fixture
def frames() -> Frames:
    """Officers and enterprises, as frames."""
    return {
        "officers": pd.DataFrame(
            {
                "officer_id": ["001", "002"],
                "department": ["经信局", "规划局"],
                "tier": ["city", "county"],
                "district": ["", "西湖"],
                "capacity": [3, 2],
            }
        ),
        "enterprises": pd.DataFrame({"enterprise_id": ["E1", "E2"], "district": ["西湖", ""]}),
    }


@pytest.fixture
def folder(tmp_path: Path) -> Writer:
    """Write a folder of CSV files: officers and enterprises, and whatever else is given by file name (bytes as they are)."""

    def make(**files: str | bytes | None) -> Path:
        for name, content in {"干部": OFFICERS, "企业": ENTERPRISES, **files}.items():
            if content is not None:
                data = content if isinstance(content, bytes) else content.encode("utf-8")
                (tmp_path / (name if "." in name else f"{name}.csv")).write_bytes(data)
        return tmp_path

    return make
