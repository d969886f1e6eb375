import { countOf, formatCount } from './count.js';
import { drawPicture } from './picture.js';
import { PROBE_SIZE } from './probes.js';
import type { ScanResult } from './scan.js';
import { formatSize } from './size.js';

/** The result of a scan for people: plain text of at most 80 columns, the name of the file aside. */
export function formatReport(result: ScanResult): string {
  return [
    result.file,
    `${countOf(result.bytes, 'byte')}, ${countOf(result.lines, 'line')}`,
    `sha256 ${result.sha256}`,
    '',
    ...phaseTable(result),
    '',
    ...aligned([
      ['probes', probeLine(result)],
      [
        'windows',
        `of ${formatSize(result.window)}, ${formatCount(result.stats.maps)} mapped in all`,
      ],
      ['mapped', mappedLine(result)],
      ...residentLines(result),
    ]),
    '',
    ...drawPicture(result.bytes, result.windows, result.pageSize),
    '',
  ].join('\n');
}

function phaseTable({ bytes, inOrder, random }: ScanResult): string[] {
  const rows = [
    ['', 'in order', 'random'],
    ['read', formatSize(bytes), formatSize(random.bytesVerified)],
    ['time', formatSeconds(inOrder.seconds), formatSeconds(random.seconds)],
    [
      'throughput',
      `${formatSize(perSecond(bytes, inOrder.seconds))}/s`,
      `${formatCount(perSecond(random.probes, random.readSeconds))} probes/s`,
    ],
    ['windows mapped', formatCount(inOrder.maps), formatCount(random.maps)],
    ['hits', formatCount(inOrder.hits), formatCount(random.hits)],
    ['evictions', formatCount(inOrder.evictions), formatCount(random.evictions)],
  ];
  return rows.map(([name = '', first = '', second = '']) =>
    [name.padEnd(16), first.padStart(18), second.padStart(22)].join('').trimEnd(),
  );
}

function probeLine({ random, seed }: ScanResult): string {
  if (random.probes === 0) return 'none';
  return (
    `${formatCount(random.probes)} of ${PROBE_SIZE} bytes, seed ${seed}; ` +
    'every one equals what read(2) gives'
  );
}

function mappedLine({ stats, budget }: ScanResult): string {
  const share = ((stats.peakMappedBytes / budget) * 100).toFixed(0);
  const peak = formatSize(stats.peakMappedBytes);
  return `${peak} at most, ${share}% of the budget of ${formatSize(budget)}`;
}

function residentLines({ memory }: ScanResult): [name: string, text: string][] {
  const { total, peak, before, anonymous, file } = memory;
  const totals = `${formatSize(total)} now, ${formatSize(peak)} at most, ${formatSize(before)} before`;
  if (anonymous === undefined || file === undefined) return [['resident set', totals]];
  const parts = `${formatSize(anonymous)} anonymous, ${formatSize(file)} of files, windows included`;
  return [
    ['resident set', totals],
    ['', parts],
  ];
}

/** Pairs of a name and a text, the texts one below the other. */
function aligned(pairs: [name: string, text: string][]): string[] {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, text]) => `${name.padEnd(width)}  ${text}`);
}

function formatSeconds(seconds: number): string {
  return seconds < 1 ? `${(seconds * 1000).toFixed(1)} ms` : `${seconds.toFixed(2)} s`;
}

function perSecond(count: number, seconds: number): number {
  return seconds > 0 ? Math.round(count / seconds) : 0;
}
