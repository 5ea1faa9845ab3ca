"""What a rule is: it knows how to impose itself and how to check itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from matchmaker.assignment import Assignment
from matchmaker.instance import Instance
from matchmaker.program import Program

RULES_ZH = {
    "capacity": "干部名额",
    "demand": "企业干部数",
    "recusal": "回避",
    "veto": "否决",
    "pin": "点将",
    "serves_area": "服务辖区",
    "within_distance": "距离上限",
    "workload": "工作量",
    "coverage": "诉求覆盖",
    "together": "同配",
    "apart": "分开",
    "quota": "配额",
    "each_has": "每家必有",
    "group_floor": "分组底线",
    "minimum_affinity": "最低匹配度",
    "churn_budget": "变动上限",
}
"""Rules by name, in Chinese; a rule of somebody's own keeps its name."""


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One place where a plan breaks a rule.

    Parameters
    ----------
    rule
        The rule's name.
    officer, enterprise
        Ids of who it is about; None where it is about one side only.
    problem, problem_zh
        What is broken, with the numbers, in English and Chinese.
    """

    rule: str
    officer: object = None
    enterprise: object = None
    problem: str
    problem_zh: str = ""

    def __str__(self) -> str:
        """One line."""
        who = ", ".join(str(name) for name in (self.officer, self.enterprise) if name is not None)
        return f"{self.rule} ({who}): {self.problem}"

    @property
    def zh(self) -> str:
        """The same line in Chinese."""
        who = "、".join(str(name) for name in (self.officer, self.enterprise) if name is not None)
        return f"{RULES_ZH.get(self.rule, self.rule)}{f'（{who}）' if who else ''}：{self.problem_zh or self.problem}"


@runtime_checkable
class Constraint(Protocol):
    """A hard rule. Pass any object with these two methods; there is nothing to register."""

    def impose(self, program: Program, instance: Instance) -> None:
        """Write the rule into the programme."""

    def violations(self, instance: Instance, assignment: Assignment) -> list[Violation]:
        """Every place where a plan breaks the rule, from the plan alone; empty when it keeps it."""


def name_of(part: object) -> str:
    """A rule's or an aim's name in a configuration, from an instance or its class: ``ServesArea`` is "serves_area"."""
    letters = (part if isinstance(part, type) else type(part)).__name__
    return "".join("_" + c.lower() if c.isupper() and k else c.lower() for k, c in enumerate(letters))
