from .wire import Proxy, ask, asker, named

__all__ = ["align_to_mmap", "is_64_bit",
           "MapWindow", "MapRegion", "MapRegionList", "ALLOCATIONGRANULARITY"]

ALLOCATIONGRANULARITY = ask("member", "ALLOCATION_GRANULARITY")


def align_to_mmap(num, round_up):
    return ask("member", "alignToMmap", None, num, bool(round_up))


def is_64_bit():
    return ask("member", "is64Bit")


class MapWindow(Proxy):

    def __init__(self, offset, size):
        self._create(offset, size)

    @classmethod
    def from_region(cls, region):
        return ask("member", "MapWindow", "fromRegion", region)

    ofs = property(asker("ofs"))
    size = property(asker("size"))
    ofs_end = asker("ofsEnd")
    align = asker("align")
    extend_left_to = asker("extendLeftTo")
    extend_right_to = asker("extendRightTo")


class MapRegion(Proxy):

    def __init__(self, path_or_fd, ofs, size, flags=0):
        self._create(named(path_or_fd), ofs, size, flags)

    ofs_begin = asker("ofsBegin")
    ofs_end = asker("ofsEnd")
    size = asker("size")
    includes_ofs = asker("includesOfs")
    client_count = asker("clientCount")

    def buffer(self):
        return memoryview(self._ask("buffer"))


class MapRegionList(Proxy):

    def __init__(self, path_or_fd):
        self._item = path_or_fd
        self._create(named(path_or_fd))

    def path_or_fd(self):
        return same_file(self._item, self._ask("pathOrFd"))

    file_size = asker("fileSize")
    __len__ = asker("length")


def same_file(item, answered):
    """:return: item itself, once the other side was seen to name the same file.
    The numbers of descriptors differ between the two processes"""
    assert type(answered) is type(item)
    assert isinstance(item, int) or answered == item
    return item
