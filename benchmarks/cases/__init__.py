"""One case a file; each says what a child process prepares and runs, and how its table reads."""

from benchmarks.cases import demo, families, peers

CASES = {"peers": peers, "families": families, "demo": demo}
