/** Reading a file without holding up the event loop. */
import { fstat, read } from 'node:fs';
import { open } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
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
 * Fills `bytes` from the file, on another thread.
 * @param position offset into the file
 * @param lost makes the error for bytes that cannot be had from an offset on: without a
 * cause the file ends there
 */
export async function readFileAt(
  file: MappedFile,
  bytes: Buffer,
  position: number,
  lost: (position: number, cause?: Error) => Error,
  signal?: AbortSignal,
): Promise<void> {
  // A descriptor of its own: the file's may be closed before the read is done.
  using descriptor = file.borrow();
  const told = (error: unknown, at: number) => (failsThere(error) ? lost(at, error) : error);
  await using own = READS_ONLY_ITS_OWN
    ? await open(`/dev/fd/${descriptor.fd}`).catch((error) => {
        throw told(error, position);
      })
    : undefined;
  const fd = own?.fd ?? descriptor.fd;
  for (let got = 0; got < bytes.length; ) {
    signal?.throwIfAborted();
    const wanted = Math.min(bytes.length - got, MOST_IN_ONE_READ);
    const at = position + got;
    const { bytesRead } = await readAt(fd, bytes, got, wanted, at).catch((error) => {
      throw told(error, at);
    });
    if (bytesRead === 0) throw lost(at);
    got += bytesRead;
  }
  // A file that is cut while it is read gives zeros for what goes, and its new size before that.
  const { size } = await statusOf(fd);
  if (size < position + bytes.length) throw lost(Math.max(position, size));
  signal?.throwIfAborted();
}

/** Whether it is the file's device or server that failed (EIO and many more), and not the asking. */
function failsThere(error: unknown): error is Error {
  return isSystemFailure(error) && error.code !== 'EINVAL' && error.code !== 'ENOMEM';
}

/** So much is copied at once, or the copy itself would hold up the event loop. */
const MOST_AT_ONCE = 2 ** 20;

/**
 * Fills as much of `bytes` as can be had at once, without waiting for the device.
 * What mincore(2) says would not do: it answers "in memory" for files of others.
 * @returns bytes filled
 */
export function readResident(file: MappedFile, bytes: Buffer, position: number): number {
  const first = bytes.length > MOST_AT_ONCE ? bytes.subarray(0, MOST_AT_ONCE) : bytes;
  return file.readNow(first, position);
}

/** Bytes copied at once since the event loop was given way. */
let copiedAtOnce = 0;

/** Behind a read that found all in memory: whoever reads so in a loop gives way to others all the same. */
export async function giveWay(copied: number): Promise<void> {
  copiedAtOnce += copied;
  if (copiedAtOnce < MOST_AT_ONCE) return;
  copiedAtOnce = 0;
  await turn();
}
