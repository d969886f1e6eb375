import { generatedTraces } from '../traces/generated.js';
import { entriesOf, digestOf } from '../traces/trace.js';
import { Lru } from '../policies/lru.js';
import { Ours } from '../policies/ours.js';
import { Sieve } from '../policies/sieve.js';
import { S3Fifo } from '../policies/s3-fifo.js';
import { WTinyLfu } from '../policies/w-tiny-lfu.js';
import { belady } from '../policies/belady.js';
const P: Record<string, any> = { LRU: Lru, ours: Ours, SIEVE: Sieve, S3: S3Fifo, WTLFU: WTinyLfu };
for (const t of generatedTraces()) {
  const { keys, sizes } = entriesOf(t);
  let foot = 0; for (const s of sizes) foot += s;
  const largest = sizes.reduce((a, b) => Math.max(a, b), 0);
  console.log(t.name, keys.length, sizes.length, digestOf(t).slice(0, 8));
  for (const share of [0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1 / 1.1]) {
    const cap = foot * share;
    if (cap < 4 * largest) continue;
    const row = [];
    for (const [n, C] of Object.entries(P)) {
      const p = new C(cap); let h = 0;
      for (const k of keys) if (p.access(k, sizes[k])) h++;
      row.push(`${n} ${(100 * h / keys.length).toFixed(2)}`);
    }
    row.push(`OPT ${(100 * belady(keys, sizes, cap) / keys.length).toFixed(2)}`);
    console.log('  ', (share * 100).toFixed(0).padStart(3) + ' %', row.join('  '));
  }
}
