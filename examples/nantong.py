"""Real enterprises, made-up officers: from a register as it comes to a plan that is proven best.

    python examples/nantong.py enterprises_nantong.csv out

The register is a CSV file of one city's enterprises with the headers 企业名称, 注册日期, 注册资金, 经营范围 and 注册地址: capital as
``3.4000(万元人民币)`` or ``N/A``, addresses that may or may not name a district, scopes as free text. What each enterprise is likely
to need is read from its scope, its district and town from its address. Nobody's officers are public, so officers are made up and sent
where the enterprises are. No row is lost: each stands in ``plan.csv`` or, with the reason, in ``left_out.csv``; whatever was read
otherwise than it stood is told in ``notices.csv``.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

import matchmaker as mm
from matchmaker.datasets import made_up_officers
from matchmaker.files import replacing

ADDRESS, NAME = "注册地址", "企业名称"
DISTRICTS = ("崇川区", "港闸区", "通州区", "海门市", "启东市", "如皋市", "海安县", "如东县", "开发区")
NOT_A_ROAD = r"(?![东南西北中]?(?:路|街|大道|大厦))"
DISTRICT = "(" + "|".join(name if name == "开发区" else name[:-1] for name in DISTRICTS) + ")" + NOT_A_ROAD
TOWN = DISTRICT + r"[区县市]?([\u4e00-\u9fff]{2,3}?(?:街道|镇|乡))"
"""A town counts where it stands right after its district."""
UNUSED = ("企业类型", "所在省份", "地区")


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, match, write; 0 when a plan was found, 1 when there is none."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("register", type=Path, help="the CSV file of enterprises")
    parser.add_argument("output", type=Path, help="folder for tables, plan.csv, left_out.csv and notices.csv")
    parser.add_argument("--officers", type=int, default=4407, help="how many officers to make up")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--time-limit", type=float, default=600, help="seconds")
    options = parser.parse_args(arguments)

    register, left_out = read_register(options.register)
    n_rows = len(register) + len(left_out)
    enterprises = with_places(register)
    tables, refused = load_what_can_be_used(enterprises, options.output / "tables", options.officers, options.seed)
    left_out = pd.concat([left_out, refused], ignore_index=True)
    write(left_out, options.output / "left_out.csv")
    write(tables.notices, options.output / "notices.csv")
    instance = mm.build(tables, name=options.register.stem)
    result = mm.solve(instance, time_limit=options.time_limit, seed=options.seed)
    lines = [
        f"rows in the register: {n_rows:,}",
        f"rows left out (left_out.csv): {len(left_out):,}",
        f"addresses that name a district: {(tables.enterprises['district'] != '').mean():.1%}",
        f"what was read otherwise than it stood (notices.csv): {len(tables.notices):,}",
    ]
    if result.plan is not None:
        plan = plan_frame(result)
        write(plan, options.output / "plan.csv")
        lines.insert(1, f"rows in the plan (plan.csv): {plan['enterprise_id'].nunique():,}")
    sys.stdout.write("\n".join([*lines, "", result.summary("en"), ""]))
    return 0 if result.plan is not None else 1


def read_register(path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows by line of the file, as text; and the rows that do not fit under the headers."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    reader = csv.reader(text.splitlines(keepends=True))
    headers = next(reader)
    lines = [(reader.line_num, row) for row in reader if row]
    fitting = [(line, row) for line, row in lines if len(row) == len(headers)]
    ragged = [(line, row) for line, row in lines if len(row) != len(headers)]
    register = pd.DataFrame([row for _, row in fitting], columns=headers, dtype=str)
    register.insert(0, "企业编号", [f"L{line:06d}" for line, _ in fitting])
    reasons = [f"{len(row)} cells under {len(headers)} headers | {len(row)} 个单元格，表头 {len(headers)} 列" for _, row in ragged]
    return register, left_out_frame([f"L{line:06d}" for line, _ in ragged], [row[0] for _, row in ragged], reasons)


def left_out_frame(ids: Sequence[str], names: Sequence[str], reasons: Sequence[str]) -> pd.DataFrame:
    """Rows that no plan can hold: the line of the register (L000017 is line 17), the name, and why."""
    return pd.DataFrame({"enterprise_id": list(ids), "name": list(names), "reason": list(reasons)}, dtype=str)


def with_places(register: pd.DataFrame) -> pd.DataFrame:
    """The register with district and town, as far as the address names them."""
    full = {name if name == "开发区" else name[:-1]: name for name in DISTRICTS}
    district = register[ADDRESS].str.extract(DISTRICT)[0].map(full).fillna("")
    named = register[ADDRESS].str.extract(TOWN)
    town = named[1].where(named[0].map(full) == district, "").fillna("")
    return register.assign(区县=district, 乡镇街道=town)


def load_what_can_be_used(enterprises: pd.DataFrame, folder: Path, n_officers: int, seed: int) -> tuple[mm.Tables, pd.DataFrame]:
    """The tables as a planner would keep them, written to a folder and loaded; rows with a cell that cannot be used are left out."""
    try:
        return written_and_loaded(enterprises, folder, n_officers, seed), left_out_frame([], [], [])
    except mm.DataError as error:
        found = [failure for failure in error.failures if failure.row is not None and failure.sheet.startswith("企业")]
        if not found:
            raise
        why = pd.Series([str(failure) for failure in found], index=[(failure.row or 0) - 2 for failure in found])
    reasons = why.groupby(level=0).agg("; ".join)
    bad = enterprises.iloc[reasons.index]
    tables, more = load_what_can_be_used(enterprises.drop(index=bad.index).reset_index(drop=True), folder, n_officers, seed)
    return tables, pd.concat([left_out_frame(list(bad["企业编号"]), list(bad[NAME]), list(reasons)), more], ignore_index=True)


def written_and_loaded(enterprises: pd.DataFrame, folder: Path, n_officers: int, seed: int) -> mm.Tables:
    """Enterprises, made-up officers and districts as files, loaded as any planner's."""
    places = pd.DataFrame({"district": enterprises["区县"], "town": enterprises["乡镇街道"]})
    officers = made_up_officers(places, n_officers, seed=seed)
    write(enterprises, folder / "企业.csv")
    write(officers.assign(specialities=officers["specialities"].map(";".join)), folder / "干部.csv")
    write(pd.DataFrame({"区县": DISTRICTS}), folder / "区县.csv")
    return mm.load(folder, aliases=dict.fromkeys(UNUSED))


def plan_frame(result: mm.Result) -> pd.DataFrame:
    """Who serves whom, with what the enterprise is most likely to ask for and how many of its requests we expect to see resolved."""
    instance, plan = result.instance, result.assignment
    if instance.officers is None or instance.enterprises is None or instance.need is None:
        msg = "The instance was built without tables."
        raise mm.DataError(msg)
    officers, enterprises = instance.officers.iloc[plan.officers], instance.enterprises.iloc[plan.enterprises]
    needs = np.array([f"{need.zh} {need.en}" for need in instance.needs], dtype=object)
    return pd.DataFrame(
        {
            "officer_id": instance.officer_ids[plan.officers],
            "officer": officers["name"].to_numpy(),
            "department": officers["department"].to_numpy(),
            "tier": officers["tier"].to_numpy(),
            "enterprise_id": instance.enterprise_ids[plan.enterprises],
            "enterprise": enterprises["name"].to_numpy(),
            "district": enterprises["district"].to_numpy(),
            "town": enterprises["town"].to_numpy(),
            "most_likely_need": needs[instance.need[plan.enterprises].argmax(axis=1)],
            "expected_resolved": instance.affinity.pairs(plan.officers, plan.enterprises).round(6),
        }
    )


def write(frame: pd.DataFrame, path: Path) -> None:
    """A CSV file that Excel opens with Chinese intact, whole or not at all."""
    with replacing(path) as partial:
        frame.to_csv(partial, index=False, encoding="utf-8-sig", lineterminator="\n")


if __name__ == "__main__":
    raise SystemExit(main())
