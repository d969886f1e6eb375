"""Runs scripts through Python's smmap.

The first line of the input is a list of names of files, each other line a script. For
each script one line of JSON goes out, followed by all bytes that it read. The words are
those of script.ts.
"""
import copy
import json
import os
import sys

import smmap

# what smmap raises when it refuses; its handle limit is a bare Exception
REFUSALS = (ValueError, TypeError, AttributeError, AssertionError, OSError)


class World:

    """One manager with its cursors and buffers"""

    def __init__(self, names, keys, limits):
        self.names = names
        self.keys = keys
        self.files = {key: name["file"] for key, name in zip(keys, names)}
        window = limits["windowSize"]
        cls = smmap.SlidingWindowMapManager if window else smmap.StaticWindowMapManager
        self.manager = cls(window, limits["maxMemorySize"], limits["maxOpenHandles"] or sys.maxsize)
        self.cursors = {}   # by number: cursor, file
        self.buffers = {}   # by number: buffer, file, offset
        self.reading = None

    def run(self, step):
        """:return: what there is to see after the step. What it read is in self.reading"""
        self.reading = None
        try:
            result = getattr(self, step.pop("do"))(**step)
        except Exception as error:
            if not isinstance(error, REFUSALS) and type(error) is not Exception:
                raise
            result = "refused"
        return {"result": result, "regions": self.regions(), "counts": self.counts()}

    def regions(self):
        return sorted((self.files[key], region.ofs_begin(), region.size(), region.client_count() - 1)
                      for key, regions in self.manager._fdict.items() for region in regions)

    def counts(self):
        manager = self.manager
        return manager.num_file_handles(), manager.num_open_files(), manager.mapped_memory_size()

    # the steps, by their names

    def makeCursor(self, cursor, name):
        made = self.manager.make_cursor(self.keys[name])
        self.cursors[cursor] = made, self.names[name]["file"]
        return place(made)

    def useRegion(self, cursor, offset, size):
        if cursor not in self.cursors:
            return None
        return place(self.cursors[cursor][0].use_region(offset, size))

    def unuse(self, cursor):
        if cursor not in self.cursors:
            return None
        used = self.cursors[cursor][0]
        used.unuse_region()
        return place(used)

    def view(self, cursor):
        if cursor not in self.cursors:
            return None
        used, file = self.cursors[cursor]
        return self.have_read(used, file, used.ofs_begin(), bytes(used.buffer()))

    def read(self, cursor, offset, length):
        if cursor not in self.cursors:
            return None
        used, file = self.cursors[cursor]
        parts = []
        at, end = offset, offset + length
        while at < end and used.use_region(at, end - at).is_valid():
            parts.append(bytes(used.buffer()))
            at += len(parts[-1])
        return self.have_read(used, file, offset, b"".join(parts))

    def copy(self, cursor, **other):
        if other["from"] not in self.cursors:
            return None
        rhs, file = self.cursors[other["from"]]
        if cursor in self.cursors:
            made = self.cursors[cursor][0]
            made.assign(rhs)
        else:
            made = copy.copy(rhs)
        self.cursors[cursor] = made, file
        return place(made)

    def close(self, cursor):
        self.cursors.pop(cursor, None)

    def open(self, buffer, name, offset, size):
        cursor = self.manager.make_cursor(self.keys[name])
        made = smmap.SlidingWindowMapBuffer(cursor, offset, size or sys.maxsize)
        self.buffers[buffer] = made, self.names[name]["file"], offset
        return {**place(cursor), "at": None, "length": len(made)}

    def slice(self, buffer, start, stop):
        if buffer not in self.buffers:
            return None
        made, file, offset = self.buffers[buffer]
        at = offset + (start if start >= 0 else len(made) + start)
        # smmap takes indices for offsets into the file, whatever offset the buffer began with
        return self.have_read(made.cursor(), file, at, bytes(made[offset + start:offset + stop]))

    def byte(self, buffer, index):
        if buffer not in self.buffers:
            return None
        made, file, offset = self.buffers[buffer]
        at = offset + (index if index >= 0 else len(made) + index)
        return self.have_read(made.cursor(), file, at, bytes((made[offset + index],)))

    def end(self, buffer):
        self.buffers.pop(buffer, None)

    def collect(self):
        return {"count": self.manager.collect()}

    def have_read(self, cursor, file, at, data):
        self.reading = file, at, data
        return {**place(cursor), "at": at, "length": len(data)}


def place(cursor):
    region = cursor.region()
    return {"at": cursor.ofs_begin() if region else None, "length": cursor.size(),
            "region": (region.ofs_begin(), region.ofs_end()) if region else None}


def main():
    names = json.loads(sys.stdin.readline())
    keys = [os.open(name["path"], os.O_RDONLY) if name["byDescriptor"] else name["path"]
            for name in names]
    out = sys.stdout.buffer
    for line in sys.stdin:
        script = json.loads(line)
        world = World(names, keys, script["limits"])
        seen, read = [], []
        for step in script["steps"]:
            seen.append(world.run(step))
            read.append(world.reading)
        readings = [one and (one[0], one[1], len(one[2])) for one in read]
        out.write(json.dumps({"seen": seen, "readings": readings}).encode() + b"\n")
        out.writelines(one[2] for one in read if one)


main()
