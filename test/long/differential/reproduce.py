"""Runs the reproductions of excuses.json: a JSON list of lists of lines in, a JSON list of what they give out.

A reproduction has for its use: F, the path of a file of 40 pages, PG, the size of a page, and
S, T, B, the sliding and the static manager and the buffer."""
import copy
import json
import os
import shutil
import sys
import tempfile
from mmap import ALLOCATIONGRANULARITY as PG

import smmap


def outcome(lines):
    """:return: the value of the last line, or the name of the error"""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("file", "wb") as file:
            file.write(bytes(40 * PG))
        names = {"PG": PG, "F": "file", "S": smmap.SlidingWindowMapManager, "B": smmap.SlidingWindowMapBuffer,
                 "T": smmap.StaticWindowMapManager, "copy": copy, "os": os, "shutil": shutil}
        try:
            exec("\n".join(lines[:-1]), names)
            return eval(lines[-1], names)
        except Exception as error:
            return type(error).__name__
        finally:
            os.chdir("/")


json.dump([outcome(lines) for lines in json.load(sys.stdin)], sys.stdout)
