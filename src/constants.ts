/**
 * Numbers of the `mmap` family, under the names of Python's `mmap` module. Each is
 * what the system's own headers say, and `undefined` where the system has no such
 * thing; Windows has none but the four of access.
 */
import { native } from './native.js';

const system = native.constants();

/** Kinds of access: the package's own numbers, the same on every system. */
export const ACCESS_DEFAULT = 0;
export const ACCESS_READ = 1;
export const ACCESS_WRITE = 2;
export const ACCESS_COPY = 3;

/** Protections: what may be done with the memory (`prot`). */
export const PROT_READ: number | undefined = system.PROT_READ;
export const PROT_WRITE: number | undefined = system.PROT_WRITE;
export const PROT_EXEC: number | undefined = system.PROT_EXEC;

/** Where stores go (`flags`): to the file and everybody who maps it, or to this mapping alone. */
export const MAP_SHARED: number | undefined = system.MAP_SHARED;
export const MAP_PRIVATE: number | undefined = system.MAP_PRIVATE;

/** Memory of no file (`flags`); two names for one number. */
export const MAP_ANON: number | undefined = system.MAP_ANON;
export const MAP_ANONYMOUS: number | undefined = system.MAP_ANONYMOUS;

/** Flags of more than one system. */
export const MAP_NORESERVE: number | undefined = system.MAP_NORESERVE;
export const MAP_32BIT: number | undefined = system.MAP_32BIT;

/** Flags of Linux. */
export const MAP_DENYWRITE: number | undefined = system.MAP_DENYWRITE;
export const MAP_EXECUTABLE: number | undefined = system.MAP_EXECUTABLE;
export const MAP_POPULATE: number | undefined = system.MAP_POPULATE;
export const MAP_STACK: number | undefined = system.MAP_STACK;

/** Flags of macOS. */
export const MAP_NOEXTEND: number | undefined = system.MAP_NOEXTEND;
export const MAP_HASSEMAPHORE: number | undefined = system.MAP_HASSEMAPHORE;
export const MAP_NOCACHE: number | undefined = system.MAP_NOCACHE;
export const MAP_JIT: number | undefined = system.MAP_JIT;
export const MAP_RESILIENT_CODESIGN: number | undefined = system.MAP_RESILIENT_CODESIGN;
export const MAP_RESILIENT_MEDIA: number | undefined = system.MAP_RESILIENT_MEDIA;
export const MAP_TRANSLATED_ALLOW_EXECUTE: number | undefined = system.MAP_TRANSLATED_ALLOW_EXECUTE;
export const MAP_UNIX03: number | undefined = system.MAP_UNIX03;
export const MAP_TPRO: number | undefined = system.MAP_TPRO;

/** Advices that Linux and macOS share. */
export const MADV_NORMAL: number | undefined = system.MADV_NORMAL;
export const MADV_RANDOM: number | undefined = system.MADV_RANDOM;
export const MADV_SEQUENTIAL: number | undefined = system.MADV_SEQUENTIAL;
export const MADV_WILLNEED: number | undefined = system.MADV_WILLNEED;
export const MADV_DONTNEED: number | undefined = system.MADV_DONTNEED;
export const MADV_FREE: number | undefined = system.MADV_FREE;

/** Advices of Linux. */
export const MADV_REMOVE: number | undefined = system.MADV_REMOVE;
export const MADV_DONTFORK: number | undefined = system.MADV_DONTFORK;
export const MADV_DOFORK: number | undefined = system.MADV_DOFORK;
export const MADV_MERGEABLE: number | undefined = system.MADV_MERGEABLE;
export const MADV_UNMERGEABLE: number | undefined = system.MADV_UNMERGEABLE;
export const MADV_HUGEPAGE: number | undefined = system.MADV_HUGEPAGE;
export const MADV_NOHUGEPAGE: number | undefined = system.MADV_NOHUGEPAGE;
export const MADV_DONTDUMP: number | undefined = system.MADV_DONTDUMP;
export const MADV_DODUMP: number | undefined = system.MADV_DODUMP;
export const MADV_COLD: number | undefined = system.MADV_COLD;
export const MADV_PAGEOUT: number | undefined = system.MADV_PAGEOUT;
export const MADV_POPULATE_READ: number | undefined = system.MADV_POPULATE_READ;
export const MADV_POPULATE_WRITE: number | undefined = system.MADV_POPULATE_WRITE;
export const MADV_COLLAPSE: number | undefined = system.MADV_COLLAPSE;
export const MADV_HWPOISON: number | undefined = system.MADV_HWPOISON;
export const MADV_SOFT_OFFLINE: number | undefined = system.MADV_SOFT_OFFLINE;

/** Advices of macOS. */
export const MADV_FREE_REUSABLE: number | undefined = system.MADV_FREE_REUSABLE;
export const MADV_FREE_REUSE: number | undefined = system.MADV_FREE_REUSE;

/** How `msync` works. */
export const MS_ASYNC: number | undefined = system.MS_ASYNC;
export const MS_INVALIDATE: number | undefined = system.MS_INVALIDATE;
export const MS_SYNC: number | undefined = system.MS_SYNC;
