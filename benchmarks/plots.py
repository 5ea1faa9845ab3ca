"""A line chart with two logarithmic axes as SVG, written by hand: few marks, no script, readable in light and dark and aloud."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 90, 30, 84, 72
HALO = "paint-order='stroke' stroke='white' stroke-width='4'"
FONT = "font-family='system-ui, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif'"


@dataclass(frozen=True)
class Line:
    """One line of points.

    Parameters
    ----------
    name
        In both languages; stands beside its last point.
    points
        (x, y, label) of each, above 0; the label stands over the point.
    colour
        Of the line.
    """

    name: str
    points: Sequence[tuple[float, float, str]]
    colour: str


def log_log(title: str, described: str, x_name: str, y_name: str, lines: Sequence[Line]) -> str:
    """The chart as a file of SVG; `described` is what it shows, for whoever cannot see it."""
    across = _decades([x for line in lines for x, _, _ in line.points])
    up = _decades([y for line in lines for _, y, _ in line.points])
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' role='img' aria-labelledby='title desc' {FONT}>",
        f"<title id='title'>{escape(title)}</title>",
        f"<desc id='desc'>{escape(described)}</desc>",
        f"<rect width='{WIDTH}' height='{HEIGHT}' fill='white'/>",
        f"<text x='{LEFT}' y='30' font-size='18' font-weight='600' fill='#1a1a1a'>{escape(title)}</text>",
        *_grid(across, up),
        f"<text x='{(LEFT + WIDTH - RIGHT) / 2:.0f}' y='{HEIGHT - 18}' font-size='14' text-anchor='middle' fill='#333'>"
        f"{escape(x_name)}</text>",
        f"<text transform='translate(24 {(TOP + HEIGHT - BOTTOM) / 2:.0f}) rotate(-90)' font-size='14' text-anchor='middle' fill='#333'>"
        f"{escape(y_name)}</text>",
        *(part for place, line in enumerate(lines) for part in _drawn(line, place, across, up)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _decades(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten that hold all values, at least one decade."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _x(value: float, across: tuple[int, int]) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (math.log10(value) - across[0]) / (across[1] - across[0])


def _y(value: float, up: tuple[int, int]) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (math.log10(value) - up[0]) / (up[1] - up[0])


def _grid(across: tuple[int, int], up: tuple[int, int]) -> list[str]:
    parts = []
    for power in range(across[0], across[1] + 1):
        x = _x(10.0**power, across)
        parts.append(f"<line x1='{x:.1f}' x2='{x:.1f}' y1='{TOP}' y2='{HEIGHT - BOTTOM}' stroke='#ddd'/>")
        parts.append(f"<text x='{x:.1f}' y='{HEIGHT - BOTTOM + 20}' font-size='13' text-anchor='middle' fill='#333'>{_power(power)}</text>")
    for power in range(up[0], up[1] + 1):
        y = _y(10.0**power, up)
        parts.append(f"<line x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{y:.1f}' y2='{y:.1f}' stroke='#ddd'/>")
        parts.append(f"<text x='{LEFT - 8}' y='{y + 4:.1f}' font-size='13' text-anchor='end' fill='#333'>{_power(power)}</text>")
    return parts


def _power(power: int) -> str:
    """Plain numbers where they are short."""
    if -3 <= power <= 3:
        return f"{10.0**power:g}"
    return f"10<tspan dy='-5' font-size='10'>{power}</tspan>"


def _drawn(line: Line, place: int, across: tuple[int, int], up: tuple[int, int]) -> list[str]:
    spots = [(_x(x, across), _y(y, up), label) for x, y, label in line.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in spots)
    key = LEFT + 300 * place
    parts = [
        f"<line x1='{key}' x2='{key + 24}' y1='55' y2='55' stroke='{line.colour}' stroke-width='3'/>",
        f"<text x='{key + 32}' y='60' font-size='14' fill='#1a1a1a'>{escape(line.name)}</text>",
        f"<polyline points='{path}' fill='none' stroke='{line.colour}' stroke-width='2.5'/>",
    ]
    for x, y, label in spots:
        parts.append(f"<circle cx='{x:.1f}' cy='{y:.1f}' r='4.5' fill='{line.colour}'/>")
        parts.append(f"<text x='{x:.1f}' y='{y - 10:.1f}' font-size='12' text-anchor='middle' fill='#333' {HALO}>{escape(label)}</text>")
    return parts
