/** Buffer's `read…` methods for a class whose bytes are reached through windows. */

import { integer } from './arguments.js';

type Sized =
  | 'UInt16'
  | 'Uint16'
  | 'UInt32'
  | 'Uint32'
  | 'UInt'
  | 'Uint'
  | 'Int16'
  | 'Int32'
  | 'Int'
  | 'BigUInt64'
  | 'BigUint64'
  | 'BigInt64'
  | 'Float'
  | 'Double';

type ReaderName = 'readUInt8' | 'readUint8' | 'readInt8' | `read${Sized}${'LE' | 'BE'}`;

/**
 * The `read…` methods of `Buffer`, under all of their names. Offsets are bytes and 0
 * when left out, save for `readUIntLE` and its like. All of them throw a `TypeError`
 * `ERR_INVALID_ARG_TYPE` when an argument is no number and a `RangeError`
 * `ERR_OUT_OF_RANGE` when the value would not lie wholly inside.
 */
export interface TypedReaders extends Pick<Buffer, ReaderName> {}

/** Bytes in one piece of memory, and where in them the value stands that is to be read. */
export interface Place {
  bytes: Buffer;
  at: number;
}

/**
 * Gives a class the methods of {@link TypedReaders}; its type is told by
 * `interface TheClass extends TypedReaders {}`. The methods are as hidden from
 * enumeration as those in the class body.
 * @param bytesAt the bytes `offset` to `offset + byteLength` of `self`, in place or copied;
 *   `offset` is a safe whole number of 0 or more. It may give the same object each time.
 *   Throws a `RangeError` `ERR_OUT_OF_RANGE` when not all of them are inside
 */
export function addTypedReaders<Self extends object>(
  prototype: Self,
  bytesAt: (self: Self, offset: number, byteLength: number) => Place,
): void {
  const place = (self: Self, offset: number, byteLength: number) =>
    bytesAt(self, integer('offset', offset), byteLength);
  const placeOf = (self: Self, offset: number, byteLength: number) =>
    bytesAt(self, integer('offset', offset), integer('byteLength', byteLength, 1, 6));

  // One body for each method, though they look alike: behind a name in a variable,
  // the engine would not compile Buffer's reader into ours.
  const readers: Omit<TypedReaders, `read${string}Uint${string}`> & ThisType<Self> = {
    readUInt8(offset = 0) {
      const { bytes, at } = place(this, offset, 1);
      return bytes.readUInt8(at);
    },
    readUInt16LE(offset = 0) {
      const { bytes, at } = place(this, offset, 2);
      return bytes.readUInt16LE(at);
    },
    readUInt16BE(offset = 0) {
      const { bytes, at } = place(this, offset, 2);
      return bytes.readUInt16BE(at);
    },
    readUInt32LE(offset = 0) {
      const { bytes, at } = place(this, offset, 4);
      return bytes.readUInt32LE(at);
    },
    readUInt32BE(offset = 0) {
      const { bytes, at } = place(this, offset, 4);
      return bytes.readUInt32BE(at);
    },
    readInt8(offset = 0) {
      const { bytes, at } = place(this, offset, 1);
      return bytes.readInt8(at);
    },
    readInt16LE(offset = 0) {
      const { bytes, at } = place(this, offset, 2);
      return bytes.readInt16LE(at);
    },
    readInt16BE(offset = 0) {
      const { bytes, at } = place(this, offset, 2);
      return bytes.readInt16BE(at);
    },
    readInt32LE(offset = 0) {
      const { bytes, at } = place(this, offset, 4);
      return bytes.readInt32LE(at);
    },
    readInt32BE(offset = 0) {
      const { bytes, at } = place(this, offset, 4);
      return bytes.readInt32BE(at);
    },
    readBigUInt64LE(offset = 0) {
      const { bytes, at } = place(this, offset, 8);
      return bytes.readBigUInt64LE(at);
    },
    readBigUInt64BE(offset = 0) {
      const { bytes, at } = place(this, offset, 8);
      return bytes.readBigUInt64BE(at);
    },
    readBigInt64LE(offset = 0) {
      const { bytes, at } = place(this, offset, 8);
      return bytes.readBigInt64LE(at);
    },
    readBigInt64BE(offset = 0) {
      const { bytes, at } = place(this, offset, 8);
      return bytes.readBigInt64BE(at);
    },
    readFloatLE(offset = 0) {
      const { bytes, at } = place(this, offset, 4);
      return bytes.readFloatLE(at);
    },
    readFloatBE(offset = 0) {
      const { bytes, at } = place(this, offset, 4);
      return bytes.readFloatBE(at);
    },
    readDoubleLE(offset = 0) {
      const { bytes, at } = place(this, offset, 8);
      return bytes.readDoubleLE(at);
    },
    readDoubleBE(offset = 0) {
      const { bytes, at } = place(this, offset, 8);
      return bytes.readDoubleBE(at);
    },
    readUIntLE(offset, byteLength) {
      const { bytes, at } = placeOf(this, offset, byteLength);
      return bytes.readUIntLE(at, byteLength);
    },
    readUIntBE(offset, byteLength) {
      const { bytes, at } = placeOf(this, offset, byteLength);
      return bytes.readUIntBE(at, byteLength);
    },
    readIntLE(offset, byteLength) {
      const { bytes, at } = placeOf(this, offset, byteLength);
      return bytes.readIntLE(at, byteLength);
    },
    readIntBE(offset, byteLength) {
      const { bytes, at } = placeOf(this, offset, byteLength);
      return bytes.readIntBE(at, byteLength);
    },
  };

  for (const [name, value] of Object.entries(readers)) {
    for (const alias of [name, name.replace('UInt', 'Uint')]) {
      Object.defineProperty(prototype, alias, { value, writable: true, configurable: true });
    }
  }
}
