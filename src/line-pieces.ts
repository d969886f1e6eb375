/** The lines themselves, whose bounds are known: as views, as copies or as text. */

import type { ByteSource } from './byte-source.js';
import type { Ends } from './line-ends.js';
import { copyInto, copyOut, stretchAt } from './stretch.js';
import { viewOf } from './view.js';

/** Gives a line from the index of its first byte to that of its end; asked for line after line, in order. */
export interface Pieces<Line> {
  give(start: number, end: number): Line;
}

/** Bytes of copies that may share memory: whoever keeps one line keeps so many, as with Node's small Buffers. */
const SHARED = 8 * 1024;

const NOTHING = Buffer.alloc(0);

/** Gives views of the windows, or copies of what crosses them. */
export class Views implements Pieces<Buffer> {
  readonly #source: ByteSource;
  #bytes: Buffer = NOTHING;
  /** Where the bytes lie. */
  #memory: ArrayBufferLike = NOTHING.buffer;
  #offset = 0;
  /** Index in the source of the first of the bytes. */
  #begin = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  give(start: number, end: number): Buffer {
    if (this.#source.atHand?.(this.#bytes, this.#begin) !== true) this.#move(start);
    else if (start >= this.#begin + this.#bytes.length) this.#move(start);
    else this.#source.verify();
    if (end > this.#begin + this.#bytes.length) return copyOut(this.#source, start, end);
    return viewOf(this.#memory, this.#offset + start - this.#begin, end - start);
  }

  #move(index: number): void {
    const { bytes, begin } = stretchAt(this.#source, index);
    this.#bytes = bytes;
    this.#memory = bytes.buffer;
    this.#offset = bytes.byteOffset;
    this.#begin = begin;
  }
}

/** Gives copies, several lines of which share memory: memory of its own costs more than a line. */
export class Copies implements Pieces<Buffer> {
  readonly #source: ByteSource;
  readonly #ends: Ends;
  /** Memory of its own from the first byte to the last. */
  #shared: Buffer = NOTHING;
  #memory: ArrayBufferLike = NOTHING.buffer;
  /** Index in the source of its first byte. */
  #begin = 0;

  constructor(source: ByteSource, ends: Ends) {
    this.#source = source;
    this.#ends = ends;
  }

  give(start: number, end: number): Buffer {
    const at = start - this.#begin;
    if (at >= 0 && end - this.#begin <= this.#shared.length) {
      return viewOf(this.#memory, at, end - start);
    }
    const last = Math.min(this.#ends.last, start + SHARED, this.#source.length);
    if (end >= last) return copyOut(this.#source, start, end); // a long one, or nothing to share with
    this.#shared = copyOut(this.#source, start, last);
    this.#memory = this.#shared.buffer;
    this.#begin = start;
    return viewOf(this.#memory, 0, end - start);
  }
}

/** Encodings in which a `\n` is the byte 10, and that byte is nothing else. */
export const LINE_ENCODINGS = ['utf8', 'utf-8', 'latin1'] as const;

export type LineEncoding = (typeof LINE_ENCODINGS)[number];

/**
 * Bytes that are decoded together. The engine makes a line of more than 12 characters a part of
 * their text, and keeps all of it for one that is kept.
 */
const DECODED = 16 * 1024;

/** Gives text: lines are decoded together, for each call to decode costs more than a line. */
export class Texts implements Pieces<string> {
  readonly #source: ByteSource;
  readonly #ends: Ends;
  readonly #encoding: LineEncoding;
  readonly #bytes: Buffer;
  /** Indices in the source of the first of the bytes, and of what follows the last. */
  #begin = 0;
  #end = 0;
  /** What they say; nothing where each line is decoded by itself. */
  #text: string | undefined = '';
  /** Whether each byte is one character of the text. */
  #plain = true;
  /** Else: where in the text the next line begins. */
  #next = 0;

  constructor(source: ByteSource, ends: Ends, encoding: LineEncoding) {
    this.#source = source;
    this.#ends = ends;
    this.#encoding = encoding;
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(DECODED, source.length));
  }

  give(start: number, end: number): string {
    if (end > this.#end) {
      const known = Math.min(this.#ends.last, this.#source.length);
      const last = Math.min(known, start + this.#bytes.length);
      if (end > last) return copyOut(this.#source, start, end).toString(this.#encoding); // a long one, or the last
      this.#decode(start, last);
    }
    const from = start - this.#begin;
    const to = end - this.#begin;
    if (this.#text === undefined) return this.#bytes.toString(this.#encoding, from, to);
    return this.#plain ? this.#text.substring(from, to) : this.#nextIn(this.#text);
  }

  #nextIn(text: string): string {
    const from = this.#next;
    const to = text.indexOf('\n', from);
    this.#next = to + 1;
    return to === -1 ? text.slice(from) : text.slice(from, to);
  }

  #decode(start: number, end: number): void {
    const size = end - start;
    copyInto(this.#source, start, end, this.#bytes, 0);
    const text = this.#bytes.toString(this.#encoding, 0, size);
    this.#plain = text.length === size;
    this.#text = this.#plain || this.#ends.stillIn(this.#bytes, size, start) ? text : undefined;
    this.#next = 0;
    this.#begin = start;
    this.#end = end;
  }
}
