import { InvalidArgumentError } from 'commander';

const UNITS = ['', 'K', 'M', 'G', 'T', 'P'];
/** Leaves room to round a size up and stay among the safe integers. */
const MAX_SIZE = 2 ** 52;
const SIZE = /^(?<figure>\d+(?:\.\d+)?)(?:(?<unit>[KMGTP])(?:iB)?)?$/i;

/**
 * Bytes meant by a size such as `4096`, `64K`, `1.5M` or `16GiB`; units are powers of 1,024.
 * @throws InvalidArgumentError for anything else, for less than one byte, parts of a byte and more than 4 PiB
 */
export function parseSize(text: string): number {
  const parts = SIZE.exec(text)?.groups;
  if (!parts) {
    throw new InvalidArgumentError(
      'Give a number of bytes, or a number with K, M, G, T or P: 64K.',
    );
  }
  const power = UNITS.indexOf((parts.unit ?? '').toUpperCase());
  const bytes = Number(parts.figure) * 1024 ** power;
  if (bytes === 0) throw new InvalidArgumentError('Give at least 1 byte.');
  if (bytes > MAX_SIZE) throw new InvalidArgumentError('Give at most 4P.');
  if (!Number.isInteger(bytes)) throw new InvalidArgumentError('Give whole bytes.');
  return bytes;
}

/** A size for people: `512 bytes`, `64.0 KiB`, `1.5 GiB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${Math.round(bytes)} bytes`;
  let value = bytes;
  let power = 0;
  // 1023.95 and more would print as "1024.0".
  while (value >= 1023.95 && power < UNITS.length - 1) {
    value /= 1024;
    power++;
  }
  return `${value.toFixed(1)} ${UNITS[power]}iB`;
}
