/** The members that `MemoryMap` has at run time, so that a test can try each of them. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryMap } from 'smmap';
import { checkout, readText } from './checkout.js';

/** Something that is done with a map. */
export type Use = (map: MemoryMap) => unknown;

/** Names of the members, from all classes of the chain, those marked `@internal` aside. */
export function mapMembers(): string[] {
  const names: string[] = [];
  let holder: object = MemoryMap.prototype;
  for (; holder !== Object.prototype; holder = Object.getPrototypeOf(holder)) {
    names.push(...Reflect.ownKeys(holder).map(String));
  }
  const declared = readdirSync(join(checkout, 'dist'))
    .filter((name) => /(bytes|pages|memory-map)\.d\.ts$/.test(name))
    .map((name) => readText(`dist/${name}`));
  const internal = declared.join('\n').matchAll(/@internal[^/]*\*\/\s+(?:[a-z]+ )*(\w+)/g);
  const hidden = new Set([...internal].map(([, name]) => name));
  return [...new Set(names)].filter((name) => !hidden.has(name));
}

/** The typed readers and writers among them: `readUInt8` to `writeDoubleBE`, under all of their names. */
export const typedMembers: readonly string[] = mapMembers().filter((name) =>
  /^(read|write)(Big)?(U?[Ii]nt|Float|Double)/.test(name),
);

/** A call of a typed reader or writer; what is left out is right: a small value, offset 0, two bytes. */
export function typedCall(name: string, wrong: { value?: unknown; offset?: unknown } = {}): Use {
  const big = name.includes('Big');
  const values = name.startsWith('write') ? ['value' in wrong ? wrong.value : big ? 1n : 1] : [];
  const lengths = !big && /int[LB]E$/i.test(name) ? [2] : [];
  const args = [...values, 'offset' in wrong ? wrong.offset : 0, ...lengths];
  return (map) => {
    const call = map[name as 'readUInt8'] as (...args: unknown[]) => unknown;
    return call.apply(map, args);
  };
}
