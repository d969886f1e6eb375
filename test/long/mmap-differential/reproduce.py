"""Runs the reproductions of rows.json: a JSON list of lists of lines in, a JSON list of what they give out.

A reproduction has for its use: F, the path of a file of 4 pages of zeros, fd, open for reading and
writing it, PG, the size of a page, and the modules mmap and os. It runs in a process of its own, so
that the end of that is an answer too."""
import errno
import json
import mmap
import os
import resource
import signal
import sys
import tempfile


def value(lines, names):
    """:return: the value of the last line, or the name of the error"""
    try:
        exec("\n".join(lines[:-1]), names)
        return eval(lines[-1], names)
    except OSError as error:
        return "OSError " + errno.errorcode[error.errno]
    except Exception as error:
        return type(error).__name__


def outcome(lines):
    """:return: the value, or the name of the signal"""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file")
        with open(path, "wb") as file:
            file.write(bytes(4 * mmap.PAGESIZE))
        answer = os.path.join(folder, "answer")
        child = os.fork()
        if child == 0:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            fd = os.open(path, os.O_RDWR)
            given = value(lines, {"mmap": mmap, "os": os, "F": path, "fd": fd, "PG": mmap.PAGESIZE})
            with open(answer, "w") as file:
                json.dump(given, file)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        if os.WIFSIGNALED(status):
            return signal.Signals(os.WTERMSIG(status)).name
        with open(answer) as file:
            return json.load(file)


json.dump([outcome(lines) for lines in json.load(sys.stdin)], sys.stdout)
