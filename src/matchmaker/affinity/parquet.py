"""Affinity as a product of two thin matrices, the enterprises' one left in Parquet files and read a stretch at a time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from matchmaker.affinity.base import Index, checked_numbers, not_finite
from matchmaker.affinity.factors import Factors
from matchmaker.errors import ConfigError, DataError, Failure

A = TypeVar("A")
T = TypeVar("T")
Mapper = Callable[[Callable[[int], T], Sequence[int]], Iterable[T]]
"""Like ``map``, only that it may use threads or other machines."""
REMEMBERED = 64 * 2**20
"""Bytes of row groups that a process keeps of a file once it has read them (always one group)."""
STRETCH = 100_000
"""Pairs read at a time."""


@dataclass(frozen=True, eq=False)
class FactorFile:
    """Factors of the enterprises in Parquet: one file, or a folder of files in the order of their names.

    Only what the files say of themselves is read to begin with. A copy sent to another process is small and reads for itself.

    Parameters
    ----------
    path
        File or folder. On a cluster: one that every worker sees under the same name.
    columns
        Names of the factors' columns, float32 or float64, in the order of the officers' factors; every column when None.

    Raises
    ------
    DataError
        When there is no such file, a file is no Parquet, a column is missing or does not hold real numbers, or there is no row.
    """

    path: Path
    columns: tuple[str, ...] | None = None
    files: tuple[str, ...] = field(init=False)
    starts: NDArray[np.int64] = field(init=False)
    groups: tuple[tuple[int, int], ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))
        files = tuple(map(str, _files(self.path)))
        schemas = [_opened(name) for name in files]
        names = tuple(schemas[0].schema_arrow.names) if self.columns is None else tuple(self.columns)
        failures = [failure for name, one in zip(files, schemas, strict=True) for failure in _columns_amiss(name, one.schema_arrow, names)]
        if failures:
            raise DataError(failures)
        groups = [(f, g) for f, one in enumerate(schemas) for g in range(one.num_row_groups)]
        sizes = [schemas[f].metadata.row_group(g).num_rows for f, g in groups]
        if not sum(sizes) or not names:
            msg = f"{self.path} holds {sum(sizes)} rows and {len(names)} columns: it is empty. | {self.path} 中没有数据。"
            raise DataError(msg)
        object.__setattr__(self, "columns", names)
        object.__setattr__(self, "files", files)
        object.__setattr__(self, "groups", tuple(groups))
        object.__setattr__(self, "starts", np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64))

    @property
    def shape(self) -> tuple[int, int]:
        """(n_enterprises, rank)."""
        return int(self.starts[-1]), len(self.columns or ())

    def take(self, columns: Index) -> NDArray[np.float64]:
        """The factors of these enterprises. Shape (len(columns), rank)."""
        wanted = np.arange(*columns.indices(self.shape[0])) if isinstance(columns, slice) else np.asarray(columns, dtype=np.int64)
        found = np.empty((len(wanted), self.shape[1]))
        group = np.searchsorted(self.starts, wanted, side="right") - 1
        for one in np.unique(group):
            here = group == one
            found[here] = self._group(int(one))[wanted[here] - self.starts[one]]
        return found

    def largest(self, over: Mapper[tuple[NDArray[np.float64], list[Failure]]] | None = None) -> NDArray[np.float64]:
        """The largest size in each column, from one look at every cell; made once. Shape (rank,).

        Parameters
        ----------
        over
            What looks at the row groups, side by side; one after the other when None.

        Raises
        ------
        DataError
            Naming every cell that is no finite number.
        """
        if "largest" not in self._found:
            seen = list((map if over is None else over)(self.look, range(len(self.groups))))
            failures = [failure for _, part in seen for failure in part]
            if failures:
                raise DataError(failures)
            self._found["largest"] = np.max([part for part, _ in seen], axis=0)
        return self._found["largest"]

    def look(self, group: int) -> tuple[NDArray[np.float64], list[Failure]]:
        """The largest size in each column of a row group, shape (rank,), and the cells that cannot be used."""
        cells = self._group(group)
        if np.isfinite(cells).all():
            return np.abs(cells).max(0, initial=0.0), []
        file, number = self.groups[group]
        before = int(self.starts[group] - self.starts[group - number])
        return np.zeros(self.shape[1]), not_finite(cells, Path(self.files[file]).name, names=self.columns, before=before)

    @cached_property
    def _found(self) -> dict[str, NDArray[np.float64]]:
        return {}

    @cached_property
    def _read(self) -> _Reader:
        return _Reader(self)

    def _group(self, group: int) -> NDArray[np.float64]:
        return self._read.group(group)

    def __getstate__(self) -> dict[str, object]:
        """What it was made of, without what has been read."""
        return {name: value for name, value in self.__dict__.items() if name != "_read"}


class _Reader:
    """Reads row groups, and keeps the last ones."""

    def __init__(self, file: FactorFile) -> None:
        self.file, self.lock = file, Lock()
        self.kept: OrderedDict[int, NDArray[np.float64]] = OrderedDict()

    def group(self, group: int) -> NDArray[np.float64]:
        """The cells of a row group. Shape (n_rows, rank)."""
        with self.lock:
            if group not in self.kept:
                self.kept[group] = self._cells(group)
            self.kept.move_to_end(group)
            while len(self.kept) > 1 and sum(cells.nbytes for cells in self.kept.values()) > REMEMBERED:
                self.kept.popitem(last=False)
            return self.kept[group]

    def _cells(self, group: int) -> NDArray[np.float64]:
        import pyarrow as pa

        file, number = self.file.groups[group]
        names = list(self.file.columns or ())
        rows = int(self.file.starts[group + 1] - self.file.starts[group])
        try:
            with _opened(self.file.files[file]) as opened:
                table = opened.read_row_group(number, columns=names, use_threads=False)
        except (OSError, pa.ArrowException) as error:
            msg = f"{self.file.files[file]} cannot be read any more: {error}. | 文件无法继续读取。"
            raise DataError(msg) from error
        if table.num_rows != rows:
            msg = f"{self.file.files[file]} has changed while it was in use. Start again. | 文件在使用中被改动，请重新开始。"
            raise DataError(msg)
        cells = np.empty((rows, len(names)))
        for k, name in enumerate(names):
            cells[:, k] = table.column(name).to_numpy()
        return cells


@dataclass(frozen=True, eq=False)
class ParquetFactors:
    """Affinity ``left @ right.T`` whose right side stays in Parquet: no machine ever holds all of it.

    Parameters
    ----------
    left
        Shape (n_officers, rank). Officers' side.
    path
        A Parquet file, or a folder of them in the order of their names: one row an enterprise, one column a factor, float32 or float64.
        Row groups of some ten thousand rows suit best. On a cluster every worker must see it under the same name.
    columns
        Names of the factors' columns, in the order of `left`'s; every column when None.

    Raises
    ------
    DataError
        When the files cannot be used or the ranks disagree. The cells are looked at when they are first all read: at the start of a
        solve, by whatever makes the passes.
    """

    left: NDArray[np.floating]
    path: str | Path
    columns: Sequence[str] | None = None
    file: FactorFile = field(init=False)

    def __post_init__(self) -> None:
        left = checked_numbers(self.left, "left")
        if isinstance(self.columns, str):
            msg = f"columns is {self.columns!r}; expected a list of names. | columns 应为列名的列表。"
            raise ConfigError(msg)
        file = FactorFile(Path(self.path), None if self.columns is None else tuple(self.columns))
        if left.shape[1] != file.shape[1]:
            msg = (
                f"left has shape {left.shape} and {self.path} {file.shape}; expected (n_officers, rank) and (n_enterprises, rank) with the "
                "same rank. Name the factors with `columns`. | 两侧因子数不一致，请用 columns 指明列名。"
            )
            raise DataError(msg)
        object.__setattr__(self, "left", left)
        object.__setattr__(self, "file", file)

    @property
    def shape(self) -> tuple[int, int]:
        """(n_officers, n_enterprises)."""
        return len(self.left), self.file.shape[0]

    def part(self, rows: Index, columns: Index) -> Factors:
        """The same of some officers and enterprises, in memory."""
        return Factors(self.left[rows], self.file.take(columns))

    def block(self, rows: Index, columns: Index) -> NDArray[np.float64]:
        """Affinities of some officers with some enterprises. Shape (len(rows), len(columns))."""
        return self.left[rows].astype(np.float64) @ self.file.take(columns).T

    def pairs(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float64]:
        """Affinity of each pair, summed over the rank in one fixed order: the same as held in memory. Shape (n_pairs,)."""
        total = np.zeros(len(rows))
        for part, once, place in stretches(columns):
            right = self.file.take(once)[place]
            for k in range(right.shape[1]):
                total[part] += self.left[rows[part], k].astype(np.float64) * right[:, k]
        return total


def stretches(columns: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
    """Which pairs, given by their enterprises, to read together; those enterprises, each once; and each pair's place among them."""
    order = np.argsort(columns, kind="stable")
    for start in range(0, len(order), STRETCH):
        part = order[start : start + STRETCH]
        once, place = np.unique(columns[part], return_inverse=True)
        yield part, once, place


def _files(path: Path) -> list[Path]:
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if not files or not files[0].is_file():
        msg = f"There is no Parquet file at {path}. | {path} 处没有 Parquet 文件。"
        raise DataError(msg)
    return files


def _opened(name: str) -> Any:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        msg = "Reading Parquet needs pyarrow: pip install 'matchmaker[tables]'. | 读取 Parquet 需安装 pyarrow。"
        raise ConfigError(msg) from error
    try:
        return pq.ParquetFile(name)
    except (OSError, pa.ArrowException) as error:
        msg = f"{name} cannot be read as Parquet: {error}. | {name} 不是可读的 Parquet 文件。"
        raise DataError(msg) from error


def _columns_amiss(name: str, schema: Any, wanted: tuple[str, ...]) -> list[Failure]:
    failures = []
    for column in wanted:
        kind = str(schema.field(column).type) if column in schema.names else None
        if kind in ("float", "double"):
            continue
        failures.append(
            Failure(
                sheet=Path(name).name,
                column=column,
                value=kind,
                problem="is missing" if kind is None else "does not hold real numbers",
                problem_zh="缺少该列" if kind is None else "不是实数列",
                expected="a column of float32 or float64",
                expected_zh="float32 或 float64 列",
            )
        )
    return failures
