"""Work that workers of a test import: the look of a pass, slowed down and written into a log."""

import os
import threading
import time
from pathlib import Path

from matchmaker.engine.look import look


def slow_look(ground, piece, terms, own):
    with Path(os.environ["LOOKED_AT"]).open("a") as log:
        log.write(f"{piece.columns[0]} {os.getpid()} {threading.current_thread().name}\n")
    time.sleep(float(os.environ.get("SLOWLY", "0.05")))
    return look(ground, piece, terms, own)


def deadly_look(ground, piece, terms, own):
    os._exit(9)
