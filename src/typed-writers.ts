/** Buffer's `write…` methods for a class whose bytes are reached through windows. */

import { integer, invalidType } from './arguments.js';
import type { Place } from './typed-readers.js';

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

type WriterName = 'writeUInt8' | 'writeUint8' | 'writeInt8' | `write${Sized}${'LE' | 'BE'}`;

/**
 * The `write…` methods of `Buffer` that take numbers, under all of their names. Offsets are
 * bytes and 0 when left out, save for `writeUIntLE` and its like; each gives back the offset
 * after the value. All of them throw a `ReadOnlyError` where nothing may be stored, a
 * `TypeError` `ERR_INVALID_ARG_TYPE` for a value of another type (nothing is converted) and a
 * `RangeError` `ERR_OUT_OF_RANGE` for a value that does not fit or would not lie wholly
 * inside; then nothing was stored.
 */
export interface TypedWriters extends Pick<Buffer, WriterName> {}

/** How a class stores a value. */
export interface Writing<Self> {
  /**
   * Where `byteLength` bytes at `offset`, a safe whole number of 0 or more, can be put:
   * in place, or in memory of their own. It may give the same object each time.
   */
  place(self: Self, offset: number, byteLength: number): Place;
  /** The value is in its place. */
  written(self: Self, place: Place, offset: number, byteLength: number): void;
}

/** Refuses what Buffer would convert: converting may run anybody's code. */
function checkType(value: unknown, type: 'number' | 'bigint'): void {
  if (typeof value !== type) throw invalidType('value', `a ${type}`, value);
}

/** Gives a class the methods of {@link TypedWriters}, hidden from enumeration as those in the class body. */
export function addTypedWriters<Self extends object>(
  prototype: Self,
  writing: Writing<Self>,
): void {
  const placeOf = (
    self: Self,
    value: number | bigint,
    offset: number,
    byteLength: number,
    type: 'number' | 'bigint' = 'number',
  ) => {
    checkType(value, type);
    return writing.place(self, integer('offset', offset), byteLength);
  };
  const sizedPlaceOf = (self: Self, value: number, offset: number, byteLength: number) =>
    placeOf(self, value, offset, integer('byteLength', byteLength, 1, 6));
  const written = (self: Self, place: Place, offset: number, byteLength: number) => {
    writing.written(self, place, offset, byteLength);
    return offset + byteLength;
  };

  // One body for each method, as in typed-readers.ts and for the same reason.
  const writers: Omit<TypedWriters, `write${string}Uint${string}`> & ThisType<Self> = {
    writeUInt8(value, offset = 0) {
      const place = placeOf(this, value, offset, 1);
      place.bytes.writeUInt8(value, place.at);
      return written(this, place, offset, 1);
    },
    writeUInt16LE(value, offset = 0) {
      const place = placeOf(this, value, offset, 2);
      place.bytes.writeUInt16LE(value, place.at);
      return written(this, place, offset, 2);
    },
    writeUInt16BE(value, offset = 0) {
      const place = placeOf(this, value, offset, 2);
      place.bytes.writeUInt16BE(value, place.at);
      return written(this, place, offset, 2);
    },
    writeUInt32LE(value, offset = 0) {
      const place = placeOf(this, value, offset, 4);
      place.bytes.writeUInt32LE(value, place.at);
      return written(this, place, offset, 4);
    },
    writeUInt32BE(value, offset = 0) {
      const place = placeOf(this, value, offset, 4);
      place.bytes.writeUInt32BE(value, place.at);
      return written(this, place, offset, 4);
    },
    writeInt8(value, offset = 0) {
      const place = placeOf(this, value, offset, 1);
      place.bytes.writeInt8(value, place.at);
      return written(this, place, offset, 1);
    },
    writeInt16LE(value, offset = 0) {
      const place = placeOf(this, value, offset, 2);
      place.bytes.writeInt16LE(value, place.at);
      return written(this, place, offset, 2);
    },
    writeInt16BE(value, offset = 0) {
      const place = placeOf(this, value, offset, 2);
      place.bytes.writeInt16BE(value, place.at);
      return written(this, place, offset, 2);
    },
    writeInt32LE(value, offset = 0) {
      const place = placeOf(this, value, offset, 4);
      place.bytes.writeInt32LE(value, place.at);
      return written(this, place, offset, 4);
    },
    writeInt32BE(value, offset = 0) {
      const place = placeOf(this, value, offset, 4);
      place.bytes.writeInt32BE(value, place.at);
      return written(this, place, offset, 4);
    },
    writeBigUInt64LE(value, offset = 0) {
      const place = placeOf(this, value, offset, 8, 'bigint');
      place.bytes.writeBigUInt64LE(value, place.at);
      return written(this, place, offset, 8);
    },
    writeBigUInt64BE(value, offset = 0) {
      const place = placeOf(this, value, offset, 8, 'bigint');
      place.bytes.writeBigUInt64BE(value, place.at);
      return written(this, place, offset, 8);
    },
    writeBigInt64LE(value, offset = 0) {
      const place = placeOf(this, value, offset, 8, 'bigint');
      place.bytes.writeBigInt64LE(value, place.at);
      return written(this, place, offset, 8);
    },
    writeBigInt64BE(value, offset = 0) {
      const place = placeOf(this, value, offset, 8, 'bigint');
      place.bytes.writeBigInt64BE(value, place.at);
      return written(this, place, offset, 8);
    },
    writeFloatLE(value, offset = 0) {
      const place = placeOf(this, value, offset, 4);
      place.bytes.writeFloatLE(value, place.at);
      return written(this, place, offset, 4);
    },
    writeFloatBE(value, offset = 0) {
      const place = placeOf(this, value, offset, 4);
      place.bytes.writeFloatBE(value, place.at);
      return written(this, place, offset, 4);
    },
    writeDoubleLE(value, offset = 0) {
      const place = placeOf(this, value, offset, 8);
      place.bytes.writeDoubleLE(value, place.at);
      return written(this, place, offset, 8);
    },
    writeDoubleBE(value, offset = 0) {
      const place = placeOf(this, value, offset, 8);
      place.bytes.writeDoubleBE(value, place.at);
      return written(this, place, offset, 8);
    },
    writeUIntLE(value, offset, byteLength) {
      const place = sizedPlaceOf(this, value, offset, byteLength);
      place.bytes.writeUIntLE(value, place.at, byteLength);
      return written(this, place, offset, byteLength);
    },
    writeUIntBE(value, offset, byteLength) {
      const place = sizedPlaceOf(this, value, offset, byteLength);
      place.bytes.writeUIntBE(value, place.at, byteLength);
      return written(this, place, offset, byteLength);
    },
    writeIntLE(value, offset, byteLength) {
      const place = sizedPlaceOf(this, value, offset, byteLength);
      place.bytes.writeIntLE(value, place.at, byteLength);
      return written(this, place, offset, byteLength);
    },
    writeIntBE(value, offset, byteLength) {
      const place = sizedPlaceOf(this, value, offset, byteLength);
      place.bytes.writeIntBE(value, place.at, byteLength);
      return written(this, place, offset, byteLength);
    },
  };

  for (const [name, value] of Object.entries(writers)) {
    for (const alias of [name, name.replace('UInt', 'Uint')]) {
      Object.defineProperty(prototype, alias, { value, writable: true, configurable: true });
    }
  }
}
