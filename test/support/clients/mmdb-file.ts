/**
 * Writes databases in the MaxMind DB file format, version 2.0, with what a test needs of it:
 * IPv4, records of 24 bits, strings, doubles, whole numbers, lists and maps.
 */

import { writeFileSync } from 'node:fs';
import { contentByte } from '../files.js';

/** Leading bits of an address that tell its record. */
const DEPTH = 14;
const SEPARATOR = Buffer.alloc(16);
const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');

const TYPE = { string: 2, double: 3, uint16: 5, uint32: 6, map: 7, uint64: 9, array: 11 };

type Value =
  | string
  | number
  | { uint: number; type: 'uint16' | 'uint32' | 'uint64' }
  | Value[]
  | Map<string, Value>;

function control(type: number, size: number): Buffer {
  const first = type > 7 ? 0 : type << 5;
  const extended = type > 7 ? [type - 7] : [];
  if (size < 29) return Buffer.from([first | size, ...extended]);
  return Buffer.from([first | 29, ...extended, size - 29]); // up to 284: enough here
}

function encode(value: Value): Buffer {
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    return Buffer.concat([control(TYPE.string, text.length), text]);
  }
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return Buffer.concat([control(TYPE.double, 8), bytes]);
  }
  if (Array.isArray(value)) {
    return Buffer.concat([control(TYPE.array, value.length), ...value.map(encode)]);
  }
  if (value instanceof Map) {
    const pairs = [...value].flatMap(([key, item]) => [encode(key), encode(item)]);
    return Buffer.concat([control(TYPE.map, value.size), ...pairs]);
  }
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value.uint);
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = first < 0 ? Buffer.alloc(0) : bytes.subarray(first);
  return Buffer.concat([control(TYPE[value.type], short.length), short]);
}

/** What is known of the addresses that begin with these bits; nothing of every eighth. */
function recordOf(prefix: number, edition: string): Value | undefined {
  if (prefix % 8 === 5) return undefined;
  const name = `${edition} ${prefix} ${'x'.repeat(contentByte(prefix) % 100)}`;
  return new Map<string, Value>([
    ['city', new Map([['names', new Map([['en', name]])]])],
    [
      'location',
      new Map([
        ['latitude', prefix / 100],
        ['longitude', -prefix / 7],
      ]),
    ],
  ]);
}

/** Writes a database whose answers name the edition. Some 2 MB. */
export function writeMmdb(path: string, edition: string): void {
  const nodes = 2 ** DEPTH - 1;
  const tree = Buffer.alloc(nodes * 6);
  const data: Buffer[] = [];
  let size = 0;
  // A complete tree: the children of node i are 2i + 1 and 2i + 2.
  for (let child = 1; child <= 2 * nodes; child++) {
    let entry = child;
    if (child >= nodes) {
      const record = recordOf(child - nodes, edition);
      entry = record === undefined ? nodes : nodes + SEPARATOR.length + size;
      if (record !== undefined) size += data[data.push(encode(record)) - 1]?.length ?? 0;
    }
    tree.writeUIntBE(entry, (child - 1) * 3, 3);
  }
  const uint = (type: 'uint16' | 'uint32' | 'uint64', value: number): Value => ({
    type,
    uint: value,
  });
  const metadata = new Map<string, Value>([
    ['node_count', uint('uint32', nodes)],
    ['record_size', uint('uint16', 24)],
    ['ip_version', uint('uint16', 4)],
    ['database_type', 'Test-City'],
    ['languages', ['en']],
    ['binary_format_major_version', uint('uint16', 2)],
    ['binary_format_minor_version', uint('uint16', 0)],
    ['build_epoch', uint('uint64', 1_700_000_000)],
    ['description', new Map([['en', 'made for a test']])],
  ]);
  writeFileSync(path, Buffer.concat([tree, SEPARATOR, ...data, MARKER, encode(metadata)]));
}
