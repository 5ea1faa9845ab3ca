"""A round from its folder: round.toml says what to read, what to keep, what to aim at, and where the plan goes."""

from matchmaker.rounds.checker import Checked, check
from matchmaker.rounds.config import Config, read_config
from matchmaker.rounds.inputs import Inputs, gather
from matchmaker.rounds.runner import Finished, run
from matchmaker.rounds.saved import read_result
from matchmaker.rounds.verifier import Finding, Verdict, verify

__all__ = [
    "Checked",
    "Config",
    "Finding",
    "Finished",
    "Inputs",
    "Verdict",
    "check",
    "gather",
    "read_config",
    "read_result",
    "run",
    "verify",
]
