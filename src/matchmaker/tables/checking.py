"""What must hold within a table and between tables, every breach named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from matchmaker.tables.cells import Bad, half_width
from matchmaker.tables.dates import strays
from matchmaker.tables.hints import hint, nearest
from matchmaker.tables.needs import clashing_needs
from matchmaker.tables.parsing import UNKNOWN, Parsed
from matchmaker.tables.places import settle_districts

MUST_KNOW = {
    "requests": ("enterprise_id",),
    "visits": ("officer_id", "enterprise_id"),
    "recusals": ("officer_id", "enterprise_id"),
    "pins": ("officer_id", "enterprise_id"),
    "vetoes": ("officer_id", "enterprise_id"),
}
MAY_BE_GONE = {"outcomes": ("officer_id", "enterprise_id", "request_id")}
HOME = {"officer_id": "officers", "enterprise_id": "enterprises", "request_id": "requests"}
HINTS = 20
OUTCOME = ("request_id", "officer_id", "enterprise_id", "need", "resolved", "closed_on")
"""An outcome that stands twice in all of these would count twice in the officer's record."""


def check(tables: Mapping[str, Parsed]) -> None:
    """Check every table that was read; failures and notices are added to each."""
    for parsed in tables.values():
        _check_once(parsed, parsed.table.key)
    if "outcomes" in tables:
        _check_once(tables["outcomes"], OUTCOME)
    if "needs" in tables:
        _check_needs(tables["needs"])
    if "officers" in tables:
        _check_tiers(tables["officers"])
        _check_order(tables["officers"], "min_load", "capacity")
    if "enterprises" in tables:
        _fill_demand(tables["enterprises"])
        _check_order(tables["enterprises"], "demand_low", "demand_high")
    settle_districts(tables)
    _check_references(tables)
    _check_pins(tables)
    _tell_silent_requests(tables)
    _tell_strays(tables)
    _tell_departments(tables)


def _check_once(parsed: Parsed, names: Sequence[str]) -> None:
    """No two rows say the same in all of these columns, as far as the table has them."""
    key = list(names)
    if not key or any(name not in parsed.headers for name in parsed.table.key):
        return
    sound = np.logical_and.reduce([parsed.sound(name) for name in key])
    rows = np.flatnonzero(sound)
    seen: dict[tuple[str, ...], int] = {}
    for row, values in zip(rows, parsed.frame.loc[rows, key].itertuples(index=False, name=None), strict=True):
        before = seen.setdefault(values, int(row))
        if before != row:
            at = int(parsed.rows[before])
            why = Bad(
                problem=f"stands in row {at} already", problem_zh=f"与第 {at} 行重复", expected="each once", expected_zh="每个只出现一次"
            )
            parsed.fail(int(row), key[0], values[0] if len(key) == 1 else values[:2], why)


def _check_needs(parsed: Parsed) -> None:
    sound = parsed.sound("need") & parsed.sound("zh") & parsed.sound("en")
    if set(parsed.table.key) <= set(parsed.headers):
        parsed.failures += clashing_needs(parsed.frame[sound], parsed.sheet, parsed.rows[sound].tolist())


def _check_tiers(parsed: Parsed) -> None:
    frame = parsed.frame
    tier = frame["tier"].to_numpy(dtype=object)
    for column, tiers in (("district", ("county", "township")), ("town", ("township",))):
        named = parsed.table.column(column)
        why = Bad(
            problem=f"is empty for an officer of the {' or '.join(tiers)} tier",
            problem_zh=f"{'县、乡镇级' if len(tiers) > 1 else '乡镇级'}干部的{named.zh[0]}为空",
            expected=f"the {column} he or she serves",
            expected_zh=f"所服务的{named.zh[0]}",
        )
        for row in np.flatnonzero(np.isin(tier, tiers) & (frame[column].to_numpy(dtype=object) == "")):
            parsed.fail(int(row), column, None, why)


def _fill_demand(parsed: Parsed) -> None:
    """An enterprise that does not say otherwise asks for one officer; a bound that is given moves the other."""
    low, high = (parsed.frame[name].to_numpy(copy=True) for name in ("demand_low", "demand_high"))
    low = np.where(low == UNKNOWN, np.where(high == UNKNOWN, 1, np.minimum(1, high)), low)
    high = np.where(high == UNKNOWN, np.maximum(1, low), high)
    parsed.frame["demand_low"], parsed.frame["demand_high"] = low.astype(np.int64), high.astype(np.int64)


def _check_order(parsed: Parsed, low: str, high: str) -> None:
    least, most = parsed.frame[low].to_numpy(), parsed.frame[high].to_numpy()
    wrong = (least > most) & parsed.sound(low) & parsed.sound(high) & (high in parsed.headers)
    for row in np.flatnonzero(wrong):
        name, name_zh = parsed.headers.get(high, high), parsed.table.column(high).zh[0]
        why = Bad(
            problem=f"is above {name} {most[row]}",
            problem_zh=f"大于{name_zh} {most[row]}",
            expected=f"at most {most[row]}",
            expected_zh=f"不大于 {most[row]}",
        )
        parsed.fail(int(row), low, int(least[row]), why)


def _check_references(tables: Mapping[str, Parsed]) -> None:
    for name, columns in (MUST_KNOW | MAY_BE_GONE).items():
        for column in columns:
            parsed, home = tables.get(name), tables.get(HOME[column])
            if parsed is not None and home is not None and column in parsed.headers and column in home.headers:
                _check_reference(parsed, column, home, fatal=name in MUST_KNOW)


def _check_reference(parsed: Parsed, column: str, home: Parsed, *, fatal: bool) -> None:
    known = set(home.frame[column])
    strange = [(row, name) for row, name in enumerate(parsed.frame[column]) if name and name not in known]
    what, what_zh = home.table.name, f"{home.table.zh[0]}表"
    hints = _hints([name for _, name in strange], sorted(known)) if fatal else {}
    for row, name in strange:
        if not fatal:
            parsed.note(row, column, name, f"is not in {what} any more: counts in overall rates only", f"已不在{what_zh}中：只计入总体比率")
            continue
        why = Bad(
            problem=f"is not in {what}.{hints[name][0]}",
            problem_zh=f"不在{what_zh}中{hints[name][1]}",
            expected=f"an id that stands in {what}",
            expected_zh=f"{what_zh}中的编号",
        )
        parsed.fail(row, column, name, why)


def _hints(strange: Sequence[str], known: Sequence[str]) -> dict[str, tuple[str, str]]:
    """A "did you mean" for the first few unknown ids: first another spelling, then the most alike."""
    spelled = {_bare(name): name for name in known}
    hints = {}
    for at, name in enumerate(dict.fromkeys(strange)):
        other = spelled.get(_bare(name)) or (nearest(name, known)[0] if at < HINTS else "")
        hints[name] = hint(other)
    return hints


def _bare(name: str) -> str:
    return half_width(name).casefold().replace(" ", "").replace("-", "").lstrip("0")


def _check_pins(tables: Mapping[str, Parsed]) -> None:
    """No pair must meet and must not meet."""
    pins = tables.get("pins")
    for parsed in (tables.get("recusals"), tables.get("vetoes")):
        if pins is None or parsed is None:
            continue
        barred = {pair: int(at) for pair, at in zip(_pairs(parsed), parsed.rows, strict=True)}
        for row, pair in enumerate(_pairs(pins)):
            if all(pair) and pair in barred:
                table, at = parsed.table, barred[pair]
                why = Bad(
                    problem=f"is pinned, and stands in {table.name} (row {at}) too",
                    problem_zh=f"既被点将，又列于{table.zh[0]}表（第 {at} 行）",
                    expected="one or the other",
                    expected_zh="二者只留其一",
                )
                pins.fail(row, "officer_id", pair, why)


def _pairs(parsed: Parsed) -> list[tuple[str, str]]:
    return list(zip(parsed.frame["officer_id"], parsed.frame["enterprise_id"], strict=True))


def _tell_strays(tables: Mapping[str, Parsed]) -> None:
    """Tell of days so far from the others of their column that they look mistyped."""
    for name, column in (("requests", "filed_on"), ("outcomes", "closed_on"), ("visits", "visited_on")):
        parsed = tables.get(name)
        if parsed is None:
            continue
        days = parsed.frame[column].to_numpy().astype("datetime64[D]")
        for row in np.flatnonzero(strays(days)):
            parsed.note(int(row), column, days[row], "is years away from the other days: mistyped?", "与其他日期相差多年，是否有误？")


def _tell_silent_requests(tables: Mapping[str, Parsed]) -> None:
    parsed = tables.get("requests")
    if parsed is None:
        return
    silent = (
        (parsed.frame["need"].to_numpy(dtype=object) == "") & (parsed.frame["text"].to_numpy(dtype=object) == "") & parsed.sound("need")
    )
    for row in np.flatnonzero(silent):
        parsed.note(int(row), "need", "", "neither a need nor a text: it weighs on no need", "既无需求类别也无内容：不计入任何需求")


def _tell_departments(tables: Mapping[str, Parsed]) -> None:
    officers, departments = tables.get("officers"), tables.get("departments")
    if officers is None or departments is None or not len(departments.frame):
        return
    known = set(departments.frame["department"])
    for name in dict.fromkeys(officers.frame["department"]):
        if name and name not in known:
            near, near_zh = hint(nearest(name, sorted(known))[0])
            officers.note(
                None, "department", name, f"is not in departments: no mandate is known.{near}", f"不在部门表中：职能不详{near_zh}"
            )
