"""Walks through files with Python's smmap.

Each line of the input is a walk in JSON: path, window, memory, and a list of requests, each an
offset and a size. For each a line goes out: how many regions were mapped, and the least mean
size of regions that was seen, looked at a hundred times."""
import json
import sys

import smmap


class CountedRegion(smmap.util.MapRegion):

    __slots__ = ()
    count = 0

    def __init__(self, *args):
        super().__init__(*args)
        CountedRegion.count += 1


class Manager(smmap.SlidingWindowMapManager):

    MapRegionCls = CountedRegion


for line in sys.stdin:
    walk = json.loads(line)
    manager = Manager(walk["window"], walk["memory"])
    cursor = manager.make_cursor(walk["path"])
    CountedRegion.count = 0
    requests = walk["requests"]
    means = []
    for number, (offset, size) in enumerate(requests, 1):
        cursor.use_region(offset, size)
        if number % max(1, len(requests) // 100) == 0:
            means.append(manager.mapped_memory_size() / manager.num_file_handles())
    print(json.dumps({"maps": CountedRegion.count, "leastMean": min(means)}))
