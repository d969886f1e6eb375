/**
 * Having the engine collect garbage now. Cursors that were forgotten are found
 * through native weak references, and those answer only for what was collected.
 * Asked for as the last thing before a limit bends or an error is thrown; so what of
 * Node it takes is loaded then, and not with the package.
 */

type Collector = (options?: { type: 'minor' }) => void;

let collector: Collector | undefined;

/** Fills the young generation, which the engine then collects; finds less than asking does. */
function pressure(): void {
  for (let i = 0; i < 64; i++) new Array(2 ** 15).fill(i);
}

/** Milliseconds in which a compilation that is under way mostly ends. */
const COMPILED_IN = 5;

/** Bun's collector keeps what a compilation may refer to, on whatever thread: one of everything waits for that. */
function collectorOf(bun: { gc(sync: boolean): void }): Collector {
  const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));
  return (options) => {
    if (options === undefined) Atomics.wait(nobodyWakes, 0, 0, COMPILED_IN);
    bun.gc(true);
  };
}

/** V8 hands its collector to new contexts while a flag is set; nothing of it stays visible. */
function findCollector(): Collector {
  const { Bun: bun, gc } = globalThis as { Bun?: { gc(sync: boolean): void }; gc?: Collector };
  if (bun !== undefined) return collectorOf(bun);
  if (typeof gc === 'function') return gc; // the program was started with the flag
  try {
    process.getBuiltinModule('node:v8').setFlagsFromString('--expose-gc');
    const found = process.getBuiltinModule('node:vm').runInNewContext('gc');
    return (found as Collector | undefined) ?? pressure;
  } catch {
    return pressure; // a runtime without V8's flags, or one that forbids them
  } finally {
    hideCollector();
  }
}

function hideCollector(): void {
  try {
    process.getBuiltinModule('node:v8').setFlagsFromString('--no-expose-gc');
  } catch {
    // then it was not shown either
  }
}

/** Collects what is young: about 0.2 ms on a small heap. */
export function collectYoung(): void {
  collector ??= findCollector();
  collector({ type: 'minor' });
}

/** Collects everything: 1 ms and more, as the heap is large; 5 ms more on Bun. */
export function collectAll(): void {
  collector ??= findCollector();
  collector();
}
