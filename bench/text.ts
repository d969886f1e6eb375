/** Text to be searched: lines of some 90 bytes, and the same for the same size. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '../test/support/files.js';
import { randomFrom } from '../test/support/random.js';

/** Bytes that are made; a longer file has them again and again. */
const BLOCK = 2 ** 22;
const WORDS = 4_096;
const LETTERS = 'etaoinshrdlcumwfgypbvk';

/** Lines of words, with a newline at the end of the block. */
function block(): Buffer {
  const random = randomFrom(11);
  const letter = () => LETTERS[Math.floor(LETTERS.length * (random(0, 1_000) / 1_000) ** 2)];
  const words = Array.from({ length: WORDS }, () =>
    Array.from({ length: random(2, 12) }, letter).join(''),
  );
  const bytes = Buffer.alloc(BLOCK, ' ');
  for (let at = 0; at < BLOCK; ) {
    const end = Math.min(at + random(60, 120), BLOCK);
    while (at < end) at += bytes.write(`${words[random(0, WORDS)]} `, at);
    bytes[Math.min(at, BLOCK) - 1] = 10;
  }
  bytes[BLOCK - 1] = 10;
  return bytes;
}

/**
 * Makes a file; it goes when the process ends.
 * @param bytes a multiple of 4 MiB
 * @param last what the file's last line is, where it is to be found only there
 */
export function textFile(bytes: number, last = ''): string {
  return repeated(bytes, block(), last);
}

/** A file of one byte, again and again. */
export function monotonousFile(bytes: number, byte: string, last = ''): string {
  return repeated(bytes, Buffer.alloc(BLOCK, byte), last);
}

function repeated(bytes: number, block: Buffer, last: string): string {
  const path = join(tempDir(), 'text');
  const fd = openSync(path, 'w');
  for (let at = 0; at < bytes; at += block.length) writeSync(fd, block, 0, block.length, at);
  if (last !== '') writeSync(fd, last, bytes - last.length);
  closeSync(fd);
  return path;
}
