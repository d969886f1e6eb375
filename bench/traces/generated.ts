/** Traces made from a seed: simple shapes, each of which some policy gets wrong. */
import { randomFrom } from '../../test/support/random.js';
import type { Access, Trace } from './trace.js';

const MiB = 2 ** 20;
const KiB = 2 ** 10;
/** Windows of the generated traces. */
const WINDOW = MiB;
/** What a small read takes. */
const PIECE = 4 * KiB;

type Random = ReturnType<typeof randomFrom>;

/** `count` numbers below `size`, `exponent` telling how much more often some come than others (Zipf). */
function zipf(random: Random, size: number, exponent: number): () => number {
  const sums = new Float64Array(size);
  let sum = 0;
  for (let i = 0; i < size; i++) {
    sum += (i + 1) ** -exponent;
    sums[i] = sum;
  }
  const places = shuffled(random, size); // so that neighbours have nothing in common
  return () => {
    const wanted = (random(0, 2 ** 31) / 2 ** 31) * sum;
    let low = 0;
    for (let high = size - 1; low < high; ) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) > wanted) high = middle;
      else low = middle + 1;
    }
    return places[low] as number;
  };
}

function shuffled(random: Random, size: number): number[] {
  const all = Array.from({ length: size }, (_, i) => i);
  for (let i = size - 1; i > 0; i--) {
    const j = random(0, i + 1);
    [all[i], all[j]] = [all[j] as number, all[i] as number];
  }
  return all;
}

/** A read somewhere in a window. */
function inWindow(random: Random, file: number, window: number): Access {
  return { file, offset: window * WINDOW + random(0, WINDOW / PIECE) * PIECE, length: PIECE };
}

function loop(): Trace {
  const windows = 1_100;
  const accesses: Access[] = [];
  for (let pass = 0; pass < 40; pass++) {
    for (let window = 0; window < windows; window++) {
      accesses.push({ file: 0, offset: window * WINDOW, length: WINDOW });
    }
  }
  return {
    name: 'loop',
    about: 'one file read from end to end again and again',
    windowSize: WINDOW,
    fileSizes: [windows * WINDOW],
    accesses,
  };
}

function scanAndHot(): Trace {
  const random = randomFrom(1);
  const hotWindows = 100;
  const scanned = 12_000;
  const hot = zipf(random, hotWindows, 0.8);
  const accesses: Access[] = [];
  const useHot = (times: number) => {
    for (let i = 0; i < times; i++) accesses.push(inWindow(random, 0, hot()));
  };
  for (let window = 0; window < scanned; window++) {
    // By turns: the hot set alone, the scan alone, both at the same time.
    if (window % 3_000 === 0) useHot(2_000);
    accesses.push({ file: 1, offset: window * WINDOW, length: WINDOW });
    if (window % 3_000 >= 1_500) useHot(1);
  }
  useHot(2_000);
  return {
    name: 'scan-and-hot',
    about: 'a hot set of 100 windows, and one pass over a file of 12,000',
    windowSize: WINDOW,
    fileSizes: [hotWindows * WINDOW, scanned * WINDOW],
    accesses,
  };
}

function popular(): Trace {
  const random = randomFrom(2);
  const windows = 10_000;
  const next = zipf(random, windows, 0.9);
  return {
    name: 'zipf',
    about: '10,000 windows, the popular ones far more often than the others (exponent 0.9)',
    windowSize: WINDOW,
    fileSizes: [windows * WINDOW],
    accesses: Array.from({ length: 200_000 }, () => inWindow(random, 0, next())),
  };
}

function phases(): Trace {
  const random = randomFrom(3);
  const inPhase = 500;
  const count = 10;
  const accesses: Access[] = [];
  for (let phase = 0; phase < count; phase++) {
    for (let pass = 0; pass < 20; pass++) {
      for (const window of shuffled(random, inPhase))
        accesses.push(inWindow(random, phase, window));
    }
  }
  return {
    name: 'phases',
    about: 'ten working sets of 500 windows, each used evenly for a while and then never again',
    windowSize: WINDOW,
    fileSizes: Array.from({ length: count }, () => inPhase * WINDOW),
    accesses,
  };
}

function drift(): Trace {
  const random = randomFrom(4);
  const windows = 5_000;
  const accesses: Access[] = [];
  const stack: number[] = [];
  for (let fresh = 0; fresh < windows; ) {
    // Four in five go back to something recent, the more recent the more likely.
    const depth = Math.floor(-Math.log((random(0, 2 ** 31) + 1) / 2 ** 31) * 150);
    const back = random(0, 5) > 0 ? stack[stack.length - 1 - depth] : undefined;
    const window = back ?? fresh++;
    if (back !== undefined) stack.splice(stack.length - 1 - depth, 1);
    stack.push(window);
    accesses.push(inWindow(random, 0, window));
  }
  return {
    name: 'drift',
    about: 'what was used lately is used again, the more lately the more likely',
    windowSize: WINDOW,
    fileSizes: [windows * WINDOW],
    accesses,
  };
}

function bursts(): Trace {
  const random = randomFrom(5);
  const hotWindows = 100;
  const scanned = 2_000;
  const piece = 32 * KiB;
  const hot = zipf(random, hotWindows, 0.8);
  const accesses: Access[] = [];
  for (let window = 0; window < scanned; window++) {
    for (let offset = 0; offset < WINDOW; offset += piece) {
      accesses.push({ file: 1, offset: window * WINDOW + offset, length: piece });
    }
    accesses.push(inWindow(random, 0, hot()));
  }
  return {
    name: 'bursts',
    about:
      'a hot set of 100 windows, and one pass in pieces of 32 KiB, each with a cursor of its own',
    windowSize: WINDOW,
    fileSizes: [hotWindows * WINDOW, scanned * WINDOW],
    accesses,
  };
}

function merge(): Trace {
  const random = randomFrom(6);
  const hotWindows = 100;
  const merged = 8;
  const each = 200;
  const piece = 32 * KiB;
  const hot = zipf(random, hotWindows, 0.8);
  const positions = new Array<number>(merged).fill(0);
  const accesses: Access[] = [];
  for (;;) {
    const open = [...positions.keys()].filter((i) => (positions[i] as number) < each * WINDOW);
    const file = open[random(0, Math.max(open.length, 1))];
    if (file === undefined) break;
    const offset = positions[file] as number;
    accesses.push({ file: file + 1, offset, length: piece });
    positions[file] = offset + piece;
    if (random(0, 64) === 0) accesses.push(inWindow(random, 0, hot()));
  }
  return {
    name: 'merge',
    about:
      'a hot set of 100 windows, and eight files merged in one pass, a cursor for each piece of 32 KiB',
    windowSize: WINDOW,
    fileSizes: [hotWindows, ...new Array<number>(merged).fill(each)].map((n) => n * WINDOW),
    accesses,
  };
}

function sourceTree(): Trace {
  const random = randomFrom(7);
  const files = 5_000;
  const fileSizes = Array.from({ length: files }, () => Math.floor(2 ** (random(90, 170) / 10)));
  const next = zipf(random, files, 1);
  const accesses: Access[] = [];
  const read = (file: number) =>
    accesses.push({ file, offset: 0, length: fileSizes[file] as number });
  for (let turn = 0; turn < 12; turn++) {
    for (let i = 0; i < 8_000; i++) read(next());
    if (turn % 3 === 2) for (let file = 0; file < files; file++) read(file); // grep over all of it
  }
  return {
    name: 'source-tree',
    about:
      '5,000 small files mapped whole, some popular, and now and then a search through all of them',
    windowSize: 0,
    fileSizes,
    accesses,
  };
}

/** Every trace that is made from a seed, made now. */
export function generatedTraces(): Trace[] {
  return [loop, scanAndHot, popular, phases, drift, bursts, merge, sourceTree].map((make) =>
    make(),
  );
}
