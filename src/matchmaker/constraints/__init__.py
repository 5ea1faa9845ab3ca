"""Hard rules, one a file: each imposes itself on a programme and checks itself on a plan."""

from matchmaker.constraints.base import Constraint, Violation
from matchmaker.constraints.capacity import Capacity
from matchmaker.constraints.demand import Demand
from matchmaker.constraints.pin import Pin
from matchmaker.constraints.recusal import Recusal
from matchmaker.constraints.serves_area import ServesArea
from matchmaker.constraints.veto import Veto

__all__ = ["Capacity", "Constraint", "Demand", "Pin", "Recusal", "ServesArea", "Veto", "Violation"]
