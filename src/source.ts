/** How a user names a file: a path in one of Node's forms, or a descriptor. */
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { integer, invalidType, invalidValue, isUrl } from './arguments.js';

/** What `makeCursor` and `MapRegion` take. A `FileHandle` of `node:fs/promises` stands for its descriptor. */
export type PathOrFd = string | URL | Buffer | number | { readonly fd: number };

/** A file named by a path. */
export interface PathSource {
  readonly given: PathOrFd;
  /** As given, for messages. */
  readonly path: string | Buffer;
  /** As the system takes it: text in UTF-8, or bytes. */
  readonly name: string | Buffer;
  /** The same as text. */
  readonly text: string;
}

/** A file as it was named. */
export type Source = PathSource | { readonly given: PathOrFd; readonly fd: number };

/** Largest descriptor number a system can give. */
export const MOST_FD = 2 ** 31 - 1;

/**
 * Checks what the user handed in; the file itself is not touched.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, or `ERR_INVALID_ARG_VALUE` for a path with a NUL byte
 * @throws RangeError `ERR_OUT_OF_RANGE` for a number that can be no descriptor
 */
export function sourceOf(given: PathOrFd): Source {
  if (typeof given === 'number') return fromNumber(given);
  if (typeof given === 'object' && given !== null && 'fd' in given) {
    return { given, fd: integer('fd', given.fd, 0, MOST_FD) };
  }
  const source = fromPath(given);
  if (source !== undefined) return source;
  const expected = 'a path (string, URL or Buffer), a descriptor or a FileHandle';
  throw invalidType('pathOrFd', expected, given);
}

function fromNumber(given: number): Source {
  const fd = integer('fd', given, 0, MOST_FD);
  return { given: fd, fd };
}

/**
 * The same for a path alone.
 * @param name the argument's
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, or `ERR_INVALID_ARG_VALUE` for a path with a NUL byte
 */
export function pathSource(name: string, given: unknown): PathSource {
  const source = fromPath(given);
  if (source === undefined) throw invalidType(name, 'a path (string, URL or Buffer)', given);
  return source;
}

function fromPath(given: unknown): PathSource | undefined {
  if (typeof given === 'string') return named(given, given);
  if (isUrl(given)) return named(given, fileURLToPath(given));
  return Buffer.isBuffer(given) ? named(given, given) : undefined;
}

function named(given: PathOrFd, path: string | Buffer): PathSource {
  const name = typeof path === 'string' ? absolute(path) : absoluteBytes(path);
  if (name.includes('\0')) throw invalidValue('path', 'a path without NUL bytes', path);
  return { given, path, name, text: name.toString() };
}

/** As seen from where the process stands now: it may stand elsewhere when the file is opened. */
function absolute(path: string): string {
  return path === '' || isAbsolute(path) ? path : resolve(path);
}

/** The same for a path that may be no text; a copy, for it may change. */
function absoluteBytes(path: Buffer): Buffer {
  const text = path.toString();
  if (path.length === 0 || isAbsolute(text)) return Buffer.from(path);
  if (process.platform === 'win32') return Buffer.from(resolve(text)); // paths are text there
  const folder = process.cwd();
  if (folder.includes('\ufffd')) return Buffer.from(path); // its name is no text: the system alone knows it
  return Buffer.concat([Buffer.from(`${folder}/`), path]);
}

/** The name for messages: the path as text, or the number. */
export function nameOf(source: Source): string | number {
  return 'fd' in source ? source.fd : source.path.toString();
}
