"""Which table a name means, and which column a header means, in Chinese, in English and in a user's own words."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from matchmaker.errors import ConfigError, did_you_mean
from matchmaker.tables.columns import Table
from matchmaker.tables.decoding import decode
from matchmaker.tables.hints import fold_name
from matchmaker.tables.schema import SCHEMA

LEFT_OUT = ""

T = TypeVar("T")
UserAliases = Mapping[str, str | None] | str | Path


@dataclass(frozen=True, kw_only=True)
class Match:
    """What the headers of one sheet mean.

    Parameters
    ----------
    found
        Position of the header that stands for each column.
    twice
        Columns that several headers stand for, with the positions of those headers.
    unknown
        Positions of headers that mean nothing here.
    spare
        Positions of headers that mean a column for which a better header stands, with that column.
    """

    found: dict[str, int]
    twice: dict[str, list[int]] = field(default_factory=dict)
    unknown: list[int] = field(default_factory=list)
    spare: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Aliases:
    """The names in force. Every key is folded by :func:`~matchmaker.tables.hints.fold_name`.

    Parameters
    ----------
    tables
        What a file's or sheet's name means: a table, or ``""`` for "leave it out".
    columns
        For each table, what a header means and how well: (column, rank), rank 0 before rank 1; column ``""`` for "leave it out".
    """

    tables: Mapping[str, str]
    columns: Mapping[str, Mapping[str, tuple[str, int]]]

    @classmethod
    def of(cls, own: UserAliases | None = None) -> Aliases:
        """The built-in names and a user's own, which go first.

        Parameters
        ----------
        own
            The user's word for each canonical name: ``{"编码": "enterprises.enterprise_id", "花名册": "officers", "备注": None}``, or a
            CSV file of two columns, the user's word and the canonical name. A name without a table holds in every table that has
            such a column; None or nothing leaves the column or sheet out.

        Raises
        ------
        ConfigError
            When a canonical name is not known, or the file is not there or not such a table.
        """
        tables = {fold_name(word): table.name for table in SCHEMA.values() for word in (*table.en, *table.zh)}
        tables |= {fold_name(name): name for name in SCHEMA}
        columns = {table.name: _headers(table) for table in SCHEMA.values()}
        for word, meaning in _user_words(own).items():
            _extend(tables, columns, fold_name(word), meaning)
        return cls(tables=tables, columns=columns)

    def table(self, name: str) -> str | None:
        """The table that a file's or sheet's name means, ``""`` when it is to be left out, None when it means nothing."""
        meant = set(_meanings(self.tables, name))
        return meant.pop() if len(meant) == 1 else None

    def column(self, table: str, header: str) -> tuple[str, int] | None:
        """The column that a header means in a table and its rank, or None."""
        meant = _meanings(self.columns[table], header)
        return min(meant) if len({column for column, _ in meant}) == 1 else None

    def known(self, table: str, headers: Iterable[str]) -> int:
        """How many of the headers mean something in a table."""
        return sum(self.column(table, header) is not None for header in headers if header)

    def match(self, table: str, headers: list[str]) -> Match:
        """What the headers of one sheet mean."""
        ranked: dict[str, list[tuple[int, int]]] = {}
        match = Match(found={})
        for at, header in enumerate(headers):
            meant = self.column(table, header)
            if meant is None:
                match.unknown.append(at)
            elif meant[0] != LEFT_OUT:
                ranked.setdefault(meant[0], []).append((meant[1], at))
        for column, places in ranked.items():
            best = min(rank for rank, _ in places)
            first, *others = [at for rank, at in places if rank == best]
            match.found[column] = first
            if others:
                match.twice[column] = [first, *others]
            match.spare.update({at: column for rank, at in places if rank > best})
        return match


@lru_cache(maxsize=64)
def spellings(table: str) -> dict[str, str]:
    """Every header that is known for the columns of a table, with its column."""
    return {word: column.name for column in SCHEMA[table].columns for word in (*column.en, *column.zh, column.name)}


def _headers(table: Table) -> dict[str, tuple[str, int]]:
    known = {fold_name(word): (column.name, 1) for column in table.columns for word in (*column.en, *column.zh[1:])}
    known |= {fold_name(column.zh[0]): (column.name, 0) for column in table.columns}
    return known | {fold_name(column.name): (column.name, 0) for column in table.columns}


def _meanings(known: Mapping[str, T], name: str) -> list[T]:
    """What a name means: as it stands, without a remark in brackets, or by the halves of a name in two languages.

    The halves of ``干部编号 officer_id`` both mean a column. A Chinese half alone does not do: ``注册资金 USD`` may be another thing.
    """
    folded = fold_name(name)
    for spelling in (folded, re.sub(r"\([^()]*\)$|\[[^\[\]]*\]$", "", folded)):
        if spelling in known:
            return [known[spelling]]
    chinese, english = re.sub(r"[\x00-\x7f]", "", folded), re.sub(r"[^a-z0-9]", "", folded)
    return [known[half] for half in (chinese, english) if half in known] if english in known else []


def _extend(tables: dict[str, str], columns: dict[str, dict[str, tuple[str, int]]], word: str, meaning: str) -> None:
    if meaning == LEFT_OUT:
        tables[word] = LEFT_OUT
        for known in columns.values():
            known[word] = (LEFT_OUT, 0)
        return
    of_table, _, of_column = meaning.rpartition(".")
    homes = [name for name, table in SCHEMA.items() if of_column in table.names and of_table in ("", name)]
    for home in homes:
        columns[home][word] = (of_column, 0)
    if meaning in SCHEMA:
        tables[word] = meaning
    elif not homes:
        names = [name for table in SCHEMA.values() for column in table.names for name in (column, f"{table.name}.{column}")]
        msg = (
            f"The alias {word!r} stands for {meaning!r}, which is no table or column.{did_you_mean(meaning, [*SCHEMA, *names])} "
            f"| 别名 {word!r} 对应的 {meaning!r} 不是已知的表名或列名。"
        )
        raise ConfigError(msg)


def _user_words(own: UserAliases | None) -> dict[str, str]:
    if own is None:
        return {}
    if isinstance(own, str | Path):
        return _user_file(Path(own))
    return {word: (meaning or LEFT_OUT).strip() for word, meaning in own.items()}


def _user_file(path: Path) -> dict[str, str]:
    try:
        data = path.read_bytes()
    except OSError as error:
        msg = f"The aliases cannot be read from {path}: {error.strerror}. | 无法读取别名文件 {path}：{error.strerror}。"
        raise ConfigError(msg) from error
    lines = [line for line in csv.reader(decode(data, path.name).splitlines()) if any(map(str.strip, line))]
    wrong = next((line for line in lines if len(line) != 2), None)
    if wrong is not None:
        msg = (
            f"{path} holds {','.join(wrong)!r}; expected two columns: the word that stands in the sheets, and the canonical name. "
            f"| {path} 中有 {','.join(wrong)!r}，应为两列：表中的写法和标准名称。"
        )
        raise ConfigError(msg)
    header = ("alias", "name"), ("别名", "名称"), ("header", "column"), ("表头", "列名")
    start = 1 if lines and tuple(map(str.strip, lines[0])) in header else 0
    return {word.strip(): meaning.strip() for word, meaning in lines[start:]}
