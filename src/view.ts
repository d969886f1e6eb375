/** Views: Buffers over a part of some memory, made by the shortest way. */

type BufferClass = new (memory: ArrayBufferLike, offset: number, length: number) => Buffer;

/** The class that `Buffer.from` and `subarray` make their Buffers of. Node names it nowhere but here. */
const { [Symbol.species]: named } = Buffer as unknown as { [Symbol.species]?: BufferClass };

/** Whether it is that class, and not `Buffer` itself, as a runtime may have it that is not Node. */
const known = named?.prototype === Buffer.prototype && (named as unknown) !== Buffer;

/** A view as `Buffer.from(memory, offset, length)` makes it, in half the time; the bounds are the caller's to know. */
export const viewOf: (memory: ArrayBufferLike, offset: number, length: number) => Buffer = known
  ? (memory, offset, length) => new (named as BufferClass)(memory, offset, length)
  : (memory, offset, length) => Buffer.from(memory, offset, length);
