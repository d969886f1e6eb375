/** What a soak found, in words and numbers. */
import { asMarkdown, describeCircumstances } from '../print.js';
import type { Growth } from './growth.js';

/** Of all that is published, what is put into words. */
export interface SoakFigures {
  seconds: number;
  files: number;
  workersStarted: number;
  operations: number;
  cuts: number;
  replacements: number;
  faults: number;
  errors: Readonly<Record<string, number>>;
  growth: Readonly<Record<string, Growth>>;
  failures: readonly string[];
}

/** A paragraph and a table. */
export function summary(figures: SoakFigures): string {
  const rows = Object.entries(figures.growth).map(([name, { first, second }]) =>
    [name, first, second].map((cell) => cell.toLocaleString('en')),
  );
  const kinds = Object.entries(figures.errors).map(([code, times]) => `${shown(times)} ${code}`);
  const paragraph =
    `${shown(Math.round(figures.seconds))} s on ${shown(figures.files)} files: ` +
    `${shown(figures.operations)} operations by ${shown(figures.workersStarted)} threads, ` +
    `${shown(figures.cuts)} cuts, ${shown(figures.replacements)} replacements. ` +
    `${shown(figures.faults)} faults were survived; ` +
    `errors that a program must expect: ${kinds.join(', ') || 'none'}; ` +
    `failures: ${figures.failures.length || 'none'}.`;
  return `${paragraph}\n\n${asMarkdown({ title: '', columns: ['median', 'first half', 'second half'], rows })}`;
}

/** What goes into the page. */
export function soakPart(text: string): string {
  return [
    `${text}\n`,
    '![soak](plots/soak.svg)\n',
    `Written by \`SMMAP_FULL=1 npm run soak\`: ${describeCircumstances()}. All figures: [soak.json](proof/soak.json).\n`,
  ].join('\n');
}

function shown(number: number): string {
  return number.toLocaleString('en');
}
