/** A file as a stream of the web's. */
import { ReadableStream } from 'node:stream/web';
import { integer, integerOrAll, knownOptions, outOfRange } from '../arguments.js';
import type { StaticWindowMapManager } from '../manager.js';
import type { PathOrFd } from '../source.js';
import { FileBytes } from './file-bytes.js';

/** Options of {@link readableWebStream}. */
export interface WebStreamOptions {
  /** First byte, an offset into the file. @default 0 */
  start?: number;
  /** Last byte, itself read. @default Infinity */
  end?: number;
}

/** Bytes in a chunk where the reader brings no buffer of its own. */
const CHUNK = 64 * 1024;

/**
 * A byte stream (`type: 'bytes'`) over the manager's windows, with back-pressure; readers may
 * bring their own buffers. Chunks are copies. The file is opened with the first read, and let go
 * at the end and when the stream is cancelled.
 * @throws RangeError `ERR_OUT_OF_RANGE` · TypeError for bad options. Errors of the file reject the read
 */
export function readableWebStream(
  manager: StaticWindowMapManager,
  path: PathOrFd,
  options: WebStreamOptions = {},
): ReadableStream<Uint8Array> {
  knownOptions(options, ['start', 'end']);
  const { start = 0, end = Number.POSITIVE_INFINITY } = options;
  integer('start', start);
  integerOrAll('end', end);
  if (start > end) throw outOfRange('start', `at most "end" (${end})`, start);
  const file = new FileBytes(manager, path);
  let from = start;
  return new ReadableStream({
    type: 'bytes',
    autoAllocateChunkSize: CHUNK,
    async pull(controller) {
      try {
        const buffer = file.open();
        const request = controller.byobRequest;
        const view = request?.view;
        const last = Math.min(end + 1, buffer.length);
        if (from >= last || !(view instanceof Uint8Array)) {
          file.close();
          controller.close();
          request?.respond(0); // a reader that waits with its own buffer is told as well
          return;
        }
        const to = Math.min(from + view.byteLength, last);
        await buffer.prefetch(from, to - from);
        request?.respond(buffer.copy(view, 0, from, to));
        from = to;
      } catch (error) {
        file.close();
        throw error;
      }
    },
    cancel() {
      file.close();
    },
  });
}
