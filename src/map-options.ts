/** How a {@link MemoryMap} is wanted: checked in the order of Python's `mmap`. */
import { integer, invalidType, invalidValue, knownOptions } from './arguments.js';
import {
  MAP_32BIT,
  MAP_ANONYMOUS,
  MAP_DENYWRITE,
  MAP_EXECUTABLE,
  MAP_HASSEMAPHORE,
  MAP_NOCACHE,
  MAP_NOEXTEND,
  MAP_NORESERVE,
  MAP_POPULATE,
  MAP_PRIVATE,
  MAP_RESILIENT_CODESIGN,
  MAP_RESILIENT_MEDIA,
  MAP_SHARED,
  MAP_STACK,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from './constants.js';
import type { Access } from './mapping.js';

/**
 * What stores into a map do: nothing is stored (`read`), they reach the file and all who
 * map it (`write`), they stay in this map (`copy`), or `flags` and `prot` say (`default`).
 */
export type MapAccess = 'default' | 'read' | 'write' | 'copy';

/** Options of `new MemoryMap`, `MemoryMap.open` and `MemoryMap.anonymous`. */
export interface MemoryMapOptions {
  /**
   * What stores do; a number of `ACCESS_*` will do as well. Not together with `flags` or `prot`.
   * @default 'default', which is writing through to the file; `MemoryMap.open`: 'read'
   */
  access?: MapAccess | number;
  /** First byte, an offset into the file in bytes; any will do, it need not be aligned. @default 0 */
  offset?: number;
  /**
   * Flags of mmap(2): `MAP_SHARED` or `MAP_PRIVATE`, with others that do no harm to the process
   * (`MAP_POPULATE`, `MAP_NORESERVE`, …). Not on Windows. @default MAP_SHARED
   */
  flags?: number;
  /**
   * `PROT_READ`, `PROT_WRITE` or both. `PROT_EXEC` is taken and gives no permission: nothing in
   * JavaScript could run the bytes. Not on Windows. @default PROT_READ | PROT_WRITE
   */
  prot?: number;
  /** Windows: the name under which other processes find the same memory. Elsewhere refused. */
  tagname?: string;
  /**
   * Whether a descriptor of its own is kept, which `size()` and `resize()` need. The
   * descriptor that was given is never used after the constructor. @default true
   */
  trackFd?: boolean;
}

/** The options of `MemoryMap.open`. */
export interface OpenMapOptions extends MemoryMapOptions {
  /** Bytes; 0: to the end of the file. @default 0 */
  length?: number;
}

/** The options as they were understood. */
export interface MapPlan {
  readonly length: number;
  readonly offset: number;
  /** As it reads back. */
  readonly access: MapAccess;
  readonly mode: Access;
  /** Memory of no file, whatever descriptor is given. */
  readonly anonymous: boolean;
  /** Whether all pages are to be brought into memory. */
  readonly populate: boolean;
  /** Flags that the mode does not stand for. */
  readonly flags: number;
  readonly tagname: Buffer | null;
  readonly trackFd: boolean;
}

const NAMES = ['access', 'offset', 'flags', 'prot', 'tagname', 'trackFd'];
const ACCESSES: readonly MapAccess[] = ['default', 'read', 'write', 'copy'];

const SHARED = MAP_SHARED ?? 0;
const PRIVATE = MAP_PRIVATE ?? 0;
const POPULATE = MAP_POPULATE ?? 0;
const ANONYMOUS = MAP_ANONYMOUS ?? 0;
/** Those that the addon lets pass: see `smmap_os_may_flag`. */
const PASSED = [
  MAP_NORESERVE,
  MAP_STACK,
  MAP_DENYWRITE,
  MAP_EXECUTABLE,
  MAP_32BIT,
  MAP_NOEXTEND,
  MAP_HASSEMAPHORE,
  MAP_NOCACHE,
  MAP_RESILIENT_CODESIGN,
  MAP_RESILIENT_MEDIA,
].reduce((all: number, flag) => all | (flag ?? 0), 0);
const READ = PROT_READ ?? 0;
const WRITE = PROT_WRITE ?? 0;
const EXEC = PROT_EXEC ?? 0;

/**
 * @param also names of further options that the caller reads itself
 * @param usual the access where neither it nor `flags` or `prot` is given
 * @throws TypeError `ERR_INVALID_ARG_TYPE` · `ERR_INVALID_ARG_VALUE`
 * @throws RangeError `ERR_OUT_OF_RANGE`
 */
export function planOf(
  length: unknown,
  options: MemoryMapOptions | undefined,
  also: readonly string[] = [],
  usual: MapAccess = 'default',
): MapPlan {
  knownOptions(options, [...NAMES, ...also]);
  const { access, offset = 0, flags, prot, tagname, trackFd = true } = options ?? {};
  const bytes = integer('length', length);
  const from = integer('offset', offset);
  const plain = flags === undefined && prot === undefined;
  const asked = accessOf(access, plain);
  if (typeof trackFd !== 'boolean') throw invalidType('trackFd', 'a boolean', trackFd);
  return {
    length: bytes,
    offset: from,
    trackFd,
    tagname: tagnameOf(tagname),
    ...stores(asked ?? (plain ? usual : 'default'), flagsOf(flags), protOf(prot)),
  };
}

/** `undefined` where it is for `flags` and `prot`, or for nobody, to say. */
function accessOf(access: unknown, plain: boolean): MapAccess | undefined {
  if (access === undefined) return undefined;
  const name = typeof access === 'number' ? ACCESSES[access] : access;
  const known = ACCESSES.find((each) => each === name);
  if (known !== 'default' && !plain) {
    throw invalidValue(
      'access',
      "left out where flags or prot are given: mmap can't specify both",
      access,
    );
  }
  if (known !== undefined) return known;
  if (typeof access !== 'string' && typeof access !== 'number') {
    throw invalidType('access', `one of ${ACCESSES.join(', ')}`, access);
  }
  throw invalidValue('access', `one of ${ACCESSES.join(', ')}`, access);
}

function flagsOf(flags: unknown): number {
  if (flags === undefined) return SHARED;
  const bits = bitsOf('flags', flags);
  if (((bits & SHARED) === 0) === ((bits & PRIVATE) === 0)) {
    throw invalidValue('flags', 'with one of MAP_SHARED and MAP_PRIVATE', flags);
  }
  if ((bits & ~(SHARED | PRIVATE | ANONYMOUS | POPULATE | PASSED)) !== 0) {
    throw invalidValue(
      'flags',
      'made of flags that are known here and cannot harm the process (no MAP_FIXED)',
      flags,
    );
  }
  return bits;
}

function protOf(prot: unknown): number {
  if (prot === undefined) return READ | WRITE;
  const bits = bitsOf('prot', prot);
  if ((bits & (READ | WRITE)) === 0 || (bits & ~(READ | WRITE | EXEC)) !== 0) {
    throw invalidValue('prot', 'PROT_READ, PROT_WRITE or both', prot);
  }
  return bits;
}

function bitsOf(name: string, value: unknown): number {
  if (SHARED === 0) throw invalidValue(name, 'left out on Windows: use access', value);
  return integer(name, value, 0, 2 ** 31 - 1);
}

/** What stores will do; Python's reading of `flags` and `prot`. */
function stores(
  asked: MapAccess,
  flags: number,
  prot: number,
): Pick<MapPlan, 'access' | 'mode' | 'anonymous' | 'populate' | 'flags'> {
  const rest = {
    anonymous: (flags & ANONYMOUS) !== 0,
    populate: (flags & POPULATE) !== 0,
    flags: flags & PASSED,
  };
  if (asked !== 'default') return { access: asked, mode: asked, ...rest };
  if (SHARED !== 0 && (prot & WRITE) === 0) return { access: 'read', mode: 'read', ...rest };
  const mode = (flags & PRIVATE) === 0 ? 'write' : 'copy';
  return { access: SHARED === 0 || (prot & READ) !== 0 ? 'default' : 'write', mode, ...rest };
}

function tagnameOf(tagname: unknown): Buffer | null {
  if (tagname === undefined || tagname === null) return null;
  if (typeof tagname !== 'string') throw invalidType('tagname', 'a string', tagname);
  if (process.platform !== 'win32') {
    throw invalidValue('tagname', 'left out: only Windows has named mappings', tagname);
  }
  return Buffer.from(tagname);
}
