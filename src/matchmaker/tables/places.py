"""Districts under one name: 西湖, 西湖区 and an alias are the same place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from matchmaker.tables.cells import Bad, half_width
from matchmaker.tables.hints import hint, nearest
from matchmaker.tables.parsing import Parsed

HALF_ALIKE = 0.5
"""Of two characters one: enough to suggest a district, as there are few."""


def place_key(name: str) -> str:
    """What spellings of one district share.

    >>> place_key("西湖区"), place_key("建德市"), place_key("沙县"), place_key("Xihu District")
    ('西湖', '建德', '沙县', 'xihu')
    """
    folded = re.sub(r"\s", "", re.sub(r"(?i)\s(district|county|city)$", "", half_width(name))).casefold()
    return folded[:-1] if len(folded) > 2 and folded[-1] in "区县市" else folded


def known_districts(tables: Mapping[str, Parsed]) -> dict[str, str]:
    """The name of each district by its key: as the districts table says, else as officers say, else as enterprises do.

    Without the table, the fullest spelling is the name: 余杭区 rather than 余杭.
    """
    listed = tables.get("districts")
    if listed is not None and len(listed.frame):
        aliases = zip(listed.frame["district"], listed.frame["aliases"], strict=True)
        names = {place_key(alias): str(name) for name, several in aliases for alias in several}
        return names | {place_key(name): name for name in listed.frame["district"] if name}
    named = (tables[name].frame["district"] for name in ("officers", "enterprises") if name in tables)
    return next((known for places in named if (known := _fullest(places))), {})


def settle_districts(tables: Mapping[str, Parsed]) -> None:
    """Write every district of officers and enterprises under its one name, and name those that are not known."""
    if "officers" not in tables and "districts" not in tables:
        return
    known = known_districts(tables)
    if "districts" in tables:
        _check_listed(tables["districts"])
    for name in ("officers", "enterprises"):
        if name in tables:
            _settle(tables[name], known)
    if "enterprises" in tables:
        _from_addresses(tables["enterprises"], known)
        _tell_nowhere(tables["enterprises"])
    if "officers" in tables and "enterprises" in tables:
        _tell_towns(tables)


def _check_listed(parsed: Parsed) -> None:
    """No name or alias may mean two districts."""
    taken: dict[str, tuple[int, str]] = {}
    for row, (district, aliases) in enumerate(zip(parsed.frame["district"], parsed.frame["aliases"], strict=True)):
        for name in (district, *aliases):
            before, other = taken.setdefault(place_key(name), (row, district))
            if name and before != row and district != other:
                at = int(parsed.rows[before])
                why = Bad(
                    problem=f"means {other} (row {at}) already",
                    problem_zh=f"已表示{other}（第 {at} 行）",
                    expected="names of its own",
                    expected_zh="不与其他区县重名",
                )
                parsed.fail(row, "district" if name == district else "aliases", name, why)


def _tell_towns(tables: Mapping[str, Parsed]) -> None:
    """Tell of towns that no officer serves and whose name is like one that an officer of the district does."""
    officers, enterprises = tables["officers"].frame, tables["enterprises"]
    at_town = officers[officers["tier"] == "township"]
    served: dict[str, set[str]] = {}
    for district, town in zip(at_town["district"], at_town["town"], strict=True):
        served.setdefault(district, set()).add(town)
    for district, town in dict.fromkeys(zip(enterprises.frame["district"], enterprises.frame["town"], strict=True)):
        if town and town not in served.get(district, {town}):
            near, near_zh = hint(nearest(town, sorted(served[district]))[0])
            if near:
                enterprises.note(
                    None,
                    "town",
                    town,
                    f"no township officer of {district} serves it.{near}",
                    f"{district}没有服务该乡镇街道的干部{near_zh}",
                )


def _settle(parsed: Parsed, known: Mapping[str, str]) -> None:
    places = parsed.frame["district"].to_numpy(dtype=object)
    settled = {place: known.get(place_key(place)) for place in dict.fromkeys(places) if place}
    strange = {place: _unknown(place, known) for place, name in settled.items() if name is None}
    for row in np.flatnonzero([place in strange for place in places]):
        parsed.fail(int(row), "district", places[row], strange[places[row]])
    for place, name in settled.items():
        if name is not None and name != place:
            parsed.note(None, "district", place, f"read as {name}", f"按“{name}”处理")
    parsed.frame["district"] = pd.Series([settled.get(place) or place for place in places], dtype=str)


def _from_addresses(parsed: Parsed, known: Mapping[str, str]) -> None:
    """Where no district is given and the address names a known one (with its 区, 县 or 市), take that."""
    if "address" not in parsed.headers or not known:
        return
    named = re.compile("(" + "|".join(sorted(map(re.escape, known), key=lambda key: (-len(key), key))) + ")[区县市]")
    districts = parsed.frame["district"].to_numpy(dtype=object).copy()
    addresses = parsed.frame["address"].to_numpy(dtype=object)
    for row in np.flatnonzero(districts == ""):
        found = named.search(addresses[row].casefold())
        if found:
            districts[row] = known[found[1]]
            parsed.note(int(row), "district", addresses[row], f"read from the address: {districts[row]}", f"由地址读出：{districts[row]}")
    parsed.frame["district"] = pd.Series(districts, dtype=str)


def _tell_nowhere(parsed: Parsed) -> None:
    nowhere = int((parsed.frame["district"] == "").sum())
    if nowhere and "district" in parsed.headers:
        parsed.note(
            None,
            "district",
            "",
            f"{nowhere} enterprises name no district: only the city can serve them",
            f"{nowhere} 家企业未注明区县：只能由市级干部服务",
        )


def _unknown(place: str, known: Mapping[str, str]) -> Bad:
    names = sorted(set(known.values()))
    near, near_zh = hint(nearest(place, [*known, *names], at_least=HALF_ALIKE)[0])
    shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    return Bad(
        problem=f"is not a known district.{near}",
        problem_zh=f"未知的区县{near_zh}",
        expected=f"one of {shown}" if names else "a district that officers or the districts table name",
        expected_zh=f"以下之一：{shown}" if names else "干部表或区县表中的区县",
    )


def _fullest(names: Iterable[str]) -> dict[str, str]:
    spelled: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        if name:
            spelled.setdefault(place_key(name), []).append(name)
    return {key: min(several, key=lambda name: (-len(name), name)) for key, several in spelled.items()}
