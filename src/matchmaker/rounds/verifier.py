"""Is a saved plan what it claims to be? Every rule, the value and the bound again, from the tables and the prices, without a solver."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matchmaker.assignment import Assignment
from matchmaker.constraints.base import name_of
from matchmaker.engine.certificate import bound
from matchmaker.errors import DataError
from matchmaker.face import Face
from matchmaker.instance import Instance
from matchmaker.objectives import Leximin, Objective
from matchmaker.program import relative_gap
from matchmaker.rounds.record import OWN_FILES, PROOF, RESULT, counts_of, earlier_of, prices_from
from matchmaker.rounds.saved import Saved, changed_files, read_plan, reopen
from matchmaker.unheeded import unheeded
from matchmaker.words import Language

PROVEN = 1e-9
"""Values and bounds that agree to this relative difference agree: they are sums in double precision."""
SEARCHED = 1e-6
"""A complete search is right to so much, relative to the value: its solver's tolerances."""
SHOWN = 10
MARKS = ("×", "√")
"""Of what does not hold and what does; both can be shown by every Chinese console."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was checked.

    Parameters
    ----------
    holds
        Whether it is as claimed.
    en, zh
        What was found, with the numbers.
    """

    holds: bool
    en: str
    zh: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What verifying a saved plan found.

    Parameters
    ----------
    findings
        Everything that was checked, in order.
    objective
        The plan's value, recomputed.
    bound
        No plan is worth more: proven again from the prices; infinity where there are none.
    searched
        Whether `bound` is what the run's own search found, which is not made again here.
    """

    findings: tuple[Finding, ...]
    objective: float
    bound: float
    searched: bool = False

    @property
    def holds(self) -> bool:
        """Whether everything is as claimed."""
        return all(finding.holds for finding in self.findings)

    @property
    def gap(self) -> float:
        """How far the plan may be from the best, as recomputed."""
        return relative_gap(self.objective, self.bound)

    def text(self, language: Language = "en") -> str:
        """One line a finding."""
        return "\n".join(f"{MARKS[finding.holds]} {getattr(finding, language)}" for finding in self.findings)


def verify(folder: str | Path) -> Verdict:
    """Check a saved plan against the tables it was made from.

    Raises
    ------
    DataError
        When the folder is not a run's output, or an input file was changed since: there is nothing to check against.
    NoAssignmentError
        When the run found that no plan can exist.
    """
    home = Path(folder).resolve()
    saved = reopen(home)
    findings = [*_files(home, saved), *_settings(saved)]
    try:
        plan = read_plan(home, saved.inputs.instance)
    except DataError as error:
        return Verdict(findings=(*findings, Finding(holds=False, en=str(error), zh=str(error))), objective=math.nan, bound=math.inf)
    terms = saved.inputs.policy.terms(saved.inputs.instance, plan)
    objective = saved.inputs.policy.values(saved.inputs.instance, plan)[-1]
    findings += [*_rules(saved, plan), *_ranks(saved, plan), *_values(saved, terms, objective), *_numbers(home, saved, plan)]
    searched = _by_search(saved)
    proven, found = _bound(saved, searched=searched)
    findings += [*found, *_below(objective, proven), *_claim(saved, relative_gap(objective, proven), searched=searched)]
    return Verdict(findings=tuple(findings), objective=objective, bound=proven, searched=searched)


def _files(home: Path, saved: Saved) -> Iterator[Finding]:
    changed = changed_files(home, saved)
    if changed:
        names = ", ".join(changed)
        yield Finding(holds=False, en=f"changed since the run: {names}", zh=f"生成后被修改：{names}")
    else:
        yield Finding(holds=True, en=f"{len(OWN_FILES)} files as the run wrote them", zh=f"{len(OWN_FILES)} 个文件均未被修改")


def _settings(saved: Saved) -> Iterator[Finding]:
    config, record = saved.inputs.config, saved.record
    named = {record.policy, saved.proof.get("policy")} == {saved.inputs.policy.name}
    same = record.config == config.model_dump(mode="json") and named and record.seed == config.seed
    if same:
        yield Finding(holds=True, en=f'policy "{record.policy}", as round.toml says', zh=f"策略“{record.policy}”与 round.toml 一致")
    else:
        yield Finding(holds=False, en=f"{RESULT} does not say what round.toml says", zh=f"{RESULT} 与 round.toml 不一致")


def _rules(saved: Saved, plan: Assignment) -> Iterator[Finding]:
    broken = saved.inputs.policy.violations(saved.inputs.instance, plan)
    for violation in broken[:SHOWN]:
        yield Finding(holds=False, en=str(violation), zh=violation.zh)
    count = len(saved.inputs.policy.constraints)
    if broken:
        yield Finding(holds=False, en=f"rules broken in {len(broken)} places", zh=f"共违反规则 {len(broken)} 处")
    else:
        yield Finding(holds=True, en=f"{len(plan):,} pairs keep all {count} rules", zh=f"{len(plan):,} 对结对符合全部 {count} 条规则")
    for en, zh in unheeded(saved.inputs.instance, saved.inputs.policy.constraints, plan):
        yield Finding(holds=True, en=f"but: {en}", zh=f"但：{zh}")


def _ranks(saved: Saved, plan: Assignment) -> Iterator[Finding]:
    """Whether the plan holds what the ranks before the last have reached, but for the slack that round.toml gives away."""
    policy, instance = saved.inputs.policy, saved.inputs.instance
    try:
        held = earlier_of(saved.proof, instance)
    except DataError as error:
        yield Finding(holds=False, en=str(error), zh=str(error))
        return
    if len(held) != len(policy.ranks) - 1 and saved.record.stopped is None:
        yield Finding(
            holds=False, en=f"{PROOF} holds {len(held)} earlier ranks of {len(policy.ranks) - 1}", zh=f"{PROOF} 中前几级目标的记录不全"
        )
        return
    values = policy.values(instance, plan)
    for number, (rank, after, reached) in enumerate(zip(policy.ranks, policy.ranks[1:], held, strict=False)):
        names = " + ".join(map(name_of, rank.aims))
        if isinstance(reached, float):
            least = reached - (after.slack + PROVEN) * abs(reached)
            en = f"{names} is {values[number]!r}, at least {least!r} was to be held"
            zh = f"{names} 为 {values[number]!r}，应保持不低于 {least!r}"
            yield Finding(holds=bool(values[number] >= least - PROVEN * max(1.0, abs(least))), en=en, zh=zh)
        else:
            below = _levels_below(rank.aims[0], reached, after.slack + PROVEN, instance, plan)
            en, zh = f"{names}: {below} levels are below what was to be held", f"{names}：{below} 级低于应达到的水平"
            yield Finding(holds=not below, en=en, zh=zh)


def _levels_below(aim: Objective, reached: Face | NDArray[np.float64], slack: float, instance: Instance, plan: Assignment) -> int:
    """How many levels, the worst served first, a plan has less than was to be held; all of them where the aim knows of none."""
    floors = reached.lowered(slack)[instance.demand_high > 0] if isinstance(reached, Face) else reached - slack * np.abs(reached)
    has = aim.sorted_values(instance, plan) if isinstance(aim, Leximin) else np.empty(0)
    return int((has < np.sort(floors)).sum()) if len(has) == len(floors) else len(floors)


def _values(saved: Saved, terms: Mapping[str, float], objective: float) -> Iterator[Finding]:
    claims = [saved.record.objective, saved.proof.get("objective")]
    holds = all(_close(claim, objective) for claim in claims) and _all_close(saved.record.terms, terms)
    yield Finding(holds=holds, en=f"value {objective!r}, claimed {claims[0]!r}", zh=f"目标值 {objective!r}，声称 {claims[0]!r}")


def _numbers(home: Path, saved: Saved, plan: Assignment) -> Iterator[Finding]:
    if not _all_close(saved.record.counts, counts_of(saved.inputs.instance, plan)):
        yield Finding(holds=False, en=f"the counts in {RESULT} are not the plan's", zh=f"{RESULT} 中的统计数与方案不符")
    wrong = _wrong_affinities(home, saved, plan)
    if wrong:
        en, zh = f"plan.csv states another affinity for {wrong} pairs", f"plan.csv 中 {wrong} 对结对的匹配度与数据不符"
        yield Finding(holds=False, en=en, zh=zh)


def _wrong_affinities(home: Path, saved: Saved, plan: Assignment) -> int:
    """For how many pairs plan.csv does not state the affinity that the tables give."""
    instance = saved.inputs.instance
    written = pd.read_csv(home / "plan.csv", dtype=str, encoding="utf-8-sig", keep_default_na=False).set_index(
        ["officer_id", "enterprise_id"]
    )
    if "affinity" not in written:
        return len(plan)
    pairs = pd.MultiIndex.from_frame(plan.to_frame())
    stated = pd.to_numeric(written["affinity"], errors="coerce").reindex(pairs).to_numpy(dtype=np.float64)
    return int((~np.isclose(stated, instance.affinity.pairs(plan.officers, plan.enterprises), rtol=PROVEN, atol=PROVEN)).sum())


def _bound(saved: Saved, *, searched: bool) -> tuple[float, list[Finding]]:
    """The bound that the prices prove, and whether it is the one claimed."""
    instance, claimed = saved.inputs.instance, saved.record.bound
    try:
        prices = prices_from(saved.proof, instance)
    except DataError as error:
        return math.inf, [Finding(holds=False, en=str(error), zh=str(error))]
    if claimed != saved.proof.get("bound"):
        return math.inf, [Finding(holds=False, en=f"{PROOF} and {RESULT} claim different bounds", zh=f"{PROOF} 与 {RESULT} 的上界不同")]
    if prices is None:
        if claimed is not None and searched:
            en, zh = f"no plan is worth more than {claimed!r}, by the run's own search", f"本次运行的搜索表明任何方案不超过 {claimed!r}"
            return claimed, [Finding(holds=True, en=en, zh=zh)]
        if claimed is None:
            return math.inf, [Finding(holds=True, en="no bound is claimed", zh="未声称上界")]
        return math.inf, [Finding(holds=False, en=f"the bound {claimed!r} has no proof", zh=f"上界 {claimed!r} 没有证明")]
    try:
        earlier = earlier_of(saved.proof, instance)
    except DataError as error:
        return math.inf, [Finding(holds=False, en=str(error), zh=str(error))]
    proven = bound(saved.inputs.policy.program(instance, earlier), prices)
    if searched and claimed is not None and claimed <= proven:
        en = f"no plan is worth more than {claimed!r}, by the run's own search; the prices alone prove {proven!r}"
        zh = f"本次运行的搜索表明任何方案不超过 {claimed!r}；仅凭价格可证明 {proven!r}"
        return claimed, [Finding(holds=True, en=en, zh=zh)]
    holds = claimed is not None and _close(proven, claimed)
    en = f"no plan is worth more than {proven!r}, over all {instance.shape[0]:,} x {instance.shape[1]:,} pairs; claimed {claimed!r}"
    zh = f"任何方案不超过 {proven!r}（对全部 {instance.shape[0]:,} × {instance.shape[1]:,} 对），声称 {claimed!r}"
    return proven, [Finding(holds=holds, en=en, zh=zh)]


def _by_search(saved: Saved) -> bool:
    """Whether the bound may be a search's, and is: where no rule adds rows and no returns diminish, prices prove all there is to prove."""
    if saved.proof.get("searched") is not True:
        return False
    instance = saved.inputs.instance
    try:
        program = saved.inputs.policy.program(instance, earlier_of(saved.proof, instance))
    except DataError:
        return False
    return bool(program.linear or program.returns)


def _below(objective: float, proven: float) -> Iterator[Finding]:
    """No plan is worth more than its bound."""
    if objective > proven + SEARCHED * max(1.0, abs(proven)):
        en, zh = f"the plan is worth {objective!r}, more than any plan is said to be", f"方案目标值 {objective!r} 超过所声称的上界"
        yield Finding(holds=False, en=en, zh=zh)


def _claim(saved: Saved, gap: float, *, searched: bool) -> Iterator[Finding]:
    record = saved.record
    target = max(saved.inputs.config.gap, SEARCHED if searched else PROVEN)
    gap_holds = (record.gap is None and math.isinf(gap)) or (record.gap is not None and abs(record.gap - gap) <= PROVEN)
    if not gap_holds:
        yield Finding(holds=False, en=f"gap {gap:.3g}, claimed {record.gap}", zh=f"差距 {gap:.3g}，声称 {record.gap}")
    if record.termination == "OPTIMAL":
        en = f"optimal: gap {gap:.3g}, at most {target:.3g}" if gap <= target else f"not proven optimal: gap {gap:.3g}, over {target:.3g}"
        zh = f"最优：差距 {gap:.3g}，不超过 {target:.3g}" if gap <= target else f"未证明最优：差距 {gap:.3g}，超过 {target:.3g}"
        if searched and gap <= target:
            en, zh = f"{en}, by the run's own search, which is not made again here", f"{zh}（依据本次运行的搜索，此处未重新搜索）"
        yield Finding(holds=gap <= target, en=en, zh=zh)
    else:
        yield Finding(holds=True, en=f"not claimed to be optimal: gap {gap:.3g}", zh=f"未声称最优：差距 {gap:.3g}")


def _all_close(claimed: Mapping[str, float | None], found: Mapping[str, float | None]) -> bool:
    return claimed.keys() == found.keys() and all(
        claimed[name] is None if value is None else _close(claimed[name], value) for name, value in found.items()
    )


def _close(claimed: object, found: float) -> bool:
    return isinstance(claimed, int | float) and math.isclose(claimed, found, rel_tol=PROVEN, abs_tol=PROVEN)
