"""Six officers and nine enterprises: small enough to read, with a bit of everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from matchmaker.datasets.departments import MANDATES
from matchmaker.datasets.enterprises import NEEDS
from matchmaker.tables import Tables

if TYPE_CHECKING:
    from matchmaker.instance import Instance

OFFICERS = (
    ("G1", "甲文 Jia Wen", "经济和信息化局", "city", "", "", 2, ("supply_chain", "innovation")),
    ("G2", "乙宁 Yi Ning", "规划和自然资源局", "city", "", "", 2, ("land",)),
    ("G3", "丙安 Bing An", "人力资源和社会保障局", "county", "滨江区", "", 2, ("talent", "labour")),
    ("G4", "丁然 Ding Ran", "地方金融管理局", "county", "余杭区", "", 2, ("finance",)),
    ("G5", "戊禾 Wu He", "市场监督管理局", "township", "滨江区", "甲桥街道", 2, ("permits",)),
    ("G6", "己舟 Ji Zhou", "商务局", "township", "余杭区", "乙溪街道", 3, ("market",)),
)
ENTERPRISES = (
    (
        "E1",
        "示例晨川软件 Sample Dawn Software",
        "滨江区",
        "甲桥街道",
        "软件和信息技术服务业",
        "软件开发；信息系统集成服务",
        800.0,
        120.0,
        1,
        1,
    ),
    (
        "E2",
        "示例云帆电子 Sample Sail Electronics",
        "滨江区",
        "甲桥街道",
        "计算机、通信和其他电子设备制造业",
        "集成电路设计",
        5000.0,
        460.0,
        1,
        2,
    ),
    ("E3", "示例禾木医药 Sample Grain Pharma", "滨江区", "丙湖街道", "医药制造业", "药品生产；医疗器械研发", 3000.0, 210.0, 1, 1),
    ("E4", "示例星野文旅 Sample Star Travel", "滨江区", "甲桥街道", "文化和旅游业", "会议及展览服务；旅游业务", 200.0, 35.0, 1, 1),
    (
        "E5",
        "示例远岳机械 Sample Ridge Machinery",
        "余杭区",
        "乙溪街道",
        "通用设备制造业",
        "阀门和旋塞研发；机械零件加工",
        1500.0,
        180.0,
        1,
        1,
    ),
    ("E6", "示例澄石材料 Sample Clear Materials", "余杭区", "乙溪街道", "化学原料和化学制品制造业", "高性能纤维制造", 4000.0, 260.0, 1, 1),
    ("E7", "示例朗途物流 Sample Bright Logistics", "余杭区", "丁山街道", "交通运输和仓储业", "普通货物运输；仓储服务", 600.0, 90.0, 1, 1),
    ("E8", "示例新序食品 Sample New Foods", "余杭区", "乙溪街道", "食品制造业", "食品生产；茶叶制品生产", 300.0, 55.0, 1, 1),
    ("E9", "示例宏达纺织 Sample Grand Textiles", "余杭区", "丁山街道", "纺织服装业", "服装制造；针纺织品销售", 900.0, 310.0, 1, 1),
)
REQUESTS = (
    ("R01", "E1", "talent", "软件研发人才难招，希望协助人才引进 Help us recruit engineers", "yellow", "2023-07-03"),
    ("R02", "E2", "supply_chain", "希望对接本地产业链配套企业 Find us local suppliers", "red", "2023-07-04"),
    ("R03", "E2", "talent", "希望认定紧缺人才 Recognise our scarce talent", "green", "2023-07-04"),
    ("R04", "E3", "permits", "医疗器械注册审批较慢 Registration of a device is slow", "yellow", "2023-07-05"),
    ("R05", "E4", "market", "希望组织参加展会拓展市场 Take us to trade fairs", "green", "2023-07-06"),
    ("R06", "E5", "land", "现有厂房不足，希望解决工业用地指标 We need a land quota", "red", "2023-07-06"),
    ("R07", "E6", "energy", "扩产后用电负荷不足，希望增容 We need more power", "yellow", "2023-07-07"),
    ("R08", "E7", "land", "仓库扩建需要用地 Land for a warehouse", "green", "2023-07-10"),
    ("R09", "E8", "finance", "希望对接银行贷款 Introduce us to banks", "yellow", "2023-07-11"),
    ("R10", "E9", "", "旺季缺工，希望组织专场招聘 Short of hands in season", "yellow", "2023-07-12"),
    ("R11", "E9", "market", "外贸订单减少，希望拓展销路 Export orders fall", "green", "2023-07-12"),
)
RECORDED = 60


def small_tables(seed: int = 0) -> Tables:
    """Six officers, nine enterprises, eleven open requests, one recusal, and a record of sixty requests that were handled before.

    Parameters
    ----------
    seed
        Draws the record: officers resolve what is in their department's mandate in nine cases of ten, other things in three.
    """
    officers = pd.DataFrame(
        OFFICERS, columns=["officer_id", "name", "department", "tier", "district", "town", "capacity", "specialities"]
    ).assign(min_load=0)
    enterprises = pd.DataFrame(
        ENTERPRISES,
        columns=["enterprise_id", "name", "district", "town", "industry", "scope", "capital", "employees", "demand_low", "demand_high"],
    ).assign(registered_on=pd.Timestamp("2015-06-01"), credit_code="")
    opened = pd.DataFrame(REQUESTS, columns=["request_id", "enterprise_id", "need", "text", "urgency", "filed_on"])
    closed, outcomes = _record(np.random.default_rng(seed), officers, enterprises)
    requests = pd.concat([opened.assign(filed_on=pd.to_datetime(opened["filed_on"])), closed], ignore_index=True)
    departments = sorted(set(officers["department"]))
    return Tables.from_frames(
        officers=officers,
        enterprises=enterprises,
        requests=requests,
        outcomes=outcomes,
        recusals=pd.DataFrame({"officer_id": ["G4"], "enterprise_id": ["E8"], "actor": ["丁然 Ding Ran"], "reason": ["近亲属任职"]}),
        departments=pd.DataFrame({"department": departments, "needs": [MANDATES[name] for name in departments], "contact": ""}),
    )


def small_instance(seed: int = 0) -> Instance:
    """The instance of :func:`small_tables`: six officers of three tiers, nine enterprises of two districts."""
    from matchmaker.build import build

    return build(small_tables(seed)).replace(name="small")


def _record(rng: np.random.Generator, officers: pd.DataFrame, enterprises: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Requests of the spring and who handled them; what the first officer did not resolve, a second one did."""
    mandates = [MANDATES[name] for name in officers["department"]]
    first = np.arange(RECORDED) % len(officers)
    inside, drawn = rng.random(RECORDED) < 0.6, rng.integers(0, len(NEEDS), RECORDED)
    needs = [mandates[i][k % len(mandates[i])] if own else NEEDS[k] for i, k, own in zip(first, drawn, inside, strict=True)]
    skilled = np.array([need in mandates[i] for i, need in zip(first, needs, strict=True)])
    resolved = rng.random(RECORDED) < np.where(skilled, 0.9, 0.3)
    requests = pd.DataFrame(
        {
            "request_id": [f"P{k:02d}" for k in range(1, RECORDED + 1)],
            "enterprise_id": enterprises["enterprise_id"].to_numpy()[rng.integers(0, len(enterprises), RECORDED)],
            "need": needs,
            "text": "",
            "urgency": "green",
            "filed_on": pd.Timestamp("2023-04-01") + pd.to_timedelta(np.arange(RECORDED), unit="D"),
        }
    )
    tried = pd.concat([requests, requests[~resolved]], ignore_index=True)
    second = np.array([_next(mandates, int(i), need) for i, need in zip(first, needs, strict=True)])
    outcomes = pd.DataFrame(
        {
            "request_id": tried["request_id"],
            "officer_id": officers["officer_id"].to_numpy()[np.concatenate([first, second[~resolved]])],
            "enterprise_id": tried["enterprise_id"],
            "need": tried["need"],
            "resolved": np.concatenate([resolved, np.ones((~resolved).sum(), dtype=bool)]),
        }
    )
    days = pd.to_timedelta(np.where(np.arange(len(tried)) < RECORDED, 6, 20), unit="D")
    return requests, outcomes.assign(closed_on=(tried["filed_on"] + days).where(outcomes["resolved"]))


def _next(mandates: list[tuple[str, ...]], first: int, need: str) -> int:
    """Who is asked after the first: an officer with a mandate for the need, else whoever comes next."""
    others = [(first + step) % len(mandates) for step in range(1, len(mandates))]
    return next((i for i in others if need in mandates[i]), others[0])
