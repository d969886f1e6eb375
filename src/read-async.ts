/** Reading a file without holding up the event loop. */
import { fstat, read } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { setImmediate } from 'node:timers';
import { promisify } from 'node:util';
import type { MappedFile } from './file.js';
import { isSystemFailure } from './native.js';

const readAt = promisify(read);
const statusOf = promisify(fstat);
/** Deno reads only through descriptors that it has opened itself. */
const READS_ONLY_ITS_OWN = 'deno' in process.versions;
/** Bytes: `fs.read` counts in signed 32 bits. */
const MOST_IN_ONE_READ = 2 ** 30;

/**
 * Fills `bytes` on another thread.
 * @param position offset into the file
 * @param lost as for {@link readWithoutWaiting}
 */
export async function readFileAt(
  file: MappedFile,
  bytes: Buffer,
  position: number,
  lost: (position: number, cause?: Error) => Error,
  signal?: AbortSignal,
): Promise<void> {
  let got = 0;
  for (let opened = 0; ; opened++) {
    let end: number | undefined;
    // A descriptor of its own: the file's may be closed before the read is done.
    const descriptor = file.borrow();
    let own: FileHandle | undefined;
    try {
      if (READS_ONLY_ITS_OWN) own = await openAnew(descriptor.fd);
      const fd = own?.fd ?? descriptor.fd;
      while (got < bytes.length && end === undefined) {
        signal?.throwIfAborted();
        const wanted = Math.min(bytes.length - got, MOST_IN_ONE_READ);
        const { bytesRead } = await readAt(fd, bytes, got, wanted, position + got);
        if (bytesRead === 0) end = position + got;
        got += bytesRead;
      }
      // A file that is cut while it is read gives zeros for what goes, and its new size before that.
      end ??= (await statusOf(fd)).size;
    } catch (error) {
      signal?.throwIfAborted(); // the reason may look like a failure of the system
      // One that was closed meanwhile is not to be opened again: nobody would close it.
      if (opened === 0 && file.isOpen && file.letGoIfStale(error)) continue;
      throw failsThere(error) ? lost(position + got, error) : error;
    } finally {
      try {
        if (own !== undefined) await own.close();
      } finally {
        descriptor.release();
      }
    }
    if (end < position + bytes.length) throw lost(Math.max(position, end));
    signal?.throwIfAborted();
    return;
  }
}

/** A descriptor opened by the runtime itself. Only Deno gets here, so only there it is loaded. */
function openAnew(fd: number): Promise<FileHandle> {
  return process.getBuiltinModule('node:fs/promises').open(`/dev/fd/${fd}`);
}

/** Whether it is the file's device or server that failed (EIO and many more), and not the asking. */
function failsThere(error: unknown): error is Error {
  return isSystemFailure(error) && error.code !== 'EINVAL' && error.code !== 'ENOMEM';
}

/** So much is copied at once, or the copy itself would hold up the event loop. */
const MOST_AT_ONCE = 2 ** 20;

/** Bytes copied at once since the event loop last had its turn for them. */
let copiedAtOnce = 0;

/**
 * Fills `bytes` from the file: what is in memory is copied at once, the rest read on another thread.
 * What mincore(2) says would not do for that: it answers "in memory" for files of others. Whoever
 * finds all in memory, again and again, lets the event loop have its turn all the same.
 * @param position offset into the file
 * @param lost makes the error for bytes that cannot be had from an offset on: without a
 * cause the file ends there
 */
export async function readWithoutWaiting(
  file: MappedFile,
  bytes: Buffer,
  position: number,
  lost: (position: number, cause?: Error) => Error,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const got = file.readNow(bytes.subarray(0, MOST_AT_ONCE), position);
  if (got < bytes.length) {
    await readFileAt(file, bytes.subarray(got), position + got, lost, signal);
    return;
  }
  copiedAtOnce += got;
  if (copiedAtOnce < MOST_AT_ONCE) return;
  copiedAtOnce = 0;
  await new Promise((resolve) => setImmediate(resolve)); // not the global one, which tests may replace
  signal?.throwIfAborted();
}
