/** What a soak looks at again and again, as numbers and as a picture. */

import { holdings } from '../../test/support/holdings.js';
import { memoryOf } from '../../test/support/limits.js';
import type { Panel, Plot } from '../plot.js';

/** One look. */
export interface Sample {
  seconds: number;
  operations: number;
  faults: number;
  errors: number;
  cuts: number;
  replacements: number;
  /** Lines of `/proc/self/maps` that are files of the soak. */
  fileMaps: number;
  /** All lines of `/proc/self/maps`. */
  maps: number;
  descriptors: number;
  /** Bytes in memory, pages of files included. */
  residentBytes: number;
  /** Bytes in memory that belong to no file. */
  anonymousBytes: number;
}

/** What the system says of this process; `dir` has the files. */
export function look(
  dir: string,
): Pick<Sample, 'fileMaps' | 'maps' | 'descriptors' | 'residentBytes' | 'anonymousBytes'> {
  const { fileLines, otherLines, descriptors, anonymousBytes } = holdings(dir);
  return {
    fileMaps: fileLines,
    maps: fileLines + otherLines,
    descriptors,
    residentBytes: memoryOf('VmRSS'),
    anonymousBytes,
  };
}

/** What must not grow. */
export const BOUNDED = [
  'fileMaps',
  'maps',
  'descriptors',
  'residentBytes',
  'anonymousBytes',
] as const;

const MIB = 2 ** 20;

/** What the panels show, in their order. */
const PANELS: readonly {
  title: string;
  yLabel: string;
  lines: Readonly<Record<string, (sample: Sample) => number>>;
}[] = [
  {
    title: 'Operations, and what others did to the files',
    yLabel: 'so far',
    lines: {
      operations: ({ operations }) => operations,
      'cuts and replacements': ({ cuts, replacements }) => cuts + replacements,
    },
  },
  {
    title: 'Faults survived, and errors told',
    yLabel: 'so far',
    lines: { faults: ({ faults }) => faults, errors: ({ errors }) => errors },
  },
  {
    title: 'Mappings and descriptors of the process',
    yLabel: 'at one time',
    lines: {
      mappings: ({ maps }) => maps,
      'mappings of the files': ({ fileMaps }) => fileMaps,
      descriptors: ({ descriptors }) => descriptors,
    },
  },
  {
    title: 'Memory of the process',
    yLabel: 'MiB',
    lines: {
      'resident set': ({ residentBytes }) => residentBytes / MIB,
      'of it, of no file': ({ anonymousBytes }) => anonymousBytes / MIB,
    },
  },
];

/** The samples over time. */
export function plotOf(samples: readonly Sample[]): Plot {
  const panels = PANELS.map(
    ({ title, yLabel, lines }): Panel => ({
      title,
      xLabel: 'seconds',
      yLabel,
      series: Object.entries(lines).map(([name, read]) => ({
        name,
        points: samples.map((sample) => ({ x: Math.round(sample.seconds), y: read(sample) })),
      })),
    }),
  );
  return { name: 'soak', panels };
}
