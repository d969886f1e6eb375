import sys

from .util import same_file
from .wire import Proxy, asker, named

__all__ = ["StaticWindowMapManager", "SlidingWindowMapManager", "WindowCursor"]


class WindowCursor(Proxy):

    _item = None

    def __init__(self, manager=None):
        self._create()

    def __del__(self):
        if self.id is not None:
            self._destroy()
        super().__del__()

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc_value, traceback):
        self._destroy()

    def __copy__(self):
        copy = self._ask("clone")
        copy._item = self._item
        return copy

    def assign(self, rhs):
        self._ask("assign", rhs)
        self._item = rhs._item

    def use_region(self, offset=0, size=0, flags=0):
        return self._ask("useRegion", offset, size, flags)

    def buffer(self):
        return memoryview(self._ask("buffer"))

    def path_or_fd(self):
        return same_file(self._item, self._ask("pathOrFd"))

    def path(self):
        return same_file(self._item, self._ask("path"))

    def fd(self):
        return same_file(self._item, self._ask("fd"))

    _destroy = asker("close")
    unuse_region = asker("unuseRegion")
    is_valid = asker("isValid")
    is_associated = asker("isAssociated")
    ofs_begin = asker("ofsBegin")
    ofs_end = asker("ofsEnd")
    size = asker("size")
    region = asker("region")
    includes_ofs = asker("includesOfs")
    file_size = asker("fileSize")


class Manager(Proxy):

    def __init__(self, window_size, max_memory_size, max_open_handles):
        self._create({"windowSize": window_size, "maxMemorySize": max_memory_size,
                      "maxOpenHandles": max_open_handles})

    def make_cursor(self, path_or_fd):
        cursor = self._ask("makeCursor", named(path_or_fd))
        cursor._item = path_or_fd
        return cursor

    def _collect_lru_region(self, size):
        """:return: amount of regions freed, for size bytes more, or all that are free for 0"""
        if size and self.mapped_memory_size() + size <= self.max_mapped_memory_size():
            return 0
        return self.collect()

    collect = asker("collect")
    num_file_handles = asker("numFileHandles")
    num_open_files = asker("numOpenFiles")
    window_size = asker("windowSize")
    mapped_memory_size = asker("mappedMemorySize")
    max_file_handles = asker("maxFileHandles")
    max_mapped_memory_size = asker("maxMappedMemorySize")


class StaticWindowMapManager(Manager):

    def __init__(self, window_size=0, max_memory_size=0, max_open_handles=sys.maxsize):
        super().__init__(window_size, max_memory_size, max_open_handles)


class SlidingWindowMapManager(Manager):

    def __init__(self, window_size=-1, max_memory_size=0, max_open_handles=sys.maxsize):
        super().__init__(window_size, max_memory_size, max_open_handles)
