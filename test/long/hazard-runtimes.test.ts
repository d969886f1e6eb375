/** Every hazard on every runtime, and the table of it in docs/platforms.md. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, describe, test } from 'node:test';
import { readText } from '../support/checkout.js';
import { putInto } from '../support/generated-part.js';
import { type FileRun, HAZARD_FILES, type Outcome, runHazards } from '../support/hazard-runs.js';
import { LIMITS, limitOf } from '../support/known-limits.js';
import { circumstances, publish } from '../support/proof.js';
import { RUNTIMES, type Runtime, runtimeCommand } from '../support/runtimes.js';
import { fullSize } from '../support/scale.js';

const PAGE = 'docs/platforms.md';
/** Hazards, each on one runtime, that a run must have tried. */
const FEWEST_TRIED = 400;

const runs = new Map<Runtime, { version: string; files: FileRun[] }>();

function versionOf(runtime: Runtime): string {
  const [program] = runtimeCommand(runtime);
  const shown = execFileSync(program as string, ['--version'], { encoding: 'utf8' });
  return /\d+\.\d+\.\d+/.exec(shown)?.[0] ?? shown.trim();
}

function counted(files: readonly FileRun[], which: Outcome): number {
  const all = files.flatMap(({ outcomes }) => [...outcomes.values()]);
  return all.filter((outcome) => outcome === which).length;
}

/** Beside the Node.js that runs the longer suites; a full-size run has all, and writes the table. */
const USUAL: readonly Runtime[] = ['node 26', 'bun', 'deno'];

describe('hazards', () => {
  for (const runtime of fullSize ? RUNTIMES : USUAL) {
    test(runtime, async (t) => {
      const version = versionOf(runtime);
      const files = await runHazards(runtime, HAZARD_FILES);
      runs.set(runtime, { version, files });
      const [held, limits] = [counted(files, 'held'), counted(files, 'limit')];
      t.diagnostic(`${version}: ${held} held, ${limits} known limits`);
      for (const { file, failuresAtFirst } of files) {
        if (failuresAtFirst !== '') t.diagnostic(`${file} was tried again:\n${failuresAtFirst}`);
      }
      const failures = files.map((file) => file.failures).join('');
      assert.equal(counted(files, 'failed'), 0, failures);
      assert.ok(held > 100, `only ${held} were tried`);
    });
  }

  test('limits are those of hazards that there are', () => {
    const { files = [] } = runs.get('bun') ?? {};
    const names = new Set(files.flatMap(({ outcomes }) => [...outcomes.keys()]));
    const said = Object.values(LIMITS).flatMap((limits) => limits.flatMap((each) => each.hazards));
    assert.deepEqual(
      said.filter((name) => !names.has(name)),
      [],
    );
  });

  test('enough was tried', () => {
    const tried = [...runs.values()].map(({ files }) => counted(files, 'held'));
    assert.ok(tried.reduce((sum, each) => sum + each, 0) >= FEWEST_TRIED, `${tried}`);
  });

  test('the page has every hazard', () => {
    const page = readText(PAGE);
    const absent = HAZARD_FILES.filter((file) => !page.includes(`| ${titleOf(file)} |`));
    assert.deepEqual(absent, [], 'a full-size run of this test writes them');
  });
});

after(() => {
  if (!fullSize) return;
  const proof = [...runs].map(([runtime, { version, files }]) => {
    const outcomes = files.map((each) => [each.file, Object.fromEntries(each.outcomes)]);
    return [runtime, { version, hazards: Object.fromEntries(outcomes) }];
  });
  publish('hazards', Object.fromEntries(proof));
  putInto(PAGE, 'hazards', table());
});

function titleOf(file: string): string {
  return file.replaceAll('-', ' ');
}

function table(): string {
  const shown = RUNTIMES.filter((runtime) => runs.has(runtime));
  const titles = shown.map((runtime) => `${titled(runtime)} ${runs.get(runtime)?.version}`);
  const reasons = Object.values(LIMITS).flatMap((limits) => limits.map(({ reason }) => reason));
  const rows = HAZARD_FILES.map((file) => {
    const cells = shown.map((runtime) => cell(runtime, file, reasons));
    return `| ${titleOf(file)} | ${cells.join(' | ')} |`;
  });
  const { date, commit } = circumstances();
  return [
    `| hazard | ${titles.join(' | ')} |`,
    `|---|${shown.map(() => '---|').join('')}`,
    ...rows,
    '',
    ...reasons.map((reason, i) => `${i + 1}. ${ownerOf(reason)}: ${reason}.`),
    '',
    `Written by \`SMMAP_FULL=1 node --test .out/test/long/hazard-runtimes.test.js\` on ${date}, commit ${commit.slice(0, 12)}; [each hazard by name](proof/hazards.json).`,
    '',
  ].join('\n');
}

function titled(runtime: Runtime): string {
  return runtime.startsWith('node') ? 'Node' : runtime === 'bun' ? 'Bun' : 'Deno';
}

function ownerOf(reason: string): string {
  return LIMITS.bun.some((limit) => limit.reason === reason) ? 'Bun' : 'Deno';
}

/** How many held, and the numbers of the reasons why others did not. */
function cell(runtime: Runtime, file: string, reasons: readonly string[]): string {
  const run = runs.get(runtime)?.files.find((each) => each.file === file);
  const held = run === undefined ? 0 : counted([run], 'held');
  const names = [...(run?.outcomes.keys() ?? [])];
  const numbers = names.map((name) => reasons.indexOf(limitOf(runtime, name) ?? '') + 1);
  const marks = [...new Set(numbers)].filter((number) => number > 0);
  const all = held + names.filter((name) => limitOf(runtime, name) !== undefined).length;
  if (all === 0) return '–';
  return marks.length === 0 ? `${held}` : `${held} of ${all} (${marks.join(', ')})`;
}
