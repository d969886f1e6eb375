import { readSync } from 'node:fs';
import type { SlidingWindowMapBuffer } from '../index.js';
import { OperationError } from './exit.js';
import type { Pace } from './pace.js';
import { seededRandom } from './random.js';

/** Bytes of one probe, fewer at the end of the file. Long enough to cross windows now and then. */
export const PROBE_SIZE = 64;

/** What the probes did; every one of them agreed, or there is an error instead. */
export interface ProbeResult {
  /** Probes made: none in an empty file. */
  probes: number;
  /** Bytes read through windows and found equal to the file's. */
  bytesVerified: number;
  /** Time spent reading through windows, without the comparison. */
  readSeconds: number;
}

/**
 * Reads at `count` random places through windows, and compares each with what `read(2)` gives.
 * @param fd descriptor of the same file
 * @param report is told now and then how many probes have been made
 * @throws OperationError at the first difference
 * @throws MapFaultError when the file loses pages meanwhile
 */
export async function probe(
  buffer: SlidingWindowMapBuffer,
  fd: number,
  count: number,
  seed: number,
  pace: Pace,
  report: (probes: number) => void,
): Promise<ProbeResult> {
  const result: ProbeResult = { probes: 0, bytesVerified: 0, readSeconds: 0 };
  if (buffer.length === 0) return result;
  const random = seededRandom(seed);
  const mapped = Buffer.alloc(PROBE_SIZE);
  const expected = Buffer.alloc(PROBE_SIZE);
  while (result.probes < count) {
    const offset = Math.floor(random() * buffer.length);
    const started = performance.now();
    const size = buffer.copy(mapped, 0, offset, Math.min(offset + PROBE_SIZE, buffer.length));
    result.readSeconds += (performance.now() - started) / 1000;
    const read = readSync(fd, expected, 0, size, offset);
    if (read !== size || mapped.compare(expected, 0, size, 0, size) !== 0) {
      throw new OperationError(
        `the ${size} bytes at offset ${offset} are not those that read(2) gives: ` +
          'the file was written to or replaced during the scan',
      );
    }
    result.probes++;
    result.bytesVerified += size;
    if (pace.due) {
      report(result.probes);
      await pace.rest();
    }
  }
  return result;
}
