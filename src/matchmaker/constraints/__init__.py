"""Hard rules, one a file: each imposes itself on a programme and checks itself on a plan."""

from matchmaker.constraints.apart import Apart
from matchmaker.constraints.base import Constraint, Violation
from matchmaker.constraints.capacity import Capacity
from matchmaker.constraints.churn_budget import ChurnBudget
from matchmaker.constraints.coverage import Coverage
from matchmaker.constraints.demand import Demand
from matchmaker.constraints.group_floor import GroupFloor
from matchmaker.constraints.minimum_affinity import MinimumAffinity
from matchmaker.constraints.pin import Pin
from matchmaker.constraints.quota import EachHas, Quota
from matchmaker.constraints.recusal import Recusal
from matchmaker.constraints.serves_area import ServesArea
from matchmaker.constraints.together import Together
from matchmaker.constraints.veto import Veto
from matchmaker.constraints.within_distance import WithinDistance
from matchmaker.constraints.workload import Workload

__all__ = [
    "Apart",
    "Capacity",
    "ChurnBudget",
    "Constraint",
    "Coverage",
    "Demand",
    "EachHas",
    "GroupFloor",
    "MinimumAffinity",
    "Pin",
    "Quota",
    "Recusal",
    "ServesArea",
    "Together",
    "Veto",
    "Violation",
    "WithinDistance",
    "Workload",
]
