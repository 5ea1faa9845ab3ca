"""Made-up industries: what they do, what they ask for, where they gather."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Industry:
    """One industry.

    Parameters
    ----------
    name
        As the table's column says it.
    share
        Of all enterprises, before the shares are brought to sum to 1.
    short
        What enterprises' names end in.
    scope
        Words of the business scope.
    needs
        Need -> how often it is asked for, next to 1 for every other need.
    districts
        Where it gathers: district -> how much likelier than elsewhere.
    """

    name: str
    share: float
    short: str
    scope: tuple[str, ...]
    needs: dict[str, float]
    districts: dict[str, float] = field(default_factory=dict)


INDUSTRIES = (
    Industry(
        name="软件和信息技术服务业",
        share=0.16,
        short="软件",
        scope=("软件开发", "信息系统集成服务", "数据处理服务", "人工智能应用软件开发", "网络技术服务"),
        needs={"talent": 12, "innovation": 8, "policy_rewards": 6, "finance": 6, "tax": 3},
        districts={"滨江区": 4, "西湖区": 3, "余杭区": 3},
    ),
    Industry(
        name="通用设备制造业",
        share=0.12,
        short="精密机械",
        scope=("通用设备制造", "机械零件加工", "阀门和旋塞研发", "泵及真空设备制造", "模具制造"),
        needs={"labour": 9, "land": 8, "supply_chain": 7, "energy": 5, "permits": 5},
        districts={"萧山区": 3, "临平区": 2, "富阳区": 2},
    ),
    Industry(
        name="医药制造业",
        share=0.08,
        short="生物医药",
        scope=("药品生产", "医疗器械研发", "生物基材料技术研发", "医学研究和试验发展", "保健食品销售"),
        needs={"permits": 10, "innovation": 8, "talent": 7, "finance": 5, "land": 3},
        districts={"钱塘区": 4, "余杭区": 2, "滨江区": 2},
    ),
    Industry(
        name="纺织服装业",
        share=0.10,
        short="纺织",
        scope=("服装制造", "针纺织品销售", "面料印染加工", "家用纺织制成品制造", "服饰研发"),
        needs={"market": 9, "labour": 9, "energy": 6, "finance": 5},
        districts={"萧山区": 3, "临平区": 3, "桐庐县": 2},
    ),
    Industry(
        name="化学原料和化学制品制造业",
        share=0.06,
        short="新材料",
        scope=("化工产品生产", "高性能纤维制造", "新材料技术研发", "涂料制造", "合成材料销售"),
        needs={"permits": 10, "energy": 9, "land": 7, "supply_chain": 4},
        districts={"钱塘区": 3, "建德市": 5, "萧山区": 2},
    ),
    Industry(
        name="电气机械和器材制造业",
        share=0.09,
        short="电气",
        scope=("配电开关控制设备制造", "电线电缆经营", "光伏设备及元器件制造", "电池制造", "电机制造"),
        needs={"supply_chain": 9, "energy": 7, "market": 6, "land": 6, "labour": 5},
        districts={"富阳区": 2, "临安区": 4},
    ),
    Industry(
        name="计算机、通信和其他电子设备制造业",
        share=0.08,
        short="电子",
        scope=("电子元器件制造", "集成电路设计", "通信设备制造", "安防设备制造", "显示器件制造"),
        needs={"supply_chain": 9, "talent": 8, "innovation": 7, "finance": 4},
        districts={"滨江区": 3, "钱塘区": 2},
    ),
    Industry(
        name="批发和零售业",
        share=0.10,
        short="商贸",
        scope=("日用百货销售", "货物进出口", "互联网销售", "食品销售", "五金产品批发"),
        needs={"market": 12, "finance": 6, "tax": 6, "permits": 3},
        districts={"上城区": 4, "拱墅区": 3},
    ),
    Industry(
        name="交通运输和仓储业",
        share=0.05,
        short="物流",
        scope=("普通货物运输", "仓储服务", "国际货运代理", "供应链管理服务", "快递服务"),
        needs={"land": 8, "labour": 7, "permits": 7, "supply_chain": 5},
        districts={"桐庐县": 5, "萧山区": 2},
    ),
    Industry(
        name="食品制造业",
        share=0.05,
        short="食品",
        scope=("食品生产", "饮料生产", "茶叶制品生产", "农产品初加工", "包装材料销售"),
        needs={"permits": 9, "market": 8, "labour": 5, "energy": 3},
        districts={"淳安县": 6, "建德市": 3},
    ),
    Industry(
        name="文化和旅游业",
        share=0.05,
        short="文旅",
        scope=("旅游业务", "会议及展览服务", "文艺创作", "景区管理", "餐饮服务"),
        needs={"market": 10, "policy_rewards": 6, "finance": 5, "permits": 4},
        districts={"淳安县": 6, "西湖区": 2, "上城区": 2, "桐庐县": 3},
    ),
    Industry(
        name="建筑业",
        share=0.06,
        short="建设",
        scope=("建设工程施工", "建筑装饰工程", "园林绿化工程施工", "工程管理服务", "建筑材料销售"),
        needs={"law": 8, "finance": 8, "permits": 7, "tax": 5, "labour": 5},
        districts={"萧山区": 2, "拱墅区": 2},
    ),
)
