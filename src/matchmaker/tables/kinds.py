"""How a cell of each kind is read: one small function a kind, from a cell to a value, a refusal or a value with a notice.

Empty cells never come here: a column's default answers for them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from matchmaker.errors import ConfigError
from matchmaker.tables.cells import NOTHING_KNOWN, Bad, Cell, half_width, plain
from matchmaker.tables.columns import MOST, SEPARATORS, Kind
from matchmaker.tables.dates import day
from matchmaker.tables.hints import hint, nearest
from matchmaker.tables.money import money

Reader = Callable[[Cell], object]

EXACT_DIGITS = 10**15
TIERS: dict[str, tuple[str, ...]] = {
    "city": ("市", "市级", "市本级", "市直", "city", "municipal"),
    "county": ("区县", "县", "区", "县(市、区)", "区、县(市)", "区、县", "县区", "县级", "区级", "区县级", "区(县)", "county", "district"),
    "township": (
        "乡镇街道",
        "乡镇",
        "街道",
        "镇",
        "乡",
        "镇街",
        "乡镇/街道",
        "乡镇(街道)",
        "镇(街道)",
        "乡镇级",
        "乡级",
        "镇级",
        "township",
        "town",
    ),
}
URGENCIES: dict[str, tuple[str, ...]] = {"red": ("红", "红色", "红灯"), "yellow": ("黄", "黄色", "黄灯"), "green": ("绿", "绿色", "绿灯")}
YES = ("是", "true", "1", "yes", "y", "t", "已办结", "办结", "已解决", "解决", "已完成", "完成", "√", "✓")
NO = ("否", "false", "0", "no", "n", "f", "未办结", "未解决", "未完成", "办理中", "在办", "×", "✗")
ANGLE = re.compile(r"[+-]?\d+(?:\.\d*)?")
WHOLE = re.compile(r"([+-]?\d+)(?:\.0*)?(?:家|名|个|人|户)?")
DECIMAL = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)(?:家|名|个|人|户)?")


def text(cell: Cell) -> str:
    """As it stands, formulas and markup included; only blanks at the edges and control characters go."""
    return plain(cell)


def identifier(cell: Cell) -> str | Bad:
    """An id, as text: leading zeros stay, Excel's 1001.0 is 1001, full-width letters and digits are ASCII."""
    if isinstance(cell, float) and abs(cell) >= EXACT_DIGITS:
        return Bad(
            problem="is a number of more than 15 digits, of which Excel has lost the last",
            problem_zh="超过 15 位的数字，Excel 已丢失末位",
            expected="an id that is stored as text",
            expected_zh="以文本格式存储的编号",
        )
    return half_width(plain(cell)).strip()


def place(cell: Cell) -> str:
    """A district or town; nothing when the cell says that it is not known."""
    name = plain(cell)
    return "" if name.casefold() in NOTHING_KNOWN else name


def count(cell: Cell) -> int | Bad:
    """A whole number from 0 to 2**31 - 1."""
    written = half_width(plain(cell)).replace(",", "").casefold()
    whole = WHOLE.fullmatch(written)
    if whole is not None:
        number = int(whole[1]) if len(whole[1]) < 20 else MOST + 1 if not whole[1].startswith("-") else -1
        if 0 <= number <= MOST:
            return number
        return _no_count("is below zero", "为负数") if number < 0 else _no_count(f"is over {MOST}", f"超过 {MOST}")
    value = _float(written)
    if value is None:
        return _no_count("is not a number", "不是数字")
    if math.isnan(value):
        return _no_count("is NaN, not a number", "是 NaN，不是数字")
    if math.isinf(value):
        return _no_count("is infinite", "为无穷大")
    if value < 0:
        return _no_count("is below zero", "为负数")
    if value > MOST:
        return _no_count(f"is over {MOST}", f"超过 {MOST}")
    return int(value) if value == int(value) else _no_count("is not whole", "不是整数")


def number(cell: Cell) -> float | Bad:
    """A finite number of 0 or more; NaN when the cell says that it is not known."""
    written = half_width(plain(cell)).replace(",", "").casefold()
    if written in NOTHING_KNOWN:
        return float("nan")
    value = _float(written)
    if value is None or not math.isfinite(value) or value < 0:
        problem, problem_zh = (
            ("is not a number", "不是数字") if value is None else ("is not a finite number of 0 or more", "不是有效的非负数")
        )
        return Bad(problem=problem, problem_zh=problem_zh, expected="a number of 0 or more", expected_zh="不小于 0 的数字")
    return value


def degrees(cell: Cell) -> float | Bad:
    """An angle of -180 to 180 degrees; NaN when the cell says that it is not known."""
    written = half_width(plain(cell)).replace("°", "").casefold()
    if written in NOTHING_KNOWN:
        return float("nan")
    value = float(written) if ANGLE.fullmatch(written) else math.inf
    if not abs(value) <= 180:
        return Bad(
            problem="is no angle", problem_zh="不是有效的角度", expected="degrees from -180 to 180", expected_zh="-180 到 180 的度数"
        )
    return value


def choice(
    cell: Cell, *, known: Mapping[str, object], what: str, what_zh: str, shown: Iterable[str], related: Mapping[str, str] | None = None
) -> object:
    """One of a few words. `known` maps every spelling, folded, to its value; `related` maps other words to what they may mean."""
    written = fold(plain(cell))
    if written in known:
        return known[written]
    labels = list(shown)
    meant = (related or {}).get(written) or nearest(written, known)[0]
    near, near_zh = hint(meant)[0], hint(next((label for label in labels if label.split()[0] == meant), meant))[1]
    listed = ", ".join(labels)
    return Bad(
        problem=f"is not a known {what}.{near}",
        problem_zh=f"不是已知的{what_zh}{near_zh}",
        expected=f"one of {listed}",
        expected_zh=f"以下之一：{listed}",
    )


def credit_code(cell: Cell) -> str | Bad:
    """A unified social credit code whose check digit is right."""
    written = half_width(plain(cell)).upper()
    if written.casefold() in NOTHING_KNOWN:
        return ""
    try:
        from stdnum.cn import uscc
    except ImportError as error:
        msg = (
            "Checking credit codes needs python-stdnum: pip install 'matchmaker[tables]', or leave the column out. "
            "| 校验信用代码需安装 python-stdnum：pip install 'matchmaker[tables]'，或去掉该列。"
        )
        raise ConfigError(msg) from error
    if uscc.is_valid(written):
        return str(uscc.compact(written))
    return Bad(
        problem="is not a valid unified social credit code",
        problem_zh="不是有效的统一社会信用代码",
        expected="18 characters whose last is the right check digit",
        expected_zh="18 位且校验位正确的代码",
    )


def words(cell: Cell) -> tuple[str, ...]:
    """A list of words, each once, in the order written."""
    return tuple(dict.fromkeys(split(cell)))


def split(cell: Cell) -> list[str]:
    """The parts of a list that ``;`` ``、`` ``,`` ``/`` or ``|`` separate, without empty ones."""
    if isinstance(cell, tuple):
        return [part for item in cell for part in split(item)]
    return [part for piece in re.split(f"[{re.escape(SEPARATORS)}]", plain(cell)) if (part := plain(piece))]


def fold(written: str) -> str:
    """What spellings of one word share: half-width, lower case, no blanks."""
    return re.sub(r"\s", "", half_width(written)).casefold()


def need_reader(labels: Mapping[str, str], shown: Iterable[str], keywords: Mapping[str, str]) -> Reader:
    """Reads one need.

    Parameters
    ----------
    labels
        Every code and label, folded, with its code.
    shown
        What to list when a need is not known.
    keywords
        Words, folded, that may mean a need but are none, with what to suggest.
    """
    return partial(choice, known=labels, what="need", what_zh="需求", shown=list(shown), related=keywords)


def needs_reader(labels: Mapping[str, str], one: Reader) -> Reader:
    """Reads a list of needs into a tuple of codes, each once; `one` reads one of them."""

    def read(cell: Cell) -> object:
        whole = labels.get(fold(plain(cell)))
        found = [one(part) for part in split(cell)] if whole is None else [whole]
        bad = next((item for item in found if isinstance(item, Bad)), None)
        return bad or tuple(dict.fromkeys(found))

    return read


def _spellings(words_of: Mapping[str, Iterable[str]]) -> dict[str, object]:
    return {fold(word): value for value, spelled in words_of.items() for word in (value, *spelled)}


def _no_count(problem: str, problem_zh: str) -> Bad:
    return Bad(problem=problem, problem_zh=problem_zh, expected=f"a whole number from 0 to {MOST}", expected_zh=f"0 到 {MOST} 的整数")


def _float(written: str) -> float | None:
    if written in {"nan", "inf", "+inf", "-inf", "infinity", "-infinity"}:
        return float(written)
    found = DECIMAL.fullmatch(written)
    return float(found[1]) if found else None


READERS: dict[Kind, Reader] = {
    "id": identifier,
    "text": text,
    "label": text,
    "place": place,
    "count": count,
    "number": number,
    "degrees": degrees,
    "money": money,
    "date": day,
    "tier": partial(choice, known=_spellings(TIERS), what="tier", what_zh="层级", shown=["city 市", "county 区县", "township 乡镇街道"]),
    "urgency": partial(choice, known=_spellings(URGENCIES), what="urgency", what_zh="紧急程度", shown=["red 红", "yellow 黄", "green 绿"]),
    "flag": partial(
        choice,
        known=dict.fromkeys(map(fold, YES), True) | dict.fromkeys(map(fold, NO), False),
        what="yes or no",
        what_zh="是否",
        shown=["是", "否", "true", "false"],
    ),
    "words": words,
    "credit_code": credit_code,
}
"""The reader of each kind, but for ``need`` and ``needs``, which ask the needs in force."""
