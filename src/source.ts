/** How a user names a file: a path in one of Node's forms, or a descriptor. */
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { integer, invalidType, invalidValue } from './arguments.js';

/** What `makeCursor` and `MapRegion` take. A `FileHandle` of `node:fs/promises` stands for its descriptor. */
export type PathOrFd = string | URL | Buffer | number | { readonly fd: number };

/** A file as it was named. */
export type Source =
  | {
      readonly given: PathOrFd;
      /** As given, for messages. */
      readonly path: string | Buffer;
      /** As the system takes it: text in UTF-8, or bytes. */
      readonly name: string | Buffer;
      /** The same as text. */
      readonly text: string;
    }
  | { readonly given: PathOrFd; readonly fd: number };

/** Largest descriptor number a system can give. */
const MOST_FD = 2 ** 31 - 1;

/**
 * Checks what the user handed in; the file itself is not touched.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, or `ERR_INVALID_ARG_VALUE` for a path with a NUL byte
 * @throws RangeError `ERR_OUT_OF_RANGE` for a number that can be no descriptor
 */
export function sourceOf(given: PathOrFd): Source {
  if (typeof given === 'number') return { given, fd: integer('fd', given, 0, MOST_FD) };
  if (typeof given === 'string') return fromPath(given, given);
  if (given instanceof URL) return fromPath(given, fileURLToPath(given));
  if (Buffer.isBuffer(given)) return fromPath(given, given);
  if (typeof given === 'object' && given !== null && typeof given.fd === 'number') {
    return { given, fd: integer('fd', given.fd, 0, MOST_FD) };
  }
  throw invalidType(
    'pathOrFd',
    'a path (string, URL or Buffer), a descriptor or a FileHandle',
    given,
  );
}

function fromPath(given: PathOrFd, path: string | Buffer): Source {
  const name = typeof path === 'string' ? absolute(path) : Buffer.from(path); // a copy: it may change
  if (name.includes('\0')) throw invalidValue('path', 'a path without NUL bytes', path);
  return { given, path, name, text: name.toString() };
}

/** As seen from where the process stands now: it may stand elsewhere when the file is opened. */
function absolute(path: string): string {
  return path === '' || isAbsolute(path) ? path : resolve(path);
}

/** The name for messages: the path as text, or the number. */
export function nameOf(source: Source): string | number {
  return 'fd' in source ? source.fd : source.path.toString();
}
