/** The typed readers of `Buffer`, called by name. */

/** Readers that take an offset alone. */
const FIXED = [
  'readUInt8',
  'readInt8',
  'readUInt16LE',
  'readUInt16BE',
  'readInt16LE',
  'readInt16BE',
  'readUInt32LE',
  'readUInt32BE',
  'readInt32LE',
  'readInt32BE',
  'readBigUInt64LE',
  'readBigUInt64BE',
  'readBigInt64LE',
  'readBigInt64BE',
  'readFloatLE',
  'readFloatBE',
  'readDoubleLE',
  'readDoubleBE',
] as const;

/** Readers that take an offset and a number of bytes. */
const SIZED = ['readUIntLE', 'readUIntBE', 'readIntLE', 'readIntBE'] as const;

/** Every reader. */
export const READERS = [...FIXED, ...SIZED] as const;

/** The name of a reader. */
export type Reader = (typeof READERS)[number];

/** Reads with the reader called `name`; those of a fixed size ignore `byteLength`. */
export function readWith(
  source: Pick<Buffer, Reader>,
  name: Reader,
  offset: number,
  byteLength: number,
): number | bigint {
  return source[name](offset, byteLength);
}
