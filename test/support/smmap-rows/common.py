"""What the programs beside this one share: files, managers, and how answers are told."""
import json
import mmap
import os
import sys

import smmap

PG = mmap.PAGESIZE
FOLDER = sys.argv[1]
with open(os.path.join(FOLDER, 'content'), 'rb') as file:
    CONTENT = file.read()


class Endless(Exception):
    """A loop goes on that should have ended."""


class CountingCursor(smmap.WindowCursor):
    """Counts its moves: a loop without an end is known by what it does, not by a clock."""
    __slots__ = ('moves',)

    def use_region(self, offset=0, size=0, flags=0):
        self.moves = getattr(self, 'moves', 0) + 1
        if self.moves > 1000:
            raise Endless
        return super().use_region(offset, size, flags)


class Sliding(smmap.SlidingWindowMapManager):
    WindowCursorCls = CountingCursor

    def __init__(self, window_size=4 * PG, **limits):
        super().__init__(window_size, **limits)


class Static(smmap.StaticWindowMapManager):
    WindowCursorCls = CountingCursor

    def __init__(self, window_size=0, **limits):
        super().__init__(0, **limits)


def both(answer):
    """The answers of both kinds of managers."""
    return {'sliding': answer(Sliding), 'static': answer(Static)}


def outcome(call):
    """What a call gives, or the name of what it throws."""
    try:
        return call()
    except Exception as error:
        return type(error).__name__


def new_file(size, start=0):
    """A file of `size` bytes, which are those of the content from `start`."""
    new_file.count += 1
    path = os.path.join(FOLDER, 'python-%i' % new_file.count)
    with open(path, 'wb') as file:
        file.write(CONTENT[start:start + size])
    return path


new_file.count = 0


def pages_of(manager):
    """Makes cursors that stand on one page each: of one file, or of a file of its own."""
    if manager.window_size() == 0:
        return lambda page: manager.make_cursor(new_file(PG, page * PG)).use_region(0)
    path = new_file(40 * PG)
    return lambda page: manager.make_cursor(path).use_region(page * PG)


def opened(path):
    return os.open(path, os.O_RDONLY)


def by_name_and_number(answer):
    """The answers for files that are named by their path and by a descriptor."""
    return {'path': answer(str), 'descriptor': answer(opened)}


def books(manager):
    """Regions, and pages mapped."""
    return [manager.num_file_handles(), manager.mapped_memory_size() // PG]


class Rows(dict):
    """The answers of a program by the number of the row."""

    def __call__(self, number):
        def keep(answer):
            self[number] = answer
        return keep

    def tell(self):
        print(json.dumps({number: answer() for number, answer in self.items()}))
