"""A chart as SVG that can stand inside a page: no script, no link, no id that could clash."""

from __future__ import annotations

import re
from typing import Any


def inline_svg(chart: Any, label: str) -> str:
    """A chart drawn as an ``<svg>`` element, described by `label` for whoever cannot see it.

    The names of namespaces are dropped, as HTML knows them, so that the page holds no address at all.
    """
    import vl_convert
    from markupsafe import escape

    drawn: str = vl_convert.vegalite_to_svg(chart.to_dict(validate=False))
    drawn = re.sub(r' xmlns(:xlink)?="[^"]*"| class="[^"]*"| pointer-events="none"| version="1\.1"', "", drawn)
    drawn = re.sub(r'<(path|rect|g)[^<>]*display="none"\s*/>', "", drawn)
    width = re.search(r'<svg width="([\d.]+)"', drawn)
    natural = f"max-width:{float(width.group(1)):.0f}px" if width else ""
    return drawn.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" style="{natural}" ', 1)
