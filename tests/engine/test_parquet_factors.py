"""Enterprises' factors left in Parquet: the same plan to the byte, never all in memory, and bad files named."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import matchmaker as mm
from matchmaker.affinity import FactorFile, parquet
from matchmaker.engine import cluster, column_generation, passes, pieces, rows, worth
from matchmaker.objectives import ExpectedResolved

N, M, RANK = 150, 900, 6


def factors(seed: int = 3, m: int = M) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.gamma(0.6, 0.3, (N, RANK)), rng.dirichlet(np.full(RANK, 0.3), m)


def write(folder, right, *, files=3, group=70, kind="float64", names=None):
    """The rows in some files of small row groups, with a column that is none of the factors."""
    folder.mkdir()
    names = [f"need_{k}" for k in range(right.shape[1])] if names is None else names
    for number, part in enumerate(np.array_split(right, files)):
        columns = {name: pa.array(part[:, k], type=getattr(pa, kind)()) for k, name in enumerate(names)}
        table = pa.table({"name": [f"E{i}" for i in range(len(part))], **columns})
        pq.write_table(table, folder / f"part_{number:03}.parquet", row_group_size=group)
    return names


@pytest.fixture
def small(monkeypatch):
    """Everything read in small portions, so that a small file is read as a large one would be."""
    for module, name, value in (
        (column_generation, "SMALL", 0),
        (pieces, "BLOCK", 3_000),
        (passes, "RUN", 6_000),
        (cluster, "PIECE", 9_000),
        (rows, "STEP", 128),
        (worth, "CHUNK", 16),
        (parquet, "REMEMBERED", 10_000),
        (parquet, "STRETCH", 100),
    ):
        monkeypatch.setattr(module, name, value)


GIVEN = {
    "plain": {"capacity": 8},
    "ranges": {"capacity": 20, "demand": (1, 3), "min_load": 2},
    "pins and bars": {"capacity": 8, "required": [[0, 0], [5, 7]], "forbidden": [[1, 2], [3, 4]]},
}


@pytest.mark.parametrize("given", GIVEN)
def test_the_plan_is_the_same_as_from_memory(given, tmp_path, small):
    left, right = factors()
    names = write(tmp_path / "files", right)
    here = mm.assign(mm.Factors(left, right), **GIVEN[given])
    there = mm.assign(mm.ParquetFactors(left, tmp_path / "files", names), **GIVEN[given])
    assert there.termination == here.termination == "OPTIMAL"
    assert there.officers.tobytes() == here.officers.tobytes()
    assert there.enterprises.tobytes() == here.enterprises.tobytes()
    assert (there.objective, there.bound) == (here.objective, here.bound)


def test_the_plan_is_the_same_from_single_precision_in_one_file_in_another_order(tmp_path, small):
    left, right = factors()
    single = right.astype(np.float32)
    names = write(tmp_path / "files", single, files=1, kind="float32")
    backwards = names[::-1]
    here = mm.assign(mm.Factors(left[:, ::-1], single[:, ::-1]), capacity=8)
    there = mm.assign(mm.ParquetFactors(left[:, ::-1], tmp_path / "files" / "part_000.parquet", backwards), capacity=8)
    assert there.officers.tobytes() == here.officers.tobytes()
    assert there.objective == here.objective


def test_the_plan_is_the_same_on_a_cluster_whose_workers_read(tmp_path, small):
    distributed = pytest.importorskip("distributed")
    left, right = factors()
    names = write(tmp_path / "files", right)
    here = mm.assign(mm.Factors(left, right), capacity=8)
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0") as local,
        distributed.Client(local, set_as_default=False) as client,
    ):
        there = mm.assign(mm.ParquetFactors(left, tmp_path / "files", names), capacity=8, cluster=client)
        write(tmp_path / "bad", np.where(np.arange(M)[:, None] == 500, np.nan, right))
        with pytest.raises(mm.DataError, match=f"{RANK} cells cannot be used"):
            mm.assign(mm.ParquetFactors(left, tmp_path / "bad", names), capacity=8, cluster=client)
    assert there.officers.tobytes() == here.officers.tobytes()
    assert there.enterprises.tobytes() == here.enterprises.tobytes()
    assert there.prices.officers.tobytes() == here.prices.officers.tobytes()


def test_beside_an_aim_in_memory(tmp_path, small):
    left, right = factors()
    names = write(tmp_path / "files", right)
    rng = np.random.default_rng(0)
    more = mm.Factors(rng.random((N, 2)), rng.random((M, 2)))

    class Also(ExpectedResolved):
        def price(self, program, instance):
            super().price(program, instance)
            program.add(more, 0.3)

        def value(self, instance, assignment):
            return super().value(instance, assignment) + 0.3 * float(more.pairs(assignment.officers, assignment.enterprises).sum())

    here = mm.assign(mm.Factors(left, right), capacity=8, objective=Also())
    there = mm.assign(mm.ParquetFactors(left, tmp_path / "files", names), capacity=8, objective=Also())
    assert there.termination == "OPTIMAL"
    assert there.officers.tobytes() == here.officers.tobytes()


def test_no_reading_takes_them_all(tmp_path, small, monkeypatch):
    left, right = factors(m=4 * M)
    names = write(tmp_path / "files", right)
    most, kept = [], []
    take, group = FactorFile.take, parquet._Reader.group

    def noted_take(self, columns):
        found = take(self, columns)
        most.append(len(found))
        return found

    def noted_group(self, number):
        found = group(self, number)
        kept.append(sum(cells.nbytes for cells in self.kept.values()))
        return found

    monkeypatch.setattr(FactorFile, "take", noted_take)
    monkeypatch.setattr(parquet._Reader, "group", noted_group)
    assert mm.assign(mm.ParquetFactors(left, tmp_path / "files", names), capacity=30).termination == "OPTIMAL"
    assert max(most) <= M, "a quarter: the sample that prices are guessed from"
    assert max(kept) <= 10_000


def test_blocks_and_pairs_read_alike(tmp_path):
    left, right = factors()
    write(tmp_path / "files", right)
    given, held = mm.ParquetFactors(left, tmp_path / "files", [f"need_{k}" for k in range(RANK)]), mm.Factors(left, right)
    assert given.shape == held.shape
    i, j = np.arange(N).repeat(7), np.random.default_rng(0).integers(0, M, 7 * N)
    assert given.pairs(i, j).tobytes() == held.pairs(i, j).tobytes()
    assert given.block(slice(3, 9), np.array([4, 2, 800])).tobytes() == held.block(slice(3, 9), np.array([4, 2, 800])).tobytes()
    assert given.block(np.array([1]), slice(None)).shape == (1, M)


def test_every_cell_that_is_no_number_is_named(tmp_path):
    left, right = factors()
    right[[2, 310, 899], [0, 5, 3]] = [np.nan, np.inf, -np.inf]
    names = write(tmp_path / "files", right)
    affinity = mm.ParquetFactors(left, tmp_path / "files", names)
    with pytest.raises(mm.DataError, match="3 cells cannot be used") as caught:
        mm.assign(affinity, capacity=8)
    named = [(failure.sheet, failure.row, failure.column) for failure in caught.value.failures]
    assert named == [("part_000.parquet", 2, "need_0"), ("part_001.parquet", 10, "need_5"), ("part_002.parquet", 299, "need_3")]
    assert "不是有限数" in str(caught.value)


def test_an_empty_cell_is_named(tmp_path):
    pq.write_table(pa.table({"a": pa.array([1.0, None, 3.0])}), tmp_path / "one.parquet")
    with pytest.raises(mm.DataError, match=r"one.parquet, row 1, column a: nan is not a finite number"):
        mm.assign(mm.ParquetFactors(np.ones((4, 1)), tmp_path / "one.parquet"))


def test_what_is_amiss_with_files_is_said_at_once(tmp_path):
    left, right = factors()
    names = write(tmp_path / "files", right)
    with pytest.raises(mm.DataError, match=r"no Parquet file at .*没有 Parquet 文件"):
        mm.ParquetFactors(left, tmp_path / "nowhere", names)
    with pytest.raises(mm.DataError, match=r"column name: 'string' does not hold real numbers; expected a column of float32 or float64"):
        mm.ParquetFactors(left, tmp_path / "files")
    with pytest.raises(mm.DataError, match=r"part_002.parquet, column rent: is missing.*缺少该列"):
        mm.ParquetFactors(left, tmp_path / "files", [*names[1:], "rent"])
    with pytest.raises(mm.DataError, match=r"left has shape \(150, 6\) and .* \(900, 5\).*因子数不一致"):
        mm.ParquetFactors(left, tmp_path / "files", names[1:])
    with pytest.raises(mm.ConfigError, match="expected a list of names"):
        mm.ParquetFactors(left, tmp_path / "files", "need_0")
    (tmp_path / "files" / "part_001.parquet").write_bytes(b"no Parquet at all")
    with pytest.raises(mm.DataError, match=r"part_001.parquet cannot be read as Parquet"):
        mm.ParquetFactors(left, tmp_path / "files", names)
    pq.write_table(pa.table({"a": pa.array([], type=pa.float64())}), tmp_path / "empty.parquet")
    with pytest.raises(mm.DataError, match="holds 0 rows and 1 columns: it is empty"):
        mm.ParquetFactors(np.ones((4, 1)), tmp_path / "empty.parquet")


def test_a_file_that_changes_in_use_is_noticed(tmp_path):
    left, right = factors()
    names = write(tmp_path / "files", right, files=1)
    affinity = mm.ParquetFactors(left, tmp_path / "files", names)
    one = tmp_path / "files" / "part_000.parquet"
    pq.write_table(pq.read_table(one).slice(0, 60), one)
    with pytest.raises(mm.DataError, match=r"has changed while it was in use.*被改动"):
        affinity.file.take(np.array([3]))
    one.unlink()
    with pytest.raises(mm.DataError, match="cannot be read"):
        affinity.file.take(np.array([3]))
