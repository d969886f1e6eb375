/** Cursors, buffers and maps that stay open while the files under them are cut and replaced. */
import { MemoryMap, PAGE_SIZE, SlidingWindowMapBuffer, type WindowCursor } from 'smmap';
import { anyFile, copySome, type Kept, lookThrough, type Reader } from './reader.js';

/** Of so many reads one is followed by looking at the file again. */
const RENEW_EVERY = 30;
/** Of so many reads one is the last. */
const CLOSE_EVERY = 300;

function keepCursor(reader: Reader, file: number): Kept {
  const cursor = reader.manager().makeCursor(reader.files.path(file));
  return {
    read: () => {
      cursor.useRegion(reader.random(0, reader.files.pages(file)) * PAGE_SIZE);
      lookThrough(reader, cursor, file);
    },
    renew: () => cursor.refresh(),
    close: () => cursor.close(),
  };
}

function keepBuffer(reader: Reader, file: number): Kept {
  const buffer = new SlidingWindowMapBuffer(reader.manager().makeCursor(reader.files.path(file)));
  const cursor = buffer.cursor as WindowCursor;
  return {
    read: () => copySome(reader, buffer, file),
    renew: () => {
      cursor.refresh();
      buffer.beginAccess();
    },
    close: () => {
      buffer.close();
      cursor.close();
    },
  };
}

function keepMap(reader: Reader, file: number): Kept {
  const open = () => MemoryMap.open(reader.files.path(file));
  let map = open();
  return {
    read: () => copySome(reader, map, file),
    renew: () => {
      map.close();
      map = open();
    },
    close: () => map.close(),
  };
}

const KINDS = [keepCursor, keepBuffer, keepMap] as const;

/** Opens one more. */
export function keepSome(reader: Reader): void {
  const keep = KINDS[reader.random(0, KINDS.length)] as (typeof KINDS)[number];
  reader.kept.push(keep(reader, anyFile(reader)));
}

/** Reads through one of those that are kept. */
export function readKept(reader: Reader): void {
  const which = reader.random(0, reader.kept.length);
  const kept = reader.kept[which] as Kept;
  if (reader.random(0, CLOSE_EVERY) === 0) {
    reader.kept.splice(which, 1);
    kept.close();
    if (reader.kept.length === 0) keepSome(reader);
    return;
  }
  try {
    kept.read();
    if (reader.random(0, RENEW_EVERY) === 0) kept.renew();
  } catch (error) {
    drop(reader, which, kept);
    throw error;
  }
}

/** Goes on after an error: looks again, or lets go where that is no longer possible. */
function drop(reader: Reader, which: number, kept: Kept): void {
  try {
    kept.renew();
  } catch {
    reader.kept.splice(which, 1);
    kept.close();
    if (reader.kept.length === 0) keepSome(reader);
  }
}
