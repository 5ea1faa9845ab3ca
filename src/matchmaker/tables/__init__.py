"""What a planner's sheets must hold, read, checked and written, with Chinese and English headers."""

from matchmaker.tables.aliases import Aliases
from matchmaker.tables.columns import Column, Table
from matchmaker.tables.dates import strays
from matchmaker.tables.needs import builtin_needs, merged_needs
from matchmaker.tables.notices import notices_frame
from matchmaker.tables.schema import SCHEMA
from matchmaker.tables.tables import Tables, load
from matchmaker.tables.writing import write

__all__ = [
    "SCHEMA",
    "Aliases",
    "Column",
    "Table",
    "Tables",
    "builtin_needs",
    "load",
    "merged_needs",
    "notices_frame",
    "strays",
    "write",
]
