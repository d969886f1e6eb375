/**
 * What npm runs as the package's install script: makes sure that there is a
 * native binary that loads. A shipped one is enough; else, and always in a
 * checkout, it is compiled (where nothing changed, make has nothing to do).
 *
 * What goes wrong is told in a sentence; the whole log is kept in a file.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LOG_LINES_SHOWN = 15;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const isCheckout = existsSync(join(root, 'src')); // not among the shipped files
const system = `${process.platform}-${process.arch}`;

if (isCheckout || !shippedBinaryLoads()) compile();

function shippedBinaryLoads() {
  try {
    createRequire(import.meta.url)('node-gyp-build')(root);
    return true;
  } catch {
    return false;
  }
}

function compile() {
  const missing = missingTools();
  if (missing.length > 0) {
    const needed = isCheckout
      ? 'smmap compiles its native part'
      : `smmap brings no binary that loads on ${system} and has to be compiled`;
    fail(`${needed}, but this machine lacks ${list(missing)}: ${remedy()}.`);
  }

  const log = join(root, 'build', 'install.log');
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, 'w');
  const [command, ...args] = nodeGyp();
  const run = spawnSync(command, [...args, 'configure', 'build', ...headers()], {
    cwd: root,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  if (run.error) {
    fail(`smmap cannot start node-gyp (${run.error.message}): install it through npm.`);
  }
  if (run.status !== 0) {
    fail(
      `smmap could not be compiled; the end of ${log} says:\n\n${tail(readFileSync(log, 'utf8'))}`,
    );
  }
}

/** What the build needs and cannot run, in the words of a person. Windows: node-gyp looks for itself. */
function missingTools() {
  if (process.platform === 'win32') return [];
  const { CC = 'cc', MAKE = 'make', PYTHON, npm_config_python } = process.env;
  const pythons = [npm_config_python, PYTHON, 'python3', 'python'].filter(Boolean);
  const tools = [
    { name: `a C compiler (${CC})`, commands: [CC] },
    { name: 'make', commands: [MAKE] },
    { name: 'python3', commands: pythons },
  ];
  return tools.filter(({ commands }) => !commands.some(runs)).map(({ name }) => name);
}

function runs(command) {
  return spawnSync(`${command} --version`, { shell: true, stdio: 'ignore' }).status === 0;
}

function remedy() {
  if (process.platform === 'darwin') return 'install them with "xcode-select --install"';
  return 'install them, on Debian and Ubuntu with "apt-get install build-essential python3"';
}

/** node-gyp as npm brings it; outside of npm the one on the PATH. */
function nodeGyp() {
  const { npm_config_node_gyp } = process.env;
  return npm_config_node_gyp ? [process.execPath, npm_config_node_gyp] : ['node-gyp'];
}

/** The headers that lie beside the running Node, if any: node-gyp would download them. */
function headers() {
  const prefix = dirname(dirname(process.execPath));
  const found = existsSync(join(prefix, 'include', 'node', 'node_api.h'));
  return found && !process.env.npm_config_nodedir ? [`--nodedir=${prefix}`] : [];
}

/** The last lines of what the compiler and make said, or of node-gyp's words when they said nothing. */
function tail(log) {
  const lines = log.trimEnd().split('\n');
  const said = lines.filter((line) => !line.startsWith('gyp '));
  return (said.length > 0 ? said : lines).slice(-LOG_LINES_SHOWN).join('\n');
}

function list(words) {
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(words);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
