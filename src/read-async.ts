/** Reading a file without holding up the event loop. */
import { read } from 'node:fs';
import { promisify } from 'node:util';
import type { MappedFile } from './file.js';

const readAt = promisify(read);
/** Bytes: `fs.read` counts in signed 32 bits. */
const MOST_IN_ONE_READ = 2 ** 30;

/**
 * Fills `bytes` from the file, on another thread.
 * @param position offset into the file
 * @param cut makes the error for a file that ends before an offset
 */
export async function readFileAt(
  file: MappedFile,
  bytes: Buffer,
  position: number,
  cut: (position: number) => Error,
  signal?: AbortSignal,
): Promise<void> {
  // A descriptor of its own: the file's may be closed before the read is done.
  using descriptor = file.borrow();
  for (let got = 0; got < bytes.length; ) {
    signal?.throwIfAborted();
    const wanted = Math.min(bytes.length - got, MOST_IN_ONE_READ);
    const { bytesRead } = await readAt(descriptor.fd, bytes, got, wanted, position + got);
    if (bytesRead === 0) throw cut(position + got);
    got += bytesRead;
  }
  signal?.throwIfAborted();
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
