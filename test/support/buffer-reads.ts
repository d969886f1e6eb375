/** What the operations of a buffer must answer, said with plain bytes. */

/** `bytes[start:end:step]` as Python has it, one index at a time. */
export function pythonSlice(
  bytes: Buffer,
  start: number | undefined,
  end: number | undefined,
  step: number,
): Buffer {
  const { length } = bytes;
  const fromEnd = (bound: number) => (bound < 0 ? bound + length : bound);
  const picked: number[] = [];
  if (step > 0) {
    const stop = Math.min(fromEnd(end ?? length), length);
    for (let i = Math.max(fromEnd(start ?? 0), 0); i < stop; i += step) {
      picked.push(bytes[i] as number);
    }
  } else {
    const stop = end === undefined ? -1 : Math.max(fromEnd(end), -1);
    for (let i = Math.min(fromEnd(start ?? length - 1), length - 1); i > stop; i += step) {
      picked.push(bytes[i] as number);
    }
  }
  return Buffer.from(picked);
}

/** First index of each line and index of its newline, or of the end. */
export function lineBounds(bytes: Buffer): [number, number][] {
  const bounds: [number, number][] = [];
  for (let start = 0; start < bytes.length; ) {
    let end = start;
    while (end < bytes.length && bytes[end] !== 10) end++;
    bounds.push([start, end]);
    start = end + 1;
  }
  return bounds;
}

/** Occurrences that do not overlap. */
export function occurrences(bytes: Buffer, needle: Uint8Array): number {
  let total = 0;
  for (let i = 0; i + needle.length <= bytes.length; ) {
    if (bytes.compare(needle, 0, needle.length, i, i + needle.length) === 0) {
      total++;
      i += needle.length;
    } else {
      i++;
    }
  }
  return total;
}

/** What a call came to: its result, or the class of what it threw. */
export function outcome<T>(call: () => T): { value: T } | { thrown: string } {
  try {
    return { value: call() };
  } catch (error) {
    return { thrown: (error as Error).constructor.name.replace('NodeError', 'RangeError') };
  }
}
