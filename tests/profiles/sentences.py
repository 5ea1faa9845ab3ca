"""Made-up requests in the enterprises' words, by templates; the held-out ones share no template with the others."""

from __future__ import annotations

import numpy as np

TOLD = {
    "supply_chain": ["{x}的{y}供应商断供,希望对接{z}的上下游企业", "我司缺少{y},想找{z}的配套厂家", "{x}原材料采购困难,请帮忙对接产业链"],
    "finance": ["{x}{y}资金周转紧张,希望获得银行贷款", "我司在{z}的续贷手续办不下来,急需融资", "{x}抵押物不足,授信额度不够"],
    "talent": ["{x}想引进{y}方面的博士,请支持人才公寓", "{x}高层次人才子女入学难", "{z}缺{y}工程师,希望组织引才"],
    "energy": ["{x}{y}车间用电负荷不够,需要增容", "{z}厂区经常停电,影响{y}生产", "{x}能耗指标不足"],
    "labour": ["{x}{y}生产线招工难,缺普工", "旺季临时工人不够,{z}希望举办招聘会", "{x}一线员工流失,用工缺口大"],
    "market": ["{x}{y}产品销路不好,订单下滑", "希望组织{z}企业参加展会,开拓市场", "{x}外贸订单减少,想拓展海外客户"],
    "land": ["{x}计划扩产{y},没有工业用地", "{z}厂房不够用,希望解决用地指标", "{x}租的厂房到期,需要新的土地"],
    "permits": ["{x}{y}项目环评审批迟迟未下来", "{z}的厂房消防验收没有通过,办证受阻", "{x}生产许可证快到期,审批慢"],
    "policy_rewards": ["{x}去年的{y}补贴还没有兑现", "{z}专精特新奖励资金未到账", "{x}想了解惠企政策怎么申报"],
    "law": ["{x}与{z}客户发生合同纠纷,想咨询律师", "{y}货款被拖欠,准备起诉", "{x}想申请法律援助,处理劳动仲裁"],
    "tax": ["{x}出口退税进度慢", "{z}增值税留抵退税没有办下来", "{x}{y}业务的发票和税率不清楚"],
    "innovation": ["{x}{y}技术改造遇到技术难题,想与高校产学研合作", "{z}想认定高新技术企业", "{x}数字化转型缺少方案"],
}
HELD_OUT = {
    "supply_chain": ["{y}零部件进口受限,{x}在找替代的供应商", "{x}希望与链主企业建立供货关系"],
    "finance": ["银行压缩{x}的信贷规模,{y}项目缺资金", "{x}融资成本太高,利率降不下来"],
    "talent": ["{z}地处偏远,{y}专业的硕士留不住,盼人才补贴", "{x}招不到高端人才"],
    "energy": ["{x}电价太高,{y}成本上升", "{z}天然气供气不稳定"],
    "labour": ["{x}{y}岗位用工荒,技工难招", "{z}缺工三十人,请劳务派遣支持"],
    "market": ["{x}{y}滞销,希望政府采购倾斜并帮助推广品牌", "{z}客户流失,销售渠道单一"],
    "land": ["{x}要建{y}新车间,苦于没有地块", "{z}园区场地太小,土地指标紧缺"],
    "permits": ["{x}{y}施工许可一直批不下来", "{z}排污许可要变更,手续多,备案慢"],
    "policy_rewards": ["{x}符合{y}扶持条件,奖补何时兑现", "{z}技改补助申报未通过"],
    "law": ["{x}被{z}告上法庭,诉讼缠身", "{y}商标侵权,想维权"],
    "tax": ["{x}想了解{y}所得税优惠", "{z}加计扣除的纳税申报不会填"],
    "innovation": ["{x}{y}关键技术攻关缺实验室", "{z}想做智能制造,专利成果转化无门"],
}
X = ["我公司", "本厂", "我们企业", "我司", "公司", "厂里"]
Y = ["轴承", "家纺", "电缆", "阀门", "食品", "涂料", "模具", "服装"]
Z = ["东区", "西区", "南县", "北镇", "新城"]


def sentences(templates: dict[str, list[str]], count: int, *, seed: int) -> tuple[list[str], list[str]]:
    """`count` requests and their needs' codes, each need and template about equally often."""
    rng = np.random.default_rng(seed)
    every = [(need, template) for need, options in templates.items() for template in options]
    chosen = [every[i % len(every)] for i in range(count)]
    texts = [template.format(x=rng.choice(X), y=rng.choice(Y), z=rng.choice(Z)) for _, template in chosen]
    return texts, [need for need, _ in chosen]
