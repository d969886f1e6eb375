/**
 * Reads blobs of a git repository as isomorphic-git does, and prints how long the first took
 * and what memory then is in use: `first-blob.js smmap|node GITDIR OID…`.
 */

import fs from 'node:fs';
import git from 'isomorphic-git';
import { StaticWindowMapManager } from 'smmap';
import { gitFs } from 'smmap/clients';
import { anonymousBytes, report } from '../../support/memory.js';
import { processorTime } from '../../support/ratios.js';

/** What is printed. */
export interface FirstBlob {
  /** Of processor time, for the first. */
  milliseconds: number;
  anonymousBytes: number;
  bytes: number;
}

const [way, gitdir = '', ...oids] = process.argv.slice(2);
const manager = new StaticWindowMapManager();
const shape = way === 'smmap' ? gitFs(manager, fs) : fs;
const cache = {};

const began = processorTime();
let milliseconds: number | undefined;
let bytes = 0;
for (const oid of oids) {
  const { blob } = await git.readBlob({ fs: shape, gitdir, oid, cache });
  milliseconds ??= processorTime() - began;
  bytes += blob.length;
}
await report({ milliseconds, anonymousBytes: anonymousBytes(), bytes } as FirstBlob);
