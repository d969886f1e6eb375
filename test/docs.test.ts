/** The documentation is true: its programs run, its tables and lists are those of the code. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import * as smmap from 'smmap';
import { checkout, readText } from './support/checkout.js';
import { smmap as command } from './support/cli.js';
import { vegaData } from './support/clients/data.js';
import { aroundTable, gainsTable } from './support/clients/gains.js';
import { writeMmdb } from './support/clients/mmdb-file.js';
import { writePmtiles } from './support/clients/pmtiles-file.js';
import { exportedDeclarations } from './support/declarations.js';
import { compile, type Piece, type Program, programOf, run } from './support/documented.js';
import { tempDir, writeContent } from './support/files.js';
import { blocksIn, codeIn, linksIn, pages, proseOf, sectionsIn } from './support/markdown.js';
import { pythonProgram, pythonWithSmmap, typescriptPieces } from './support/python-rows.js';

const FROM_PYTHON = 'docs/from-python.md';

/** Files that a page takes for granted that its reader has. */
const READERS_OWN: Readonly<Record<string, (folder: string) => void>> = {
  'docs/clients/hyparquet.md': (folder) => {
    symlinkSync(vegaData('flights-3m.parquet'), join(folder, 'flights-3m.parquet'));
  },
  'docs/clients/maxmind.md': (folder) => {
    writeMmdb(join(folder, 'city.mmdb'), 'first');
    writeMmdb(join(folder, 'city.new'), 'second');
  },
  'docs/clients/pmtiles.md': (folder) => {
    writePmtiles(join(folder, 'map.pmtiles'), 3, 1_000);
  },
};

/** The programs of a page: a block that begins with an import starts one, those after it go on with it. */
function programsOf(page: string): Program[] {
  const text = readText(page);
  if (page === FROM_PYTHON) return [programOf(page, typescriptPieces(text))];
  const programs: Piece[][] = [];
  for (const block of blocksIn(text, 'ts')) {
    if (/^import\b/.test(block.code)) programs.push([]);
    assert.ok(programs.length > 0, `${page}:${block.line} goes on with no program`);
    programs.at(-1)?.push(block);
  }
  return programs.map((pieces) => programOf(page, pieces));
}

describe('the programs in the pages', () => {
  const programs = pages().flatMap(programsOf);

  test('are all the code there is', () => {
    for (const page of pages()) {
      const others = blocksIn(readText(page)).filter(
        ({ language }) => !/^(ts|py)?$/.test(language),
      );
      assert.deepEqual(others, [], `${page} has code that no test runs`);
    }
  });

  test('pass the compiler', () => compile(programs));

  for (const program of programs) {
    test(`${program.name} runs`, async () => {
      const folder = tempDir();
      for (const [page, prepare] of Object.entries(READERS_OWN)) {
        if (program.name.startsWith(page)) prepare(folder);
      }
      await run(program, folder);
    });
  }
});

describe('README.md', () => {
  const readme = readText('README.md');
  const commands = blocksIn(readme, '').map(({ code }) => code.trim());

  test('gives the two commands first', () => {
    assert.deepEqual(commands.slice(0, 2), ['npm ci && npm start', 'npm ci && npm test']);
  });

  test('the command for a file of one’s own is one that works', async () => {
    const path = join(tempDir(), 'own.bin');
    writeContent(path, 3_000_000);
    const [, options = ''] = /^npm start -- FILE (.*)$/.exec(commands[2] ?? '') ?? [];
    assert.ok(options.length > 0);
    const { code, stdout, stderr } = await command(['scan', path, ...options.split(' ')]);
    assert.equal(code, 0, stderr);
    assert.ok(stdout.startsWith(`${path}\n3,000,000 bytes`));
  });

  test('its example is short, and prints what the file holds', async () => {
    const [program] = programsOf('README.md') as [Program];
    assert.ok(program.code.trim().split('\n').length <= 18);
    compile([program]);
    const printed = (await run(program)).trimEnd().split('\n');
    const file = readFileSync(process.execPath);
    assert.deepEqual(printed.slice(0, -1), [
      `${file.length} bytes`,
      `${file.at(-1)}`,
      inspect(file.subarray(0, 4)),
      `${file.indexOf('Copyright')}`,
      `${file.readUInt32LE(1_000_000)}`,
    ]);
    assert.ok(Number(printed.at(-1)) <= 16 * 1024 * 1024);
  });
});

describe(FROM_PYTHON, () => {
  const python = pythonWithSmmap();

  test('the Python in it gives what it says', { skip: python ? false : 'no smmap here' }, () => {
    const options = { input: pythonProgram(readText(FROM_PYTHON)), cwd: tempDir() };
    execFileSync(python as string, ['-'], { ...options, stdio: ['pipe', 'ignore', 'pipe'] });
  });
});

describe('docs/errors.md', () => {
  const sections = sectionsIn(readText('docs/errors.md'), 3);

  test('lists every code of the package once, and no other', () => {
    const own = Object.values<unknown>(smmap).filter(isErrorClass).map(codeOf);
    const titles = sections.map(({ title }) => title);
    const listed = titles.filter((title) => title.startsWith('ERR_SMMAP_'));
    assert.deepEqual(listed.sort(), own.sort());
  });

  test('lists every other code that stands in the source', () => {
    const source = readdirSync(join(checkout, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.startsWith(`cli${sep}`))
      .map((name) => readText(`src/${name}`).replaceAll(/\/\*.*?\*\//gs, ''));
    const codes = new Set(source.join('\n').match(/(?<=')ERR_\w+(?=')/g));
    assert.deepEqual(sections.map(({ title }) => title).sort(), [...codes].sort());
  });

  for (const { title, text } of sections) {
    test(`${title} is thrown by a program there`, () => {
      assert.ok(text.includes(`code: '${title}'`)); // and that program runs: see above
    });
  }
});

type ErrorClass = new (message: string, details: unknown) => { code: string };

/** Whether it is one of the classes that are thrown, not the base of all. */
function isErrorClass(exported: unknown): exported is ErrorClass {
  if (typeof exported !== 'function' || exported === smmap.SmmapError) return false;
  return exported.prototype instanceof Error;
}

function codeOf(errorClass: ErrorClass): string {
  return new errorClass('', {}).code;
}

describe('docs/api.md', () => {
  const sections = sectionsIn(readText('docs/api.md'), 3);
  const declarations = [...exportedDeclarations('index'), ...exportedDeclarations('clients/index')];

  const named = sections.flatMap(({ title, text }) =>
    codeIn(title).map((name) => ({ name, text })),
  );

  /** The entry under whose heading a name stands; `MAP_*` there stands for all such names. */
  const entryOf = (name: string) =>
    named.find((each) => each.name === name) ??
    named.find((each) => each.name.endsWith('*') && name.startsWith(each.name.slice(0, -1)));

  test('has an entry for every export, and none for anything else', () => {
    const names = declarations.map(({ name }) => name);
    assert.deepEqual(
      names.filter((name) => entryOf(name) === undefined),
      [],
    );
    const used = new Set(names.map(entryOf));
    assert.deepEqual(
      named.filter((entry) => !used.has(entry)).map(({ name }) => name),
      [],
    );
  });

  test('names every public member in the entry of its class, and every constant', () => {
    const missing = declarations.flatMap(({ name, members }) => {
      const entry = entryOf(name);
      const words = new Set(codeIn(entry?.text ?? '').flatMap((code) => code.split(/[^\w.[\]]+/)));
      const wanted = members
        .filter((member) => !member.hidden && member.name !== 'constructor')
        .map((member) => member.name);
      if (entry?.name !== name) wanted.push(name);
      const there = (word: string) => words.has(word) || words.has(`${name}.${word}`);
      return wanted.filter((word) => !there(word)).map((word) => `${name}: ${word}`);
    });
    assert.deepEqual(missing, []);
  });
});

describe('docs/clients/README.md', () => {
  const page = readText('docs/clients/README.md');

  test('its table is what the last full-size run found', () => {
    assert.equal(aroundTable(page).table, gainsTable());
  });

  test('lists every page beside it', () => {
    const beside = readdirSync(join(checkout, 'docs', 'clients')).filter(
      (name) => name !== 'README.md',
    );
    assert.deepEqual(
      beside.filter((name) => !linksIn(page).includes(name)),
      [],
    );
  });
});

describe('links between the pages', () => {
  for (const page of pages()) {
    test(`of ${page} lead somewhere`, () => {
      for (const link of linksIn(readText(page))) {
        if (/^https?:/.test(link)) continue;
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? page : join(dirname(page), path);
        assert.ok(existsSync(join(checkout, target)), `${link} of ${page}`);
        const there = anchor === undefined || anchorsOf(target).includes(anchor);
        assert.ok(there, `${link} of ${page}`);
      }
    });
  }
});

/** The names under which the headings of a page can be linked to. */
function anchorsOf(page: string): string[] {
  const titles = [...proseOf(readText(page)).matchAll(/^#+ (.*)$/gm)];
  return titles.map(([, title = '']) => {
    const plain = title.toLowerCase().replaceAll(/[^\w\s-]/g, '');
    return plain.replaceAll(' ', '-');
  });
}
