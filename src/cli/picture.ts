import { countOf } from './count.js';
import { formatSize } from './size.js';

/** A stretch of the file, in bytes. */
export interface Stretch {
  readonly offset: number;
  readonly size: number;
}

/** Marks in a row; with the label and two bars a row takes 78 columns. */
const COLUMNS = 64;
/** Rows of a full picture, so that it fits on one screen with the rest of the report. */
const ROWS = 8;
const LABEL_WIDTH = 11;

/**
 * Draws a file as rows of marks, each for the same number of bytes:
 * `#` where all of them are mapped, `+` where some are, `.` where none is.
 * @param unit a mark stands for a multiple of this many bytes
 */
export function drawPicture(fileSize: number, windows: readonly Stretch[], unit: number): string[] {
  if (fileSize === 0) return ['the file is empty: there is nothing to map'];
  const markSize = Math.ceil(fileSize / (COLUMNS * ROWS * unit)) * unit;
  const marks = drawMarks(fileSize, windows, markSize);
  const lines = [
    `${countOf(windows.length, 'window')} mapped at the end; ` +
      `each mark is ${formatSize(markSize)} of the file:`,
    '# mapped, + mapped in part, . not mapped',
  ];
  for (let at = 0; at < marks.length; at += COLUMNS) {
    const label = formatSize(at * markSize).padStart(LABEL_WIDTH);
    lines.push(`${label} |${marks.slice(at, at + COLUMNS)}|`);
  }
  return lines;
}

function drawMarks(fileSize: number, windows: readonly Stretch[], markSize: number): string {
  const mapped = new Float64Array(Math.ceil(fileSize / markSize));
  for (const { offset, size } of windows) {
    const end = Math.min(offset + size, fileSize);
    for (let mark = Math.floor(offset / markSize); mark * markSize < end; mark++) {
      const from = Math.max(offset, mark * markSize);
      const to = Math.min(end, (mark + 1) * markSize);
      mapped[mark] = (mapped[mark] ?? 0) + to - from;
    }
  }
  return Array.from(mapped, (bytes, mark) => {
    if (bytes === 0) return '.';
    return bytes >= Math.min(markSize, fileSize - mark * markSize) ? '#' : '+';
  }).join('');
}
