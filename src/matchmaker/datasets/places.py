"""The thirteen districts of Hangzhou by name, and towns that do not exist."""

from __future__ import annotations

from types import MappingProxyType

DISTRICTS = MappingProxyType(
    {
        "萧山区": 0.145,
        "余杭区": 0.140,
        "滨江区": 0.115,
        "钱塘区": 0.090,
        "临平区": 0.085,
        "西湖区": 0.085,
        "上城区": 0.075,
        "拱墅区": 0.075,
        "富阳区": 0.070,
        "临安区": 0.050,
        "桐庐县": 0.035,
        "建德市": 0.022,
        "淳安县": 0.013,
    }
)
"""District -> share of the enterprises served: made up, larger where industry is."""

STEMS = "甲乙丙丁戊己庚辛壬癸"
LANDMARKS = ("桥", "溪", "湖", "山", "塘")
TOWNS_AT_MOST = 22


def towns(district: str, share: float) -> list[str]:
    """Made-up towns of a district, more of them in a larger one: 甲桥街道, 乙溪镇, ...

    Names begin with a heavenly stem, so nobody takes them for a place on the map. Two districts share some of them, as real ones do.
    """
    count = min(TOWNS_AT_MOST, 6 + round(110 * share))
    start = list(DISTRICTS).index(district) if district in DISTRICTS else 0
    urban = not district.endswith(("县", "市"))
    kinds = [("街道" if k % 3 < 2 else "镇") if urban else ("镇" if k % 3 < 2 else "乡") for k in range(count)]
    return [f"{STEMS[k % 10]}{LANDMARKS[(start + k + k // 10) % 5]}{kind}" for k, kind in enumerate(kinds)]
