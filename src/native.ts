/** The addon's typed face. Nothing else loads it. */
import { existsSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';

declare const kind: unique symbol;
/**
 * Holds one OS mapping at a time; closed, it can hold another. Forgotten, the
 * mapping goes once no view of it is left, or when room is needed.
 */
export interface MappingHandle {
  readonly [kind]: 'mapping';
}
/** One open descriptor, owned by the object: forgotten, it is closed. */
export interface DescriptorHandle {
  readonly [kind]: 'descriptor';
}

/** What stores into a mapping do: `native/mapping.h`. */
export const MODE = { read: 0, write: 1, copy: 2 } as const;
/** How stores are brought to the device: `native/mapping.h`. */
export const FLUSH = { sync: 0, async: 1, syncInvalidate: 2, asyncInvalidate: 3 } as const;
/** What a file is: `native/mapping.h`. */
export const KIND = { regular: 0, directory: 1, other: 2 } as const;

interface Addon {
  constants(): Readonly<Record<string, number>>;
  pageSize(): number;
  granularity(): number;
  counts(into: Float64Array): void;
  hasLibuv(): void;
  heapMayGrowTo(bytes: number): void;
  faultEpoch(): Uint32Array;
  arm(): void;
  armAfter(event: string | symbol): void;
  setGuard(enabled: boolean): boolean;
  exposed(): number;
  onReclaim(callback: () => void): void;
  askOthers(): void;
  handle(): MappingHandle;
  map(
    handle: MappingHandle,
    descriptor: DescriptorHandle,
    offset: number,
    length: number,
    mode: number,
    reserved: boolean,
    pinned: boolean,
  ): boolean;
  mapLike(
    handle: MappingHandle,
    descriptor: DescriptorHandle | null,
    offset: number,
    length: number,
    mode: number,
    flags: number,
    name: Buffer | null,
  ): boolean;
  view(handle: MappingHandle, offset: number, length: number): ArrayBuffer | undefined;
  detach(handle: MappingHandle): boolean;
  close(handle: MappingHandle): boolean;
  closeForgotten(): number;
  faults(handle: MappingHandle): number;
  populate(handle: MappingHandle, offset: number, length: number): Promise<void>;
  flush(
    handle: MappingHandle,
    offset: number,
    length: number,
    kind: number,
    descriptor: DescriptorHandle | null,
  ): void;
  flushAsync(
    handle: MappingHandle,
    offset: number,
    length: number,
    descriptor: DescriptorHandle | null,
  ): Promise<void>;
  advise(handle: MappingHandle, offset: number, length: number, advice: number): void;
  lock(handle: MappingHandle, offset: number, length: number): void;
  unlock(handle: MappingHandle, offset: number, length: number): void;
  lockLimit(): number;
  residency(handle: MappingHandle, offset: number, length: number, into: Uint8Array): void;
  move(handle: MappingHandle, to: number, from: number, length: number): void;
  setName(handle: MappingHandle, name: Buffer): void;
  hasPrivatePages(handle: MappingHandle): boolean;
  open(path: string | Buffer, writable: boolean, flags: number): DescriptorHandle;
  duplicate(fd: number, writable: boolean): DescriptorHandle;
  closeDescriptor(descriptor: DescriptorHandle): void;
  descriptorNumber(descriptor: DescriptorHandle): number;
  extend(descriptor: DescriptorHandle, oldSize: number, size: number): void;
  truncate(descriptor: DescriptorHandle, size: number): void;
  read(fd: number, into: Uint8Array, start: number, length: number, position: number): number;
  readNow(descriptor: DescriptorHandle, into: Uint8Array, position: number): number;
  tellsResidency(descriptor: DescriptorHandle | null): boolean;
  descriptorCount(): number;
  descriptorLimit(): number;
  status(descriptor: DescriptorHandle, into: BigInt64Array): void;
  size(descriptor: DescriptorHandle): number;
  statusOfNumber(fd: number, into: BigInt64Array): void;
  statusOfPath(path: string | Buffer, into: BigInt64Array): void;
  searchFirst(bytes: Uint8Array, needle: Uint8Array, from: number): number;
  searchLast(bytes: Uint8Array, needle: Uint8Array, end: number): number;
  searchCount(bytes: Uint8Array, needle: Uint8Array, from: number, end: Float64Array): number;
  searchPositions(
    bytes: Uint8Array,
    byte: number,
    from: number,
    to: number,
    into: Uint32Array,
  ): number;
  watch(object: object): number;
  watched(watch: number): object | undefined;
  unwatch(watch: number): void;
}

/** Where our own build puts the binary, and where the package ships it. */
const USUAL_PLACES = ['build/Release', `prebuilds/${process.platform}-${process.arch}`];

/** Loads the binary; node-gyp-build costs 2 ms, so it is asked only when it would say something else. */
function load(): Addon {
  const { env } = process;
  // Relative to this file, whose URL is all that is known of it where others run modules; and named
  // in full, so that tools which trace a program's files find the binary.
  const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);
  if (env.PREBUILDS_ONLY === undefined && env.SMMAP_PREBUILD === undefined) {
    for (const place of USUAL_PLACES) {
      const binary = `../${place}/smmap.node`;
      if (existsSync(new URL(binary, import.meta.url))) return require(binary);
    }
  }
  const { fileURLToPath } = process.getBuiltinModule('node:url');
  return require('node-gyp-build')(fileURLToPath(new URL('..', import.meta.url)));
}

function loadOrTell(): Addon {
  try {
    return load();
  } catch (error) {
    throw isMissing(error) ? binaryMissing(error) : error;
  }
}

/** Whether there is no binary; one that is there and is not loaded has reasons of its own, which are told. */
function isMissing(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  const isWithoutUrl = code === 'ERR_INVALID_ARG_VALUE'; // a bundler left nothing of it
  return (
    code === 'MODULE_NOT_FOUND' || isWithoutUrl || message.startsWith('No native build was found')
  );
}

/** What is to be done where there is no binary: Node's own failure says nothing of that. */
function binaryMissing(cause: unknown): Error {
  const [reason] = (cause as Error).message.split('\n', 1);
  const message =
    `smmap's native binary for ${process.platform}-${process.arch} was not found (${reason}). ` +
    'If a bundler packed smmap, leave it out of the bundle (esbuild --external:smmap, externals of ' +
    "webpack and rollup, ssr.external of vite, serverExternalPackages: ['smmap'] of Next.js). " +
    'If install scripts did not run: npm rebuild smmap. More: docs/bundlers.md of the package';
  return Object.assign(new Error(message, { cause }), { code: 'MODULE_NOT_FOUND' });
}

/** The addon itself; every call is described beside its C function in `native/face_*.c`. */
export const native: Addon = loadOrTell();

let heap: number | undefined;

/**
 * Bytes to which the JavaScript heap of this thread may grow. Asked for with the first
 * mapping, and the addon is told then: to load `node:v8` takes up to 6 ms.
 */
export function heapLimit(): number {
  if (heap === undefined) {
    heap = process.getBuiltinModule('node:v8').getHeapStatistics().heap_size_limit;
    native.heapMayGrowTo(heap);
  }
  return heap;
}

// Bun and Deno have stand-ins for libuv's functions, which cannot be called.
if (!('bun' in process.versions) && !('deno' in process.versions)) native.hasLibuv();

/**
 * Changes whenever a lost page was survived anywhere in the process. Comparing
 * it costs one load; only then is each mapping asked.
 */
export const faultEpoch: Uint32Array = native.faultEpoch();

/** An operating-system failure, shaped as those of `node:fs`. */
export interface SystemError extends Error {
  /** As in `node:fs`: 'ENOENT', 'EACCES', 'ENOMEM', … */
  code: string;
  /** The system's error number, negative as in Node. */
  errno: number;
  /** The system call that failed. */
  syscall: string;
  /** The file's path, where one is known. */
  path?: string;
}

/**
 * Whether a thrown value is a failure of a system call inside the addon. In a context of `node:vm`,
 * as test frameworks make them, the addon's errors are those of another realm.
 */
export function isSystemFailure(error: unknown): error is SystemError {
  return typeof error === 'object' && error !== null && 'errno' in error && 'syscall' in error;
}

interface KnownError {
  readonly code: string;
  readonly words: string;
  /** Node's own number. */
  readonly errno: number;
}

/** The system's own numbers. Needed when something has failed, so `node:os` is loaded then. */
function systemNumbers(): Readonly<Record<string, number>> {
  return process.getBuiltinModule('node:os').constants.errno;
}

/** `errno` of a failure as the addon throws it, negative; NaN where the system has no such failure. */
export function errnoOf(code: string): number {
  return -(systemNumbers()[code] ?? Number.NaN);
}

let systemErrors: Map<number, KnownError> | undefined;

/** By the system's own numbers, which differ from Node's on Windows. */
function listSystemErrors(): Map<number, KnownError> {
  const list = new Map<number, KnownError>();
  const numbers = systemNumbers();
  for (const [code, number] of Object.entries(numbers)) {
    // Those that Node has no words for: ESTALE, EDQUOT and others.
    list.set(number, { code, words: 'system error', errno: -number });
  }
  for (const [errno, [code, words]] of getSystemErrorMap()) {
    list.set(numbers[code] ?? -errno, { code, words, errno });
  }
  return list;
}

/**
 * Completes a failure thrown by the addon: the code's name, the system's own
 * words, the path where one is known, and what the caller wants to add.
 * @returns the same error; anything else is handed back as it is
 */
export function explain(error: unknown, path?: string, remark?: string): unknown {
  if (!isSystemFailure(error) || error.code !== undefined) return error;
  systemErrors ??= listSystemErrors();
  const { code, words, errno } = systemErrors.get(-error.errno) ?? {
    code: `E${-error.errno}`,
    words: 'unknown error',
    errno: error.errno,
  };
  if (!(error instanceof Error)) Object.setPrototypeOf(error, Error.prototype); // of another realm
  error.code = code;
  error.errno = errno;
  error.message = `${code}: ${words}, ${error.syscall}`;
  if (path !== undefined) {
    error.path = path;
    error.message += ` '${path}'`;
  }
  if (remark !== undefined) error.message += ` (${remark})`;
  return error;
}

/** Runs a call of the addon; its failure leaves explained, see {@link explain}. */
export function explaining<T>(call: () => T, path?: string, remark?: string): T {
  try {
    return call();
  } catch (error) {
    throw explain(error, path, remark);
  }
}

/** What the whole process has mapped through this copy of the package, all threads together. */
export interface ProcessCounts {
  /** Open mappings. */
  readonly maps: number;
  /** Their bytes, in whole pages. */
  readonly bytes: number;
  /** Closed ranges that are still kept out of use. */
  readonly quarantinedMaps: number;
  /** Their bytes, in whole pages. */
  readonly quarantinedBytes: number;
  /** What `maps` and `quarantinedMaps` together may reach. */
  readonly ceiling: number;
  /** The system's own limit (`vm.max_map_count`); 0 where none is known. */
  readonly limit: number;
  /** Bytes of address space the process may use (`ulimit -v`); 0 where there is no limit. */
  readonly addressLimit: number;
  /** Maps (`MemoryMap`) of this thread that were forgotten without `close()` and found. */
  readonly leakedMaps: number;
}

let leakedMaps = 0;

/** A map was found to be forgotten. */
export function countLeakedMap(): void {
  leakedMaps++;
}

const countFields = new Float64Array(7);

/** Counts of the process as of now. */
export function processCounts(): ProcessCounts {
  heapLimit(); // the ceiling leaves room for the heap
  native.counts(countFields);
  const [maps, bytes, quarantinedMaps, quarantinedBytes, ceiling, limit, addressLimit] =
    countFields as unknown as [number, number, number, number, number, number, number];
  return {
    maps,
    bytes,
    quarantinedMaps,
    quarantinedBytes,
    ceiling,
    limit,
    addressLimit,
    leakedMaps,
  };
}
