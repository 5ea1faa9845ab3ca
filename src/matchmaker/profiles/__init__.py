"""What officers can do and what enterprises need, from the tables."""

from matchmaker.profiles.competences import BASES, Competence, competence
from matchmaker.profiles.needs import NeedProfiles, need_profiles
from matchmaker.profiles.requests import Requests, read_requests
from matchmaker.profiles.scope import Sector, Sectors
from matchmaker.profiles.taxonomy import Need, Taxonomy
from matchmaker.profiles.text import Lexicon, Match, Reading, TextModel

__all__ = [
    "BASES",
    "Competence",
    "Lexicon",
    "Match",
    "Need",
    "NeedProfiles",
    "Reading",
    "Requests",
    "Sector",
    "Sectors",
    "Taxonomy",
    "TextModel",
    "competence",
    "need_profiles",
    "read_requests",
]
