import sys

from .wire import Proxy, asker

__all__ = ["SlidingWindowMapBuffer"]


class SlidingWindowMapBuffer(Proxy):

    _c = None   # holds the cursor, which ends when nobody does

    def __init__(self, cursor=None, offset=0, size=sys.maxsize, flags=0):
        self._c = cursor
        self._create(cursor, offset, size, flags)

    def __del__(self):
        if self.id is not None:
            self.end_access()
        super().__del__()

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc_value, traceback):
        self.end_access()

    def __getitem__(self, i):
        if isinstance(i, slice):
            return self._ask("slice", i.start, i.stop, i.step)
        byte = self._ask("at", i)
        if byte is None:
            raise IndexError(i)
        return byte

    def begin_access(self, cursor=None, offset=0, size=sys.maxsize, flags=0):
        self._c = cursor or self._c
        return self._ask("beginAccess", cursor, offset, size, flags)

    end_access = asker("endAccess")
    cursor = asker("cursor")
    __len__ = asker("length")
