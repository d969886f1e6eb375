"""Runs scripts through Python's mmap.

Each line of the input is a script with the paths of its files, each line of the output what
was said of its steps. The words are those of script.ts.

What would end this process is not done. `resize(0)` and the like are answered with "dies". A
file that is to be cut below what some map holds of it is left alone, and "cut" says so; so
does "unsafe" of a search that may or may not end this process.
"""
import errno
import json
import mmap
import os
import re
import sys
import zlib

ACCESS = {"default": 0, "read": 1, "write": 2, "copy": 3}
MODES = {"r": os.O_RDONLY, "w": os.O_WRONLY, "r+": os.O_RDWR}
SLOTS = 3
FIRST = 16


class Undone(Exception):

    """A step that is not done"""


class Dies(Exception):

    """A step that would end the process"""


class Text(str):

    """What is no bytes"""


class Fit(bytes):

    """Bytes to repeat"""


class Map:

    """A map with what is known of it"""

    def __init__(self, made, file, given):
        self.made = made
        self.file = file
        self.offset = given["offset"]
        flags = given.get("flags", 0)
        self.shares_memory = ((file is None or flags & mmap.MAP_ANONYMOUS)
                              and not flags & mmap.MAP_PRIVATE)
        writes = given.get("access", 0) != 1 and given.get("prot", mmap.PROT_WRITE) & mmap.PROT_WRITE
        self.can_resize = writes and given.get("access", 0) != 3 and given.get("trackfd", True)

    def end(self):
        """:return: where it ends in its file; 0 when it is closed"""
        return 0 if self.made.closed else self.offset + len(self.made)


class World:

    """The maps and files of one script"""

    def __init__(self, paths):
        self.paths = paths
        self.maps = {}

    def run(self, step):
        said = {}
        try:
            said["result"] = self.do(step)
        except Undone as reason:
            said.update(result=None, undone=str(reason))
        except Dies:
            said["result"] = {"error": "dies"}
        except OSError as error:
            said["result"] = {"error": "OSError " + errno.errorcode.get(error.errno, str(error.errno))}
        except (ValueError, TypeError, IndexError, OverflowError) as error:
            said["result"] = {"error": "%s: %s" % (type(error).__name__, error)}
        said["state"] = self.state()
        return said

    def do(self, step):
        if step["do"] == "map":
            return self.make(**step)
        if step["do"] == "poke":
            return self.poke(step["file"], step["offset"], step["bytes"].encode("latin-1"))
        if step["do"] == "cut":
            self.check_cut(step["file"], step["size"])
            return os.truncate(self.paths[step["file"]], step["size"])
        known = self.maps.get(step["map"])
        if known is None:
            raise Undone("no map")
        if step["do"] == "resize":
            self.check_resize(known, self.argument(known, step["args"][0]))
        args = [self.argument(known, arg) for arg in step["args"]]
        if step["do"] == "find":
            check_find(known.made, *args)
        return answer(CALLS[step["do"]](known.made, *args))

    def state(self):
        return {"maps": [state_of(self.maps.get(slot)) for slot in range(SLOTS)],
                "files": [[os.path.getsize(path), checksum_of(path)] for path in self.paths]}

    def argument(self, known, arg):
        if not isinstance(arg, dict):
            return arg
        (kind, value), = [pair for pair in arg.items() if pair[0] != "asNumber"]
        if kind == "end":
            return value + (0 if known.made.closed else len(known.made))
        if kind == "bytes":
            return value.encode("latin-1")
        if kind == "fit":
            return Fit(value.encode("latin-1"))
        if kind == "text":
            return Text(value)
        return getattr(mmap, "MADV_" + value.upper())

    def make(self, map, source, mode, length, offset=0, access=None, prot=None, flags=None,
             trackFd=True, **other):
        self.close(map)
        given = {"offset": offset}
        if access is not None:
            given["access"] = ACCESS.get(access, 7)
        if prot is not None:
            given["prot"] = value_of(prot)
        if flags is not None:
            given["flags"] = value_of(flags)
        if not trackFd:
            given["trackfd"] = False
        if given.get("prot") == 0:
            raise Dies()
        if isinstance(length, dict):
            length = os.path.getsize(self.paths[source]) - offset + length["end"]
        fd, others = self.open(source, mode)
        try:
            made = mmap.mmap(fd, length, **given)
        finally:
            for one in others:
                os.close(one)
        file = source if isinstance(source, int) else None
        self.maps[map] = Map(made, file, given)
        if file is None:
            return [len(made), not made[:].strip(b"\0")]
        with open(self.paths[file], "rb") as opened:
            return [len(made), os.pread(opened.fileno(), len(made), offset) == made[:]]

    def open(self, source, mode):
        """:return: a descriptor, and those that are to be closed afterwards"""
        if isinstance(source, int):
            fd = os.open(self.paths[source], MODES[mode])
        elif source == "directory":
            fd = os.open(os.path.dirname(self.paths[0]), os.O_RDONLY)
        elif source == "device":
            fd = os.open("/dev/zero", os.O_RDWR)
        elif source == "pipe":
            fd, other = os.pipe()
            return fd, [fd, other]
        else:
            return {"anonymous": -1, "negative": -2, "none": 99999}[source], []
        return fd, [fd]

    def close(self, map):
        known = self.maps.pop(map, None)
        if known is not None:
            known.made.close()

    def poke(self, file, offset, data):
        with open(self.paths[file], "r+b") as opened:
            return os.pwrite(opened.fileno(), data, offset)

    def check_cut(self, file, size, resized=None):
        if any(known.file == file and known.end() > size
               for known in self.maps.values() if known is not resized):
            raise Undone("cut")

    def check_resize(self, known, size):
        if not isinstance(size, int) or known.made.closed or not known.can_resize:
            return
        if known.file is not None and size >= 0:
            self.check_cut(known.file, known.offset + size, known)
            if size == 0:
                raise Dies()
        if known.shares_memory and size > len(known.made) and not REFUSES_TO_GROW:
            raise Dies()


def check_find(made, needle, start=None, end=None):
    if SEARCHES_TOO_FAR and not made.closed and len(made) % mmap.PAGESIZE == 0:
        if not isinstance(end, int) or end >= len(made):
            raise Undone("unsafe")


def refuses_to_grow():
    """:return: whether shared memory does; where it does not, its new bytes end the process"""
    with mmap.mmap(-1, mmap.PAGESIZE) as made:
        try:
            made.resize(2 * mmap.PAGESIZE)
            return False
        except ValueError:
            return True


def value_of(names):
    return sum(getattr(mmap, name) if name.isidentifier() else int(name) for name in names.split("|"))


def checksum_of(path):
    with open(path, "rb") as file:
        return zlib.crc32(file.read())


def state_of(known):
    if known is None:
        return "none"
    made = known.made
    return "closed" if made.closed else [len(made), made.tell(), zlib.crc32(made)]


def answer(value):
    if isinstance(value, bytes):
        return {"bytes": len(value), "checksum": zlib.crc32(value), "first": value[:FIRST].decode("latin-1")}
    return value


# the calls, by their names in script.ts

def set_slice(made, data, *bounds):
    where = slice(*bounds) if len(bounds) > 1 else slice(bounds[0] if bounds else None, None)
    if isinstance(data, Fit):
        count = len(made[where])
        data = (bytes(data) * (count // len(data) + 1))[:count]
    made[where] = data


def inspect(made):
    """:return: what the text for people says"""
    found = re.fullmatch(r"<mmap\.mmap closed=(\w+)(?:, access=ACCESS_(\w+), length=(\d+), pos=(\d+), "
                         r"offset=(\d+))?>", repr(made))
    closed, access, *numbers = found.groups()
    return [closed == "True"] if access is None else [False, access.lower(), *map(int, numbers)]


CALLS = {
    "at": lambda made, index: made[index],
    "get": lambda made, index: made[index],
    "set": lambda made, index, byte: made.__setitem__(index, byte),
    "slice": lambda made, *bounds: made[slice(*bounds) if len(bounds) > 1 else slice(*bounds, None)],
    "setSlice": set_slice,
    "find": lambda made, *args: made.find(*args),
    "rfind": lambda made, *args: made.rfind(*args),
    "read": lambda made, *args: made.read(*args),
    "readByte": lambda made: made.read_byte(),
    "readline": lambda made: made.readline(),
    "write": lambda made, data: made.write(data),
    "writeByte": lambda made, byte: made.write_byte(byte),
    "seek": lambda made, *args: made.seek(*args),
    "seekable": lambda made: made.seekable(),
    "tell": lambda made: made.tell(),
    "size": lambda made: made.size(),
    "resize": lambda made, size: made.resize(size),
    "move": lambda made, *args: made.move(*args),
    "flush": lambda made, *args: made.flush(*args),
    "madvise": lambda made, *args: made.madvise(*args),
    "close": lambda made: made.close(),
    "closed": lambda made: made.closed,
    "length": lambda made: len(made),
    "iterate": lambda made: b"".join(made),
    "inspect": inspect,
}
REFUSES_TO_GROW = refuses_to_grow()
# before 3.11.5 find looks at the byte behind the map, which may not be there
SEARCHES_TOO_FAR = mmap.mmap(-1, 10).find(b"", 5, 2) == 5


def main():
    for line in sys.stdin:
        script = json.loads(line)
        world = World(script["paths"])
        said = [world.run(step) for step in script["steps"]]
        for slot in list(world.maps):
            world.close(slot)
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


main()
