import { Proposed } from '../policies/proposed.js';
import { generatedTraces } from '../traces/generated.js';
import { RECORDED, recordedTrace } from '../traces/recorded.js';
import { entriesOf } from '../traces/trace.js';
import { Lru } from '../policies/lru.js';
import { Ours } from '../policies/ours.js';
import { Sieve } from '../policies/sieve.js';
import { S3Fifo } from '../policies/s3-fifo.js';
import { WTinyLfu } from '../policies/w-tiny-lfu.js';
import { Queue } from '../policies/queue.js';
import { readFileSync, existsSync } from 'node:fs';

interface O { gap?: number; ghost?: 0 | 1 | 2; third?: boolean; demote?: 'front' | 'back'; share?: number; gs?: number; lirs?: boolean; up?: boolean }
export class D {
  q = [new Queue(), new Queue(), new Queue()]; ghosts = new Queue(); rank = new Map<number, number>();
  left = new Map<number, number>(); clock = 0; last = -1;
  constructor(private cap: number, private o: O) {}
  access(key: number, size: number) {
    if (key !== this.last) { this.clock++; this.last = key; }
    const [prob, burst, prot] = this.q as [Queue, Queue, Queue];
    let r = this.rank.get(key);
    const hit = r !== undefined;
    if (r === undefined) {
      const all = () => prob.bytes + burst.bytes + prot.bytes;
      while (all() + size > this.cap) {
        const over = prot.bytes + burst.bytes > all() * (this.o.share ?? 0.8);
        if (over && this.o.demote) { const d = (burst.length ? burst : prot).shift(); prob.add(d.key, d.size); this.rank.set(d.key, 0); continue; }
        const v = (over ? (burst.length ? burst : prot) : prob.length ? prob : burst.length ? burst : prot).shift();
        this.rank.delete(v.key);
        if (this.o.ghost) { this.ghosts.add(v.key, v.size); while (this.ghosts.bytes > this.cap * (this.o.gs ?? 1)) this.left.delete(this.ghosts.shift().key); }
      }
      r = 0;
      if (this.ghosts.remove(key) > 0) {
        r = this.o.ghost!;
        if (this.o.lirs) {
          const old = prot.oldest;
          const room = (prot.bytes + burst.bytes + size) <= 0.8 * this.cap;
          if (!room && old !== undefined && this.clock - this.left.get(key)! >= this.clock - this.left.get(old)!) r = 0;
        }
      }
    } else {
      const g = this.clock - this.left.get(key)!;
      if (g >= (this.o.gap ?? 0) || this.was.has(key)) r = 2; else if (this.o.third && r === 0) r = 1;
    }
    if (r === 2) this.was.add(key); else if (!hit) this.was.delete(key);
    for (const q of this.q) q.remove(key);
    this.left.set(key, this.clock); this.rank.set(key, r);
    this.q[r]!.add(key, size);
    return hit;
  }
  was = new Set<number>();
}
const C: Record<string, (c: number) => any> = { ours: (c) => new Ours(c), SIEVE: (c) => new Sieve(c), S3: (c) => new S3Fifo(c), WTLFU: (c) => new WTinyLfu(c) };
C.proposed = (c) => new Proposed(c);
if (process.argv[2]) for (const k of Object.keys(C)) if (k !== 'proposed') delete C[k];
const traces = [...generatedTraces(), ...RECORDED.map(recordedTrace)].map((t) => ({ name: t.name, ...entriesOf(t) }));
if (existsSync('/tmp/gp.json')) for (const g of JSON.parse(readFileSync('/tmp/gp.json', 'utf8'))) traces.push({ name: g.name, ...entriesOf(g) });
const cells: { trace: string; share: number; lru: number; run: (C: any) => number }[] = [];
for (const { name, keys, sizes } of traces) {
  if (name === 'loop') continue;
  let foot = 0; for (const s of sizes) foot += s;
  const largest = sizes.reduce((a, b) => Math.max(a, b), 0);
  for (const share of [0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8]) {
    if (foot * share < 8 * largest) continue;
    const run = (make: any) => { const p = make(foot * share); let h = 0; for (const k of keys) if (p.access(k, sizes[k])) h++; return (100 * h) / keys.length; };
    cells.push({ trace: name, share, lru: run((c: number) => new Lru(c)), run });
  }
}
for (const [n, make] of Object.entries(C)) {
  const by = new Map<string, number[]>();
  for (const cell of cells) { const d = cell.run(make) - cell.lru; by.set(cell.trace, [...(by.get(cell.trace) ?? []), d]); }
  console.log(n.padEnd(18), [...by].map(([t, ds]) => `${t.slice(0, 9)} ${(ds.reduce((a, b) => a + b) / ds.length).toFixed(1)}/${Math.min(...ds).toFixed(1)}`).join('  '));
}
