"""What smmap holds and looks through: the twin of smmap-rows-costs.test.ts."""
import gc
import os
from types import SimpleNamespace

from common import PG, Rows, Sliding, books, both, by_name_and_number, new_file, pages_of
from smmap.util import MapRegionList

row = Rows()


@row(38)
def _():
    def answer(Manager):
        manager = Manager(PG, max_memory_size=2 * PG)
        stand_on = pages_of(manager)
        for page in range(10):
            owner = SimpleNamespace(cursor=stand_on(page))
            owner.itself = owner
        del owner
        return books(manager)
    gc.disable()  # as it is between two of its runs
    return both(answer)


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


class Counted(Sliding):
    MapRegionListCls = CountingList


def looks_of(call):
    CountingList.looks = 0
    call()
    return CountingList.looks


def looks(files, windows):
    """Looks for mapping one more window, for mapping when one has to go, and for counting files."""
    manager = Counted(PG, max_memory_size=(files * windows + 1) * PG)
    paths = [new_file(40 * PG) for _ in range(files)]
    for path in paths:
        cursor = manager.make_cursor(path)
        for page in range(windows):
            cursor.use_region(page * PG)
    cursor = manager.make_cursor(paths[0])
    return [
        looks_of(lambda: cursor.use_region(35 * PG)),
        looks_of(lambda: cursor.use_region(37 * PG)),
        looks_of(manager.num_open_files),
    ]


@row(41)
def _():
    return [many > few for many, few in zip(looks(16, 16), looks(2, 2))]


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
