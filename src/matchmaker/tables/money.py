"""Sums of money as a planner's sheets write them, in 万元."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from matchmaker.tables.cells import NOTHING_KNOWN, Bad, Cell, Noted, half_width, plain
from matchmaker.tables.numerals import MYRIADS, NUMERALS, chinese_number

NAN = float("nan")
UNITS = {
    "": 1,
    "十": 10,
    "百": 100,
    "千": 1000,
    "万": 10**4,
    "十万": 10**5,
    "百万": 10**6,
    "千万": 10**7,
    "亿": 10**8,
    "十亿": 10**9,
    "百亿": 10**10,
}
OWN = re.compile("人民币|人民幣|rmb|cny|¥|¥|元整|元正|圆整|圆正|整$")
FOREIGN = re.compile(
    "美元|美金|us\\$|usd|\\$|港元|港币|hk\\$|hkd|欧元|eur|€|日元|日币|jpy|英镑|gbp|£|新台币|台币|twd|韩元|韩币|韩圆|krw|新加坡元|新元|sgd"
    "|澳大利亚元|澳元|aud|加拿大元|加元|cad|瑞士法郎|chf|卢布|rub|卢比|泰铢|林吉特|澳门元|澳门币|丹麦克朗|瑞典克朗|挪威克朗|新西兰元"
)
AMOUNT = re.compile(
    f"(?:约|合计)?(?:(?P<number>\\d+(?:\\.\\d*)?(?:e[+-]?\\d+)?|\\.\\d+)|(?P<words>[{NUMERALS}]+?))(?P<unit>十亿|百亿|十万|百万|千万|[十百千万亿])?(?P<yuan>元|圆)?"
)
NOT_MONEY = Bad(
    problem="is not a sum of money",
    problem_zh="不是金额",
    expected="a sum such as 5000万元, 1.2亿元 or 3.4(万元人民币)",
    expected_zh="金额，如 5000万元、1.2亿元、3.4（万元人民币）",
)
NEGATIVE = Bad(problem="is below zero", problem_zh="为负数", expected="a sum of 0 or more", expected_zh="不小于 0 的金额")


def money(cell: Cell, unit: str = "万") -> float | Bad | Noted:
    """A sum in 万元.

    Parameters
    ----------
    cell
        For example ``3.4000(万元人民币)``, ``158(万元人民币)``, ``5000万元``, ``1.2亿元``, ``人民币壹仟万元整``, ``N/A``, 500.
    unit
        What a bare number counts, as the column's header says: one of ``UNITS``.

    Returns
    -------
    float | Bad | Noted
        NaN for a sum that is not known, and, with a notice, for one in another currency: rates are not ours to choose.
    """
    text = re.sub(r"[\s,()\[\]_]", "", half_width(plain(cell)).replace("，", "")).casefold()
    if text in NOTHING_KNOWN:
        return NAN
    foreign = FOREIGN.search(text)
    if foreign:
        rest = text.replace(foreign.group(), "", 1)
        if _amount(rest, unit) is None:
            return NOT_MONEY
        return Noted(NAN, f"in another currency ({foreign.group()}): left out", f"非人民币（{foreign.group()}），未计入")
    text = OWN.sub("", text)
    if text.startswith("-") and _amount(text[1:], unit) is not None:
        return NEGATIVE
    amount = _amount(text, unit)
    return NOT_MONEY if amount is None else amount


def _amount(text: str, bare: str) -> float | None:
    found = AMOUNT.fullmatch(text)
    if found is None:
        return None
    words, scale = found["words"], found["unit"] or ""
    if words is not None:
        whole = chinese_number(words + scale)
        if whole is None:
            return None
        counted = found["yuan"] or any(character in MYRIADS for character in words + scale)
        return float(Decimal(whole) * (1 if counted else UNITS[bare]) / 10**4)
    if not scale and not found["yuan"]:
        scale = bare
    amount = float(Decimal(found["number"]) * UNITS[scale] / 10**4)
    return amount if math.isfinite(amount) else None


def unit_of(header: str) -> str:
    """What a bare number counts under this header, 万元 unless it says otherwise.

    >>> unit_of("注册资本（元）"), unit_of("注册资金(亿元)"), unit_of("注册资金")
    ('', '亿', '万')
    """
    found = re.search(r"[(（/:：]\s*(?:人民币)?(百万|千万|[千万亿])?(?:元|圆)", header)
    return (found[1] or "") if found else "万"
