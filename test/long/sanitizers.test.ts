/** Tests that touch the native part, with AddressSanitizer, UBSan and LeakSanitizer looking on. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { cannotSanitize, gccLibrary } from '../support/native-programs.js';
import { publish } from '../support/proof.js';
import {
  buildSanitized,
  copiedCheckout,
  type Report,
  runSanitized,
} from '../support/sanitized-checkout.js';
import { fullSize } from '../support/scale.js';

/** Test files that cannot run so, and why. */
const EXCUSED: Readonly<Record<string, string>> = {
  'system-limits': 'what AddressSanitizer itself needs does not fit under `ulimit -v`',
  'map-lost-pages': 'nor under `ulimit -d`',
  install: 'judges what the compiler and the loader say, and the sanitizer says more',
};

/** Tests in other files that fail so, and why. */
const EXCUSED_TESTS: Readonly<Record<string, string>> = {
  'keeps all pages, and leaves those of a file to the file':
    'AddressSanitizer does nothing when it is asked to munlock',
};

/** Of the quick suite, those that have most to do with the native part; a full-size run takes all. */
const NATIVE_HEAVY =
  /^(after-the-end|cursor-copies|edge-files|file-identity|lifetime|limits|manager-lifetime|memory-map|mmap-suite|region|search-native|slice|smmap-suite|typed-readers|writing)/;

/** What others have said beside us: none of it has a function of ours on any stack. */
const OF_OTHERS: readonly { what: RegExp; why: string }[] = [
  {
    what: /LeakSanitizer does not work under ptrace/,
    why: 'a test has strace look on: there nobody can look for leaks',
  },
  {
    what: /node::StringBytes::Encode/,
    why: 'toString("utf16le") of an odd length at an odd address writes a byte too many (Node 24)',
  },
];

/** The last line of a function that the import calls, and faults to be put before it, of which a variable chooses one. */
const PLACE = '  return smmap_face_number(env, (double)smmap_os_granularity());\n';
const FAULTS = `
  volatile size_t size = 8;
  volatile int many = 40;
  const char *fault = getenv("SMMAP_TEST_FAULT");
  void *volatile memory = malloc(size);
  if (strcmp(fault, "overflow") == 0) memset(memory, 0, size + 1);
  if (strcmp(fault, "shift") == 0) size = 1 << many;
  if (strcmp(fault, "leak") != 0) free(memory);
  memory = NULL;
`;

/** The compiled test files of a folder of the copy. */
function testFiles(copy: string, folder: string): string[] {
  return readdirSync(join(copy, folder))
    .filter((name) => name.endsWith('.test.js') && EXCUSED[stem(name)] === undefined)
    .map((name) => join(folder, name));
}

function stem(path: string): string {
  return basename(path, '.test.js');
}

/** What somebody has to look at: errors of anybody's that are not known, and leaks of ours. */
function isToldOf({ text, isOurs, isLeak }: Report): boolean {
  if (isLeak) return isOurs;
  return isOurs || !OF_OTHERS.some(({ what }) => what.test(text));
}

const library = gccLibrary('libasan.so') ?? '';

describe('with sanitizers', { skip: cannotSanitize('libasan.so') }, () => {
  const copy = copiedCheckout();

  test('what they look for would be told of', async () => {
    const path = join(copy, 'native', 'face_process.c');
    const source = readFileSync(path, 'utf8');
    assert.ok(source.includes(PLACE));
    const includes = '#include <stdlib.h>\n#include <string.h>\n';
    writeFileSync(path, includes + source.replace(PLACE, FAULTS + PLACE));
    buildSanitized(copy);
    writeFileSync(path, source);
    const run = (fault: string) =>
      runSanitized(copy, ['.out/test/page.test.js'], library, { SMMAP_TEST_FAULT: fault });
    const overflow = await run('overflow');
    assert.match(overflow.reports.filter(isToldOf)[0]?.text ?? '', /heap-buffer-overflow/);
    const shift = await run('shift');
    assert.ok(shift.isUndefined && shift.failed.length > 0, shift.output);
    const leak = await run('leak');
    assert.match(leak.reports.filter(isToldOf)[0]?.text ?? '', /^Direct leak of 8 byte/);
  });

  test('hazards and the tests of the native part: nothing is reported', async (t) => {
    buildSanitized(copy);
    const quick = testFiles(copy, '.out/test');
    const chosen = fullSize ? quick : quick.filter((path) => NATIVE_HEAVY.test(stem(path)));
    const files = [...testFiles(copy, '.out/test/hazards'), ...chosen];
    const { failed, tests, output, reports, isUndefined } = await runSanitized(
      copy,
      files,
      library,
    );
    const told = reports.filter(isToldOf).map(({ text }) => text);
    assert.deepEqual(told, []);
    assert.ok(!isUndefined, output);
    const unexcused = failed.filter((name) => EXCUSED_TESTS[name] === undefined);
    assert.deepEqual(unexcused, [], output);
    assert.ok(tests > 100, output);
    t.diagnostic(`${files.length} files, ${tests} tests, ${reports.length} reports about others`);
    publish('sanitizers', { files: files.length, tests, reports: 0, leaks: 0 });
  });
});
