/** Small reads of the native part, with a kernel that cuts the file in the midst of them. */

import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../support/command.js';
import { tempDir } from '../support/files.js';
import {
  ADDRESS_AND_UNDEFINED,
  cannotSanitize,
  compileProgram,
  SANITIZED,
} from '../support/native-programs.js';

test('a read of a file that is cut meanwhile ends where the file does', {
  skip: cannotSanitize('libasan.so'),
}, () => {
  const folder = tempDir();
  const program = compileProgram(folder, {
    name: 'cases-read',
    files: ['cases_read.c'],
    core: (name) => !/^(face|binding|alarm|loop|constants|search)/.test(name),
    flags: ADDRESS_AND_UNDEFINED,
    wrapped: ['pread'],
  });
  run(program, [join(folder, 'file')], { env: SANITIZED });
});
