/** What has a path and cannot be mapped (rule 8). */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { tempDir } from '../../support/files.js';
import type { Source } from './entry.js';

const dir = tempDir();
const pipe = join(dir, 'pipe');
execFileSync('mkfifo', [pipe]);

export const specialFiles = {
  directory: { path: dir, refused: 'EISDIR', opened: false },
  pipe: { path: pipe, refused: 'ERR_SMMAP_NOT_MAPPABLE', opened: false },
  proc: { path: '/proc/self/status', refused: 'ERR_SMMAP_NOT_MAPPABLE', opened: true },
} as const satisfies Record<string, Source>;
