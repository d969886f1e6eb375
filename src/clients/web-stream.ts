/** A file as a stream of the web's. */
import type { ReadableStream, ReadableStreamBYOBRequest } from 'node:stream/web';
import { integer, integerOrAll, knownOptions, outOfRange } from '../arguments.js';
import type { PathOrFd, StaticWindowMapManager } from '../index.js';
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

/** @internal The bytes of a file that it lets go at the end. */
export function webStreamOf(
  file: FileBytes,
  options: WebStreamOptions = {},
): ReadableStream<Uint8Array> {
  knownOptions(options, ['start', 'end']);
  const { start = 0, end = Number.POSITIVE_INFINITY } = options;
  integer('start', start);
  integerOrAll('end', end);
  if (start > end) throw outOfRange('start', `at most "end" (${end})`, start);
  let from = start;
  let past: number | undefined;
  const { ReadableStream } = process.getBuiltinModule('node:stream/web'); // loaded when it is first used
  return new ReadableStream({
    type: 'bytes',
    autoAllocateChunkSize: CHUNK, // so that every pull comes with a view to fill
    async pull(controller) {
      const request = controller.byobRequest as ReadableStreamBYOBRequest;
      const view = request.view as Uint8Array;
      try {
        past ??= Math.min(end + 1, file.length);
        const size = Math.min(view.byteLength, past - from);
        if (size <= 0) {
          file.close();
          controller.close();
          request.respond(0); // whoever waits with a buffer of their own is told by this
          return;
        }
        await file.readOn(view.subarray(0, size), from);
        from += size;
        request.respond(size);
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

/**
 * A byte stream (`type: 'bytes'`) over the manager's windows, with back-pressure; readers may
 * bring their own buffers. Chunks are copies. The file is opened with the first read, one
 * window of it is in use from then on, and it is let go at the end and when the stream is
 * cancelled.
 * @throws RangeError `ERR_OUT_OF_RANGE` · TypeError for bad options. Errors of the file reject the read
 */
export function readableWebStream(
  manager: StaticWindowMapManager,
  path: PathOrFd,
  options?: WebStreamOptions,
): ReadableStream<Uint8Array> {
  return webStreamOf(FileBytes.of(manager, path), options);
}
