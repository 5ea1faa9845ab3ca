"""Names and sentences, from lists of syllables, in a way that says made-up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

SURNAMES = "甲乙丙丁戊己庚辛壬癸"
GIVEN = "安柏澄岱恩帆谷禾珂嘉宽朗敏宁朴启然舒桐未熙言泽知舟"
FIRST = "晨启云禾星远澄原朗合致新宏青锐恒"
SECOND = "川辰舟木岳帆石野森达途泽岭霁航序"

ASKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "supply_chain": ("{short}关键零部件供应不稳，希望对接本地产业链配套企业", "希望与链主企业开展产业链对接，寻找上下游合作"),
        "finance": ("流动资金紧张，希望对接银行贷款，降低融资成本", "订单增加但回款慢，希望办理融资担保和信贷"),
        "talent": ("{short}研发人才难招，希望协助高层次人才引进和人才公寓", "希望认定紧缺人才，解决人才子女就学"),
        "energy": ("扩产后用电负荷不足，希望增容", "天然气和蒸汽价格上涨，希望协调用能指标"),
        "labour": ("{short}生产线缺工，希望组织专场招聘", "旺季用工缺口较大，希望对接劳务协作"),
        "market": ("外贸订单减少，希望组织参加展会拓展市场", "{short}产品希望进入政府采购，拓展销路"),
        "land": ("现有厂房不足，希望解决工业用地指标", "扩建项目需要用地，希望协调土地出让"),
        "permits": ("新厂房产权证办理时间长，希望协助办证", "{short}项目环评和消防验收审批较慢，希望加快办理许可"),
        "policy_rewards": ("技改补助资金未到位，希望兑现奖励政策", "希望了解并申报专精特新奖补政策"),
        "law": ("与外地客户发生合同纠纷，希望提供法律服务", "{short}商标被侵权，希望法律援助"),
        "tax": ("希望加快增值税留抵退税", "研发费用加计扣除口径不清，希望税务辅导"),
        "innovation": ("希望与高校开展产学研合作，攻关{short}技术难题", "希望共建实验室，推动科技成果转化"),
    }
)
"""Need -> what an enterprise writes; ``{short}`` stands for its trade."""


def officer_names(rng: np.random.Generator, size: int) -> list[str]:
    """Made-up officers' names: 甲知舟, 丙未然, ... No family is called by a heavenly stem's number."""
    return [a + b + c for a, b, c in zip(*(_picked(rng, letters, size) for letters in (SURNAMES, GIVEN, GIVEN)), strict=True)]


def enterprise_names(rng: np.random.Generator, trades: Sequence[str]) -> list[str]:
    """Made-up enterprises' names, each with 示例 (sample) in it: 示例晨川软件有限公司, ... Two may share a name, as real ones do."""
    syllables = zip(*(_picked(rng, letters, len(trades)) for letters in (FIRST, SECOND)), trades, strict=True)
    return [f"示例{first}{second}{trade}有限公司" for first, second, trade in syllables]


def request_texts(rng: np.random.Generator, needs: Sequence[str], trades: Sequence[str]) -> list[str]:
    """What enterprises write about each need, with their own trade in it."""
    which = rng.random(len(needs))
    asks = [ASKS[need][int(at * len(ASKS[need]))] for need, at in zip(needs, which, strict=True)]
    return [ask.format(short=trade) for ask, trade in zip(asks, trades, strict=True)]


def numbered(letter: str, size: int) -> NDArray[np.object_]:
    """Ids G00001, G00002, ... that sort as text in the order they stand. Shape (size,)."""
    width = max(5, len(str(size)))
    return np.array([f"{letter}{k:0{width}d}" for k in range(1, size + 1)], dtype=object)


def _picked(rng: np.random.Generator, letters: str, size: int) -> list[str]:
    return [letters[k] for k in rng.integers(0, len(letters), size)]
