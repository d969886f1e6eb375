/** Where the files of the scripts lie. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tempDir } from '../../support/files.js';

/** Where Linux keeps files in memory, which are made and removed in no time. */
const SHARED_MEMORY = '/dev/shm';

export const onDisk = tempDir();
export const inMemory = existsSync(SHARED_MEMORY) ? memoryDir() : onDisk;

function memoryDir(): string {
  const dir = mkdtempSync(`${SHARED_MEMORY}/smmap-test-`);
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
