"""The needs in force: twelve built in, and what a planner adds."""

from __future__ import annotations

import pandas as pd
import pytest

from matchmaker.tables import Tables, builtin_needs, merged_needs
from matchmaker.tables.needs import need_labels

CODES = ["supply_chain", "finance", "talent", "energy", "labour", "market", "land", "permits", "policy_rewards", "law", "tax", "innovation"]
REQUESTS = {
    "finance": "流动资金紧张,希望银行续贷并降低贷款利率",
    "land": "现有厂房空间不足,希望协调工业用地指标扩建",
    "talent": "引进博士和高层次人才,希望解决人才公寓和子女入学",
    "labour": "春节后招工难,一线普工缺口大",
    "energy": "夏季有序用电影响生产,希望变压器增容",
    "permits": "竣工验收和不动产权证办理缓慢",
    "policy_rewards": "技改补助资金尚未兑现,希望政策兑现",
    "law": "与客户发生合同纠纷,需要律师法律援助",
    "tax": "出口退税周期长,留抵退税申报",
    "market": "海外订单减少,希望组织参展开拓市场",
    "supply_chain": "关键零部件断供,希望对接上下游配套企业",
    "innovation": "希望与高校合作技术攻关,申报高新技术企业",
}


def test_the_twelve_needs() -> None:
    needs = builtin_needs()
    assert needs["need"].tolist() == CODES
    assert list(needs.columns) == ["need", "zh", "en", "keywords"]
    assert needs["zh"].tolist()[:3] == ["产业链对接", "金融", "人才招引"]
    assert needs["keywords"].map(len).min() >= 25
    assert needs["keywords"].map(lambda words: len(set(words)) == len(words)).all()


@pytest.mark.parametrize("need", CODES)
def test_what_an_enterprise_would_write_holds_its_needs_words_most(need: str) -> None:
    needs = builtin_needs()
    hits = {code: sum(word in REQUESTS[need] for word in words) for code, words in zip(needs["need"], needs["keywords"], strict=True)}
    assert max(hits, key=lambda code: hits[code]) == need
    assert hits[need] >= 2


def test_every_label_means_one_need() -> None:
    needs = builtin_needs()
    assert len(need_labels(needs)) == len({*needs["need"], *needs["zh"], *needs["en"]})


def test_a_copy_is_given() -> None:
    copy = builtin_needs()
    copy.loc[0, "zh"] = "x"
    assert builtin_needs()["zh"][0] == "产业链对接"


def test_a_planners_needs_change_and_extend(frames: dict[str, pd.DataFrame]) -> None:
    own = pd.DataFrame({"代码": ["finance", "data"], "中文": ["融资", "数据"], "英文": ["funding", "data"], "关键词": ["钱", ""]})
    tables = Tables.from_frames(aliases=None, **frames, needs=own)
    merged = merged_needs(tables.needs)
    assert merged["need"].tolist() == [*CODES, "data"]
    assert merged.set_index("need").loc["finance", "zh"] == "融资"
    assert merged.set_index("need").loc["finance", "keywords"] == ("钱",)
    assert merged_needs().equals(builtin_needs())
    assert merged_needs(tables.needs.head(0)).equals(builtin_needs())
