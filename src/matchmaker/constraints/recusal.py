"""Pairs that must not meet, because one side is recused (回避)."""

from __future__ import annotations

from typing import ClassVar

from matchmaker.constraints.noted import KeptApart
from matchmaker.instance import Instance, Notes


class Recusal(KeptApart):
    """Pairs that must not meet, because one side is recused (回避).

    ``x_ij = 0`` for every such pair.

    Parameters
    ----------
    notes
        The pairs, with who said so and why. By default the instance's own (``recusals``).
    """

    rule: ClassVar[str] = "recusal"
    fact: ClassVar[tuple[str, str]] = ("must not meet, by recusal", "应回避")

    def of(self, instance: Instance) -> Notes:
        """The rule's own pairs, else the instance's recusals."""
        return self.own(instance, instance.recusals)
