/**
 * Records `sqlite.trace.br`: the pages that SQLite reads while it looks things up
 * by index, joins, and now and then scans a whole table. The database is made
 * from a seed; its own cache is kept tiny, so that its reads reach the system.
 * Needs Python 3 and strace; run it as `node .out/bench/traces/record-sqlite.js`.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '../../test/support/files.js';
import { keep } from './recorded.js';
import type { Access } from './trace.js';

const MAKE = `
import random, sqlite3, sys
random.seed(12)
db = sqlite3.connect(sys.argv[1])
db.execute('create table person (id integer primary key, name text, town int, note text)')
db.execute('create table sale (id integer primary key, person int, amount int, what text)')
word = lambda n: ''.join(random.choice('abcdefghij ') for _ in range(n))
db.executemany('insert into person values (?,?,?,?)',
    ((i, word(12), random.randrange(900), word(random.randrange(40, 200))) for i in range(60000)))
db.executemany('insert into sale values (?,?,?,?)',
    ((i, random.randrange(60000), random.randrange(1000), word(random.randrange(20, 80))) for i in range(150000)))
db.execute('create index by_name on person (name)')
db.execute('create index by_person on sale (person)')
db.commit()
`;

const USE = `
import random, sqlite3, sys
random.seed(13)
db = sqlite3.connect('file:' + sys.argv[1] + '?mode=ro&immutable=1', uri=True)
db.execute('pragma cache_size = 8')
names = [name for name, in db.execute('select name from person where id % 20 = 0')]
known = lambda: names[int(len(names) ** random.random()) - 1]
for turn in range(5):
    for i in range(900):
        db.execute('select p.note, sum(s.amount) from person p join sale s on s.person = p.id where p.name = ?', (known(),)).fetchall()
        if i % 10 == 0:
            db.execute('select note from person where id = ?', (random.randrange(60000),)).fetchall()
    db.execute('select count(*) from sale where what like ?', ('%jjj%',)).fetchall()
    db.execute('select town, count(*) from person group by town').fetchall()
`;

const PREAD = /^\d* *pread64\(\d+<([^>]*)>.*, (\d+), (\d+)\) += (\d+)$/;

const folder = tempDir();
const database = join(folder, 'shop.db');
const log = join(folder, 'calls');
execFileSync('python3', ['-c', MAKE, database]);
execFileSync('strace', [
  '-f',
  '-y',
  '-e',
  'trace=pread64',
  '-s',
  '1',
  '-o',
  log,
  'python3',
  '-c',
  USE,
  database,
]);

const accesses: Access[] = [];
for (const line of readFileSync(log, 'utf8').split('\n')) {
  const [, path, , offset, got] = PREAD.exec(line) ?? [];
  if (path !== database) continue;
  accesses.push({ file: 0, offset: Number(offset), length: Number(got) });
}
keep({
  name: 'sqlite',
  about:
    'pages that SQLite reads: look-ups by index, joins, and now and then a scan of a whole table',
  windowSize: 2 ** 16,
  fileSizes: [statSync(database).size],
  accesses,
});
