/** The `fs` that isomorphic-git takes, its packs mapped. */
import { type BigIntStats, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { invalidType, isUrl } from '../arguments.js';
import {
  BudgetExceededError,
  MapClosedError,
  MemoryMap,
  type StaticWindowMapManager,
} from '../index.js';
import { checkManager } from './file-bytes.js';

type AsyncFunction = (...args: never[]) => Promise<unknown>;

/** Functions that isomorphic-git binds when it is given an `fs`. */
const NEEDED = [
  ...(['readFile', 'writeFile', 'mkdir', 'rmdir', 'unlink', 'stat', 'lstat'] as const),
  ...(['readdir', 'readlink', 'symlink'] as const),
] as const;
/** Those that it can do without. */
const OPTIONAL = ['rm', 'cp'] as const;

/** The functions of an `fs` that isomorphic-git uses. */
export type GitFsPromises = Readonly<
  Record<(typeof NEEDED)[number], AsyncFunction> &
    Partial<Record<(typeof OPTIONAL)[number], AsyncFunction>>
>;

/** What is wrapped: `node:fs`, its `promises`, or anything with the same functions. */
export type GitFsBase = { promises: object } | object;

/** For isomorphic-git: `git.readBlob({ fs: gitFs(manager, fs), … })`. */
export interface GitFs {
  /** The functions of the wrapped `fs`, bound; `readFile` of a pack gives mapped bytes. */
  readonly promises: GitFsPromises;
  /**
   * Lets the packs go. Bytes that isomorphic-git keeps in its `cache` may become empty at any
   * moment from here on: forget the cache too. The wrapper can be used on.
   */
  release(): void;
  /** Exactly `release()`. */
  close(): void;
  /** Exactly `release()`. */
  [Symbol.dispose](): void;
}

/** Bytes of a mapped pack. */
interface Pack {
  readonly bytes: ArrayBuffer;
  /** Tells a pack from another one of the same name. */
  readonly identity: string;
}

/**
 * Wraps an `fs` so that packs are mapped and not read: every read of one pack gives the same
 * exact `ArrayBuffer`, which isomorphic-git takes without a copy. All else goes to `fs`.
 * @param manager its budget counts the packs as long as a window of it can hold them whole;
 * a larger pack is mapped by itself. Closing the manager empties what it holds
 * @param fs `node:fs`, or one with the same functions
 * @throws TypeError `ERR_INVALID_ARG_TYPE` for what is no manager, and an `fs` without `readFile`
 */
export function gitFs(manager: StaticWindowMapManager, fs: GitFsBase): GitFs {
  checkManager(manager);
  const functions = asyncFunctionsOf(fs);
  const packs = new Packs(manager);
  const release = () => packs.release();
  return {
    promises: {
      ...functions,
      // isomorphic-git tries the function without arguments, and expects a rejected promise.
      readFile: (async (path?: unknown, ...rest: never[]) => {
        const name = packName(path, rest[0]);
        const bytes = name === undefined ? undefined : packs.bytesOf(name);
        return bytes ?? functions.readFile(path as never, ...rest);
      }) as AsyncFunction,
    },
    release,
    close: release,
    [Symbol.dispose]: release,
  };
}

function asyncFunctionsOf(fs: GitFsBase): GitFsPromises {
  const source = ((fs as { promises?: object } | null)?.promises ?? fs) as Record<string, unknown>;
  if (typeof source?.readFile !== 'function') {
    throw invalidType('fs', 'node:fs, or have its functions or its promises', fs);
  }
  const bound: Record<string, AsyncFunction> = {};
  for (const name of [...NEEDED, ...OPTIONAL]) {
    const call = source[name];
    if (typeof call === 'function') bound[name] = call.bind(source) as AsyncFunction;
  }
  return bound as GitFsPromises; // isomorphic-git says itself which one is missing
}

/** The path of a pack that is asked for as bytes. */
function packName(path: unknown, options: unknown): string | undefined {
  const name = isUrl(path) ? fileURLToPath(path) : path;
  const encoding =
    typeof options === 'object' && options !== null && 'encoding' in options
      ? options.encoding
      : options;
  const asBytes = typeof encoding !== 'string' || encoding === 'buffer';
  return typeof name === 'string' && name.endsWith('.pack') && asBytes ? name : undefined;
}

/** The packs that were mapped. */
class Packs {
  readonly #manager: StaticWindowMapManager;
  readonly #byPath = new Map<string, Pack>();
  /** What keeps the bytes, those of packs that were replaced too: somebody may still have them. */
  readonly #holders = new Set<{ close(): void }>();

  constructor(manager: StaticWindowMapManager) {
    this.#manager = manager;
  }

  /**
   * The bytes of a pack; `undefined` where it cannot be mapped, and reading it will say why.
   * @throws MapClosedError when the manager is closed
   */
  bytesOf(path: string): ArrayBuffer | undefined {
    const status = statusOf(path);
    if (status === undefined || !status.isFile() || status.size === 0n) return undefined;
    const identity = `${status.dev}:${status.ino}:${status.size}:${status.mtimeNs}`;
    const known = this.#byPath.get(path);
    const fits = known?.identity === identity && known.bytes.byteLength > 0;
    if (fits) return known.bytes;
    try {
      const bytes = this.#inBudget(path, Number(status.size)) ?? this.#byItself(path);
      this.#byPath.set(path, { bytes, identity });
      return bytes;
    } catch (error) {
      if (error instanceof MapClosedError) throw error;
      return undefined;
    }
  }

  /** All bytes as a window of the manager; `undefined` where it has no room for so large a one. */
  #inBudget(path: string, size: number): ArrayBuffer | undefined {
    const cursor = this.#manager.makeCursor(path);
    const { windowSize } = this.#manager;
    try {
      if (windowSize === 0 || size <= windowSize) {
        const bytes = cursor.useRegion(0, size, { whole: true }).region?.buffer();
        if (bytes?.length === size) {
          this.#holders.add(cursor);
          return bytes.buffer as ArrayBuffer;
        }
      }
    } catch (error) {
      if (!(error instanceof BudgetExceededError)) throw error;
    } finally {
      if (!this.#holders.has(cursor)) cursor.close();
    }
    return undefined;
  }

  #byItself(path: string): ArrayBuffer {
    const map = MemoryMap.open(path, { trackFd: false });
    this.#holders.add(map);
    return map.arrayBuffer;
  }

  release(): void {
    for (const holder of this.#holders) holder.close();
    this.#holders.clear();
    this.#byPath.clear();
  }
}

/** What the system says of a file; `undefined` where it says nothing, and reading it will say why. */
function statusOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}
