"""The words of every sheet and page: columns, tiers, places, needs, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from matchmaker.errors import ConfigError, did_you_mean
from matchmaker.instance import Instance

Language = Literal["zh", "en", "both"]
LANGUAGES = ("zh", "en", "both")

HEADERS: dict[str, str] = {
    "officer_id": "干部编号",
    "officer_name": "干部姓名",
    "enterprise_id": "企业编号",
    "enterprise_name": "企业名称",
    "department": "单位",
    "tier": "层级",
    "district": "区县",
    "town": "乡镇街道",
    "industry": "行业",
    "affinity": "匹配度",
    "need": "需求",
    "need_share": "该需求占比",
    "expected_requests": "预计诉求数",
    "competence": "干部办结能力",
    "place": "属地关系",
    "kept": "上轮延续",
    "pinned_by": "点将人",
    "pin_reason": "点将原因",
    "kept_apart": "回避与否决",
    "reason": "结对理由（英文）",
    "reason_zh": "结对理由",
    "capacity": "可服务企业数",
    "load": "实际服务企业数",
    "free": "剩余名额",
    "expected_resolved": "预计办结诉求",
    "expected_open": "预计诉求",
    "share": "预计办结率",
    "enterprises": "企业数",
    "serves": "服务企业",
    "officers": "干部人数",
    "served_by": "结对干部",
    "demand_low": "最少干部数",
    "demand_high": "最多干部数",
    "served": "实有干部数",
    "pairs": "结对数",
    "unserved": "干部不足企业数",
    "gap": "缺口",
    "why": "原因（英文）",
    "why_zh": "原因",
    "kind": "类别",
    "actor": "提出人",
    "note": "说明",
    "in_plan": "方案中结对",
    "item": "项目",
    "value": "内容",
    "change": "变动",
    "at_random": "随机配对预计办结",
    "price": "名额价值",
    "side": "一方",
    "id": "编号",
    "name": "名称",
    "places": "名额",
}

TIERS: dict[str, tuple[str, str]] = {
    "city": ("city", "市级"),
    "county": ("county", "区县级"),
    "township": ("township", "乡镇级"),
}

PLACES: dict[str, tuple[str, str]] = {
    "city": ("city officer, serves anywhere", "市级干部，服务全市"),
    "town": ("same town", "同乡镇街道"),
    "district": ("same district", "同区县"),
    "elsewhere": ("another district", "跨区县"),
}

KINDS: dict[str, tuple[str, str]] = {
    "pin": ("pin", "点将"),
    "veto": ("veto", "否决"),
    "recusal": ("recusal", "回避"),
    "fewer": ("fewer officers than asked", "干部不足"),
    "little": ("needs little covered", "需求覆盖偏低"),
}

CHANGES: dict[str, tuple[str, str]] = {
    "given_up": ("given up", "取消"),
    "new": ("new", "新增"),
}

SIDES: dict[str, tuple[str, str]] = {
    "officer": ("officer", "干部"),
    "enterprise": ("enterprise", "企业"),
}

YES_NO = {True: ("yes", "是"), False: ("no", "否")}

CODES: dict[str, Mapping[str, tuple[str, str]] | Mapping[bool, tuple[str, str]]] = {
    "tier": TIERS,
    "place": PLACES,
    "kind": KINDS,
    "change": CHANGES,
    "side": SIDES,
    "kept": YES_NO,
    "in_plan": YES_NO,
}
"""Columns that hold codes, with the words for each; needs have those of the instance."""


def header(column: str, language: Language) -> str:
    """A column's header as a reader sees it: 干部编号 officer_id, or one of the two."""
    zh = HEADERS.get(column, column)
    return {"zh": zh, "en": column, "both": f"{zh} {column}"}[language]


def say(pair: tuple[str, str], language: Language) -> str:
    """One of (English, Chinese), or both."""
    en, zh = pair
    return {"zh": zh, "en": en, "both": zh if zh == en else f"{zh} {en}"}[language]


def checked_language(language: str) -> Language:
    """The language, when it is one that reports speak.

    Raises
    ------
    ConfigError
        Otherwise.
    """
    if language not in LANGUAGES:
        msg = (
            f"language is {language!r}; expected one of {', '.join(LANGUAGES)}.{did_you_mean(str(language), LANGUAGES)} "
            f"| language 为 {language!r}，应为 {'、'.join(LANGUAGES)} 之一。"
        )
        raise ConfigError(msg)
    return cast("Language", language)


def need_names(instance: Instance, language: Language) -> dict[str, str]:
    """What each need is called, by code."""
    return {need.code: say((need.en, need.zh), language) for need in instance.needs}
