/** Random ways to make a map: most of them work, each kind of mistake comes now and then. */

import fc from 'fast-check';
import { edges, few, weighted, wholePages } from './arguments.js';
import { FILES, type Making, type Odd, SLOTS } from './script.js';

/** Where a map comes from, and how it is written to. */
type Kind = Pick<Making, 'source' | 'mode' | 'named'> &
  Partial<Pick<Making, 'access' | 'prot' | 'flags'>>;

const files = fc.nat({ max: FILES - 1 });
const modes: fc.Arbitrary<Making['mode']> = weighted<Making['mode']>(
  [20, fc.constant('r+')],
  [2, fc.constant('r')],
  [1, fc.constant('w')],
);
const accesses = weighted<string | undefined>(
  [4, fc.constantFrom('write', 'write', 'read', 'copy', 'default')],
  [2, fc.constant(undefined)],
  [0.1, fc.constant('append')],
);
const protections = weighted<string | undefined>(
  [8, fc.constantFrom('PROT_READ|PROT_WRITE', 'PROT_READ', 'PROT_WRITE', undefined)],
  [1, fc.constantFrom('PROT_READ|PROT_EXEC', 'PROT_READ|PROT_WRITE|PROT_EXEC')],
  [0.5, fc.constant('0')],
);
const sharings = weighted<string | undefined>(
  [9, fc.constantFrom('MAP_SHARED', 'MAP_PRIVATE', undefined)],
  [2, fc.constantFrom('MAP_SHARED|MAP_POPULATE', 'MAP_PRIVATE|MAP_DENYWRITE')],
  [3, fc.constantFrom('MAP_SHARED|MAP_ANONYMOUS', 'MAP_PRIVATE|MAP_ANONYMOUS')],
  [0.5, fc.constantFrom('0', 'MAP_SHARED|MAP_PRIVATE')],
);

/** Without what is `undefined`. */
function given(record: object): Making {
  const entries = Object.entries(record).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as unknown as Making;
}

const byAccess = fc.record({
  source: files,
  mode: modes,
  access: accesses,
  named: fc.constant(false),
});
const byFlags = fc.record({
  source: files,
  mode: modes,
  prot: protections,
  flags: sharings,
  named: fc.constant(false),
});
const byBoth = fc.record({
  source: files,
  mode: fc.constant<'r+'>('r+'),
  access: fc.constantFrom('read', 'copy', 'default'),
  prot: fc.constantFrom('PROT_READ', undefined),
  flags: fc.constantFrom('MAP_PRIVATE', 'MAP_SHARED'),
  named: fc.constant(false),
});
const opened = fc.record({ source: files, access: fc.constantFrom('read', 'write', 'copy') }).map(
  ({ source, access }): Kind => ({
    source,
    access,
    mode: access === 'write' ? 'r+' : 'r',
    named: true,
  }),
);
const anonymous = weighted<Kind>(
  [
    2,
    fc.record({
      source: fc.constant<'anonymous'>('anonymous'),
      mode: fc.constant<'r+'>('r+'),
      access: accesses,
      named: fc.boolean(),
    }) as fc.Arbitrary<Kind>,
  ],
  [
    1,
    fc.record({
      source: fc.constant<'anonymous'>('anonymous'),
      mode: fc.constant<'r+'>('r+'),
      prot: protections,
      flags: sharings,
      named: fc.constant(false),
    }) as fc.Arbitrary<Kind>,
  ],
);
const odd = fc.record({
  source: fc.constantFrom<Odd>('directory', 'pipe', 'device', 'none', 'negative'),
  mode: fc.constant<'r+'>('r+'),
  access: fc.constantFrom('read', 'write', 'copy'),
  named: fc.constant(false),
});

const kinds = weighted<Kind>(
  [20, byAccess as fc.Arbitrary<Kind>],
  [13, byFlags as fc.Arbitrary<Kind>],
  [2, byBoth as fc.Arbitrary<Kind>],
  [8, opened],
  [12, anonymous],
  [2, odd],
);
const wrong = fc.constantFrom(-1, -5, Number.MAX_SAFE_INTEGER);
/** Of a map of a file; 0 is all. */
const lengths = weighted<Making['length']>(
  [20, fc.constant(0)],
  [8, fc.integer({ min: -60, max: 1 }).map((end) => ({ end }))],
  [2, fc.oneof(few, edges)],
  [0.5, wrong],
);
/** Of a map of no file. */
const amounts = weighted<number>([20, few], [20, edges], [1, fc.constant(0)], [1, wrong]);
const offsets = weighted<number | undefined>(
  [20, fc.constant(undefined)],
  [5, wholePages],
  [0.5, few],
  [0.2, wrong],
);

/** Ways to make a map. @param untracked whether maps without a descriptor can be made */
export function makings(untracked: boolean): fc.Arbitrary<Making> {
  const trackFd = weighted<boolean | undefined>(
    [8, fc.constant(undefined)],
    [1, fc.constantFrom(true, !untracked)],
  );
  return kinds.chain((kind) =>
    fc
      .record({
        map: fc.nat({ max: SLOTS - 1 }),
        length: typeof kind.source === 'number' ? lengths : amounts,
        // Any page of /dev/zero but the first ends Python when it is read.
        offset: kind.source === 'device' ? fc.constant(undefined) : offsets,
        trackFd,
      })
      .map((rest): Making => given({ do: 'map', ...kind, ...rest })),
  );
}
