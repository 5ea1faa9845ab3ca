"""The planner's tables, checked and typed: what everything else starts from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from matchmaker.errors import ConfigError, DataError, Failure, did_you_mean
from matchmaker.tables.aliases import Aliases, UserAliases
from matchmaker.tables.checking import check
from matchmaker.tables.columns import Kind
from matchmaker.tables.kinds import READERS, Reader, fold, need_reader, needs_reader
from matchmaker.tables.needs import merged_needs, need_labels
from matchmaker.tables.notices import Notice, notices_frame
from matchmaker.tables.parsing import Parsed, empty, parse
from matchmaker.tables.raw import Raw, from_frame
from matchmaker.tables.reading import read, read_file
from matchmaker.tables.schema import SCHEMA


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Tables:
    """What a round starts from. Made by :func:`load` or :meth:`from_frames`, which check it.

    Parameters
    ----------
    officers, enterprises
        Who can serve and who asks, one row each. See ``SCHEMA`` for the columns of every table.
    requests, outcomes, visits
        The record. A request is open when no outcome says that it is resolved.
    recusals, pins, vetoes
        Pairs that must not, must, must not meet; with who said so and why.
    departments, districts, needs
        Mandates and contacts, the city's districts with their aliases, and the planner's own needs (see :func:`merged_needs`).
    plan
        Last round's pairs.
    sources
        SHA-256, in hexadecimal, of every file that was read, by its name.
    notices
        What was read otherwise than it stood. Columns sheet, row, column, value, notice, notice_zh.

    Notes
    -----
    Every frame has a RangeIndex and the canonical columns; a table that was not given has no row. Text is never missing but empty,
    counts are int64, sums are in 万元, dates are datetime64 (NaT when not known), lists are tuples.
    """

    officers: pd.DataFrame
    enterprises: pd.DataFrame
    requests: pd.DataFrame = field(default_factory=lambda: empty(SCHEMA["requests"]))
    outcomes: pd.DataFrame = field(default_factory=lambda: empty(SCHEMA["outcomes"]))
    visits: pd.DataFrame = field(default_factory=lambda: empty(SCHEMA["visits"]))
    recusals: pd.DataFrame = field(default_factory=lambda: empty(SCHEMA["recusals"]))
    pins: pd.DataFrame = field(default_factory=lambda: empty(SCHEMA["pins"]))
    vetoes: pd.DataFrame = field(default_factory=lambda: empty(SCHEMA["vetoes"]))
    departments: pd.DataFrame = field(default_factory=lambda: empty(SCHEMA["departments"]))
    districts: pd.DataFrame = field(default_factory=lambda: empty(SCHEMA["districts"]))
    needs: pd.DataFrame = field(default_factory=lambda: empty(SCHEMA["needs"]))
    plan: pd.DataFrame = field(default_factory=lambda: empty(SCHEMA["plan"]))
    sources: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    notices: pd.DataFrame = field(default_factory=lambda: notices_frame([]))

    @classmethod
    def from_frames(cls, *, aliases: UserAliases | None = None, **frames: pd.DataFrame) -> Tables:
        """Tables from frames that are in memory already, checked as files are.

        Parameters
        ----------
        aliases
            The user's own headers: see :func:`load`.
        frames
            A frame for each table, by its canonical name; ``officers`` and ``enterprises`` at least. Headers in Chinese or English.

        Raises
        ------
        DataError
            Naming every cell that cannot be used (a frame's first row is row 2, as under a header), or when a table is no frame.
        ConfigError
            When there is no table of that name.
        """
        for name, frame in frames.items():
            if name not in SCHEMA:
                msg = f"There is no table {name!r}.{did_you_mean(name, SCHEMA)} | 没有数据表 {name!r}。"
                raise ConfigError(msg)
            if not isinstance(frame, pd.DataFrame):
                msg = (
                    f"{name} is a {type(frame).__name__}, expected a DataFrame: pandas.DataFrame(rows), or load() for files. "
                    f"| {name} 是 {type(frame).__name__}，应为 DataFrame：请用 pandas.DataFrame(rows)，读取文件请用 load()。"
                )
                raise DataError(msg)
        missing = [
            Failure(sheet=name, problem=f"the table {name} is missing", problem_zh=f"缺少表“{table.zh[0]}”")
            for name, table in SCHEMA.items()
            if table.required and name not in frames
        ]
        raws = {name: from_frame(name, frame) for name, frame in frames.items()}
        return understand(raws, Aliases.of(aliases), failures=missing)

    def replace(self, **frames: pd.DataFrame) -> Tables:
        """A copy with some tables changed, checked anew; this one stays as it is.

        Raises
        ------
        DataError
            Naming every cell that cannot be used.
        ConfigError
            When there is no table of that name.
        """
        kept = {name: frame for name, frame in self if len(frame) or SCHEMA[name].required}
        changed = Tables.from_frames(aliases=None, **(kept | frames))
        notices = pd.concat([self.notices, changed.notices], ignore_index=True).drop_duplicates(ignore_index=True)
        return replace(changed, sources=self.sources, notices=notices)

    def equals(self, other: Tables) -> bool:
        """Whether every table holds the same rows in the same order; sources and notices do not count."""
        return all(frame.equals(dict(other)[name]) for name, frame in self)

    def __iter__(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Every table with its name, in the schema's order: ``dict(tables)``."""
        return ((name, getattr(self, name)) for name in SCHEMA)

    def __repr__(self) -> str:
        """How many rows each table holds."""
        lines = [f"  {name} {SCHEMA[name].zh[0]}: {len(frame):,}" for name, frame in self if len(frame)]
        return "\n".join(["Tables", *lines, f"  notices 提示: {len(self.notices):,}"])

    def _repr_html_(self) -> str:
        rows = [(f"{name} {SCHEMA[name].zh[0]}", len(frame)) for name, frame in self if len(frame)]
        cells = "".join(
            f"<tr><th>{escape(label)}</th><td>{count:,}</td></tr>" for label, count in [*rows, ("notices 提示", len(self.notices))]
        )
        return f"<table><caption>Tables</caption>{cells}</table>"


def load(
    path: str | Path,
    *,
    aliases: UserAliases | None = None,
    needs: pd.DataFrame | str | Path | None = None,
    sheets: Mapping[str, str] | None = None,
) -> Tables:
    """A planner's tables from a folder of CSV or Parquet files, or from one workbook.

    Parameters
    ----------
    path
        A folder that holds ``officers.csv`` (or ``干部.csv``), ``enterprises.csv`` (``企业.csv``), ..., or a workbook with such sheets.
    aliases
        Names that the planner's sheets use and the built-in ones do not know: see :meth:`Aliases.of`.
    needs
        Needs that extend or change the built-in ones, as a frame or a CSV file. A table of needs among the
        others does the same, but this one goes first.
    sheets
        The file or sheet that holds a table, when its name does not say so: ``{"officers": "Sheet1"}``.

    Returns
    -------
    Tables
        Checked and typed, with the hash of every file and with notices of whatever was read otherwise than it stood.

    Raises
    ------
    DataError
        Naming every cell, column, sheet and file that cannot be used, at once.
    ConfigError
        When an alias or a table in `sheets` is not known.
    """
    for name in sheets or {}:
        if name not in SCHEMA:
            msg = f"There is no table {name!r}.{did_you_mean(name, SCHEMA)} | 没有数据表 {name!r}。"
            raise ConfigError(msg)
    names = Aliases.of(aliases)
    found = read(Path(path), names, sheets or {})
    raws = dict(found.raws)
    if needs is not None:
        raws["needs"] = _own_needs(needs, names, found.sources)
    return understand(raws, names, failures=found.failures, notices=found.notices, sources=found.sources)


def understand(
    raws: Mapping[str, Raw],
    aliases: Aliases,
    *,
    failures: Iterable[Failure] = (),
    notices: Iterable[Notice] = (),
    sources: Mapping[str, str] | None = None,
) -> Tables:
    """Read and check every table.

    Parameters
    ----------
    raws
        The cells of each table that was found.
    aliases
        What headers mean.
    failures, notices, sources
        What was found while the cells were fetched.

    Raises
    ------
    DataError
        When there is any failure: all of them.
    """
    readers: dict[Kind, Reader] = dict(READERS)
    parsed: dict[str, Parsed] = {}
    if "needs" in raws:
        parsed["needs"] = parse(SCHEMA["needs"], raws["needs"], aliases, readers)
    readers |= _need_readers(parsed["needs"].frame if parsed else None)
    for name in SCHEMA:
        if name in raws and name != "needs":
            parsed[name] = parse(SCHEMA[name], raws[name], aliases, readers)
    check(parsed)
    wrong = [*failures, *(failure for table in parsed.values() for failure in table.failures)]
    if wrong:
        raise DataError(wrong)
    told = [*notices, *(notice for table in parsed.values() for notice in table.notices)]
    frames = {name: table.frame for name, table in parsed.items()}
    return Tables(**frames, sources=MappingProxyType(dict(sources or {})), notices=notices_frame(told))


def _own_needs(needs: pd.DataFrame | str | Path, aliases: Aliases, sources: dict[str, str]) -> Raw:
    if isinstance(needs, pd.DataFrame):
        return from_frame("needs", needs)
    path = Path(needs)
    raw, sources[path.name] = read_file(path, "needs", aliases)
    return raw


def _need_readers(own: pd.DataFrame | None) -> dict[Kind, Reader]:
    needs = merged_needs(own)
    labels = need_labels(needs)
    shown = [f"{code} {zh}" for code, zh in zip(needs["need"], needs["zh"], strict=True)]
    keywords = {fold(word): code for code, words in zip(needs["need"], needs["keywords"], strict=True) for word in words}
    one = need_reader(labels, shown, keywords)
    return {"need": one, "needs": needs_reader(labels, one)}
