"""How good a pair is: one measure a file, all read by block and by pair."""

from matchmaker.affinity.base import Affinity
from matchmaker.affinity.dense import Dense
from matchmaker.affinity.factors import Factors
from matchmaker.affinity.parquet import FactorFile, ParquetFactors
from matchmaker.affinity.sparse import Sparse

__all__ = ["Affinity", "Dense", "FactorFile", "Factors", "ParquetFactors", "Sparse"]
