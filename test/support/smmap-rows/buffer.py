"""What smmap's buffer answers: the twin of smmap-rows-buffer.test.ts."""
import smmap
from common import CONTENT, PG, Rows, Sliding, both, new_file, outcome

row = Rows()


def buffer(Manager, size, offset=0, length=2 ** 40):
    cursor = Manager().make_cursor(new_file(size))
    return smmap.SlidingWindowMapBuffer(cursor, offset, length)


@row(2)
def _():
    def answer(Manager):
        buf = buffer(Manager, 10 * PG, 100)
        return [len(buf), buf[0], buf[-1], list(buf[5:8])]
    return both(answer)


@row(3)
def _():
    return both(lambda Manager: len(buffer(Manager, 2 * PG, 100, 2 * PG)))


@row(4)
def _():
    return both(lambda Manager: list(buffer(Manager, PG)[0:10:2]))


@row(5)
def _():
    def answer(Manager):
        buf = buffer(Manager, PG)
        return [len(buf[0:0]), len(buf[5:0])]
    return both(answer)


@row(6)
def _():
    def answer(Manager):
        buf = buffer(Manager, 10)
        return [outcome(lambda: buf[10]), outcome(lambda: list(buf))]
    return both(answer)


@row(7)
def _():
    def answer(Manager):
        buf = buffer(Manager, 10 * PG)
        index = -10 * PG - 1
        try:
            return buf[index]
        except Exception as error:
            return [type(error).__name__, str(index) in str(error)]
    return both(answer)


@row(8)
def _():
    return both(lambda Manager: outcome(lambda: list(buffer(Manager, 10 * PG)[-10 * PG - 10:5])))


@row(9)
def _():
    return both(lambda Manager: outcome(lambda: len(buffer(Manager, 10 * PG)[6 * PG:5 * PG])))


@row(10)
def _():
    return both(lambda Manager: outcome(lambda: len(buffer(Manager, PG)[0:PG + 10])))


@row(11)
def _():
    def answer(Manager):
        buf = buffer(Manager, 10 * PG)
        slices = [buf[0:4 * PG - 1], buf[0:4 * PG], buf[1:6 * PG], buf[5:10 * PG]]
        return len({type(each) for each in slices})
    return both(answer)


@row(32)
def _():
    return both(lambda Manager: outcome(lambda: len(buffer(Manager, 0))))


@row(34)
def _():
    return outcome(lambda: len(smmap.SlidingWindowMapBuffer()))


@row(39)
def _():
    cursor = Sliding().make_cursor(new_file(10 * PG)).use_region(0)
    cursor.use_region(4 * PG - 10, 20)
    first = cursor.buffer()
    return [cursor.size(), bytes(first) == CONTENT[4 * PG - 10:4 * PG + 10]]


row.tell()
