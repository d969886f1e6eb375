/** The error for pages that could not be had. */

import assert from 'node:assert/strict';
import { MapFaultError } from 'smmap';

/** Asserts that it is one about this file. */
export function isFault(error: unknown, path: string, name = ''): true {
  assert.ok(error instanceof MapFaultError, `${name} threw ${error}`);
  assert.equal(error.file, path, name);
  return true;
}

/** Asserts that the call throws one about this file. */
export function assertFault(call: () => unknown, path: string, name = ''): void {
  assert.throws(call, (error) => isFault(error, path, name), name);
}
