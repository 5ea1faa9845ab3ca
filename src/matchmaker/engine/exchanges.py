"""Exchanges and ejection chains of two, in machine code: how broken rows are mended and plans made better without any solver.

An exchange gives an enterprise another officer; a chain also gives somebody of that officer's to another one (Glover 1996,
doi:10.1016/0166-218X(94)00037-E). What rows are missed by costs so much a unit. A row that nothing mends costs more from then on, so that
the search leaves where it is stuck (Luteberget and Sartor 2023, doi:10.1007/s12532-023-00234-8, as in the breakout method; Morris 1993).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matchmaker.engine.compiled import compiled
from matchmaker.engine.space import Floats, Ints

TOP = 8
"""Exchanges from which chains are begun: the best."""
TRIED = 40
"""Columns of one row that are tried at a time."""
TENURE = 8
"""Steps for which a column that was left stays out, at least; twice as many at most."""
STUCK = 4
"""One in so many times the best exchange is made although it mends nothing."""


class Table(NamedTuple):
    """Columns, each all or nothing, and the rows they stand in: officers, enterprises, then side rows.

    Parameters
    ----------
    starts, rows, values
        Entries of each column: shape (n_columns + 1,), and (n_entries,) twice.
    row_starts, row_columns, row_values
        The same by row.
    home, officer
        Shape (n_columns,): an enterprise and an officer of each.
    home_starts, home_columns, officer_starts, officer_columns
        The columns of each enterprise that is a home, and of each officer.
    low, high, tolerance
        Shape (n_rows,): what rows ask, and by how little they may be off.
    worth
        Shape (n_columns,).
    """

    starts: Ints
    rows: Ints
    values: Floats
    row_starts: Ints
    row_columns: Ints
    row_values: Floats
    home: Ints
    officer: Ints
    home_starts: Ints
    home_columns: Ints
    officer_starts: Ints
    officer_columns: Ints
    low: Floats
    high: Floats
    tolerance: Floats
    worth: Floats


class Choice(NamedTuple):
    """What is chosen, and where the search stands.

    Parameters
    ----------
    chosen
        Shape (n_columns,), bool.
    activity
        Shape (n_rows,): what chosen columns come to.
    weight, dearer
        Shape (n_rows,): what a unit of a broken row costs, and by how much more each time that nothing mends it.
    broken, place, left
        The broken rows first, shape (n_rows,); where each row stands among them, -1 for kept, shape (n_rows,); how many, shape (1,).
    barred
        Shape (n_columns,): the step until which each may not be chosen again.
    clock
        Shape (1,): steps so far.
    lot
        Shape (1,), not 0: where lots come from.
    """

    chosen: NDArray[np.bool_]
    activity: Floats
    weight: Floats
    dearer: Floats
    broken: Ints
    place: Ints
    left: Ints
    barred: Ints
    clock: Ints
    lot: Ints


class Found(NamedTuple):
    """Exchanges worth a chain: columns that come and go, -1 for none, and what they gain. Shapes (TOP,)."""

    comes: Ints
    goes: Ints
    gain: Floats


@compiled
def _drawn(choice: Choice, size: int) -> int:
    """A number below `size` (xorshift; Marsaglia 2003, doi:10.18637/jss.v008.i14)."""
    x = choice.lot[0]
    x ^= x << 13
    x ^= (x >> 7) & 0x01FFFFFFFFFFFFFF
    x ^= x << 17
    choice.lot[0] = x
    return int((x & 0x7FFFFFFFFFFFFFFF) % size)


@compiled
def _off(activity: float, low: float, high: float) -> float:
    return max(low - activity, activity - high, 0.0)


@compiled
def _gain(table: Table, choice: Choice, column: int, sign: float) -> float:
    """What it gains to choose a column, or with `sign` -1 to leave it: worth, less what rows are missed by more."""
    total = sign * table.worth[column]
    for x in range(table.starts[column], table.starts[column + 1]):
        r, now = table.rows[x], choice.activity[table.rows[x]]
        after = now + sign * table.values[x]
        total += choice.weight[r] * (_off(now, table.low[r], table.high[r]) - _off(after, table.low[r], table.high[r]))
    return float(total)


@compiled
def _put(table: Table, choice: Choice, column: int, sign: float) -> None:
    for x in range(table.starts[column], table.starts[column + 1]):
        choice.activity[table.rows[x]] += sign * table.values[x]
    choice.chosen[column] = sign > 0


@compiled
def _noted(table: Table, choice: Choice, column: int) -> None:
    """The list of broken rows brought up to date after a column has changed."""
    for x in range(table.starts[column], table.starts[column + 1]):
        r = table.rows[x]
        off = _off(choice.activity[r], table.low[r], table.high[r]) > table.tolerance[r]
        at = choice.place[r]
        if off and at < 0:
            choice.place[r] = choice.left[0]
            choice.broken[choice.left[0]] = r
            choice.left[0] += 1
        elif at >= 0 and not off:
            choice.left[0] -= 1
            last = choice.broken[choice.left[0]]
            choice.broken[at], choice.place[last], choice.place[r] = last, at, -1


@compiled
def _kept(found: Found, count: int, comes: int, goes: int, gain: float) -> int:
    """Keep an exchange where it is one of the best; how many are kept."""
    at = count
    if count == TOP:
        at = int(np.argmin(found.gain))
        if gain <= found.gain[at]:
            return count
    found.comes[at], found.goes[at], found.gain[at] = comes, goes, gain
    return min(count + 1, TOP)


@compiled
def _arrivals(table: Table, choice: Choice, found: Found, count: int, goes: int) -> int:
    """Exchanges by which a chosen column goes: for each other of its enterprise, and for none."""
    first = _gain(table, choice, goes, -1.0)
    _put(table, choice, goes, -1.0)
    count = _kept(found, count, -1, goes, first)
    home = table.home[goes]
    for x in range(table.home_starts[home], table.home_starts[home + 1]):
        comes = table.home_columns[x]
        if comes != goes and not choice.chosen[comes] and choice.barred[comes] <= choice.clock[0]:
            count = _kept(found, count, comes, goes, first + _gain(table, choice, comes, 1.0))
    _put(table, choice, goes, 1.0)
    return count


@compiled
def _departures(table: Table, choice: Choice, found: Found, count: int, comes: int) -> int:
    """Exchanges by which a column comes: for each that its enterprise has, and for none."""
    first = _gain(table, choice, comes, 1.0)
    _put(table, choice, comes, 1.0)
    count = _kept(found, count, comes, -1, first)
    home = table.home[comes]
    for x in range(table.home_starts[home], table.home_starts[home + 1]):
        goes = table.home_columns[x]
        if goes != comes and choice.chosen[goes]:
            count = _kept(found, count, comes, goes, first + _gain(table, choice, goes, -1.0))
    _put(table, choice, comes, -1.0)
    return count


@compiled
def _exchanges(table: Table, choice: Choice, found: Found, row: int) -> int:
    """The best exchanges that bring a broken row nearer; how many."""
    short = choice.activity[row] < table.low[row]
    size = table.row_starts[row + 1] - table.row_starts[row]
    first = _drawn(choice, size) if size else 0
    count = tried = 0
    for step in range(size):
        x = table.row_starts[row] + (first + step) % size
        column, more = table.row_columns[x], table.row_values[x] > 0
        if choice.chosen[column]:
            if more != short:
                count, tried = _arrivals(table, choice, found, count, column), tried + 1
        elif more == short and choice.barred[column] <= choice.clock[0]:
            count, tried = _departures(table, choice, found, count, column), tried + 1
        if tried >= TRIED:
            break
    return count


@compiled
def _chain(table: Table, choice: Choice, comes: int, goes: int, gain: float, best: Ints, most: float) -> float:
    """The best chain that begins with an exchange, where it gains more than `most`; then it is written down as `best`."""
    if goes >= 0:
        _put(table, choice, goes, -1.0)
    _put(table, choice, comes, 1.0)
    who = table.officer[comes]
    for x in range(table.officer_starts[who], table.officer_starts[who + 1]):
        out = table.officer_columns[x]
        if not choice.chosen[out] or out == comes:
            continue
        first = gain + _gain(table, choice, out, -1.0)
        _put(table, choice, out, -1.0)
        home = table.home[out]
        for y in range(table.home_starts[home], table.home_starts[home + 1]):
            other = table.home_columns[y]
            if choice.chosen[other] or other in (out, goes) or choice.barred[other] > choice.clock[0]:
                continue
            total = first + _gain(table, choice, other, 1.0)
            if total > most:
                most = total
                best[0], best[1], best[2], best[3] = goes, comes, out, other
        _put(table, choice, out, 1.0)
    _put(table, choice, comes, -1.0)
    if goes >= 0:
        _put(table, choice, goes, 1.0)
    return most


@compiled
def _made(table: Table, choice: Choice, best: Ints) -> None:
    """Make an exchange or a chain: those that go, and those that come, in turn."""
    for k in range(4):
        if best[k] >= 0:
            _put(table, choice, best[k], -1.0 if k % 2 == 0 else 1.0)
            if k % 2 == 0:
                choice.barred[best[k]] = choice.clock[0] + TENURE + _drawn(choice, TENURE)
    for k in range(4):
        if best[k] >= 0:
            _noted(table, choice, best[k])


@compiled
def mend(table: Table, choice: Choice, found: Found, steps: int) -> None:
    """So many steps, each at a broken row drawn by lot, or until none is broken."""
    best = np.empty(4, np.int64)
    for _ in range(steps):
        if not choice.left[0]:
            return
        choice.clock[0] += 1
        row = choice.broken[_drawn(choice, choice.left[0])]
        count = _exchanges(table, choice, found, row)
        if not count:
            choice.weight[row] += choice.dearer[row]
            continue
        top = int(np.argmax(found.gain[:count]))
        best[0], best[1], best[2], best[3] = found.goes[top], found.comes[top], -1, -1
        most = found.gain[top]
        if most <= 0:
            for k in range(count):
                if found.comes[k] >= 0:
                    most = _chain(table, choice, found.comes[k], found.goes[k], found.gain[k], best, max(most, 0.0))
        if most <= 0:
            for k in range(choice.left[0]):
                choice.weight[choice.broken[k]] += choice.dearer[choice.broken[k]]
            if _drawn(choice, STUCK):
                continue
        _made(table, choice, best)


@compiled
def climb(table: Table, choice: Choice, columns: Ints, least: float) -> float:
    """The best exchange or chain that gains more than `least` for each of these columns in turn, where it is chosen. What they gained."""
    best, gained = np.empty(4, np.int64), 0.0
    for goes in columns:
        if not choice.chosen[goes]:
            continue
        best[:] = -1
        most, first = least, _gain(table, choice, goes, -1.0)
        home = table.home[goes]
        for x in range(table.home_starts[home], table.home_starts[home + 1]):
            comes = table.home_columns[x]
            if choice.chosen[comes]:
                continue
            _put(table, choice, goes, -1.0)
            gain = first + _gain(table, choice, comes, 1.0)
            _put(table, choice, goes, 1.0)
            if gain > most:
                most = gain
                best[0], best[1], best[2], best[3] = goes, comes, -1, -1
            most = _chain(table, choice, comes, goes, gain, best, most)
        if best[1] >= 0:
            _made(table, choice, best)
            gained += most
    return gained
