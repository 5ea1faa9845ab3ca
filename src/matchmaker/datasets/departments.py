"""The twenty-six kinds of departments that hold a factor (要素部门), each with the needs it has in its hands."""

from __future__ import annotations

from types import MappingProxyType

MANDATES = MappingProxyType(
    {
        "发展和改革委员会": ("energy", "policy_rewards"),
        "经济和信息化局": ("supply_chain", "policy_rewards", "energy"),
        "科学技术局": ("innovation", "policy_rewards"),
        "人力资源和社会保障局": ("labour", "talent"),
        "规划和自然资源局": ("land", "permits"),
        "生态环境局": ("permits",),
        "城乡建设委员会": ("permits", "land"),
        "住房保障和房产管理局": ("talent", "permits"),
        "交通运输局": ("supply_chain", "permits"),
        "商务局": ("market", "supply_chain"),
        "文化广电旅游局": ("market",),
        "卫生健康委员会": ("permits",),
        "应急管理局": ("permits",),
        "市场监督管理局": ("permits", "innovation"),
        "地方金融管理局": ("finance",),
        "税务局": ("tax",),
        "司法局": ("law",),
        "财政局": ("policy_rewards", "finance"),
        "投资促进局": ("supply_chain", "land"),
        "数据资源管理局": ("innovation", "permits"),
        "农业农村局": ("market", "policy_rewards"),
        "林业水利局": ("land", "permits"),
        "城市管理局": ("permits",),
        "人才工作办公室": ("talent",),
        "能源保障中心": ("energy",),
        "工商业联合会": ("finance", "market", "law"),
    }
)
"""Department -> codes of the needs in its mandate."""

SIZES = MappingProxyType(
    {
        "经济和信息化局": 3.0,
        "市场监督管理局": 2.0,
        "人力资源和社会保障局": 2.0,
        "规划和自然资源局": 2.0,
        "税务局": 1.5,
        "商务局": 1.5,
    }
)
"""How many officers a department sends, next to 1 for those that are not named."""
