"""Every rule at once: a made-up city with a round.toml that names each rule of the library, solved and verified.

    python examples/every_rule.py out/every_rule
    python examples/every_rule.py out/small --officers 130 --enterprises 240 --time-limit 30

The rules bite and can be kept: their limits are read off a plan that was made for other affinities, which keeps them all. What is
written is what a planner would write: tables with columns of their own (hours, seats, affiliates, rivals, cases), last round's plan, and
round.toml. Then ``matchmaker run`` and ``matchmaker verify`` are all there is to it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import matchmaker as mm
from matchmaker import datasets, report, rounds, tables
from matchmaker.objectives import ExpectedResolved
from matchmaker.places import distances
from matchmaker.policies import Policy, optimal

CENTRE = (30.25, 120.16)
HOURS, SEATS = (2, 4, 8, 16), (1, 2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the round, run it, verify it; 0 when the plan is what it claims to be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="where tables, round.toml and out/ go")
    parser.add_argument("--officers", type=int, default=4407)
    parser.add_argument("--enterprises", type=int, default=8226)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--time-limit", type=float, default=240.0, help="seconds")
    asked = parser.parse_args(arguments)
    write_round(asked.folder, asked.officers, asked.enterprises, asked.seed, asked.time_limit)
    done = rounds.run(asked.folder, progress=False)
    sys.stdout.write(done.result.summary() + "\n")
    if done.result.plan is None:
        return 1
    verdict = rounds.verify(done.inputs.output)
    sys.stdout.write(verdict.text() + "\n")
    return 0 if verdict.holds else 1


def write_round(folder: Path, n_officers: int, n_enterprises: int, seed: int, time_limit: float) -> None:
    """Tables, last round's plan and round.toml."""
    rng = np.random.default_rng(seed + 1)
    city = datasets.hangzhou(seed, n_officers=n_officers, n_enterprises=n_enterprises)
    instance = mm.build(city)
    kept, last = (_other_plan(instance, rng, scale) for scale in (0.15, 0.2))
    officers, enterprises = _with_own_columns(city, instance, kept, rng)
    pins, vetoes = _by_hand(instance, kept, rng)
    folder.mkdir(parents=True, exist_ok=True)
    own = city.replace(officers=officers, enterprises=enterprises, pins=pins, vetoes=vetoes)
    tables.write(own, folder / "tables", language="en")
    (folder / "last_round").mkdir(exist_ok=True)
    last_result = mm.Result(instance=instance, policy="last", termination=mm.Termination.FEASIBLE, objective=0.0, bound=np.inf, plan=last)
    report.write_plan_csv(last_result, folder / "last_round" / "plan.csv")
    built = mm.build(own, last)
    policy = {"name": "every rule", "constraints": _rules(built, kept), "objectives": _aims()}
    head = f'tables = "tables"\nprevious = "last_round/plan.csv"\noutput = "out"\ntime_limit = {time_limit}\ngap = 0.001\n'
    (folder / "round.toml").write_text(head + "[policy]\n" + "\n".join(_toml(policy)), encoding="utf-8")


def _other_plan(instance: mm.Instance, rng: np.random.Generator, scale: float) -> mm.Assignment:
    """The best plan for affinities that were shaken."""
    shaken = instance.affinity.right * rng.uniform(1 - scale, 1 + scale, instance.affinity.right.shape)
    other = instance.replace(affinity=mm.Factors(instance.affinity.left, shaken))
    return mm.solve(other, Policy(name="other", constraints=optimal().constraints, objectives=(ExpectedResolved(),))).assignment


def _with_own_columns(
    city: mm.Tables, instance: mm.Instance, kept: mm.Assignment, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both sheets with places, hours, seats, affiliates, rivals, cases and teams, all of which the plan keeps."""
    i, j, (n, m) = kept.officers, kept.enterprises, instance.shape
    takes = {"hours": rng.choice(HOURS, m), "seats": rng.choice(SEATS, m)}
    usual = {"hours": rng.choice((12, 16, 20, 24), n), "seats": 2 * instance.capacity_high - rng.integers(0, 2, n)}
    has = {name: np.maximum(np.bincount(i, amount[j], n).astype(int), usual[name]) for name, amount in takes.items()}
    only = np.bincount(j, minlength=m) == 1
    officer_of = np.full(m, -1)
    officer_of[j] = i
    affiliates, rivals, cases, teams = (np.full(size, "", dtype=object) for size in (m, m, m, n))
    single = np.flatnonzero(only & (instance.demand_high == 1) & (instance.demand_low == 1))
    by_officer = pd.Series(single).groupby(officer_of[single]).apply(list)
    for number, members in enumerate([group[:2] for group in by_officer if len(group) > 1][: max(2, m // 80)]):
        affiliates[members] = f"group {number}"
        takes["hours"][members] = 2
    free = single[affiliates[single] == ""]
    for number, (one, two) in enumerate(zip(free[::2][: m // 40], free[1::2], strict=False)):
        if officer_of[one] != officer_of[two]:
            rivals[[one, two]] = f"rivals {number}"
    tier = instance.text_of("officer", "tier")
    cases[j[(tier[i] != "township") & (rng.random(len(i)) < 0.2)]] = "red"
    for number in range(n // 40):
        one, two = rng.choice(n, 2, replace=False)
        if teams[one] == teams[two] == "" and not set(j[i == one]) & set(j[i == two]):
            teams[[one, two]] = f"team {number}"
    officers = _placed(city.officers.set_index("officer_id").loc[instance.officer_ids].reset_index(), rng)
    enterprises = _placed(city.enterprises.set_index("enterprise_id").loc[instance.enterprise_ids].reset_index(), rng)
    officers = officers.assign(team=teams, **{name: amount.astype(str) for name, amount in has.items()})
    enterprises = enterprises.assign(affiliates=affiliates, rivals=rivals, case=cases, **{k: v.astype(str) for k, v in takes.items()})
    return officers, enterprises


def _placed(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The sheet with latitude and longitude: districts around the centre, everybody within some kilometres of his or hers."""
    names = sorted(set(frame["district"]) | {""})
    turn = {name: 2 * np.pi * number / max(1, len(names)) for number, name in enumerate(names)}
    away = np.array([0.0 if name == "" else 0.4 for name in frame["district"]])
    angle = np.array([turn[name] for name in frame["district"]])
    spread = rng.normal(0, 0.05, (len(frame), 2))
    return frame.assign(
        latitude=np.round(CENTRE[0] + away * np.sin(angle) + spread[:, 0], 5),
        longitude=np.round(CENTRE[1] + away * np.cos(angle) + spread[:, 1], 5),
    )


def _by_hand(instance: mm.Instance, kept: mm.Assignment, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Some of the plan's pairs are pinned, some others struck out."""
    some = rng.choice(len(kept), max(1, len(kept) // 200), replace=False)
    pins = {"officer_id": instance.officer_ids[kept.officers[some]], "enterprise_id": instance.enterprise_ids[kept.enterprises[some]]}
    drawn = {(int(a), int(b)) for a, b in zip(rng.integers(0, instance.shape[0], 50), rng.integers(0, instance.shape[1], 50), strict=True)}
    others = sorted(drawn - set(zip(kept.officers.tolist(), kept.enterprises.tolist(), strict=True)))
    vetoes = {"officer_id": [instance.officer_ids[a] for a, _ in others], "enterprise_id": [instance.enterprise_ids[b] for _, b in others]}
    return (
        pd.DataFrame(pins).assign(actor="made-up director", reason="knows the firm"),
        pd.DataFrame(vetoes).assign(actor="made-up firm", reason="asked for somebody else"),
    )


def _rules(instance: mm.Instance, kept: mm.Assignment) -> list[dict[str, Any]]:
    """Every rule, with limits that the plan keeps."""
    i, j = kept.officers, kept.enterprises
    district = instance.text_of("enterprise", "district")
    pairs = pd.DataFrame({"department": instance.text_of("officer", "department")[i], "district": district[j]})
    count = pairs.value_counts().unstack(fill_value=0)
    far = distances(*(frame[["latitude", "longitude"]].to_numpy() for frame in (instance.officers, instance.enterprises)))[i, j].max()
    values = instance.affinity.pairs(i, j)
    total = np.bincount(j, values, instance.shape[1])
    asking = pd.Series(district[instance.demand_high > 0]).value_counts()
    floors = pd.Series(values).groupby(district[j]).sum() / asking * 0.98
    changed = {} if instance.previous is None else _changed(instance, kept, district)
    return [
        *({"rule": name} for name in ("capacity", "demand", "recusal", "veto", "pin", "serves_area")),
        {"rule": "within_distance", "km": float(np.ceil(far))},
        {"rule": "workload", "most": ["hours", "seats"], "load": ["hours", "seats"]},
        *_coverage(instance, kept),
        {"rule": "together", "enterprises": "affiliates"},
        {"rule": "apart", "enterprises": "rivals", "officers": "team"},
        {
            "rule": "quota",
            "officers": "department",
            "enterprises": "district",
            "least": {one: {two: int(0.9 * x) for two, x in row.items()} for one, row in count.T.to_dict().items()},
            "most": {one: {two: int(np.ceil(1.1 * x)) + 1 for two, x in row.items()} for one, row in count.T.to_dict().items()},
        },
        {"rule": "each_has", "officers": {"tier": ["city", "county"]}, "enterprises": {"case": ["red"]}},
        {"rule": "group_floor", "floor": {str(name): float(floor) for name, floor in floors.items()}},
        {"rule": "minimum_affinity", "pair": float(values.min()) / 2, "total": float(total[instance.demand_high > 0].min()) / 2},
        {"rule": "churn_budget", "share": changed["share"]},
        {"rule": "churn_budget", "share": changed["worst"], "by": "district"},
    ]


def _changed(instance: mm.Instance, kept: mm.Assignment, district: np.ndarray) -> dict[str, float]:
    """Shares of last round's pairs that the plan gives up, with some to spare: in all, and in the district with most."""
    gone = ~np.isin(instance.keys(instance.previous), instance.keys(kept))
    worst = pd.Series(gone).groupby(district[instance.previous.enterprises]).mean().max()
    return {"share": round(min(1.0, gone.mean() + 0.02), 4), "worst": round(min(1.0, worst + 0.02), 4)}


def _coverage(instance: mm.Instance, kept: mm.Assignment) -> list[dict[str, Any]]:
    """For each need that is the main one of some enterprises, the competence that the plan's officers have in it."""
    best = np.zeros(instance.need.shape)
    np.maximum.at(best, kept.enterprises, instance.competence[kept.officers])
    main = (instance.need >= 0.5 * instance.need.sum(axis=1, keepdims=True)) & (instance.need > 0) & (instance.demand_high > 0)[:, None]
    found = []
    for k in np.flatnonzero(main.any(axis=0)).tolist():
        threshold = float(best[main[:, k], k].min())
        if 0 < threshold < 1:
            found.append(
                {
                    "rule": "coverage",
                    "needs": [instance.needs[k].code],
                    "share": 0.5,
                    "threshold": threshold * 0.999,
                    "jointly": bool(k % 2),
                }
            )
    return found


def _aims() -> list[dict[str, Any]]:
    """As many places as possible first; then what is resolved, what is kept, how far the ways are, and the worst-served district."""
    later = [
        {"rule": "continuity", "weight": 0.05},
        {"rule": "worst_served", "weight": 5.0, "by": "district"},
    ]
    return [{"rule": "served"}, {"rule": "then", "aim": {"rule": "expected_resolved"}, "slack": 0.0}, *later]


def _toml(policy: dict[str, Any]) -> list[str]:
    """The ``[policy]`` table, a rule a line."""
    lines = [f"name = {_value(policy['name'])}"]
    for key in ("constraints", "objectives"):
        lines += [f"{key} = [", *(f"  {_value(one)}," for one in policy[key]), "]"]
    return lines


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{key}" = {_value(one)}' for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    return repr(int(value) if isinstance(value, int | np.integer) else float(value))


if __name__ == "__main__":
    sys.exit(main())
