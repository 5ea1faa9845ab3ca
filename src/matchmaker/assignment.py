"""A plan as a frozen set of pairs: who serves whom."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matchmaker.errors import DataError, Failure

if TYPE_CHECKING:
    import pandas as pd

OFFICER_HEADERS = ("officer_id", "干部编号", "干部ID")
ENTERPRISE_HEADERS = ("enterprise_id", "企业编号", "企业ID")
PLAN_SHEETS = ("plan", "结对方案", "上轮方案")
WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


@dataclass(frozen=True, kw_only=True, eq=False)
class Assignment:
    """Pairs of an officer and an enterprise, sorted, each at most once.

    Parameters
    ----------
    officer_ids
        Shape (n_officers,). What the integers in `officers` stand for.
    enterprise_ids
        Shape (n_enterprises,). What the integers in `enterprises` stand for.
    officers
        Shape (n_pairs,), int64 positions in `officer_ids`.
    enterprises
        Shape (n_pairs,), int64 positions in `enterprise_ids`. Pair p is (officers[p], enterprises[p]).

    Raises
    ------
    DataError
        When the two shapes disagree, a position is no whole number or out of range, or a pair stands twice.
    """

    officer_ids: NDArray[np.object_] = field(repr=False)
    enterprise_ids: NDArray[np.object_] = field(repr=False)
    officers: NDArray[np.int64]
    enterprises: NDArray[np.int64]

    def __post_init__(self) -> None:
        officers, enterprises = whole_positions(self.officers, "officers"), whole_positions(self.enterprises, "enterprises")
        if officers.shape != enterprises.shape or officers.ndim != 1:
            found = f"officers has shape {officers.shape} and enterprises {enterprises.shape}"
            msg = f"{found}; expected two equal 1-d shapes. | 两列长度不一致。"
            raise DataError(msg)
        for name, positions, size in (
            ("officers", officers, len(self.officer_ids)),
            ("enterprises", enterprises, len(self.enterprise_ids)),
        ):
            if len(positions) and (positions.min() < 0 or positions.max() >= size):
                msg = f"{name} holds positions from {positions.min()} to {positions.max()}, outside 0..{size - 1}. | 位置超出范围。"
                raise DataError(msg)
        order = np.lexsort((enterprises, officers))
        officers, enterprises = officers[order], enterprises[order]
        twice = (np.diff(officers) == 0) & (np.diff(enterprises) == 0)
        if twice.any():
            pairs = [f"({self.officer_ids[officers[p]]}, {self.enterprise_ids[enterprises[p]]})" for p in np.flatnonzero(twice)[:5]]
            msg = f"{int(twice.sum())} pairs stand twice: {', '.join(pairs)}. Keep each once. | 结对重复，每对只保留一次。"
            raise DataError(msg)
        for array in (officers, enterprises):
            array.setflags(write=False)
        object.__setattr__(self, "officers", officers)
        object.__setattr__(self, "enterprises", enterprises)

    def __len__(self) -> int:
        """How many pairs."""
        return len(self.officers)

    @property
    def pairs(self) -> frozenset[tuple[object, object]]:
        """The pairs by id, for set arithmetic: ``new.pairs - old.pairs``."""
        return frozenset(zip(self.officer_ids[self.officers].tolist(), self.enterprise_ids[self.enterprises].tolist(), strict=True))

    def loads(self) -> NDArray[np.int64]:
        """How many enterprises each officer serves. Shape (n_officers,)."""
        return np.bincount(self.officers, minlength=len(self.officer_ids)).astype(np.int64)

    def served(self) -> NDArray[np.int64]:
        """How many officers each enterprise has. Shape (n_enterprises,)."""
        return np.bincount(self.enterprises, minlength=len(self.enterprise_ids)).astype(np.int64)

    def to_frame(self) -> pd.DataFrame:
        """The pairs by id: columns officer_id and enterprise_id, sorted."""
        import pandas as pd

        return pd.DataFrame(
            {
                "officer_id": self.officer_ids[self.officers],
                "enterprise_id": self.enterprise_ids[self.enterprises],
            }
        )

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, sheet: str = "plan") -> Assignment:
        """Pairs from a table that holds officer_id and enterprise_id (or 干部编号 and 企业编号, or both in one header).

        Rows in which nothing stands are passed over.

        Raises
        ------
        DataError
            When a column is missing, a cell is empty, or a pair stands twice.
        """
        officer = _column(frame, OFFICER_HEADERS, sheet)
        enterprise = _column(frame, ENTERPRISE_HEADERS, sheet)
        nothing = (frame.isna() | (frame == "")).all(axis=1)
        blank = (officer.isna() | enterprise.isna() | (officer == "") | (enterprise == "")) & ~nothing
        twice = officer.str.cat(enterprise, sep="\0", na_rep="").duplicated() & ~blank & ~nothing
        failures = [
            Failure(sheet=sheet, row=int(row) + 2, problem="an id is empty", problem_zh="编号为空") for row in np.flatnonzero(blank)
        ] + [
            Failure(
                sheet=sheet,
                row=int(row) + 2,
                value=(officer.iloc[row], enterprise.iloc[row]),
                problem="this pair stands twice",
                problem_zh="结对重复",
                expected="each pair once",
                expected_zh="每对只出现一次",
            )
            for row in np.flatnonzero(twice)
        ]
        if failures:
            raise DataError(failures)
        officer_ids, officers = np.unique(officer[~nothing].to_numpy(dtype=object).astype(str), return_inverse=True)
        enterprise_ids, enterprises = np.unique(enterprise[~nothing].to_numpy(dtype=object).astype(str), return_inverse=True)
        return cls(
            officer_ids=officer_ids.astype(object),
            enterprise_ids=enterprise_ids.astype(object),
            officers=officers,
            enterprises=enterprises,
        )

    @classmethod
    def read(cls, path: str | Path) -> Assignment:
        """The pairs of a ``plan.csv`` or ``plan.xlsx`` that an earlier round wrote, also when Excel has saved it again.

        Raises
        ------
        DataError
            When the file is missing, is not a table, or does not hold each pair once.
        """
        source = Path(path)
        if not source.is_file():
            msg = f"There is no plan at {path}. | 找不到方案 {path}。"
            raise DataError(msg)
        if source.suffix.lower() in WORKBOOKS:
            frame, sheet = _plan_sheet(source)
            return cls.from_frame(frame, sheet=sheet)
        return cls.from_frame(_plan_lines(source), sheet=source.name)

    def aligned(self, officer_ids: NDArray[np.object_], enterprise_ids: NDArray[np.object_]) -> tuple[Assignment, pd.DataFrame]:
        """The same pairs over other ids, and the pairs whose officer or enterprise is not among them.

        Parameters
        ----------
        officer_ids, enterprise_ids
            Shapes (n_officers,) and (n_enterprises,), each id once.
        """
        import pandas as pd

        rows = pd.Index(officer_ids).get_indexer(pd.Index(self.officer_ids))[self.officers]
        columns = pd.Index(enterprise_ids).get_indexer(pd.Index(self.enterprise_ids))[self.enterprises]
        known = (rows >= 0) & (columns >= 0)
        kept = Assignment(officer_ids=officer_ids, enterprise_ids=enterprise_ids, officers=rows[known], enterprises=columns[known])
        return kept, self.to_frame().loc[~known].reset_index(drop=True)


def _plan_lines(path: Path) -> pd.DataFrame:
    """A plan's CSV, in UTF-8 or as a Chinese Excel saves it."""
    import pandas as pd

    problem: Exception | None = None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return pd.read_csv(path, dtype=str, encoding=encoding, keep_default_na=False, skip_blank_lines=False)
        except UnicodeDecodeError as error:
            problem = problem or error
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            problem = error
            break
    msg = f"{path} cannot be read as a plan: {problem}. Expected CSV with officer_id and enterprise_id. | 无法作为方案读取。"
    raise DataError(msg) from problem


def _plan_sheet(path: Path) -> tuple[pd.DataFrame, str]:
    """The sheet of a workbook that holds the plan, and its name."""
    import pandas as pd
    from python_calamine import CalamineError

    try:
        sheets = pd.read_excel(path, sheet_name=None, dtype=str, keep_default_na=False, engine="calamine")
    except CalamineError as error:
        msg = f"{path} cannot be read as a workbook: {error}. | 无法作为工作簿读取。"
        raise DataError(msg) from error
    of_pairs = [
        name
        for name, frame in sheets.items()
        if all(_spelled(frame, headers) is not None for headers in (OFFICER_HEADERS, ENTERPRISE_HEADERS))
    ]
    named = [name for name in of_pairs if _halves(name) & set(PLAN_SHEETS)] or of_pairs
    if len(named) != 1:
        held = ", ".join(map(str, named or sheets))
        msg = (
            f"{path} holds {len(named) or 'no'} sheets of pairs, expected one with officer_id and enterprise_id: {held}. "
            f"Call it plan. | 应恰有一张含干部编号和企业编号的表，可命名为“结对方案”：{held}。"
        )
        raise DataError(msg)
    return sheets[named[0]], named[0]


def _halves(name: object) -> set[str]:
    """The words of a name in two languages: 干部编号 officer_id is 干部编号 and officer_id."""
    return set(re.split(r"[\s/|()（）]+", str(name)))


def _spelled(frame: pd.DataFrame, headers: tuple[str, ...]) -> str | None:
    """The first column of a frame whose header is one of these, or holds one."""
    exact = next((header for header in headers if header in frame.columns), None)
    return exact or next((column for column in frame.columns if _halves(column) & set(headers)), None)


def whole_positions(values: ArrayLike, name: str) -> NDArray[np.int64]:
    """Positions as int64; nothing is rounded.

    Raises
    ------
    DataError
        When they are of any but an integer dtype, or are too large for one.
    """
    array = np.asarray(values)
    if array.size and (array.dtype.kind not in "iu" or array.max() > np.iinfo(np.int64).max):
        msg = f"{name} has dtype {array.dtype}; expected whole positions (int64). | 位置应为整数。"
        raise DataError(msg)
    return array.astype(np.int64)


def _column(frame: pd.DataFrame, headers: tuple[str, ...], sheet: str) -> pd.Series[str]:
    spelled = _spelled(frame, headers)
    if spelled is not None:
        return frame[spelled].astype("string").str.strip().astype(object)
    raise DataError(
        [
            Failure(
                sheet=sheet,
                column=headers[0],
                value=list(map(str, frame.columns)),
                problem=f"column {headers[0]} is missing",
                problem_zh=f"缺少列 {headers[1]}",
            )
        ]
    )
