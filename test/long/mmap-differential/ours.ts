/** This package: scripts step by step. */

import { readFileSync, statSync, truncateSync } from 'node:fs';
import { inspect } from 'node:util';
import { crc32 } from 'node:zlib';
import { MapFaultError, MemoryMap, type MemoryMapOptions } from 'smmap';
import { adviceOf, sumOf } from './constants.js';
import {
  type Argument,
  type Call,
  FIRST,
  isCall,
  isMaking,
  type Making,
  type Result,
  type Said,
  type Script,
  SLOTS,
  type State,
  type Step,
} from './script.js';
import { bytesAt, openSource, putBytes } from './sources.js';

/**
 * What this package says to each step of a script.
 * @param paths of the files
 * @param asked which steps are done
 */
export function askOurs(
  script: Script,
  paths: readonly string[],
  asked: (step: number) => boolean,
): Said[] {
  const world = new World(paths);
  try {
    return script.steps.map((step, index) => world.run(step, asked(index)));
  } finally {
    world.close();
  }
}

/** The maps and files of one script. */
class World {
  readonly #paths: readonly string[];
  readonly #maps = new Map<number, MemoryMap>();

  constructor(paths: readonly string[]) {
    this.#paths = paths;
  }

  close(): void {
    for (const map of this.#maps.values()) {
      try {
        map.close();
      } catch (error) {
        if (!(error instanceof MapFaultError)) throw error; // told in the states already
      }
    }
  }

  run(step: Step, asked: boolean): Said {
    const result = asked ? this.#try(step) : null;
    return { result, state: this.#state() };
  }

  #try(step: Step): Result {
    try {
      return answerOf(this.#do(step));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const { code = 'without a code' } = error as NodeJS.ErrnoException;
      return { error: `${error.constructor.name} ${code}` };
    }
  }

  #do(step: Step): unknown {
    if (isMaking(step)) return this.#make(step);
    if (isCall(step)) return this.#call(step);
    const path = this.#paths[step.file] as string;
    if ('size' in step) return truncateSync(path, step.size);
    return putBytes(path, step.offset, Buffer.from(step.bytes, 'latin1'));
  }

  #make(making: Making): Result {
    this.#maps.get(making.map)?.close();
    this.#maps.delete(making.map);
    const map = this.#open(making);
    this.#maps.set(making.map, map);
    const { source, offset = 0 } = making;
    const bytes = map.slice();
    if (typeof source !== 'number') return [map.length, bytes.every((byte) => byte === 0)];
    const path = this.#paths[source] as string;
    return [map.length, bytes.equals(bytesAt(path, offset, map.length))];
  }

  #open(making: Making): MemoryMap {
    const { source, mode, named, offset, access, prot, flags, trackFd } = making;
    const length = this.#lengthOf(making);
    const options: MemoryMapOptions = {
      ...(offset !== undefined && { offset }),
      ...(access !== undefined && { access: access as 'read' }),
      ...(prot !== undefined && { prot: sumOf(prot) }),
      ...(flags !== undefined && { flags: sumOf(flags) }),
      ...(trackFd !== undefined && { trackFd }),
    };
    if (named && source === 'anonymous') return MemoryMap.anonymous(length, options);
    if (named && typeof source === 'number') {
      return MemoryMap.open(this.#paths[source] as string, { ...options, length });
    }
    using opened = openSource(source, mode, this.#paths);
    return new MemoryMap(opened.fd, length, options);
  }

  #lengthOf({ source, length, offset = 0 }: Making): number {
    if (typeof length === 'number') return length;
    const path = this.#paths[source as number] as string;
    return statSync(path).size - offset + length.end;
  }

  #call({ do: name, map: slot, args }: Call): unknown {
    const map = this.#maps.get(slot);
    if (map === undefined) return null;
    const values = args.map((arg) => valueOfArgument(map, arg, args));
    const special = SPECIAL[name];
    if (special !== undefined) return special(map, ...values);
    return (map as unknown as Record<string, Method>)[name]?.call(map, ...values);
  }

  #state(): State {
    const maps = Array.from({ length: SLOTS }, (_, slot) => stateOf(this.#maps.get(slot)));
    const files = this.#paths.map((path): [number, number] => {
      const bytes = readFileSync(path);
      return [bytes.length, crc32(bytes)];
    });
    return { maps, files };
  }
}

type Method = (...args: unknown[]) => unknown;

/** Calls that are no method of the same name. */
const SPECIAL: Readonly<Record<string, (map: MemoryMap, ...args: unknown[]) => unknown>> = {
  at: (map, index) => map.at(index as number) ?? { error: 'undefined' },
  closed: (map) => map.closed,
  length: (map) => map.length,
  iterate: (map) => Buffer.from([...map]),
  inspect: (map) =>
    fieldsOf(inspect(map, { breakLength: Number.POSITIVE_INFINITY, compact: true })),
};

/** What the text for people says: all of it, as Python's does. */
function fieldsOf(text: string): Result {
  const fields =
    /^MemoryMap \{ closed: (\w+)(?:, access: '(\w+)', length: (\d+), position: (\d+), offset: (\d+))? \}$/;
  const [closed, access, ...numbers] = fields.exec(text)?.slice(1) ?? [text];
  if (access === undefined) return [closed === 'true'];
  return [closed === 'true', access, ...numbers.map(Number)];
}

function valueOfArgument(map: MemoryMap, arg: Argument, args: readonly Argument[]): unknown {
  if (typeof arg === 'number' || arg === null) return arg;
  if ('end' in arg) return map.length + arg.end;
  if ('bytes' in arg) return Buffer.from(arg.bytes, 'latin1');
  if ('text' in arg) return arg.text;
  if ('advice' in arg) return arg.asNumber ? adviceOf(arg.advice) : arg.advice;
  const bounds = args.slice(1).map((bound) => valueOfArgument(map, bound, args));
  return Buffer.alloc(map.slice(...(bounds as number[])).length, arg.fit, 'latin1');
}

function answerOf(value: unknown): Result {
  if (value === undefined) return null;
  if (!Buffer.isBuffer(value)) return value as Result;
  const first = value.toString('latin1', 0, FIRST);
  return { bytes: value.length, checksum: crc32(value), first };
}

function stateOf(map: MemoryMap | undefined): State['maps'][number] {
  if (map === undefined) return 'none';
  if (map.closed) return 'closed';
  try {
    return [map.length, map.tell(), crc32(map.slice())];
  } catch (error) {
    if (error instanceof MapFaultError) return 'faulted';
    throw error;
  }
}
