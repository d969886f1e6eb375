"""
Python's smmap and mmap, doing what they are good at. Started with a job and a file; each line on
the standard input is a number of times, answered by "nanoseconds answer".
"""
import mmap
import sys
import time
from array import array

job, path = sys.argv[1:3]
rest = sys.argv[3:]

if job.startswith("smmap"):
    import smmap

CHUNK = 1 << 20


def offsets_of(name):
    offsets = array("Q")
    with open(name, "rb") as file:
        offsets.frombytes(file.read())
    return offsets


def mapped():
    with open(path, "rb") as file:
        return mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)


def every(call):
    """A job that does `call` so many times."""

    def run(times):
        answer = 0
        for _ in range(times):
            answer = call()
        return answer

    return run


def around(call, name):
    """A job that does `call` with one offset after the other."""
    offsets = offsets_of(name)

    def run(times):
        nonlocal turn
        answer = 0
        for _ in range(times):
            answer = call(offsets[turn])
            turn += 1
            if turn == len(offsets):
                turn = 0
        return answer

    turn = 0
    return run


def in_order(memory, size):
    """A job that takes one byte after the other."""

    def run(times):
        answer = 0
        for i in range(times):
            answer = memory[i % size]
        return answer

    return run


def smmap_byte(size):
    buffer = smmap.SlidingWindowMapBuffer(smmap.SlidingWindowMapManager().make_cursor(path))
    return in_order(buffer, int(size))


def smmap_slice(size, offsets):
    buffer = smmap.SlidingWindowMapBuffer(smmap.SlidingWindowMapManager().make_cursor(path))
    size = int(size)
    return around(lambda offset: buffer[offset : offset + size][0], offsets)


def smmap_hit():
    cursor = smmap.SlidingWindowMapManager().make_cursor(path)
    cursor.use_region()

    def run(times):
        size = cursor.region().size()
        for i in range(times):
            cursor.use_region(i * 64 % size)
        return 0

    return run


def smmap_cycle():
    manager = smmap.SlidingWindowMapManager()
    held = manager.make_cursor(path).use_region()

    def cycle():
        manager.make_cursor(path).use_region()
        return held.is_valid()

    return every(cycle)


def smmap_read(size, window, budget, offsets):
    """Scattered bytes, a window each where none is mapped."""
    manager = smmap.SlidingWindowMapManager(int(window), int(budget))
    cursor = manager.make_cursor(path)
    size = int(size)

    def read(offset):
        cursor.use_region(offset, size)
        return cursor.buffer()[0]

    return around(read, offsets)


def mmap_byte(size):
    return in_order(mapped(), int(size))


def mmap_slice(size, offsets):
    memory = mapped()
    size = int(size)
    return around(lambda offset: memory[offset : offset + size][0], offsets)


def mmap_find(needle):
    memory = mapped()

    def find():
        found = memory.find(needle.encode())
        return len(memory) if found == -1 else found

    return every(find)


def mmap_lines():
    memory = mapped()

    def lines():
        memory.seek(0)
        return sum(1 for _ in iter(memory.readline, b""))

    return every(lines)


def file_lines():
    def lines():
        with open(path, "rb") as file:
            return sum(1 for _ in file)

    return every(lines)


run = globals()[job](*rest)
for line in sys.stdin:
    begin = time.process_time_ns()
    answer = run(int(line))
    print(time.process_time_ns() - begin, answer, flush=True)
