"""What smmap makes of its limits: the twin of smmap-rows-limits.test.ts."""
import gc
import os
import warnings
from types import SimpleNamespace

import smmap
from common import PG, Rows, Sliding, Static, books, both, by_name_and_number, new_file, outcome
from smmap.util import MapRegionList

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
    manager = Sliding(PG, max_memory_size=2 * PG)
    buf = smmap.SlidingWindowMapBuffer(manager.make_cursor(new_file(10 * PG)))
    held = buf[0:10]
    read = [outcome(lambda: buf[page * PG]) for page in range(10)]
    del held
    return read


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
    manager = Sliding(PG, max_memory_size=3 * PG)
    path = new_file(40 * PG)
    with warnings.catch_warnings(record=True) as told:
        held = [manager.make_cursor(path).use_region(page * PG) for page in range(12)]
    return [len(told), books(manager), len(held)]


@row(31)
def _():
    manager = Sliding(PG + 1)
    region = manager.make_cursor(new_file(10 * PG)).use_region().region()
    wider = Sliding(4 * PG).make_cursor(new_file(40 * PG)).use_region(10 * PG + 100).region()
    return [manager.window_size(), region.size(), wider.size()]


@row(38)
def _():
    manager = Sliding(PG, max_memory_size=2 * PG)
    path = new_file(10 * PG)
    gc.disable()  # as it is off between two of its runs
    for page in range(10):
        owner = SimpleNamespace(cursor=manager.make_cursor(path).use_region(page * PG))
        owner.itself = owner
    del owner
    return books(manager)


class CountingList(MapRegionList):
    """Counts how often one of its regions, or their number, is looked at."""
    __slots__ = ()
    looks = 0

    def __iter__(self):
        for region in super().__iter__():
            CountingList.looks += 1
            yield region

    def __len__(self):
        CountingList.looks += 1
        return super().__len__()


def looks(Manager, files, windows):
    """Looks for mapping one more window, for mapping when one has to go, and for counting files."""
    class Counted(Manager):
        MapRegionListCls = CountingList
    manager = Counted(PG, max_memory_size=(files * windows + 1) * PG)
    paths = [new_file(40 * PG) for _ in range(files)]
    for path in paths:
        visited(manager, path, range(windows))
    cursor = manager.make_cursor(paths[0])
    counts = []

    def count(call):
        CountingList.looks = 0
        call()
        counts.append(CountingList.looks)
    count(lambda: cursor.use_region(35 * PG))
    count(lambda: cursor.use_region(37 * PG))
    count(manager.num_open_files)
    return counts


@row(41)
def _():
    few, many = looks(Sliding, 2, 2), looks(Sliding, 16, 16)
    return [more > less for more, less in zip(many, few)]


@row(42)
def _():
    def answer(name_of):
        path = new_file(10 * PG)
        manager = Sliding(PG)
        name = name_of(path)
        held = [manager.make_cursor(name).use_region(page * PG) for page in range(10)]
        own = 1 if name != path else 0
        links = [os.path.join('/proc/self/fd', fd) for fd in os.listdir('/proc/self/fd')]
        names = [os.readlink(link) for link in links if os.path.exists(link)]
        return [len(held), names.count(os.path.realpath(path)) - own]
    return by_name_and_number(answer)


row.tell()
