"""One check that every weighted aim shares."""

from __future__ import annotations

import math

from matchmaker.errors import ConfigError


def checked_weight(weight: float, name: str) -> None:
    """Nothing, when the weight is a finite number of at least 0.

    Raises
    ------
    ConfigError
        Otherwise.
    """
    if not isinstance(weight, int | float) or not math.isfinite(weight) or weight < 0:
        msg = f"{name}: weight is {weight!r}; expected a finite number of at least 0. | {name}：权重应为不小于 0 的有限数。"
        raise ConfigError(msg)
