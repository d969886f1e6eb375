/**
 * Ties what the compiler wrote into `dist/` together into what is shipped: `bundle/`, one file
 * for each way into the package. Why, and what it saves: docs/decisions/hot-paths.md, "The import".
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild-wasm';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const bundle = join(root, 'bundle');

/** All that has state is in this one; the others import it. */
const CORE = { index: 'dist/index.js' };
const AROUND_IT = { clients: 'dist/clients/index.js', cli: 'dist/cli/main.js' };
/** What may be in several files of the bundle: functions of their arguments alone. */
const MAY_BE_TWICE = ['dist/arguments.js'];

/** `import { a, b as c } from 'node:d';` as the compiler writes it: a line of its own. */
const BUILTIN_IMPORT = /^import \{ (.*) \} from '(node:[\w/]+)';$/gm;

/** An `import` of a part of Node costs up to half a millisecond more than the call that gives the same. */
const fetchingBuiltins = {
  name: 'fetching builtins',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]dist[\\/].*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(
        BUILTIN_IMPORT,
        (_, names, from) =>
          `const { ${names.replaceAll(' as ', ': ')} } = process.getBuiltinModule('${from}');`,
      ),
    }));
  },
};

const importingCore = {
  name: 'importing the core',
  setup({ onResolve }) {
    onResolve({ filter: /^(?:\.\.\/)+index\.js$/ }, () => ({ path: './index.js', external: true }));
  },
};

/** Whether every file of the bundle is younger than all that they are made of. */
function isUpToDate() {
  const compiled = readdirSync(dist, { recursive: true }).filter((name) => name.endsWith('.js'));
  const tools = [fileURLToPath(import.meta.url), join(root, 'package-lock.json')];
  const sources = [...tools, ...compiled.map((name) => join(dist, name))];
  const entries = Object.keys({ ...CORE, ...AROUND_IT });
  const files = entries.flatMap((name) => [`${name}.js`, `${name}.js.map`]);
  const made = Math.min(...files.map((name) => writtenAt(join(bundle, name))));
  return sources.every((path) => writtenAt(path) < made);
}

/** Milliseconds since 1970; 0 for a file that is not there. */
function writtenAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

async function makeBundle() {
  const made = await Promise.all([tie(CORE, []), tie(AROUND_IT, [importingCore])]);
  refuseDoubles(made.map(({ metafile }) => metafile));
  rmSync(bundle, { recursive: true, force: true });
  mkdirSync(bundle);
  for (const { path, text } of made.flatMap(({ outputFiles }) => outputFiles)) {
    writeFileSync(path, path.endsWith('.js') ? withNamesOfClasses(text) : text);
  }
}

function tie(entryPoints, plugins) {
  return build({
    absWorkingDir: root,
    entryPoints,
    plugins: [...plugins, fetchingBuiltins],
    outdir: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    sourcemap: true,
    minifyWhitespace: true, // and nothing else: names are for stack traces,
    lineLimit: 100, // and so are lines
    metafile: true,
    write: false,
  });
}

/** State that exists twice would be two truths, and two classes of one name. */
function refuseDoubles(metafiles) {
  const outputs = metafiles.flatMap(({ outputs }) => Object.values(outputs));
  const inputs = outputs.flatMap(({ inputs }) => Object.keys(inputs));
  const doubles = inputs.filter((input, i) => inputs.indexOf(input) !== i);
  const refused = doubles.filter((input) => !MAY_BE_TWICE.includes(input));
  if (refused.length > 0) throw new Error(`more than once in bundle/: ${refused.join(', ')}`);
}

/**
 * A class that mentions itself leaves esbuild as `var A = class _A`, and would be called so.
 * A blank in the place of the underscore's column keeps the source map right.
 */
function withNamesOfClasses(code) {
  const names = [...code.matchAll(/\bclass\s+_(\w+)/g)].map(([, name]) => name);
  return names.length === 0
    ? code
    : code.replace(new RegExp(`\\b_(${names.join('|')})\\b`, 'g'), '$1 ');
}

if (!isUpToDate()) await makeBundle();
