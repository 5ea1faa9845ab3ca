"""Recusals, vetoes and pins that a policy has no rule for: what somebody said is never passed over in silence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matchmaker.assignment import Assignment
from matchmaker.constraints import Constraint, Pin, Recusal, Veto
from matchmaker.constraints.base import RULES_ZH
from matchmaker.constraints.noted import KeptApart, Noted
from matchmaker.instance import Instance


def unheeded(instance: Instance, rules: Sequence[Constraint], plan: Assignment | None = None) -> tuple[tuple[str, str], ...]:
    """What recusals, vetoes and pins ask for and no rule does, in English and Chinese; with how often a plan goes against it.

    A pair that must not meet is heeded by a rule of either kind, recusal or veto.
    """
    said = []
    kinds: tuple[type[Noted], ...] = (Recusal, Veto, Pin)
    for rule in kinds:
        kind, apart = rule.rule, issubclass(rule, KeptApart)
        heeding: list[Noted] = [one for one in rules if isinstance(one, KeptApart if apart else Pin)]
        known = np.concatenate([np.empty(0, np.int64), *(instance.keys(one.of(instance)) for one in heeding)])
        keys = np.setdiff1d(instance.keys(rule().of(instance)), known)
        if not len(keys):
            continue
        en = f'{len(keys)} of {kind} not heeded, as the policy has no rule "{kind}"'
        text = f"{RULES_ZH[kind]} {len(keys)} 条未生效：策略未列入 {kind}"
        if plan is not None:
            met = np.isin(keys, instance.keys(plan))
            against = int(met.sum() if apart else (~met).sum())
            en += f"; {against} of these pairs {'are' if apart else 'are not'} in the plan"
            text += f"，其中 {against} 对{'仍在' if apart else '不在'}方案中"
        said.append((en, text))
    return tuple(said)
