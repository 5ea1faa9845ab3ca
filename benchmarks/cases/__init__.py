"""One case a file.

Each has a ``TITLE`` and ``REPEATS`` (medians of so many), and says what a child process does: ``load`` imports what the case needs, after
which its memory is the libraries' own; ``prepare`` makes the input and gives back the work, over which the clock runs. ``table`` runs
children and gives back a :class:`benchmarks.report.Table`.
"""

from benchmarks.cases import areas, beside, cluster, demo, families, gap, growth, large, peers, province, rerun, rules, scale

CASES = {
    "peers": peers,
    "large": large,
    "growth": growth,
    "areas": areas,
    "rerun": rerun,
    "families": families,
    "cluster": cluster,
    "scale": scale,
    "demo": demo,
    "rules": rules,
    "beside": beside,
    "gap": gap,
    "province": province,
}
GROUPS = {"engine": ("The engine: what it must reach", ("peers", "large", "growth", "areas", "rerun", "families"))}
"""Cases run together: a title for all their targets, and their names."""
