"""What becomes of smmap's cursors and regions: the twin of smmap-rows-cursors.test.ts."""
import copy
import os
import sys
from types import SimpleNamespace

import smmap
from common import PG, Rows, books, both, new_file, opened, outcome

row = Rows()


def on_windows(call):
    """What a call answers that is made to believe it runs on Windows."""
    smmap.mman.sys = SimpleNamespace(platform='win32', maxsize=sys.maxsize)
    try:
        return outcome(call)
    finally:
        smmap.mman.sys = sys


@row(19)
def _():
    def answer(Manager):
        cursor = Manager().make_cursor(new_file(10 * PG)).use_region(0)
        assigned = smmap.WindowCursor()
        assigned.assign(cursor)
        return [
            [outcome(each.file_size), outcome(lambda: each.use_region(5 * PG).is_valid())]
            for each in (copy.copy(cursor), assigned)
        ]
    return both(answer)


@row(20)
def _():
    def answer(Manager):
        path = new_file(PG)
        manager = Manager()
        first, second = manager.make_cursor(path), manager.make_cursor(path)
        del first
        second.use_region(0)
        third = manager.make_cursor(path).use_region(0)
        mapped = manager.num_file_handles()
        second.unuse_region()
        third.unuse_region()
        return [mapped, manager.collect(), books(manager)]
    return both(answer)


@row(22)
def _():
    def answer(Manager):
        path = new_file(PG)
        manager = Manager()
        held = manager.make_cursor(path).use_region(0)
        closed = on_windows(lambda: manager.force_map_handle_removal_win(path))
        fresh = outcome(lambda: manager.make_cursor(path).use_region(0).buffer()[5])
        return [closed, books(manager), fresh, held.is_valid()]
    return both(answer)


@row(23)
def _():
    def answer(Manager):
        repo = new_file(PG)
        os.link(new_file(PG), repo + '2')
        manager = Manager()
        held = [manager.make_cursor(path).use_region(0) for path in (repo, repo + '2')]
        elsewhere = manager.force_map_handle_removal_win(repo)
        closed = on_windows(lambda: manager.force_map_handle_removal_win(repo))
        manager = Manager()
        held.append(manager.make_cursor(opened(repo)).use_region(0))
        with_descriptor = on_windows(lambda: manager.force_map_handle_removal_win(repo + '2'))
        return [elsewhere, closed, with_descriptor]
    return both(answer)


@row(24)
def _():
    def answer(Manager):
        manager = Manager()
        cursor = manager.make_cursor(new_file(10 * PG))

        def use():
            cursor.use_region(-5, 10)
            return [cursor.is_valid(), cursor.ofs_begin(), len(cursor.buffer())]
        return [outcome(use), books(manager)]
    return both(answer)


@row(33)
def _():
    def answer(Manager):
        cursor = Manager().make_cursor(new_file(PG)).use_region(0, 10)
        cursor.unuse_region()
        queries = cursor.size, cursor.ofs_begin, cursor.ofs_end, lambda: cursor.includes_ofs(0)
        without_file = smmap.WindowCursor()
        return [outcome(query) for query in (*queries, without_file.use_region)]
    return both(answer)


@row(37)
def _():
    def answer(Manager):
        manager = Manager()
        with manager.make_cursor(new_file(PG)) as cursor:
            pass
        used = outcome(lambda: cursor.use_region(0).is_valid())
        cursor.unuse_region()
        return [used, manager.collect(), books(manager)]
    return both(answer)


row.tell()
