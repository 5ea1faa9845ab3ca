"""The needs in force: the programme's own, and what a planner's table adds or changes."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import pandas as pd

from matchmaker.errors import Failure
from matchmaker.tables.kinds import fold, split

COLUMNS = ["need", "zh", "en", "keywords"]


def builtin_needs() -> pd.DataFrame:
    """The programme's twelve needs: columns need (its code), zh, en, and keywords (a tuple of Chinese words)."""
    return _builtin().copy()


def merged_needs(own: pd.DataFrame | None = None) -> pd.DataFrame:
    """The built-in needs, changed and extended by a planner's own: a code that is there already is replaced where it stands.

    Parameters
    ----------
    own
        A table of needs as :class:`Tables` holds it; None or an empty frame for the built-in needs alone.
    """
    if own is None or own.empty:
        return builtin_needs()
    rows = {row[0]: row for frame in (_builtin(), own[COLUMNS]) for row in frame.itertuples(index=False, name=None)}
    return pd.DataFrame(list(rows.values()), columns=COLUMNS)


def need_labels(needs: pd.DataFrame) -> dict[str, str]:
    """Every code and label, folded, with the code it stands for; a code goes before a label."""
    codes = needs["need"].tolist()
    labels = {fold(label): code for name in ("en", "zh") for label, code in zip(needs[name], codes, strict=True)}
    return labels | {fold(code): code for code in codes}


def clashing_needs(own: pd.DataFrame, sheet: str, rows: list[int]) -> list[Failure]:
    """Rows of a planner's needs whose code cannot be told apart in a list, or whose code or label means another need too.

    Parameters
    ----------
    own
        The planner's needs.
    sheet, rows
        Where they stand, as the reader sees it; one row number each.
    """
    failures: list[Failure] = []
    taken: dict[str, str] = {}
    merged = merged_needs(own)
    for name in ("need", "zh", "en"):
        for spelled, code in zip(merged[name], merged["need"], strict=True):
            taken.setdefault(fold(spelled), code)
    for row, (code, zh, en, _) in zip(rows, own[COLUMNS].itertuples(index=False, name=None), strict=True):
        if split(code) != [code]:
            failures.append(_clash(sheet, row, code, "holds a sign that separates a list", "含有列表分隔符"))
        others = {label: taken[fold(label)] for label in (code, zh, en) if taken.get(fold(label), code) != code}
        failures += [_clash(sheet, row, label, f"means the need {other} already", f"已表示需求 {other}") for label, other in others.items()]
    return failures


def _clash(sheet: str, row: int, value: str, problem: str, problem_zh: str) -> Failure:
    return Failure(
        sheet=sheet,
        row=row,
        value=value,
        problem=problem,
        problem_zh=problem_zh,
        expected="a code and labels of its own",
        expected_zh="独有的代码和名称",
    )


@lru_cache(maxsize=1)
def _builtin() -> pd.DataFrame:
    with (files("matchmaker.tables") / "needs.csv").open(encoding="utf-8") as file:
        frame = pd.read_csv(file, dtype=str, keep_default_na=False)
    frame["keywords"] = [tuple(dict.fromkeys(split(words))) for words in frame["keywords"]]
    return frame
