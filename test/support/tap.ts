/** What a test runner's report in the form of TAP says. */

/** A line about one test: what came of it, its name, and what it was excused by. */
const LINE = /^ *(ok|not ok) \d+ - (.*?)(?: # (SKIP|TODO)\b.*)?$/gm;

/** What came of one test. */
export interface TapLine {
  name: string;
  passed: boolean;
  directive: string | undefined;
}

/** All tests, and the suites around them. */
export function testsIn(tap: string): TapLine[] {
  return [...tap.matchAll(LINE)].map(([, said, name = '', directive]) => ({
    name,
    passed: said === 'ok',
    directive,
  }));
}

/** The tests that failed, each with what the runner says of it; those that are known to are left out. */
export function failuresIn(tap: string): string {
  const found = tap.match(/^ *not ok (?!.*# TODO).*\n( *---\n[\s\S]*?\n *\.\.\.)?/gm);
  return (found ?? []).join('\n');
}
