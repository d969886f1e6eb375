"""What smmap takes a file for: the twin of smmap-rows-files.test.ts."""
import os
import pathlib

from common import CONTENT, FOLDER, PG, Rows, books, both, by_name_and_number, new_file, opened, outcome

row = Rows()


def first_bytes(cursor):
    return list(cursor.use_region(0).buffer()[:4])


@row(14)
def _():
    def answer(Manager, name_of):
        path = new_file(PG)
        manager = Manager()
        name = name_of(path)
        manager.make_cursor(name).use_region(0)
        with open(path, 'ab') as file:
            file.write(CONTENT[PG:2 * PG])
        manager.collect()
        cursor = manager.make_cursor(name)
        return [cursor.file_size() // PG, cursor.use_region(PG).is_valid()]
    return both(lambda Manager: by_name_and_number(lambda name_of: answer(Manager, name_of)))


@row(15)
def _():
    def answer(Manager, name_of):
        path = new_file(10 * PG)
        cursor = Manager().make_cursor(name_of(path))
        cursor.file_size()
        os.truncate(path, PG)
        return outcome(lambda: cursor.use_region(PG).is_valid())
    return both(lambda Manager: by_name_and_number(lambda name_of: answer(Manager, name_of)))


@row(16)
def _():
    def answer(Manager):
        path = new_file(PG)
        manager = Manager()
        manager.make_cursor(path).use_region(0)
        os.rename(new_file(PG, start=PG), path)
        return first_bytes(manager.make_cursor(path))
    return both(answer)


@row(17)
def _():
    def answer(Manager):
        manager = Manager()
        fd = opened(new_file(PG))
        manager.make_cursor(fd).use_region(0)
        os.close(fd)
        again = opened(new_file(PG, start=PG))
        return [again == fd, first_bytes(manager.make_cursor(again))]
    return both(answer)


@row(18)
def _():
    def answer(Manager):
        path = new_file(PG)
        os.symlink(path, path + '-symbolic')
        os.link(path, path + '-hard')
        around = os.path.join(FOLDER, '..', os.path.basename(FOLDER), os.path.basename(path))
        names = [path, path + '-symbolic', path + '-hard', around, opened(path)]
        manager = Manager()
        for name in names:
            manager.make_cursor(name).use_region(0)
        return [manager.num_open_files(), books(manager)]
    return both(answer)


@row(21)
def _():
    def answer(Manager):
        manager = Manager()
        for _ in range(50):
            manager.make_cursor(new_file(PG)).use_region(0)
        return [manager.collect(), len(manager._fdict)]
    return both(answer)


@row(35)
def _():
    def answer(Manager):
        path = new_file(PG)
        names = [pathlib.Path(path), path.encode()]
        return [outcome(lambda: first_bytes(Manager().make_cursor(name))) for name in names]
    return both(answer)


@row(36)
def _():
    def answer(Manager, flags):
        path = new_file(PG)
        used = outcome(lambda: Manager().make_cursor(path).use_region(0, 0, flags).is_valid())
        return [used, os.stat(path).st_size // PG]
    return both(lambda Manager: [answer(Manager, flags) for flags in (os.O_WRONLY, os.O_TRUNC)])


@row(40)
def _():
    def answer(Manager):
        path = new_file(PG)
        cursor = Manager().make_cursor(path).use_region(0)

        def store():
            cursor.buffer()[7] = 0
            with open(path, 'rb') as file:
                return list(file.read()[6:9])
        return outcome(store)
    return both(answer)


row.tell()
