"""What a planner's sheets hold: the one place that lists every table, column, header, kind and default."""

from __future__ import annotations

from matchmaker.tables.columns import Column, Table


def _id(name: str, *zh: str, filled: bool = True, en: tuple[str, ...] = ()) -> Column:
    return Column(name=name, zh=zh, en=en, kind="id", required=filled, filled=filled)


OFFICER_ID = _id("officer_id", "干部编号", "干部ID", "干部工号", "工号", "服务员编号", "助企服务员编号", en=("officer", "officer_no"))
ENTERPRISE_ID = _id("enterprise_id", "企业编号", "企业ID", "企业代码", "企业编码", en=("enterprise", "enterprise_no", "company_id"))
REQUEST_ID = _id("request_id", "诉求编号", "诉求ID", "问题编号", "诉求单号", en=("request", "request_no"))
NAME_EN = ("full_name",)
DISTRICT_ZH = ("区县", "所属区县", "所在区县", "区县市", "区、县(市)", "所属区", "县区", "区划")
TOWN_ZH = ("乡镇街道", "镇街", "所属乡镇", "所在乡镇", "所属街道", "乡镇", "街道", "乡镇/街道", "镇(街道)")
ACTOR = Column(name="actor", zh=("提出人", "申请人", "经办人", "操作人"), en=("by", "who"))
REASON = Column(name="reason", zh=("原因", "理由", "事由", "说明"), en=("why",))


def _noted(name: str, *zh: str, en: tuple[str, ...] = ()) -> Table:
    return Table(name=name, zh=zh, en=en, columns=(OFFICER_ID, ENTERPRISE_ID, ACTOR, REASON))


OFFICERS = Table(
    name="officers",
    zh=("干部", "干部名单", "干部表", "助企服务员", "服务员", "干部信息", "干部清单", "干部名册", "助企干部"),
    en=("officer",),
    required=True,
    open=True,
    key=("officer_id",),
    columns=(
        Column(
            name="officer_id",
            zh=("干部编号", "编号", "干部ID", "干部工号", "工号", "服务员编号", "助企服务员编号"),
            en=("id", "officer", "officer_no"),
            kind="id",
            required=True,
            filled=True,
        ),
        Column(name="name", zh=("姓名", "干部姓名", "干部"), en=("officer_name", *NAME_EN)),
        Column(
            name="department",
            zh=("部门", "单位", "所在单位", "所属部门", "工作单位", "派出单位", "单位名称"),
            en=("unit", "dept", "organisation", "organization"),
            kind="label",
            required=True,
            filled=True,
        ),
        Column(name="tier", zh=("层级", "级别", "干部层级"), en=("level",), kind="tier", required=True, filled=True),
        Column(name="district", zh=DISTRICT_ZH, en=("county",), kind="place"),
        Column(name="town", zh=TOWN_ZH, en=("township", "street"), kind="place"),
        Column(
            name="capacity",
            zh=("可服务企业数", "最多服务企业数", "服务企业上限", "容量", "服务上限"),
            en=("max_load", "capacity_high"),
            kind="count",
            required=True,
            filled=True,
            default=0,
        ),
        Column(
            name="min_load",
            zh=("最少服务企业数", "服务企业下限", "服务下限"),
            en=("capacity_low", "minimum_load"),
            kind="count",
            default=0,
            told=True,
        ),
        Column(name="latitude", zh=("纬度",), en=("lat",), kind="degrees", default=float("nan")),
        Column(name="longitude", zh=("经度",), en=("lon", "lng"), kind="degrees", default=float("nan")),
        Column(name="specialities", zh=("专长", "特长", "擅长领域", "业务专长"), en=("specialties", "skills"), kind="needs", default=()),
    ),
)

ENTERPRISES = Table(
    name="enterprises",
    zh=("企业", "企业名单", "企业表", "企业信息", "重点企业", "企业清单", "企业名册", "企业名录"),
    en=("enterprise", "companies", "firms"),
    required=True,
    open=True,
    key=("enterprise_id",),
    columns=(
        Column(
            name="enterprise_id",
            zh=("企业编号", "编号", "企业ID", "企业代码", "企业编码"),
            en=("id", "enterprise", "enterprise_no", "company_id"),
            kind="id",
            required=True,
            filled=True,
        ),
        Column(name="name", zh=("企业名称", "名称", "单位名称", "公司名称", "企业"), en=("enterprise_name", "company", "company_name")),
        Column(name="district", zh=DISTRICT_ZH, en=("county",), kind="place", required=True),
        Column(name="town", zh=TOWN_ZH, en=("township", "street"), kind="place"),
        Column(name="address", zh=("地址", "注册地址", "住所", "企业地址", "经营地址", "注册地"), en=("registered_address",)),
        Column(name="industry", zh=("行业", "所属行业", "行业类别", "产业"), en=("sector",), kind="label"),
        Column(name="scope", zh=("经营范围", "主营业务", "主营产品"), en=("business_scope",)),
        Column(
            name="capital",
            zh=("注册资金", "注册资本", "注册资金(万元)", "注册资本(万元)"),
            en=("registered_capital",),
            kind="money",
            default=float("nan"),
        ),
        Column(
            name="employees",
            zh=("从业人数", "员工人数", "职工人数", "从业人员"),
            en=("staff", "headcount"),
            kind="number",
            default=float("nan"),
        ),
        Column(
            name="registered_on",
            zh=("注册日期", "成立日期", "注册时间", "成立时间"),
            en=("registered", "founded"),
            kind="date",
            default=None,
        ),
        Column(name="demand_low", zh=("最少干部数", "所需干部数下限"), en=("min_officers",), kind="count", default=None, told=True),
        Column(
            name="demand_high",
            zh=("最多干部数", "所需干部数上限", "所需干部数"),
            en=("max_officers",),
            kind="count",
            default=None,
            told=True,
        ),
        Column(name="latitude", zh=("纬度",), en=("lat",), kind="degrees", default=float("nan")),
        Column(name="longitude", zh=("经度",), en=("lon", "lng"), kind="degrees", default=float("nan")),
        Column(name="credit_code", zh=("统一社会信用代码", "信用代码", "社会信用代码"), en=("uscc",), kind="credit_code"),
    ),
)

REQUESTS = Table(
    name="requests",
    zh=("诉求", "企业诉求", "诉求清单", "问题清单", "诉求表"),
    en=("request",),
    key=("request_id",),
    columns=(
        REQUEST_ID,
        ENTERPRISE_ID,
        Column(name="need", zh=("需求", "需求类别", "诉求类别", "诉求类型", "问题类别", "需求类型"), en=("category",), kind="need"),
        Column(name="text", zh=("诉求内容", "诉求描述", "问题描述", "内容", "具体诉求"), en=("description", "content")),
        Column(
            name="urgency",
            zh=("紧急程度", "红黄绿", "三色", "颜色", "紧急度"),
            en=("colour", "color"),
            kind="urgency",
            default="green",
            told=True,
        ),
        Column(name="filed_on", zh=("提出日期", "提出时间", "收集日期", "诉求日期"), en=("filed", "date"), kind="date", default=None),
    ),
)

OUTCOMES = Table(
    name="outcomes",
    zh=("办理结果", "办结情况", "办理情况", "诉求办理"),
    en=("outcome", "results"),
    columns=(
        REQUEST_ID,
        OFFICER_ID,
        _id("enterprise_id", *ENTERPRISE_ID.zh, filled=False, en=ENTERPRISE_ID.en),
        Column(name="need", zh=("需求", "需求类别", "诉求类别", "诉求类型", "问题类别", "需求类型"), en=("category",), kind="need"),
        Column(
            name="resolved",
            zh=("是否办结", "办结", "是否解决", "办理状态"),
            en=("closed", "solved"),
            kind="flag",
            required=True,
            filled=True,
            default=False,
        ),
        Column(name="closed_on", zh=("办结日期", "办结时间", "解决日期"), en=("resolved_on",), kind="date", default=None),
    ),
)

VISITS = Table(
    name="visits",
    zh=("走访", "走访记录", "走访情况"),
    en=("visit",),
    columns=(
        OFFICER_ID,
        ENTERPRISE_ID,
        Column(
            name="visited_on",
            zh=("走访日期", "走访时间"),
            en=("date", "visit_date"),
            kind="date",
            required=True,
            filled=True,
            default=None,
        ),
    ),
)

DEPARTMENTS = Table(
    name="departments",
    zh=("部门", "部门职能", "要素部门", "单位"),
    en=("department", "units"),
    key=("department",),
    columns=(
        Column(
            name="department",
            zh=("部门", "单位", "部门名称", "单位名称"),
            en=("unit", "name", "dept"),
            kind="label",
            required=True,
            filled=True,
        ),
        Column(name="needs", zh=("职能", "对应需求", "职能需求"), en=("mandate", "functions"), kind="needs", required=True, default=()),
        Column(name="contact", zh=("工作联系人", "联系人"), en=("contact_person",)),
    ),
)

DISTRICTS = Table(
    name="districts",
    zh=("区县", "区划", "区县名单"),
    en=("district", "counties"),
    key=("district",),
    columns=(
        Column(
            name="district", zh=("区县", "区县名称", "名称", "区、县(市)"), en=("name", "county"), kind="place", required=True, filled=True
        ),
        Column(name="aliases", zh=("别名", "别称", "又名"), en=("alias",), kind="words", default=()),
    ),
)

NEEDS = Table(
    name="needs",
    zh=("需求目录", "需求类别", "需求分类"),
    en=("need", "taxonomy"),
    key=("need",),
    columns=(
        Column(name="need", zh=("代码", "需求代码", "需求"), en=("code",), kind="id", required=True, filled=True),
        Column(name="zh", zh=("中文", "中文名称", "中文名"), en=("chinese",), required=True, filled=True),
        Column(name="en", zh=("英文", "英文名称", "英文名"), en=("english",), required=True, filled=True),
        Column(name="keywords", zh=("关键词", "关键字"), en=("keyword",), kind="words", default=()),
    ),
)

PLAN = Table(
    name="plan",
    zh=("上轮方案", "结对方案", "上轮结对", "结对"),
    en=("assignment", "previous"),
    key=("officer_id", "enterprise_id"),
    columns=(OFFICER_ID, ENTERPRISE_ID),
)

SCHEMA: dict[str, Table] = {
    table.name: table
    for table in (
        OFFICERS,
        ENTERPRISES,
        REQUESTS,
        OUTCOMES,
        VISITS,
        _noted("recusals", "回避", "回避名单", "回避关系", en=("recusal", "conflicts")),
        _noted("pins", "点将", "点将名单", "指定结对", en=("pin",)),
        _noted("vetoes", "否决", "否决名单", en=("veto",)),
        DEPARTMENTS,
        DISTRICTS,
        NEEDS,
        PLAN,
    )
}
