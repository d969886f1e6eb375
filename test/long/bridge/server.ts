/**
 * Serves the package to a program in another language: one JSON line in, one
 * JSON line out, followed by raw bytes where a result has them.
 */

import { openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import * as smmap from 'smmap';

/** `target` is an object's id, or the name of an export; without `name` the export itself is read. */
interface Request {
  do: 'new' | 'member' | 'release';
  target: number | string;
  name?: string;
  args?: Wire[];
}

/** What travels: plain values, and objects with one of these keys. */
type Wire = null | boolean | number | string | { object: number; class: string } | Marked;
type Marked = { all: true } | { fd: string } | { options: Record<string, Wire> };

const objects = new Map<number, object>();
const ids = new Map<object, number>();
let lastId = 0;

function decode(value: Wire): unknown {
  if (value === null) return undefined;
  if (typeof value !== 'object') return value;
  if ('all' in value) return Number.POSITIVE_INFINITY;
  if ('object' in value) return objects.get(value.object);
  if ('options' in value) {
    return Object.fromEntries(
      Object.entries(value.options).map(([name, option]) => [name, decode(option)]),
    );
  }
  // The client's descriptor, by its path below /proc: opened anew, for its number may be used again.
  return openSync(value.fd, 'r');
}

function encode(value: unknown): Wire {
  if (value === undefined || value === null) return null;
  if (value === Number.POSITIVE_INFINITY) return { all: true };
  if (typeof value === 'object') {
    const id = ids.get(value) ?? ++lastId;
    ids.set(value, id);
    objects.set(id, value);
    return { object: id, class: value.constructor.name };
  }
  return value as Wire;
}

function perform({ do: kind, target, name, args = [] }: Request): unknown {
  const receiver = (
    typeof target === 'string' ? smmap[target as keyof typeof smmap] : objects.get(target)
  ) as Record<string, unknown>;
  const values = args.map(decode);
  if (kind === 'release') {
    ids.delete(receiver);
    objects.delete(target as number);
    return undefined;
  }
  if (kind === 'new') {
    return new (receiver as unknown as new (...args: unknown[]) => object)(...values);
  }
  const member = name === undefined ? receiver : receiver[name];
  return typeof member === 'function' ? member.apply(receiver, values) : member;
}

function answer(line: string): void {
  try {
    const value = perform(JSON.parse(line));
    if (Buffer.isBuffer(value)) {
      process.stdout.write(`${JSON.stringify({ bytes: value.length })}\n`);
      process.stdout.write(value);
    } else {
      process.stdout.write(`${JSON.stringify({ value: encode(value) })}\n`);
    }
  } catch (error) {
    const misuse =
      error instanceof RangeError ||
      error instanceof TypeError ||
      error instanceof smmap.SmmapError;
    const { name, message } = error as Error;
    const text = `${name}: ${message}`;
    process.stdout.write(`${JSON.stringify({ error: text, misuse })}\n`);
  }
}

createInterface({ input: process.stdin }).on('line', answer);
