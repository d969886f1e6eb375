"""What smmap makes of its limits: the twin of smmap-rows-limits.test.ts."""
import warnings

import smmap
from common import PG, Rows, Sliding, Static, books, both, new_file, outcome, pages_of

row = Rows()


def visited(manager, path, pages):
    """The pages whose regions are left when those were entered and left one after the other."""
    cursor = manager.make_cursor(path)
    for page in pages:
        cursor.use_region(page * PG)
    cursor.unuse_region()
    return [region.ofs_begin() // PG for region in manager._fdict[path]]


@row(1)
def _():
    manager = Static(max_memory_size=3 * PG)
    paths = [new_file(PG) for _ in range(4)]
    for k in (0, 1, 2, 0, 3):
        manager.make_cursor(paths[k]).use_region(0)
    return {
        'sliding': visited(Sliding(PG, max_memory_size=3 * PG), new_file(40 * PG), (0, 10, 20, 0, 30)),
        'static': [k for k, path in enumerate(paths) if manager._fdict[path]],
    }


@row(12)
def _():
    def answer(Manager):
        manager = Manager(PG, max_memory_size=2 * PG)
        stand_on = pages_of(manager)
        buf = smmap.SlidingWindowMapBuffer(stand_on(0))
        held = buf[0:10]
        buf.end_access()
        read = [outcome(lambda: stand_on(page).buffer()[0]) for page in range(1, 10)]
        del held
        return read
    return both(answer)


@row(13)
def _():
    def answer(Manager):
        path = new_file(PG)
        manager = Manager()
        cursor = manager.make_cursor(path).use_region()
        view = cursor.buffer()
        cursor.unuse_region()
        collected = outcome(manager.collect)
        del view
        return [collected, len(manager._fdict[path]), books(manager)]
    return both(answer)


@row(25)
def _():
    manager = Static(max_open_handles=1)
    for _ in range(3):
        manager.make_cursor(new_file(PG)).use_region(0)
    return manager.num_file_handles()


@row(26)
def _():
    manager = Sliding(PG, max_open_handles=2)
    path = new_file(10 * PG)
    held = [manager.make_cursor(path).use_region(page * PG) for page in range(2)]
    try:
        return manager.make_cursor(path).use_region(5 * PG).is_valid()
    except Exception as error:
        return [type(error).__name__, 'max_open_handles' in str(error), len(held)]


@row(27)
def _():
    return visited(Sliding(PG, max_open_handles=5), new_file(10 * PG), range(6))


@row(28)
def _():
    manager = Sliding(10 * PG, max_memory_size=12 * PG)
    for _ in range(6):
        manager.make_cursor(new_file(PG)).use_region(0)
    return books(manager)


@row(29)
def _():
    manager = Static(max_memory_size=45 * PG)
    for _ in range(5):
        manager.make_cursor(new_file(20 * PG)).use_region(0, 10)
    return books(manager)


@row(30)
def _():
    def answer(Manager):
        manager = Manager(PG, max_memory_size=3 * PG)
        stand_on = pages_of(manager)
        with warnings.catch_warnings(record=True) as told:
            held = [stand_on(page) for page in range(12)]  # until this returns
        return [len(told), books(manager)]
    return both(answer)


@row(31)
def _():
    manager = Sliding(PG + 1)
    region = manager.make_cursor(new_file(10 * PG)).use_region().region()
    wider = Sliding(4 * PG).make_cursor(new_file(40 * PG)).use_region(10 * PG + 100).region()
    return [manager.window_size(), region.size(), wider.size()]


row.tell()
