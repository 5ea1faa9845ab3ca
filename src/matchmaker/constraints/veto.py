"""Pairs that somebody has struck out by hand (否决)."""

from __future__ import annotations

from typing import ClassVar

from matchmaker.constraints.noted import KeptApart
from matchmaker.instance import Instance, Notes


class Veto(KeptApart):
    """Pairs that somebody has struck out by hand (否决).

    ``x_ij = 0`` for every such pair.

    Parameters
    ----------
    notes
        The pairs, with who said so and why. By default the instance's own (``vetoes``).
    """

    rule: ClassVar[str] = "veto"
    fact: ClassVar[tuple[str, str]] = ("must not meet, by veto", "已被否决")

    def of(self, instance: Instance) -> Notes:
        """The rule's own pairs, else the instance's vetoes."""
        return self.own(instance, instance.vetoes)
