import { Proposed } from '../policies/proposed.js';
import { RECORDED, recordedTrace } from '../traces/recorded.js';
import { generatedTraces } from '../traces/generated.js';
import { entriesOf } from '../traces/trace.js';
import { Lru } from '../policies/lru.js';
import { Ours } from '../policies/ours.js';
import { Sieve } from '../policies/sieve.js';
import { S3Fifo } from '../policies/s3-fifo.js';
import { WTinyLfu } from '../policies/w-tiny-lfu.js';
import { belady } from '../policies/belady.js';
import { Queue } from '../policies/queue.js';

interface Opt { burstShare?: number; ghost?: 'promote' | 'adapt' | 'both'; gap?: number; lazy?: boolean; ghostShare?: number; rate?: number; third?: boolean }
class V {
  prob = new Queue(); burst = new Queue(); prot = new Queue();
  entries = new Map<number, number>(); left = new Map<number, number>();
  ghosts = new Queue(); flag = new Map<number, boolean>();
  most: number; clock = 0; last = -1; again = new Set<number>();
  constructor(private cap: number, private o: Opt) { this.most = 0.8 * cap; }
  bytes() { return this.prob.bytes + this.prot.bytes + this.burst.bytes; }
  access(key: number, size: number) {
    if (key !== this.last) { this.clock++; this.last = key; }
    const hit = this.prob.has(key) || this.prot.has(key) || this.burst.has(key);
    let again = false, atOnce = false;
    if (!hit) {
      while (this.bytes() + size > this.cap) {
        const q = this.prob.length ? this.prob : this.burst.length ? this.burst : this.prot;
        const v = q.shift();
        this.left.delete(v.key);
        if (this.o.ghost) {
          this.ghosts.add(v.key, v.size); this.flag.set(v.key, this.again.has(v.key));
          while (this.ghosts.bytes > this.cap * (this.o.ghostShare ?? 1)) { const g = this.ghosts.shift(); this.flag.delete(g.key); }
        }
        this.again.delete(v.key);
      }
      if (this.o.ghost && this.ghosts.has(key)) {
        this.ghosts.remove(key);
        const was = this.flag.get(key)!;
        if (this.o.ghost !== 'promote') {
          const step = size * (this.o.rate ?? 1);
          this.most = Math.max(0, Math.min(0.8 * this.cap, this.most + (was ? step : -step)));
        }
        if (this.o.ghost !== 'adapt') again = true;
      }
    } else {
      const gap = this.clock - this.left.get(key)!;
      if (gap >= (this.o.gap ?? 0) || this.again.has(key)) again = true; else atOnce = true;
    }
    this.prob.remove(key); this.prot.remove(key); this.burst.remove(key);
    this.left.set(key, this.clock);
    if (again) { this.again.add(key); this.prot.add(key, size); }
    else if (atOnce && this.o.third) this.burst.add(key, size);
    else this.prob.add(key, size);
    const most = this.most;
    while (this.burst.bytes > this.cap * (this.o.burstShare ?? 1)) { const d = this.burst.shift(); this.prob.add(d.key, d.size); }
    while (this.prot.bytes + this.burst.bytes > most) {
      const q = this.burst.length ? this.burst : this.prot;
      const d = q.shift(); this.prob.add(d.key, d.size);
    }
    return hit;
  }
}
export class L {
  prob = new Queue(); prot = new Queue(); ghosts = new Queue();
  left = new Map<number, number>(); clock = 0; last = -1; again = new Set<number>();
  constructor(private cap: number, private o: { gap?: number; all?: boolean; share?: number; ghostShare?: number; noGhost?: boolean; stay?: boolean; oldDemote?: boolean; roomGhost?: boolean }) {}
  access(key: number, size: number) {
    if (key !== this.last) { this.clock++; this.last = key; }
    const inProt = this.prot.has(key);
    const hit = inProt || this.prob.has(key);
    if (!hit) {
      while (this.prob.bytes + this.prot.bytes + size > this.cap) {
        const v = (this.prob.length ? this.prob : this.prot).shift();
        this.again.delete(v.key);
        this.ghosts.add(v.key, v.size);
        while (this.ghosts.bytes > this.cap * (this.o.ghostShare ?? 1)) this.left.delete(this.ghosts.shift().key);
      }
    }
    const was = this.left.get(key);
    const d = was === undefined ? Infinity : this.clock - was;
    const ghost = this.ghosts.remove(key) > 0;
    this.prob.remove(key); this.prot.remove(key);
    this.left.set(key, this.clock);
    const most = this.cap * (this.o.share ?? 0.8);
    let up = inProt;
    if (!up && d !== Infinity && !(ghost && this.o.noGhost)) {
      const old = this.prot.oldest;
      const age = old === undefined ? Infinity : this.clock - this.left.get(old)!;
      const room = this.prot.bytes + size <= most;
      up = (ghost || this.o.all) ? ((room && this.o.roomGhost !== false) || d < age) : (d >= (this.o.gap ?? 0) || this.again.has(key));
      if (up && d < (this.o.gap ?? 0) && !this.again.has(key)) up = false;
    }
    if (up) { this.again.add(key); this.prot.add(key, size); } else this.prob.add(key, size);
    while (this.prot.bytes > most) { const g = this.prot.shift(); this.prob.add(g.key, g.size); }
    return hit;
  }
}
class Arc {
  t1 = new Queue(); t2 = new Queue(); b1 = new Queue(); b2 = new Queue(); p = 0;
  constructor(private c: number) {}
  replace(inB2: boolean) {
    if (this.t1.length && (this.t1.bytes > this.p || (inB2 && this.t1.bytes >= this.p) || !this.t2.length)) { const v = this.t1.shift(); this.b1.add(v.key, v.size); }
    else { const v = this.t2.shift(); this.b2.add(v.key, v.size); }
  }
  access(key: number, size: number) {
    if (this.t1.has(key)) { this.t1.remove(key); this.t2.add(key, size); return true; }
    if (this.t2.has(key)) { this.t2.touch(key); return true; }
    let inB2 = false, to = this.t1;
    if (this.b1.has(key)) { this.p = Math.min(this.c, this.p + size * Math.max(1, this.b2.bytes / this.b1.bytes)); this.b1.remove(key); to = this.t2; }
    else if (this.b2.has(key)) { this.p = Math.max(0, this.p - size * Math.max(1, this.b1.bytes / this.b2.bytes)); this.b2.remove(key); to = this.t2; inB2 = true; }
    while (this.t1.bytes + this.t2.bytes + size > this.c) this.replace(inB2);
    while (this.t1.bytes + this.b1.bytes > this.c && this.b1.length) this.b1.shift();
    while (this.t1.bytes + this.b1.bytes + this.t2.bytes + this.b2.bytes > 2 * this.c && this.b2.length) this.b2.shift();
    to.add(key, size);
    return false;
  }
}
export class Arc80 {
  t1 = new Queue(); t2 = new Queue(); b1 = new Queue(); b2 = new Queue(); p: number; left = new Map<number, number>(); clock = 0; last = -1;
  constructor(private c: number, private gap: number, private maxShrink: number) { this.p = 0.2 * c; }
  evict() {
    while (this.t2.bytes > this.c - this.p) { const d = this.t2.shift(); this.t1.add(d.key, d.size); }
    if (this.t1.length) { const v = this.t1.shift(); (this.was.has(v.key) ? this.b2 : this.b1).add(v.key, v.size); this.was.delete(v.key); }
    else { const v = this.t2.shift(); this.b2.add(v.key, v.size); this.was.delete(v.key); }
  }
  was = new Set<number>();
  access(key: number, size: number) {
    if (key !== this.last) { this.clock++; this.last = key; }
    const gap = this.clock - (this.left.get(key) ?? -1e9); this.left.set(key, this.clock);
    if (this.t1.has(key)) { this.t1.remove(key); if (gap >= this.gap || this.was.has(key)) { this.was.add(key); this.t2.add(key, size); } else this.t1.add(key, size); return true; }
    if (this.t2.has(key)) { this.t2.touch(key); return true; }
    let to = this.t1;
    if (this.b1.has(key)) { this.p = Math.min(this.c * (0.2 + this.maxShrink * 0.75), this.p + size * Math.max(1, this.b2.bytes / this.b1.bytes)); this.b1.remove(key); to = this.t2; }
    else if (this.b2.has(key)) { this.p = Math.max(this.c * 0.2, this.p - size * Math.max(1, this.b1.bytes / this.b2.bytes)); this.b2.remove(key); to = this.t2; }
    while (this.t1.bytes + this.t2.bytes + size > this.c) this.evict();
    while (this.b1.bytes > this.c) this.b1.shift();
    while (this.b2.bytes > this.c) this.b2.shift();
    if (to === this.t2) this.was.add(key);
    to.add(key, size);
    return false;
  }
}
class D {
  q = [new Queue(), new Queue(), new Queue()]; ghosts = new Queue(); rank = new Map<number, number>();
  left = new Map<number, number>(); clock = 0; last = -1;
  constructor(private cap: number, private o: { gap?: number; ghost?: boolean; third?: boolean; demote?: boolean; share?: number; gs?: number }) {}
  access(key: number, size: number) {
    if (key !== this.last) { this.clock++; this.last = key; }
    const [prob, burst, prot] = this.q as [Queue, Queue, Queue];
    let r = this.rank.get(key);
    const hit = r !== undefined;
    if (r === undefined) {
      const all = () => prob.bytes + burst.bytes + prot.bytes;
      while (all() + size > this.cap) {
        const over = prot.bytes + burst.bytes > all() * (this.o.share ?? 0.8);
        let v: any;
        if (over && this.o.demote) { const d = (burst.length ? burst : prot).shift(); prob.add(d.key, d.size); this.rank.set(d.key, 0); continue; }
        v = (over ? (burst.length ? burst : prot) : prob.length ? prob : burst.length ? burst : prot).shift();
        this.rank.delete(v.key); this.left.delete(v.key);
        if (this.o.ghost) { this.ghosts.add(v.key, v.size); while (this.ghosts.bytes > this.cap * (this.o.gs ?? 1)) this.ghosts.shift(); }
      }
      r = this.ghosts.remove(key) > 0 ? 2 : 0;
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
const P: Record<string, (c: number) => any> = {
  LRU: (c) => new Lru(c), ours: (c) => new Ours(c), SIEVE: (c) => new Sieve(c), S3: (c) => new S3Fifo(c), WTLFU: (c) => new WTinyLfu(c),
  base: (c) => new V(c, {}),
  promote: (c) => new V(c, { ghost: 'promote' }),
  ARC: (c) => new Arc(c),
  gap2: (c) => new V(c, { gap: 2 }),
  promGap2: (c) => new V(c, { ghost: 'promote', gap: 2 }),
  direct3P: (c) => new D(c, { ghost: true, gap: 2, third: true }),
  proposed: (c) => new Proposed(c),
};
const only = process.argv.slice(2);
for (const t of [...generatedTraces(), ...RECORDED.map(recordedTrace)]) {
  if (only.length && !only.includes(t.name)) continue;
  const { keys, sizes } = entriesOf(t);
  let foot = 0; for (const s of sizes) foot += s;
  const largest = sizes.reduce((a, b) => Math.max(a, b), 0);
  const shares = [0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1 / 1.1].filter((s) => foot * s >= 4 * largest);
  console.log(t.name.padEnd(12), shares.map((s) => (100 * s).toFixed(0).padStart(7)).join(''));
  for (const [n, C] of Object.entries(P)) {
    console.log('  ' + n.padEnd(10), shares.map((share) => {
      const p = C(foot * share); let h = 0;
      for (const k of keys) if (p.access(k, sizes[k])) h++;
      return (100 * h / keys.length).toFixed(2).padStart(7);
    }).join(''));
  }
  console.log('  OPT       ', shares.map((s) => (100 * belady(keys, sizes, foot * s) / keys.length).toFixed(2).padStart(7)).join(''));
}
