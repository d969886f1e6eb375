/** The C files of the native part, as `binding.gyp` lists them. */

import { join } from 'node:path';
import { checkout, readText } from './checkout.js';
import { run } from './command.js';

/** What is read of a target in binding.gyp. */
interface Target {
  sources: string[];
  conditions: [condition: string, settings: { sources?: string[] }][];
}

/** The C files of one system and processor; binding.gyp is a Python literal. */
export function nativeSources(system: string, processor: string): string[] {
  const script = 'import ast, json, sys; print(json.dumps(ast.literal_eval(sys.stdin.read())))';
  const gyp = JSON.parse(run('python3', ['-c', script], { input: readText('binding.gyp') }));
  const [target] = gyp.targets as [Target];
  const met = [`OS=="${system}"`, `target_arch=="${processor}"`];
  const own = target.conditions
    .filter(([condition]) => met.includes(condition))
    .flatMap(([, settings]) => settings.sources ?? []);
  const listed = [...target.sources, ...own].flatMap((source) => {
    const [, list] = /^<@\((\w+)\)$/.exec(source) ?? [];
    return list === undefined ? [source] : (gyp.variables[list] as string[]);
  });
  return [...new Set(listed)].map((source) => join(checkout, source));
}
