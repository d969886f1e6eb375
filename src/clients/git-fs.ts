/** The `fs` that isomorphic-git takes, its packs mapped. */
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { WindowCursor } from '../cursor.js';
import type { StaticWindowMapManager } from '../manager.js';
import { MemoryMap } from '../memory-map.js';

type AsyncFunction = (...args: never[]) => Promise<unknown>;

/** What is wrapped: `node:fs`, its `promises`, or anything with the same functions. */
export type GitFsBase = { promises: object } | object;

/** For isomorphic-git: `git.readBlob({ fs: gitFs(manager, fs), … })`. */
export interface GitFs {
  /** The functions of the wrapped `fs`, bound; `readFile` of a pack gives mapped bytes. */
  readonly promises: Readonly<Record<string, AsyncFunction>>;
  /**
   * Unmaps the packs. Bytes that isomorphic-git keeps in its `cache` become empty: forget the
   * cache too. The wrapper can be used on.
   */
  release(): void;
  /** Exactly `release()`. */
  [Symbol.dispose](): void;
}

/** Functions that isomorphic-git binds when it is given an `fs`; the last two it can do without. */
const NAMES = [
  ...['readFile', 'writeFile', 'mkdir', 'rmdir', 'unlink', 'stat', 'lstat', 'readdir'],
  ...['readlink', 'symlink', 'rm', 'cp'],
] as const;

/** Bytes of a mapped pack, and what keeps them. */
interface Pack {
  readonly bytes: ArrayBuffer;
  readonly holder: { readonly closed: boolean; close(): void };
  /** Tells a pack from another one of the same name. */
  readonly identity: string;
}

/**
 * Wraps an `fs` so that packs are mapped and not read: every read of one pack gives the same
 * exact `ArrayBuffer`, which isomorphic-git takes without a copy. All else goes to `fs`.
 * @param manager its budget counts the packs as long as a window of it can hold them whole;
 * a larger pack is mapped by itself. Closing the manager empties what it holds
 * @param fs `node:fs`, or one with the same functions
 * @throws TypeError `ERR_INVALID_ARG_TYPE` for an `fs` without `readFile`
 */
export function gitFs(manager: StaticWindowMapManager, fs: GitFsBase): GitFs {
  const functions = asyncFunctionsOf(fs);
  const packs = new Map<string, Pack>();
  const { readFile } = functions;
  const release = () => {
    for (const { holder } of packs.values()) holder.close();
    packs.clear();
  };
  return {
    promises: {
      ...functions,
      // isomorphic-git tries the function without arguments, and expects a rejected promise.
      readFile: (async (path?: unknown, ...rest: never[]) => {
        const name = packName(path, rest[0]);
        if (name !== undefined) {
          const bytes = packAt(packs, manager, name);
          if (bytes !== undefined) return bytes;
        }
        return readFile?.(path as never, ...rest);
      }) as AsyncFunction,
    },
    release,
    [Symbol.dispose]: release,
  };
}

function asyncFunctionsOf(fs: GitFsBase): Record<string, AsyncFunction> {
  const source = ('promises' in fs ? fs.promises : fs) as Record<string, unknown>;
  if (typeof source?.readFile !== 'function') {
    const error = new TypeError('"fs" must be node:fs or have its promises: it has no readFile');
    throw Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' });
  }
  const bound: Record<string, AsyncFunction> = {};
  for (const name of NAMES) {
    const call = source[name];
    if (typeof call === 'function') bound[name] = call.bind(source) as AsyncFunction;
  }
  return bound;
}

/** The path of a pack that is asked for as bytes. */
function packName(path: unknown, options: unknown): string | undefined {
  const name = path instanceof URL ? fileURLToPath(path) : path;
  const encoding =
    typeof options === 'object' && options !== null && 'encoding' in options
      ? options.encoding
      : options;
  const asBytes = typeof encoding !== 'string' || encoding === 'buffer';
  return typeof name === 'string' && name.endsWith('.pack') && asBytes ? name : undefined;
}

/** The bytes of a pack; `undefined` where it cannot be mapped, and reading it will say why. */
function packAt(
  packs: Map<string, Pack>,
  manager: StaticWindowMapManager,
  path: string,
): ArrayBuffer | undefined {
  const status = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (status === undefined || !status.isFile() || status.size === 0n) return undefined;
  const identity = `${status.dev}:${status.ino}:${status.size}:${status.mtimeNs}`;
  const known = packs.get(path);
  if (known !== undefined && known.identity === identity && known.bytes.byteLength > 0) {
    return known.bytes;
  }
  // One that was replaced stays for those who have its bytes, until nobody does.
  packs.delete(path);
  try {
    const pack = { ...wholeFile(manager, path, Number(status.size)), identity };
    packs.set(path, pack);
    return pack.bytes;
  } catch {
    return undefined;
  }
}

/** All bytes of a file in one ArrayBuffer: in the manager's budget, or where no window holds them by itself. */
function wholeFile(
  manager: StaticWindowMapManager,
  path: string,
  size: number,
): Pick<Pack, 'bytes' | 'holder'> {
  const cursor = manager.makeCursor(path);
  try {
    cursor.useRegion(0, size, { whole: true });
    const bytes = bytesOf(cursor, size);
    if (bytes !== undefined) return { bytes, holder: cursor };
  } catch {
    // Over the budget: it is mapped by itself.
  }
  cursor.close();
  const map = MemoryMap.open(path, { trackFd: false });
  return { bytes: map.arrayBuffer, holder: map };
}

function bytesOf({ region }: WindowCursor, size: number): ArrayBuffer | undefined {
  if (region?.ofsBegin !== 0 || region.size !== size) return undefined;
  return region.buffer().buffer as ArrayBuffer;
}
