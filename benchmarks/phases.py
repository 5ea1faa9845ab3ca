"""Where a solve spends its time: pairs priced, shortlists solved; counted while it runs, the engine unchanged.

Blocks of pairs are priced by ``pieces.View.values`` in passes and by ``pricing.block_values`` besides, shortlists solved by
``transport.solve_transport``. These are wrapped wherever the engine's modules hold them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from matchmaker.engine import pieces, pricing, transport


@dataclass
class Phases:
    """What was counted.

    Parameters
    ----------
    priced
        Pairs of each block that was priced.
    flows
        (nodes, arcs, seconds) of each flow.
    """

    priced: list[int] = field(default_factory=list)
    flows: list[tuple[int, int, float]] = field(default_factory=list)

    def figures(self, nodes: int) -> dict[str, float]:
        """Totals; flows of at least half of all nodes are the restricted problem's, smaller ones are samples'."""
        whole = [(arcs, seconds) for size, arcs, seconds in self.flows if 2 * size >= nodes]
        return {
            "priced": float(sum(self.priced)),
            "flows": float(len(whole)),
            "arcs": float(sum(arcs for arcs, _ in whole)),
            "flow_seconds": sum(seconds for _, seconds in whole),
            "sample_seconds": sum(seconds for _, _, seconds in self.flows) - sum(seconds for _, seconds in whole),
        }


@contextmanager
def watched() -> Iterator[Phases]:
    """Count what is done in here."""
    seen = Phases()

    def counted(price: Callable[..., Any]) -> Callable[..., Any]:
        def priced(*given: Any, **named: Any) -> Any:
            values = price(*given, **named)
            seen.priced.append(values.size)
            return values

        return priced

    def solve_transport(officers: Any, enterprises: Any, worth: Any, limits: Any, *others: Any, **named: Any) -> Any:
        start = time.perf_counter()
        found = solved(officers, enterprises, worth, limits, *others, **named)
        nodes = len(limits.officer_low) + len(limits.enterprise_low)
        seen.flows.append((nodes, len(worth), time.perf_counter() - start))
        return found

    solved = transport.solve_transport
    with ExitStack() as patches:
        _everywhere(patches, pricing.block_values, counted(pricing.block_values))
        patches.enter_context(patch.object(pieces.View, "values", counted(pieces.View.values)))
        _everywhere(patches, solved, solve_transport)
        yield seen


def _everywhere(patches: ExitStack, what: object, other: object) -> None:
    """Another thing in the place of one, in every module of the package that holds it."""
    for module in [module for name, module in sys.modules.items() if name.startswith("matchmaker.")]:
        for name, held in list(vars(module).items()):
            if held is what:
                patches.enter_context(patch.object(module, name, other))
